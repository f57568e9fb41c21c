"""Control charts, by production code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.stats import cusum, xmr_chart


def _xmr(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    chart = xmr_chart(inputs["x"])
    # Limits are three standard deviations away, and those are the mean range over 1.128.
    return {
        "mean": chart.centre,
        "mr": 1.128 * chart.sigma[0],
        "ucl": chart.high[0],
        "lcl": chart.low[0],
    }


def _cusum(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    found = cusum(inputs["x"], target=inputs["target"], slack=inputs["k"], limit=inputs["h"])
    assert found.alarm is not None
    return {"upper": found.upper, "first_alarm": np.int64(found.alarm + 1)}


HOW = {"xmr-nist": _xmr, "cusum-nist": _cusum}
