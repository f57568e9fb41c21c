"""How the simulated vendor pages: cursors of the exports, times of the exports, cursors of lists.

Sources: Zendesk developer docs, Using the Incremental Exports API, and Pagination, seen 2026-11;
recorded answers of 2021 to 2025 in the test suites of public clients, where said so.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from cxm_connectors.simulation import SimResponse

from ._simulator_rows import Row, epoch

Place: TypeAlias = tuple[int, int]
EXPORT_PAGE, LIST_PAGE, OFFSET_ROWS = 1_000, 100, 10_000
LATE_S = 60
_LAST_ID = 10**18


class Asked(NamedTuple):
    """One list request: its query, where links lead, and what odd things the vendor does today."""

    path: str
    query: Mapping[str, str]
    origin: str
    now: int
    quirks: frozenset[str]

    def link(self, **params: object) -> str:
        """Address of another page; today it may name a host of the vendor's own workings."""
        # Recorded in a public client's suite: one sub-domain was asked, a staging host came back.
        is_foreign = "foreign_links" in self.quirks
        origin = "https://staging.zendesk-internal.example" if is_foreign else self.origin
        return f"{origin}{self.path}?{urlencode(params)}"

    def size(self, name: str, most: int) -> int:
        """Page size asked for, at most so many."""
        asked = self.query.get(name, "")
        return max(1, min(int(asked), most)) if asked.isdecimal() else most


def refusal(status: int, error: str, description: str) -> SimResponse:
    """Answer with an error as Support words them."""
    return SimResponse.of({"error": error, "description": description}, status=status)


def too_recent() -> SimResponse:
    """Refuse a start time of which the vendor is not sure yet."""
    # Met by several public clients (embulk-input-zendesk, 2016); one minute by the docs.
    return refusal(
        422, "InvalidValue", "Too recent start_time. Use a start_time older than 60 seconds"
    )


class Export(NamedTuple):
    """Rows in the order of an export, and their places in it."""

    rows: Sequence[Row]
    places: Sequence[Place]

    @classmethod
    def of(cls, rows: Iterable[Row], place_of: Callable[[Row], Place]) -> Export:
        """Put rows in order."""
        placed = sorted(((place_of(row), row) for row in rows), key=lambda one: one[0])
        return cls([row for _, row in placed], [place for place, _ in placed])

    def until(self, now: int) -> int:
        """Index behind the rows that the vendor is sure of."""
        # Docs: what was created or changed within the minute before the request is left out.
        return bisect_right(self.places, (now - LATE_S, _LAST_ID))


def by_cursor(asked: Asked, name: str, export: Export) -> SimResponse:
    """Cursor export: behind the cursor, or from the start time on."""
    start = _start(asked)
    if isinstance(start, SimResponse):
        return start
    place, is_pause = start
    if "empty_pages" in asked.quirks and is_pause is False and "cursor" in asked.query:
        # A page may be empty in the middle of a stream: only `end_of_stream` tells its end.
        return _exported(asked, name, [], _cursor(place, pause=True), is_end=False)
    first, end = bisect_right(export.places, place), export.until(asked.now)
    last = min(first + asked.size("per_page", EXPORT_PAGE), end)
    page = list(export.rows[first:last])
    # Recorded: behind the last row both cursor and address are null.
    after = _cursor(export.places[last - 1]) if page else None
    return _exported(asked, name, page, after, is_end=last >= end)


def _start(asked: Asked) -> tuple[Place, bool] | SimResponse:
    if "cursor" in asked.query:
        return _read_cursor(asked.query["cursor"])
    start = asked.query.get("start_time", "")
    if not start.isdecimal():
        return refusal(400, "InvalidValue", "start_time is required")
    if int(start) > asked.now - LATE_S:
        return too_recent()
    return (int(start), -1), False


def _cursor(place: Place, *, pause: bool = False) -> str:
    text = f"{place[0]}.0||{place[1]}|{'p' if pause else ''}"
    return urlsafe_b64encode(text.encode()).decode()


def _read_cursor(text: str) -> tuple[Place, bool] | SimResponse:
    try:
        stamp, _, rest = urlsafe_b64decode(text.encode()).decode().partition(".0||")
        key, _, flag = rest.partition("|")
        return (int(stamp), int(key)), flag == "p"
    except ValueError:
        return refusal(400, "InvalidCursor", "The cursor is not valid")


def _exported(
    asked: Asked, name: str, page: list[Row], after: str | None, *, is_end: bool
) -> SimResponse:
    # Recorded: the last page still has an address to go on with, and says that it is the last.
    url = None if after is None else asked.link(cursor=after)
    told = {"after_cursor": after, "after_url": url, "before_cursor": None, "before_url": None}
    return SimResponse.of({name: page, **told, "end_of_stream": is_end})


def by_time(asked: Asked, name: str, export: Export) -> SimResponse:
    """Time export: from a second on; rows of one second are never parted."""
    start = asked.query.get("start_time", "")
    if not start.isdecimal():
        return refusal(400, "InvalidValue", "start_time is required")
    if int(start) > asked.now - LATE_S:
        return too_recent()
    first, end = bisect_left(export.places, (int(start), -1)), export.until(asked.now)
    if first >= end:
        told: Row = {"count": 0, "end_time": None, "next_page": None, "end_of_stream": True}
        return SimResponse.of({name: [], **told})
    last = _last(asked, export, first, end)
    # Docs: the end time is one second behind the last row. With `inclusive_ends` it is the last
    # row's own second, as clients have met it, so that rows come twice.
    is_next = not asked.quirks & {"inclusive_ends", "stalled_second"}
    until = export.places[last - 1][0] + int(is_next)
    others = {key: value for key, value in asked.query.items() if key != "start_time"}
    told = {"count": last - first, "end_time": until, "end_of_stream": last >= end}
    link = asked.link(**others, start_time=until)
    return SimResponse.of({name: list(export.rows[first:last]), **told, "next_page": link})


def _last(asked: Asked, export: Export, first: int, end: int) -> int:
    """Index behind the last row of a page."""
    # Recorded: a page of one row asked for, seven of one second served.
    last = min(first + asked.size("per_page", EXPORT_PAGE), end)
    if "stalled_second" in asked.quirks:
        return last  # met by public clients: more rows in one second than a page holds, for ever
    last = _behind_second(export, last)
    is_stuck = export.places[last - 1][0] == export.places[first][0]
    if is_stuck and last < end and "inclusive_ends" in asked.quirks:
        last = _behind_second(export, last + 1)
    return last


def _behind_second(export: Export, index: int) -> int:
    return bisect_right(export.places, (export.places[index - 1][0], _LAST_ID))


def by_key(asked: Asked, name: str, rows: Mapping[Any, Row]) -> SimResponse:
    """Page of a list behind a key; old-fashioned page numbers end early."""
    number = asked.query.get("page", "")
    if number.isdecimal() and int(number) * LIST_PAGE > OFFSET_ROWS:
        # Met by public clients (airbyte issue 19266, 2022).
        return refusal(429, "TooManyRequests", "Pagination limit reached for offset model")
    size = asked.size("page[size]", LIST_PAGE)
    is_down = asked.query.get("sort", "").startswith("-")
    keys = sorted(rows, reverse=is_down)
    after = asked.query.get("page[after]")
    if after:
        held = urlsafe_b64decode(after.encode()).decode()
        keys = [key for key in keys if (str(key) < held if is_down else _behind(key, held))]
    page = keys[:size]
    cursor = urlsafe_b64encode(str(page[-1]).encode()).decode() if page else None
    is_more = len(keys) > size
    # Docs example: the last page has a cursor too; `has_more` alone tells that it is the last.
    meta = {"has_more": is_more, "after_cursor": cursor, "before_cursor": None}
    others = {key: value for key, value in asked.query.items() if key != "page[after]"}
    link = asked.link(**others, **{"page[after]": cursor}) if cursor else None
    links = {"next": link, "prev": None}
    return SimResponse.of({name: [rows[key] for key in page], "meta": meta, "links": links})


def _behind(key: Any, held: str) -> bool:
    return int(key) > int(held) if isinstance(key, int) else str(key) > held


def seconds(text: str) -> int:
    """Whole seconds since 1970 of a stamp as rows have it."""
    return epoch(datetime.fromisoformat(text))
