"""Pages that begin behind what was served last: behind an id, or at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from cxm_core.errors import FatalError, LoopingPages, SchemaChanged, UsageError

from ._calls import Answer, Call
from ._paging import Place, Turn, count, dig, lacking, truth, with_param
from ._passes import Pass
from ._since import Since


@frozen(kw_only=True)
class IdWindow:
    """Each page begins behind the id of the last row before.

    No number of pages bounds it, and rows that change meanwhile shift nothing.

    Parameters
    ----------
    key : str
        Dotted path of the id in a row.
    after : str or None
        Parameter that carries the last id; None where a method of the connector writes it into
        the body, as `Ask.place`.
    size, size_param
        Rows wanted in a page, the most that the source allows, and the parameter for it.
    left : str or None
        Dotted path of the number of rows that are left, this page included; without it, an empty
        page is the end.
    is_descending : bool
        Whether the source serves the highest id first.
    is_opaque : bool
        Whether the ids have no order that could be checked.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, IdWindow
    >>> IdWindow(after="before", is_opaque=True).call(Call(path="/r"), "t9").params
    (('before', 't9'),)
    """

    key: str = "id"
    after: str | None = None
    size: int | None = None
    size_param: str | None = None
    left: str | None = None
    is_descending: bool = False
    is_opaque: bool = False

    def call(self, base: Call, place: Place) -> Call:
        """Call for what is behind the id."""
        if self.after is None or place is None:
            return base
        return with_param(base, self.after, str(place))

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on behind the last row, until there is none."""
        left = self._left(answer)
        if not rows:
            # A source that counts more than it serves is believed in what it serves.
            return Turn(is_end=None if left else True, total=None)
        last = self._last(answer, rows, place)
        total = left if place is None else None
        if left is not None and left <= len(rows):
            return Turn(is_end=True, total=total)
        return Turn(next=last, total=total)

    def _left(self, answer: Answer) -> int | None:
        if self.left is None:
            return None
        left = count(dig(answer.data, self.left))
        if left is None:
            raise lacking(answer, self.left, "says how many rows are left")
        return left

    def _last(self, answer: Answer, rows: Sequence[Any], place: Place) -> str | int:
        keys = [dig(row, self.key) for row in rows]
        last = keys[-1]
        if not isinstance(last, str | int):
            raise lacking(answer, self.key, "is the id of a row")
        if not self.is_opaque:
            self._check_order([*([] if place is None else [place]), *keys])
        return last

    def _check_order(self, keys: Sequence[Any]) -> None:
        order = [_sortable(key) for key in keys]
        if self.is_descending:
            order.reverse()
        if any(one >= other for one, other in pairwise(order)):
            raise FatalError(
                "The source serves rows in another order than that of their ids.",
                hint="ask for that order; otherwise rows between two pages would be skipped",
            )


def _sortable(key: object) -> tuple[int, str]:
    """Order of an id: numbers by size, also as texts, and before words."""
    text = str(key)
    return (int(text), "") if text.isdecimal() and len(text) < 40 else (-1, text)


def _needs_end(instance: TimeWindow, attribute: Any, value: str | None) -> None:
    del attribute
    if instance.next is not None and value is None and instance.size is None:
        raise UsageError(
            "A time window with `next` needs the sign of its end, or its page size.",
            hint="end='end_of_stream', or size=1000",
        )
    if (instance.next is None) == (instance.since is None):
        raise UsageError("A time window needs `next` or `since`, one of them.")
    is_served_again = instance.since is not None and instance.since.is_inclusive
    if is_served_again and instance.size is None and instance.page_param is None:
        raise UsageError(
            "A time window with `since` needs its page size, or the parameter of a page's number.",
            hint="the last row is served again for ever: size=100 tells that a shorter page is the "
            "end",
        )


@frozen(kw_only=True)
class TimeWindow:
    """Each page begins at the instant at which the page before ended.

    The instant is told by the source (`next`), or it is the stamp of the last row (`since`), and
    then the source must serve rows in the order of their stamps. Rows that change meanwhile come
    again at the end, and shift nothing.

    Parameters
    ----------
    param : str
        Parameter that carries the instant.
    next : str or None
        Dotted path, in an answer, of the instant at which the next page begins.
    end : str or None
        Dotted path of the sign that this is the last page.
    since : Since or None
        How stamps are read and written, in place of `next`.
    page_param : str or None
        Parameter of a page's number, for more rows of one instant than a page holds.
    size, size_param
        Rows wanted in a page, the most that the source allows, and the parameter for it.

    Raises
    ------
    UsageError
        It is not said how a window goes on, or how it ends.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, TimeWindow
    >>> window = TimeWindow(param="start_time", next="end_time", end="end_of_stream")
    >>> window.call(Call(path="/events", params=(("start_time", "0"),)), "1700000000").params
    (('start_time', '1700000000'),)
    """

    param: str
    next: str | None = None
    since: Since | None = None
    page_param: str | None = None
    size: int | None = None
    size_param: str | None = None
    end: str | None = field(default=None, validator=_needs_end)

    def call(self, base: Call, place: Place) -> Call:
        """Call for what is at the instant or later."""
        if not isinstance(place, Mapping):
            return base if place is None else with_param(base, self.param, str(place))
        call = base
        if place.get("from") is not None:
            call = with_param(call, self.param, place["from"])
        if place.get("page", 1) > 1 and self.page_param is not None:
            call = with_param(call, self.page_param, str(place["page"]))
        return call

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on at the instant that the source tells, or at the last row's."""
        if self.next is not None:
            return self._told(answer, rows, place, self.next)
        window = place if isinstance(place, Mapping) else {"from": None}
        return self._stamped(rows, window)

    def _told(self, answer: Answer, rows: Sequence[Any], place: Place, path: str) -> Turn:
        following = dig(answer.data, path)
        if self.end is not None and truth(dig(answer.data, self.end)) is None:
            raise lacking(answer, self.end, "says whether this is the last page")
        if self.end is not None and truth(dig(answer.data, self.end)):
            return Turn(is_end=True)
        if not isinstance(following, str | int) or isinstance(following, bool):
            return self._no_way(answer, rows)
        if str(following) != str(place):
            return Turn(next=following)
        if self.end is None and len(rows) < (self.size or 1):
            return Turn(is_end=True)
        raise _stuck(answer)

    def _no_way(self, answer: Answer, rows: Sequence[Any]) -> Turn:
        if self.end is None and len(rows) < (self.size or 1):
            return Turn(is_end=True)
        raise lacking(answer, self.next or "", "says at which instant the next page begins")

    def _stamped(self, rows: Sequence[Any], window: Mapping[str, Any]) -> Turn:
        done = Pass.of(window).plus(rows) if "page" in window else Pass().plus(rows)
        at, number = window.get("from"), window.get("page", 1)
        if not rows:
            return self._behind(window, done, Turn(is_end=True))
        following = self._last(rows)
        if following != at:
            return self._behind(window, done, Turn(next={"from": following}))
        if self.page_param is not None:
            return Turn(next={**done.plain, "from": at, "page": number + 1})
        if self.size is not None and len(rows) < self.size:
            return Turn(is_end=True)
        raise _stuck(None)

    def _behind(self, window: Mapping[str, Any], done: Pass, turn: Turn) -> Turn:
        """Go on behind the rows of one instant, if those on several pages came twice alike."""
        if window.get("page", 1) < 2 or done.is_same:
            return turn
        again = done.next()
        if again is None:
            return Turn(is_end=False, flags=("paging:unsteady",), gap=_UNSTEADY, is_lost=True)
        return Turn(next={**again.plain, "from": window.get("from"), "page": 1})

    def _last(self, rows: Sequence[Any]) -> str:
        """Latest stamp of a page; behind a row without one the page is only begun earlier."""
        since = self.since
        stamps = [] if since is None else [since.read(dig(row, since.stamp)) for row in rows]
        read = [stamp for stamp in stamps if isinstance(stamp, datetime)]
        if since is None or not read:
            raise _unreadable(since, len(rows))
        if any(a > b for a, b in pairwise(read)):
            raise FatalError(
                "The source serves rows in another order than that of their stamps.",
                hint="ask for that order; otherwise rows between two pages would be skipped",
            )
        return since.told(read[-1])


_UNSTEADY = "Rows of one instant changed at each reading; the next sync reads them again."


def _unreadable(since: Since | None, count: int) -> SchemaChanged:
    name = "" if since is None else since.stamp
    return SchemaChanged(
        f"None of the {count:,} rows of a page has a stamp {name!r} that can be read.",
        hint="numbers need Since(stamp_format='epoch') or 'epoch_ms', times without an offset "
        "Since(zone=...)",
        field=name,
    )


def _stuck(answer: Answer | None) -> LoopingPages:
    return LoopingPages(
        "The source stands still: more rows have one instant than a page holds.",
        hint="ask for larger pages, or use the source's cursor if it has one",
        request_id=answer.request_id if answer is not None else None,
    )
