"""Grid of counts: darker is more, and every count stands in its cell."""

from __future__ import annotations

from collections.abc import Sequence

from ._svg_marks import MOST_LABEL, document, fitted, room_of, text

_CELL, _HEIGHT, _FOOT = 62, 24, 10
#: Rows and columns that a grid has room for; what is rarer is left out, and counted.
MOST_HEADS = 20

Heads = tuple[Sequence[str], Sequence[str]]


def grid_picture(about: tuple[str, str], heads: Heads, counts: Sequence[Sequence[int]]) -> str:
    """SVG of counts about something: what is left stands at the left, what follows above."""
    rows, columns = _chosen(counts)
    left = room_of([fitted(heads[0][i], MOST_LABEL) for i in rows], least=4) + 16
    top = room_of([fitted(heads[1][j], MOST_LABEL) for j in columns], least=4) * 0.5 + 30
    most = max((counts[i][j] for i in rows for j in columns), default=0)
    cells = [
        _cell((left + _CELL * x, top + _HEIGHT * y), counts[i][j], most)
        for y, i in enumerate(rows)
        for x, j in enumerate(columns)
    ]
    body = "".join(
        (
            *(_row(heads[0][i], left, top + _HEIGHT * y) for y, i in enumerate(rows)),
            *(_column(heads[1][j], left + _CELL * x, top) for x, j in enumerate(columns)),
            *cells,
            _left_out(len(counts) - len(rows), left, top + _HEIGHT * len(rows)),
        )
    )
    # Heads lean to the right, so the last one needs room of its own.
    size = (left + _CELL * len(columns) + top, top + _HEIGHT * len(rows) + 22 + _FOOT)
    return document(about, size, body)


def _chosen(counts: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Rows and columns that are shown, in their order: the fullest ones."""
    across = [sum(column) for column in zip(*counts, strict=True)]
    return _fullest([sum(row) for row in counts]), _fullest(across)


def _fullest(totals: Sequence[int]) -> list[int]:
    order = sorted(range(len(totals)), key=lambda place: (-totals[place], place))
    return sorted(order[:MOST_HEADS])


def _cell(corner: tuple[float, float], count: int, most: int) -> str:
    if not count:
        return ""
    x, y = corner
    opacity = 0.08 + 0.37 * count / most
    return (
        f'<rect class="cxm-step" x="{x + 1:.1f}" y="{y + 1:.1f}" width="{_CELL - 2}" '
        f'height="{_HEIGHT - 2}" fill="currentColor" fill-opacity="{opacity:.3f}"/>'
        + text(f"{count:,}", x + _CELL / 2, y + _HEIGHT / 2, anchor="middle")
    )


def _row(head: str, left: float, y: float) -> str:
    return text(fitted(head, MOST_LABEL), left - 8, y + _HEIGHT / 2, anchor="end")


def _column(head: str, x: float, top: float) -> str:
    at = f"{x + _CELL / 2 - 4:.1f} {top - 8:.1f}"
    words = text(fitted(head, MOST_LABEL), 0, -4)
    return f'<g transform="translate({at}) rotate(-30)">{words}</g>'


def _left_out(hidden: int, left: float, y: float) -> str:
    return text(f"and {hidden:,} rarer ones", left, y + 14, faint=True) if hidden else ""
