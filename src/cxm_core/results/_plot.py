"""A result on the axes of a plotting library that the user has."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from cxm_core.errors import UsageError

from ._svg import Bar


def new_axes() -> Any:
    """Fresh axes of matplotlib."""
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise UsageError(
            "plot() needs matplotlib, which is not installed.",
            hint="pip install matplotlib, or use svg(), which needs nothing",
        ) from error
    return pyplot.subplots()[1]


def draw(axes: Any, bars: Sequence[Bar], title: str) -> Any:
    """Rows from top to bottom: a dot for the value, a line for the interval."""
    for row, bar in enumerate(bars):
        if bar.value is not None:
            low = bar.value if bar.low is None else bar.low
            high = bar.value if bar.high is None else bar.high
            axes.plot([low, high], [row, row], color="0.6", linewidth=4, solid_capstyle="round")
            axes.plot([bar.value], [row], "o", color="C0")
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlabel(title)
    return axes
