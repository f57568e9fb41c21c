"""Several pictures in one, each under its name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._svg_marks import document, room_of, text

_HEAD, _GAP = 26.0, 14.0
_SIZE = re.compile(r'viewBox="0 0 ([0-9]+) ([0-9]+)"')


def stacked(title: str, description: str, drawn: Mapping[str, str]) -> str:
    """SVG of pictures one below the other."""
    sizes = {name: _size(svg) for name, svg in drawn.items()}
    body, y = "", 0.0
    for name, svg in drawn.items():
        body += text(name, 8, y + _HEAD / 2) + svg.replace("<svg ", f'<svg y="{y + _HEAD:.0f}" ', 1)
        y += _HEAD + sizes[name][1] + _GAP
    width = max(room_of(list(drawn)) + 16, *(wide for wide, _ in sizes.values()))
    return document((title, description), (width, y), body)


def _size(svg: str) -> tuple[int, int]:
    found = _SIZE.search(svg)
    return (int(found[1]), int(found[2])) if found else (0, 0)
