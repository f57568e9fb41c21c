"""What maps are drawn with: words that fit, boxes, ways and marks, in colours a page may change.

Hand-written SVG without script, style attribute or id, so that it passes a strict
Content-Security-Policy and may stand on a page many times.
Each colour stands as an attribute, for the file that stands alone, and as a class, by which the
style sheet of a report puts its own in its place.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final, Literal, TypeAlias

from ._escape import visible

__all__ = [
    "Tone",
    "arrow",
    "box",
    "document",
    "dot",
    "group",
    "line",
    "polygon",
    "room_of",
    "round_box",
    "triangle",
    "way",
    "words",
    "wrapped",
]

Colour: TypeAlias = Literal[
    "ink", "soft", "rule", "card", "paper", "accent", "span", "good", "bad", "band"
]
Tone: TypeAlias = Literal["good", "bad", "unclear"]
Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]

_COLOURS: Final[dict[Colour, str]] = {
    "ink": "#1c2227",
    "soft": "#545d66",
    "rule": "#dedad0",
    "card": "#ffffff",
    "paper": "#fbfaf6",
    "accent": "#0a5c6d",
    "span": "#5798a4",
    "good": "#1c6b3c",
    "bad": "#9c2430",
    "band": "#e4edec",
}
_LOOKS: Final = {
    "": "",
    "bold": ' font-weight="650"',
    "quote": ' font-style="italic"',
    # A label upon a line has ground of its own.
    "label": ' stroke="#fbfaf6" stroke-width="4" stroke-linejoin="round" paint-order="stroke"',
}
_SANS: Final = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"

# Widths of letters, as a part of their height; a little more than usual fonts need.
_THIN, _WIDE = frozenset("iljtfrI.,:;'|!()[] -"), frozenset("mwMWQO@%\u2014\u2026")


def _em(char: str) -> float:
    if char in _THIN:
        return 0.38
    if char in _WIDE:
        return 0.92
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    return 0.72 if char.isupper() else 0.61


def room_of(text: str, size: float) -> float:
    """Pixels that a text takes at most, as far as one can tell without its font."""
    return size * sum(map(_em, text))


def wrapped(
    text: str, width: float, *, size: float = 12, most: int = 3, look: str = ""
) -> tuple[str, ...]:
    """Text on at most `most` lines of `width` pixels; the last tells that more was there."""
    found: list[str] = []
    width = width / 1.16 if look == "bold" else width
    rest = " ".join(visible(text).split())
    while rest and len(found) < most:
        cut = _cut(rest, width, size)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        last = found[-1]
        while last and room_of(f"{last}\u2026", size) > width:
            last = last[:-1]
        found[-1] = f"{last.rstrip()}\u2026"
    return tuple(found)


def _cut(text: str, width: float, size: float) -> int:
    used = 0.0
    for place, char in enumerate(text):
        used += size * _em(char)
        if used > width:
            space = text.rfind(" ", 1, place + 1)
            return space if space > 0 else max(place, 1)
    return len(text)


# ---- what is drawn ----------------------------------------------------------------------------


def fill(colour: Colour, more: str = "") -> str:
    """Attributes that fill with a colour."""
    return f'class="map-{colour}{more}" fill="{_COLOURS[colour]}"'


def stroke(colour: Colour, width: float = 1.0, dashes: str = "") -> str:
    """Attributes that draw a line in a colour, and fill nothing."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'class="map-{colour}-line" fill="none" stroke="{_COLOURS[colour]}" '
        f'stroke-width="{width:g}"{dashed}'
    )


def document(about: tuple[str, str], size: Point, body: Iterable[str]) -> str:
    """The whole picture, with what it shows in words for whoever does not see it."""
    title, description = about
    width, height = (math.ceil(side) for side in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cxm-map" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{_SANS}" font-size="12">'
        f"<title>{_safe(title)}</title><desc>{_safe(description)}</desc>"
        f'<rect class="map-ground" width="{width}" height="{height}" fill="{_COLOURS["paper"]}"/>'
        f"{''.join(body)}</svg>"
    )


def _safe(text: str) -> str:
    return escape(visible(text), quote=True)


def words(
    lines: Sequence[str],
    at: Point,
    *,
    colour: Colour = "ink",
    size: float = 12,
    anchor: Anchor = "start",
    look: str = "",
) -> str:
    """Lines of text below each other, the first one's foot at `at`."""
    x, y = at
    step = size * 1.32
    shown = "".join(
        f'<text x="{x:.1f}" y="{y + number * step:.1f}">{_safe(text)}</text>'
        for number, text in enumerate(lines)
        if text
    )
    if not shown:
        return ""
    sizes = f'font-size="{size:g}" text-anchor="{anchor}"{_LOOKS[look]}'
    more = " map-label" if look == "label" else ""
    return f"<g {fill(colour, more)} {sizes}>{shown}</g>"


def group(parts: Iterable[str], told: str) -> str:
    """Parts that belong together; a pointer on them shows what is told."""
    return f"<g><title>{_safe(told)}</title>{''.join(parts)}</g>"


def box(at: Point, size: Point, attributes: str, *, radius: float = 0) -> str:
    """Rectangle."""
    (x, y), (width, height) = at, size
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
        f'rx="{radius:g}" {attributes}/>'
    )


def round_box(at: Point, size: Point, *, inner: bool = False, dashes: str = "") -> str:
    """Card with a line around it; `inner` draws the line twice."""
    (x, y), (width, height) = at, size
    second = box((x + 3, y + 3), (width - 6, height - 6), stroke("soft"), radius=4) if inner else ""
    return (
        box(at, size, fill("card"), radius=6)
        + box(at, size, stroke("soft", 1.2, dashes), radius=6)
        + second
    )


def line(start: Point, end: Point, attributes: str) -> str:
    """Straight line."""
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {attributes}/>'


def way(points: Sequence[Point], attributes: str) -> str:
    """Line through points."""
    return f'<polyline points="{_points(points)}" stroke-linejoin="round" {attributes}/>'


def polygon(points: Sequence[Point], attributes: str) -> str:
    """Area inside points."""
    return f'<polygon points="{_points(points)}" {attributes}/>'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def arrow(points: Sequence[Point], attributes: str, colour: Colour) -> str:
    """Line through points with a head at its end."""
    (x1, y1), (x2, y2) = points[-2:]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    back = (x2 - 7 * ux, y2 - 7 * uy)
    wings = [(back[0] - 3.5 * uy, back[1] + 3.5 * ux), (back[0] + 3.5 * uy, back[1] - 3.5 * ux)]
    return way([*points[:-1], back], attributes) + polygon([(x2, y2), *wings], fill(colour))


def dot(at: Point, radius: float, attributes: str) -> str:
    """Circle."""
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" {attributes}/>'


def triangle(at: Point, tone: Literal["good", "bad"]) -> str:
    """Green and upright, or red and on its tip: the shape says it without the colour."""
    x, y = at
    sign = -1 if tone == "good" else 1
    corners = [(x, y + sign * 7), (x - 7, y - sign * 5), (x + 7, y - sign * 5)]
    return polygon(corners, fill(tone))


#: Draws the mark of a figure by its tone.
MARKS: Final[dict[Tone, Callable[[Point], str]]] = {
    "good": lambda at: triangle(at, "good"),
    "bad": lambda at: triangle(at, "bad"),
    "unclear": lambda at: dot(at, 5, fill("accent")),
}
