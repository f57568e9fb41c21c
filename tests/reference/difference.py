"""Reference cases of two shares, of pairs, of a trend and of an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxm_core.stats import DIFFERENCE_METHODS, brunner_munzel, koopman, mcnemar, share_trend


def shares(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Limits of one share less, or divided by, another."""
    method = DIFFERENCE_METHODS.get(given["method"], koopman)
    sides = ((given[f"x{side}"], given[f"n{side}"]) for side in (1, 2))
    low, high = method(*sides, confidence_level=given["confidence"])
    return {"lower": float(low), "upper": float(high)}


def trend(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """A trend of shares."""
    found = share_trend(given["x"], given["n"])
    return {"chi2": found.statistic, "df": found.df, "p": found.p_value}


def pairs(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Pairs of yes and no."""
    return {"p": float(mcnemar(given["b"], given["c"], method=given["method"]))}


def order(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Whether one group tends to lie above the other."""
    found = brunner_munzel(given["x"], given["y"])
    return {"statistic": found.statistic, "p": found.p_value}


HOW = {
    **dict.fromkeys(
        (
            "prop-diff-newcombe-d",
            "prop-diff-mee-d",
            "prop-diff-mn-a",
            "prop-diff-agresti-caffo",
            "prop-ratio-koopman",
        ),
        shares,
    ),
    "prop-trend-smokers": trend,
    "mcnemar-exact-midp": pairs,
    "brunner-munzel": order,
}
