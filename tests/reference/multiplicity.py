"""Cases of many tests at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.stats import adjust_p


def _bh(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    adjusted = adjust_p(inputs["p"], method=inputs["method"])
    return {"adjusted": adjusted, "rejected": np.count_nonzero(adjusted <= 0.05)}


HOW = {"multi-bh1995": _bh, "multi-hommel": _bh}
