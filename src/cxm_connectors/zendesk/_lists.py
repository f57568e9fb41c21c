"""How Zendesk's lists go on: a cursor in each answer, and a sign that there is more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, field, frozen

from cxm_connectors.toolkit import Answer, Call, Cursor, Place, Turn

_NORMAL_HERE = "paging:next_after_end"


@frozen(kw_only=True)
class ListCursor:
    """Cursor pagination, as all lists but the exports have it.

    Parameters
    ----------
    size : int
        Rows in a page, the most that the list allows.
    """

    # Zendesk developer docs, Pagination, and the example of CSAT survey responses, seen 2026-11:
    # the last page has a cursor too, so that this is no contradiction to be counted.
    size: int = 100
    size_param: str = "page[size]"
    _cursor: Cursor = field(
        default=Cursor(next="meta.after_cursor", param="page[after]", more="meta.has_more"),
        init=False,
    )

    def call(self, base: Call, place: Place) -> Call:
        """Call with the cursor."""
        return self._cursor.call(base, place)

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        return self._cursor.holds_rows(place)

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on by `has_more` alone."""
        turn = self._cursor.turn(answer, rows, place)
        return evolve(turn, flags=tuple(one for one in turn.flags if one != _NORMAL_HERE))
