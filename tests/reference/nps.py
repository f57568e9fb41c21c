"""Reference cases of one balance and of two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import cxm_core as cx
from cxm_core.stats import (
    adjusted_wald,
    dirichlet_moments,
    welch,
    welch_test,
)
from cxm_core.vocabulary import Scale

SIGNS = Scale(low=-1, high=1, name="signs")


def counts(given: Mapping[str, Any]) -> tuple[int, int, int]:
    """Plus, minus and all."""
    plus, minus = given["promoters"], given["detractors"]
    return plus, minus, plus + minus + given["passives"]


def signs(given: Mapping[str, Any]) -> list[int]:
    """One answer a person: plus one, nought or minus one."""
    return [1] * given["promoters"] + [0] * given["passives"] + [-1] * given["detractors"]


def scores(given: Mapping[str, Any]) -> list[int]:
    """The same on the scale from 0 to 10."""
    return [{1: 10, 0: 7, -1: 2}[sign] for sign in signs(given)]


def engine(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """The metric itself, by the method that the case names; points become shares."""
    found = cx.nps(scores(given), method=given["method"], confidence_level=given["confidence"])
    names = {"estimate": "value", "lower": "low", "upper": "high", "se": "standard_error"}
    return {name: getattr(found, field) / 100 for name, field in names.items()}


def adjusted(added: tuple[float, float]) -> Any:
    """The normal formula with answers added; its centre lies half way between its limits."""

    def how(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
        low, high = adjusted_wald(*counts(given), added=added, confidence_level=given["confidence"])
        return {"lower": float(low), "upper": float(high), "centre": float(low + high) / 2}

    return how


def moments(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Mean and deviation of the belief."""
    mean, deviation = dirichlet_moments(*counts(given))
    return {"mean": float(mean), "sd": float(deviation)}


def two_samples(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Difference by the plain z interval: endless degrees of freedom."""
    sides = [cx.nps(scores(given[side])) for side in ("x", "y")]
    x, y = ((s.value / 100, s.standard_error / 100, np.inf) for s in sides)
    low, high = welch(x, y, confidence_level=given["confidence"])
    statistic, p_value = welch_test(x, y)
    difference = x[0] - y[0]
    return {
        "difference": difference,
        "se": difference / float(statistic),
        "lower": float(low),
        "upper": float(high),
        "p": float(p_value),
    }


def trinomial(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """A mean of -1, 0 and 1 with Student's t."""
    found = cx.mean_score(
        signs(given), scale=SIGNS, method="t", confidence_level=given["confidence"]
    )
    return {"estimate": found.value, "lower": found.low, "upper": found.high}


def mapping(given: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, float]:
    """Which scores count how, and that a missing one does not count."""
    found = cx.nps(given["scores"])
    tally = cx.tally(given["scores"], scale="0-10").n[0]
    parts = {"detractors": tally[:7], "passives": tally[7:9], "promoters": tally[9:]}
    return {"n": found.n, "nps": found.value, **{name: n.sum() for name, n in parts.items()}}


HOW = {
    **dict.fromkeys(
        (
            "nps-score-tango1998-t7",
            "nps-wald-ahr",
            "nps-score-agrestimin2005",
            "nps-score-chang2024",
            "nps-wald-cavo",
            "nps-score-all-detractors",
            "nps-agresti-1600",
        ),
        engine,
    ),
    "nps-agresti-min-cavo": adjusted((0.5, 1.0)),
    "nps-aw-rocks-a": adjusted((0.75, 1.5)),
    "nps-dirichlet-moments": moments,
    "nps-two-sample-wald": two_samples,
    "nps-trinomial-t": trinomial,
    "nps-mapping": mapping,
}
