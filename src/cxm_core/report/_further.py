"""What is told of groups beside their figure: how each number is headed and written."""

from __future__ import annotations

from math import isnan

from cxm_core.results import Breakdown

from ._words import NONE, Numbers, numbers_like

__all__ = ["further_cell", "further_head", "unit_of"]

_HEADS = {
    "n_cases": "Took it",
    "p_adjusted": "Adjusted p-value",
    "p_value": "p-value",
    "rest": "The rest",
}
_PURE = ("shrinkage", "p_value", "p_adjusted")
_SIGNED = ("difference",)


def unit_of(breakdown: Breakdown, name: str) -> str:
    """Unit of a further figure; empty for a number that has none."""
    if name.startswith("n_"):
        return "count"
    if name.endswith("_s"):
        return "seconds"
    return "" if name in _PURE else breakdown.unit


def further_head(name: str, show: Numbers) -> str:
    """Name of a further figure over its column."""
    told = name.removeprefix("n_").removesuffix("_s").replace("_", " ").capitalize()
    head = _HEADS.get(name, told)
    return f"{head} ({show.change_word})" if name in _SIGNED and show.bare_change else head


def further_cell(breakdown: Breakdown, at: tuple[str, int], show: Numbers) -> str:
    """A further figure, by its name and the place of its group."""
    name, place = at
    value = float(breakdown.figures[name][place])
    if isnan(value):
        return NONE
    unit = unit_of(breakdown, name)
    if unit == "count":
        return f"{value:,.0f}"
    if unit == "seconds":
        return numbers_like(unit, value).value(value)
    if unit:
        return show.change(value) if name in _SIGNED else show.value(value)
    return "< 0.001" if 0 < value < 0.001 else f"{value:.3f}"
