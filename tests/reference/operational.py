"""Reference cases of times that a service takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.engines.feedback import quantile
from cxm_core.stats import quantile_test


def conover(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float | None]:
    """Test of a quantile, and its limits."""
    values = np.array(given["x"], float)
    test = quantile_test(values, q=given["p"], against=given["q"])
    found = quantile(values, q=given["p"], confidence_level=given["confidence"])
    return {
        "statistic": test.statistic, "pvalue": test.p_value,
        "lower": found.low, "upper": found.high,
    }  # fmt: skip


HOW = {"quantile-conover": conover}
