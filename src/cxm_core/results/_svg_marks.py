"""What every picture is drawn with: text, lines, dots, boxes, and an axis with round numbers.

Hand-written SVG without script, style attribute or id, so that it passes a strict
Content-Security-Policy and may stand on a page many times.
Everything is drawn in ``currentColor``, so it follows a light or a dark page;
the classes ``cxm-bar``, ``cxm-dot``, ``cxm-zero``, ``cxm-line``, ``cxm-step``, ``cxm-tick`` and
``cxm-text`` let a style sheet colour it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from ._show import clean, safe
from ._ticks import PLAIN, Tick

#: Gives one picture as text.
Picture: TypeAlias = Callable[[], str]
Anchor: TypeAlias = Literal["start", "middle", "end"]

#: Width of one letter of a 12 pixel monospaced font, in pixels.
CHAR = 7.2
#: Letters of a label, and of the figures beside it, that are shown at most.
MOST_LABEL, MOST_TEXT = 34, 48

_MARKS = ("Mn", "Me", "Cf")


def columns(text: str) -> int:
    """Room of a text in letters: wide letters take two, marks upon a letter none."""
    if text.isascii():
        return len(text)
    return sum(_letter_columns(char) for char in text)


def _letter_columns(char: str) -> int:
    if unicodedata.category(char) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fitted(text: str, room: int) -> str:
    """`text`, cut with an ellipsis where it takes more than `room` letters."""
    plain = clean(text)
    if columns(plain) <= room:
        return plain
    used, end = 0, 0
    for end, char in enumerate(plain):  # noqa: B007  (the place after the last letter that fits)
        used += _letter_columns(char)
        if used > room - 1:
            break
    return f"{plain[:end].rstrip()}\u2026"


def room_of(texts: Sequence[str], least: int = 0) -> float:
    """Pixels that the longest of some texts takes."""
    return CHAR * max([least, *map(columns, texts)])


def document(about: tuple[str, str], size: tuple[float, float], body: str) -> str:
    """The whole picture, with its title and its description."""
    title, description = about
    width, height = (math.ceil(side) for side in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="ui-monospace, monospace" font-size="12">'
        f"<title>{safe(title)}</title><desc>{safe(description)}</desc>{body}</svg>"
    )


def text(words: str, x: float, y: float, *, anchor: Anchor = "start", faint: bool = False) -> str:
    """Words whose middle is at `y`."""
    if not words:
        return ""
    opacity = ' fill-opacity="0.75"' if faint else ""
    name = "cxm-tick" if faint else "cxm-text"
    return (
        f'<text class="{name}" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}" '
        f'fill="currentColor"{opacity}>{safe(words)}</text>'
    )


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    name: str,
    width: float = 1.0,
    opacity: float = 1.0,
    dashes: str = "",
) -> str:
    """Straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line class="{name}" x1="{start[0]:.1f}" y1="{start[1]:.1f}" '
        f'x2="{end[0]:.1f}" y2="{end[1]:.1f}" stroke="currentColor" stroke-width="{width:g}" '
        f'stroke-opacity="{opacity:g}"{dashed} stroke-linecap="round"/>'
    )


def dot(x: float, y: float, *, radius: float = 4.5) -> str:
    """Dot of a value."""
    return f'<circle class="cxm-dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="currentColor"/>'


def ring(x: float, y: float, *, radius: float = 8.0) -> str:
    """Ring around what a reader should look at."""
    return (
        f'<circle class="cxm-flag" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" '
        'fill="none" stroke="currentColor" stroke-width="1.5"/>'
    )


def box(
    start: tuple[float, float], end: tuple[float, float], *, height: float, opacity: float = 0.75
) -> str:
    """Lying box around a line, never thinner than a hair."""
    (x1, y), (x2, _) = start, end
    left, width = min(x1, x2), max(abs(x2 - x1), 1.5)
    return (
        f'<rect class="cxm-step" x="{left:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
        f'height="{height:g}" fill="currentColor" fill-opacity="{opacity:g}"/>'
    )


def area(points: Sequence[tuple[float, float]], *, opacity: float) -> str:
    """Filled area inside points."""
    inside = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polygon class="cxm-band" points="{inside}" '
        f'fill="currentColor" fill-opacity="{opacity:g}"/>'
    )


def trace(points: Sequence[tuple[float, float]], *, name: str) -> str:
    """Line through points."""
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline class="{name}" points="{through}" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linejoin="round"/>'
    )


@frozen
class Axis:
    """Numbers from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float) -> float:
        """Pixel of a number, never outside."""
        # Halves, so that the widest range of numbers still has a length.
        low, length = self.low / 2, self.high / 2 - self.low / 2
        share = (number / 2 - low) / length if length > 0 else 0.5
        return self.start + (self.end - self.start) * min(max(share, 0.0), 1.0)

    def ticks(self, about: int, tick: Tick = PLAIN) -> tuple[float, ...]:
        """Round numbers on the axis, as `tick` writes them; none where it has no length."""
        return tick.between(self.low, self.high, about)


def scale_below(axis: Axis, tick: Tick | None, bottom: float) -> str:
    """Round numbers under the rows, with a short line above each; nothing without `tick`."""
    drawn, taken = [], 0.0
    for number in axis.ticks(4, tick) if tick else ():
        word, x = tick(number) if tick else "", axis.at(number)
        half = room_of([word]) / 2
        drawn.append(line((x, bottom), (x, bottom + 3), name="cxm-tick", opacity=0.5))
        # At the left edge a number is moved inside; one that would cover another is left out.
        middle = max(x, half)
        if middle - half >= taken:
            drawn.append(text(word, middle, bottom + 12, anchor="middle", faint=True))
            taken = middle + half + CHAR / 2
    return "".join(drawn)


def upright(x: float, span: tuple[float, float], name: str) -> str:
    """Dashed line that the rows are seen against."""
    return line((x, span[0]), (x, span[1]), name=name, opacity=0.5, dashes="3 3")


def spread(heights: Sequence[float], gap: float, span: tuple[float, float]) -> list[float]:
    """Heights moved apart, in their order, so that no two are nearer than `gap`, inside `span`."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    moved = list(heights)
    least = span[0]
    for place in order:
        moved[place] = max(moved[place], least)
        least = moved[place] + gap
    most = span[1]
    for place in reversed(order):
        moved[place] = min(moved[place], most)
        most = moved[place] - gap
    return moved
