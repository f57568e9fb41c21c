"""Resampling, by production code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.stats import abc_interval


def _abc(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    values, counts = np.unique(inputs["x"], return_counts=True)
    low, high = abc_interval(counts, lambda shares: shares @ values)
    return {"lower": low, "upper": high}


HOW = {"boot-aircondit-abc": _abc}
