"""How lists of responses go on: by the token of the last row, or by time where tokens are deaf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from cxm_connectors.toolkit import Answer, Call, Place, Turn
from cxm_core.errors import SchemaChanged

from ._forms import instant

_CROWD = "More unfinished responses fell into one second than a page holds."


def _is_last(answer: Answer, rows: Sequence[Any]) -> bool:
    """Whether the vendor counts no more rows than it served; it counts what is left."""
    total, pages = answer.data.get("total_items"), answer.data.get("page_count")
    counts = isinstance(total, int) and isinstance(pages, int)
    return not rows or (counts and total <= len(rows) and pages <= 1)


def _total(answer: Answer, place: Place) -> int | None:
    total = answer.data.get("total_items")
    return total if place is None and isinstance(total, int) else None


@frozen(kw_only=True)
class TokenPages:
    """Completed responses, newest first; the next page lies before the token of the last row.

    Typeform developer docs, Retrieve responses, seen 2026-11: tokens are exclusive and cannot be
    used together with `sort`. airbytehq/airbyte pull request 40176: a rising order with `before`
    lost pages, so the order is left as it is, which is falling.
    """

    size: int | None = 1000  # the most that Typeform serves
    size_param: str | None = "page_size"

    def call(self, base: Call, place: Place) -> Call:
        """Call for the page before a token."""
        if place is None:
            return base
        return evolve(base, params=(*base.params, ("before", str(place))))

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Go on before the last row; a page without rows is the end, whatever is counted."""
        total = _total(answer, place)
        if _is_last(answer, rows):
            return Turn(is_end=True, total=total)
        token = rows[-1].get("token")
        if not isinstance(token, str) or not token:
            raise SchemaChanged(
                "A response has no token, so that the page after it cannot be asked for.",
                request_id=answer.request_id,
                field="token",
            )
        return Turn(next=token, total=total)


@frozen(kw_only=True)
class WindowPages:
    """Unfinished responses, newest first; the next page ends where this one has its oldest row.

    PostHog docs, Typeform source, seen 2026-11: there is no cursor for them. Both ends of a window
    are included, so that rows of the second on the border come twice, and are known again.

    Parameters
    ----------
    stamp : str
        Time that window and order go by.
    """

    stamp: str
    size: int | None = 1000  # the most that Typeform serves
    size_param: str | None = "page_size"

    def call(self, base: Call, place: Place) -> Call:
        """Call for the window that ends at a place."""
        params = (*base.params, ("sort", f"{self.stamp},desc"))
        if place is None:
            return evolve(base, params=params)
        open_ended = tuple(pair for pair in params if pair[0] != "until")
        return evolve(base, params=(*open_ended, ("until", str(place))))

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Go on at the oldest row; one second more where a whole page lies within one."""
        total = _total(answer, place)
        if _is_last(answer, rows):
            return Turn(is_end=True, total=total)
        oldest = min((at for row in rows if (at := self._at(row))), default=None)
        if oldest is None:
            raise SchemaChanged(
                f"No response has {self.stamp!r}, so that older ones cannot be asked for.",
                request_id=answer.request_id,
                field=self.stamp,
            )
        end = _epoch(oldest)
        if place is None or end < int(str(place)):
            return Turn(next=str(end), total=total)
        return Turn(next=str(end - 1), gap=_CROWD, total=total)

    def _at(self, row: Any) -> datetime | None:
        return instant(row.get(self.stamp)) or instant(row.get("landed_at"))


def _epoch(at: datetime) -> int:
    return int(at.timestamp())
