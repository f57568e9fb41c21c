"""A result as a chart of Altair, for whoever has it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from cxm_core.errors import MissingExtraError

from ._svg import Bar
from ._svg_waterfall import Fall


def _altair() -> Any:
    try:
        return import_module("altair")
    except ImportError as error:
        raise MissingExtraError.of("charts", "a chart of Altair") from error


def rows_chart(bars: Sequence[Bar], title: str) -> Any:
    """One row a number: a line for the interval, a dot for the value."""
    alt = _altair()
    rows = [
        {"label": b.label, "value": b.value, "low": b.low, "high": b.high, "text": b.text}
        for b in bars
    ]
    y = alt.Y("label:N", sort=None, title=None)
    told = alt.Tooltip(["label:N", "text:N"])
    base = alt.Chart(alt.Data(values=rows), title=title)
    spans = base.mark_rule(strokeWidth=4, opacity=0.4).encode(
        x=alt.X("low:Q", title=None, scale=alt.Scale(zero=False)), x2="high:Q", y=y
    )
    dots = base.mark_point(filled=True, size=60).encode(x="value:Q", y=y, tooltip=told)
    return spans + dots


def waterfall_chart(falls: Sequence[Fall], title: str) -> Any:
    """One bar a step, hanging where the one before it ended; the two figures are ticks."""
    alt = _altair()
    rows = [
        {
            "label": f"{place}. {f.label}",
            "start": f.start,
            "end": f.end,
            "text": f.text,
            "step": f.is_step,
        }
        for place, f in enumerate(falls)
    ]
    y = alt.Y("label:N", sort=None, title=None)
    base = alt.Chart(alt.Data(values=rows), title=title)
    x = alt.X("start:Q", title=None, scale=alt.Scale(zero=False))
    told = alt.Tooltip(["label:N", "text:N"])
    steps = base.transform_filter("datum.step").mark_bar(size=14)
    ends = base.transform_filter("!datum.step").mark_tick(thickness=3)
    return steps.encode(x=x, x2="end:Q", y=y, tooltip=told) + ends.encode(x=x, y=y, tooltip=told)
