"""Reference cases of a rate of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxm_core.stats import poisson_rate


def exact(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Exact limits of a rate."""
    events, exposure = given["events"], given["exposure"]
    low, high = poisson_rate(events, exposure, confidence_level=given["confidence"])
    return {"rate": events / exposure, "lower": float(low), "upper": float(high)}


HOW = {"poisson-rate-ci": exact, "poisson-zero": exact}
