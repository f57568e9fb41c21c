"""A result as a chart of Altair, for whoever has it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from attrs import asdict

from cxm_core.errors import MissingExtraError

from ._show import axis_of
from ._svg import Bar
from ._svg_line import Course, Level
from ._svg_waterfall import Fall
from ._ticks import Tick


def _altair() -> Any:
    try:
        return import_module("altair")
    except ImportError as error:
        raise MissingExtraError.of("charts", "a chart of Altair") from error


def rows_chart(bars: Sequence[Bar], title: str, tick: Tick | None = None) -> Any:
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
        x=alt.X("low:Q", scale=alt.Scale(zero=False), **_below(bars, tick)), x2="high:Q", y=y
    )
    dots = base.mark_point(filled=True, size=60).encode(x="value:Q", y=y, tooltip=told)
    return spans + dots


def _below(bars: Sequence[Bar], tick: Tick | None) -> dict[str, Any]:
    """Round numbers below an axis of time, in the unit in which it is read."""
    if tick is None or not tick.word:
        return {"title": None}
    ends = axis_of([end for bar in bars for end in (bar.value, bar.low, bar.high)])
    written = f"format(datum.value / {tick.unit:g}, '~g')"
    values = list(tick.between(*ends, 6))
    return {"title": tick.word, "axis": _altair().Axis(values=values, labelExpr=written)}


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


def line_chart(course: Course, title: str) -> Any:
    """Points from left to right with their bands; a ring around each that stands out."""
    alt = _altair()
    rows = [{"place": place, **asdict(point)} for place, point in enumerate(course.points)]
    base = alt.Chart()
    order = alt.EncodingSortField(field="place", order="ascending")
    x = alt.X("label:N", sort=order, title=None, axis=alt.Axis(labelOverlap=True))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False))
    told = alt.Tooltip(["label:N", "value:Q", "low:Q", "high:Q"])
    layers = [
        base.mark_area(opacity=opacity).encode(
            x=x, y=alt.Y(f"{low}:Q", title=None, scale=alt.Scale(zero=False)), y2=f"{high}:Q"
        )
        for low, high, opacity in (("outer_low", "outer_high", 0.12), ("low", "high", 0.25))
    ]
    layers += [
        base.mark_line(point=True).encode(x=x, y=y, tooltip=told),
        base.transform_filter("datum.flagged").mark_point(size=120).encode(x=x, y=y),
        *(_level(alt, level) for level in course.levels),
    ]
    return alt.layer(*layers, data=alt.Data(values=rows), title=title)


def _level(alt: Any, level: Level) -> Any:
    data = alt.Data(values=[{"value": level.value, "text": level.text}])
    dash = [4, 3] if level.is_dashed else [1, 0]
    return alt.Chart(data).mark_rule(strokeDash=dash).encode(y="value:Q", tooltip="text:N")
