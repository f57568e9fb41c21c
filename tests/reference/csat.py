"""Reference cases of one share, and of the shares of all levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cxm_core as cx
from cxm_core.stats import agresti_coull, goodman


def engine(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """The metric itself: x answers at the top of five levels, the others at the bottom."""
    answers = [5] * given["x"] + [1] * (given["n"] - given["x"])
    found = cx.csat(
        answers, scale="1-5", method=given["method"], confidence_level=given["confidence"]
    )
    return {"estimate": found.value, "lower": found.low, "upper": found.high}


def plus_four(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Agresti and Coull's rule with two successes and two failures added."""
    low, high = agresti_coull(
        given["x"], given["n"], added=4.0, confidence_level=given["confidence"]
    )
    return {"estimate": float(low + high) / 2, "lower": float(low), "upper": float(high)}


def simultaneous(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    """Limits that hold together."""
    low, high = goodman(given["counts"], confidence_level=given["confidence"])
    return {"lower": low, "upper": high}


HOW = {
    **dict.fromkeys(
        (
            "csat-wilson-81-263",
            "csat-cp-81-263",
            "csat-cp-15-148",
            "csat-wilson-0-20",
            "csat-midp-0-20",
            "csat-cp-1-29",
            "csat-wilson-13-16",
            "csat-jeffreys-13-16",
            "csat-jeffreys-98-100",
        ),
        engine,
    ),
    "csat-agresti-coull-85": plus_four,
    "csat-multinomial-goodman": simultaneous,
}
