"""A result as a picture: one row a number, its interval as a bar, the figure printed beside it.

Hand-written SVG without script, style attribute or id, so that it passes a strict
Content-Security-Policy and may stand on a page many times.
Everything is drawn in ``currentColor``, so it follows a light or a dark page;
the classes ``cxm-bar``, ``cxm-dot``, ``cxm-zero`` and ``cxm-text`` let a style sheet colour it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ._show import axis_of, safe

_ROW = 26
_TOP = 8
_CHAR = 7.2
_PLOT = 260


@frozen(kw_only=True)
class Bar:
    """One row of the picture: label, numbers, and the text printed at the right."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str


def picture(title: str, description: str, bars: Sequence[Bar], *, zero: bool = False) -> str:
    """SVG of all bars on one axis; `zero` adds a line at nought."""
    numbers = [n for bar in bars for n in (bar.value, bar.low, bar.high)]
    axis = axis_of([*numbers, 0.0] if zero else numbers)
    left = 12 + _CHAR * max((len(bar.label) for bar in bars), default=0)
    width = left + _PLOT + 24 + _CHAR * max((len(bar.text) for bar in bars), default=0)
    height = 2 * _TOP + _ROW * len(bars)
    place = _Place(axis, left)
    rows = "".join(_row(bar, place, _TOP + _ROW * i + _ROW / 2) for i, bar in enumerate(bars))
    line = _zero_line(place, height) if zero else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" '
        'font-family="ui-monospace, monospace" font-size="12">'
        f"<title>{safe(title)}</title><desc>{safe(description)}</desc>{line}{rows}</svg>"
    )


@frozen
class _Place:
    axis: tuple[float, float]
    left: float

    def x(self, number: float) -> float:
        start, end = self.axis
        share = (number - start) / (end - start) if end > start else 0.5
        return self.left + _PLOT * share


def _zero_line(place: _Place, height: float) -> str:
    x = place.x(0.0)
    return (
        f'<line class="cxm-zero" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - _TOP}" '
        'stroke="currentColor" stroke-opacity="0.5" stroke-dasharray="3 3"/>'
    )


def _row(bar: Bar, place: _Place, y: float) -> str:
    right = place.left + _PLOT + 16
    return (
        _text(bar.label, place.left - 8, y, anchor="end")
        + _mark(bar, place, y)
        + _text(bar.text, right, y, anchor="start")
    )


def _text(text: str, x: float, y: float, *, anchor: str) -> str:
    return (
        f'<text class="cxm-text" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}" '
        f'fill="currentColor">{safe(text)}</text>'
    )


def _mark(bar: Bar, place: _Place, y: float) -> str:
    if bar.value is None:
        return ""
    start, end = place.axis
    x1 = place.x(start if bar.low is None else bar.low)
    x2 = place.x(end if bar.high is None else bar.high)
    return (
        f'<line class="cxm-bar" x1="{x1:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y:.1f}" '
        'stroke="currentColor" stroke-width="6" stroke-opacity="0.35" stroke-linecap="round"/>'
        f'<circle class="cxm-dot" cx="{place.x(bar.value):.1f}" cy="{y:.1f}" r="4.5" '
        'fill="currentColor"/>'
    )
