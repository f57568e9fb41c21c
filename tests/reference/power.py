"""Cases of planning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxm_core.stats import arcsine_effect, n_for_arcsine, n_for_difference, t_power

Case = Mapping[str, Any]


def _shares(inputs: Case, _: Case) -> Case:
    first, second = inputs["p1"], inputs["p2"]
    mean = (first + second) / 2
    variances = first * (1 - first), second * (1 - second)
    level = 1 - inputs["alpha"]
    n = n_for_difference(
        second - first,
        variances,
        under_null=mean * (1 - mean),
        power=inputs["power"],
        confidence_level=level,
    )
    return {"n": n}


def _power(inputs: Case, _: Case) -> Case:
    level = 1 - inputs["alpha"]
    power = t_power(inputs["n"], inputs["delta"], inputs["sd"], confidence_level=level)
    return {"power": power}


def _arcsine(inputs: Case, _: Case) -> Case:
    shares, level = (inputs["p1"], inputs["p2"]), 1 - inputs["alpha"]
    n = n_for_arcsine(*shares, power=inputs["power"], confidence_level=level)
    return {"h": arcsine_effect(*shares), "n": n}


HOW = {"power-prop-n": _shares, "power-t-power": _power, "power-arcsine": _arcsine}
