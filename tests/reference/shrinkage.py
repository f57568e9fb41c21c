"""Cases of groups drawn towards each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cxm_core.stats import beta_moments, james_stein, random_effects, shrink

Case = Mapping[str, Any]


def _pooled(inputs: Case, _: Case) -> Case:
    variance = inputs["v"] if "v" in inputs else np.square(inputs["se"])
    found = random_effects(inputs["y"], variance, method=inputs["method"].lower())
    return {
        "mu": found.centre,
        "se": found.standard_error,
        "tau2": found.tau2,
        "Q": found.q,
    }


def _blup(inputs: Case, _: Case) -> Case:
    effects = random_effects(inputs["y"], inputs["v"], method=inputs["method"].lower())
    found = shrink(inputs["y"], inputs["v"], effects)
    return {"blup": found.value, "se": found.standard_error}


def _james_stein(inputs: Case, _: Case) -> Case:
    n = inputs["n"]
    shares = np.array(inputs["successes"]) / n
    mean = shares.mean()
    found = james_stein(shares, mean * (1 - mean) / n)
    return {"mean": found.centre, "factor": found.factor, "estimates": found.value}


def _moments(inputs: Case, _: Case) -> Case:
    shares = np.array(inputs["y"]) / np.array(inputs["n"])
    prior = beta_moments(inputs["y"], inputs["n"])
    size = prior.alpha + prior.beta
    mean = prior.alpha / size
    spread = np.sqrt(mean * (1 - mean) / (size + 1))
    assert np.isclose(mean, shares.mean())
    return {"mean": mean, "sd": spread, "alpha": prior.alpha, "beta": prior.beta}


HOW = {
    "pool-bcg-dl": _pooled,
    "pool-bcg-blup": _blup,
    "pool-eight-schools": _pooled,
    "shrink-js-binomial": _james_stein,
    "eb-rat-moments": _moments,
}
