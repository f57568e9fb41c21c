"""Limits and bounds that hold at every look, by production code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.stats import (
    bernoulli_sequence,
    distribution_bound,
    hedged_sequence,
    normal_mixture_bound,
    stitched_bound,
)


def _normal_mixture(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    level, best_at = 1 - inputs["alpha"], inputs["v_opt"]
    bound = normal_mixture_bound(inputs["v"], best_at=best_at, confidence_level=level)
    # At a variance of nought, the bound is the root of rho times -2 log(alpha).
    start = normal_mixture_bound(0.0, best_at=best_at, confidence_level=level)
    return {"bound": bound, "rho": start**2 / (-2 * np.log(inputs["alpha"]))}


def _stitching(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    bound = stitched_bound(
        inputs["v"],
        start=inputs["v_min"],
        scale=inputs["c"],
        confidence_level=1 - inputs["alpha"],
    )
    return {"bound": bound}


def _bernoulli(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    hits, n = inputs["successes"], inputs["trials"]
    low, high = bernoulli_sequence(
        [[n - hits, hits]],
        [0, 1],
        confidence_level=1 - inputs["alpha"],
        best_at=inputs["t_opt"],
    )
    return {"lower": low[0], "upper": high[0]}


def _quantile(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    bound = distribution_bound(
        inputs["t"],
        start=inputs["t_min"],
        width=inputs["A"],
        confidence_level=1 - inputs["alpha"],
    )
    return {"bound": bound}


def _betting(inputs: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    rows = np.tile([1, 0, 1, 1, 0, 1, 1, 1, 0, 1], 5)
    low, high = hedged_sequence(
        np.column_stack([1 - rows, rows]),
        [0, 1],
        confidence_level=1 - inputs["alpha"],
        breaks=inputs["breaks"],
    )
    return {f"at{n}": (low[n - 1], high[n - 1]) for n in (10, 50)}


HOW = {
    "cs-normal-mixture": _normal_mixture,
    "cs-poly-stitching": _stitching,
    "cs-bernoulli-700-1000": _bernoulli,
    "cs-quantile-lil": _quantile,
    "cs-betting-binary": _betting,
}
