"""Rows that come twice: over the border of two pages, in a look-back, or for ever."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from cxm_core.errors import LoopingPages

from ._calls import Answer
from ._paging import Place, Turn, dig
from ._since import Since
from ._stream import Row

# Rows of the end of a pass that are remembered; what a longer look-back serves is kept once anyway.
_MOST_ROWS = 2_000
_MISSING = object()


def keys_of(rows: Sequence[Row], path: str) -> list[Any]:
    """Key of each row; None where it has none that could be compared."""
    found = [dig(row, path) for row in rows] if "." in path else [row.get(path) for row in rows]
    return [key if isinstance(key, str | int) else None for key in found]


class Neighbours:
    """Remembers the two last pages, for a row on their border, and each page's outline.

    Parameters
    ----------
    key : str
        Dotted path of a row's id.
    since : Since or None
        Where a row's stamp is.
    """

    def __init__(self, key: str, since: Since | None) -> None:
        self._key, self._since = key, since
        self._pages: deque[dict[Any, Row]] = deque(maxlen=2)
        self._outlines: set[int] = set()
        self._places: set[str] = set()
        self._repeats = 0

    def fresh(self, rows: list[Row]) -> list[Row]:
        """Rows that none of the neighbours has served exactly so."""
        keys = keys_of(rows, self._key)
        page = dict(zip(keys, rows, strict=True))
        page.pop(None, None)
        # Most pages share nothing, and are let through as a whole.
        is_new = len(page) == len(rows) and all(page.keys().isdisjoint(one) for one in self._pages)
        found = rows if is_new else self._apart(keys, rows)
        self._pages.append(page)
        return found

    def _apart(self, keys: list[Any], rows: list[Row]) -> list[Row]:
        here: dict[Any, Row] = {}
        found = []
        for key, row in zip(keys, rows, strict=True):
            if key is not None:
                if any(one.get(key, _MISSING) == row for one in (here, *self._pages)):
                    continue
                here[key] = row
            found.append(row)
        return found

    def check(self, answer: Answer, rows: list[Row], *, lap: Hashable = None) -> None:
        """Raise `LoopingPages` at the second page in a row that was served before as a whole."""
        if not rows:
            return
        outline = hash((lap, self._outline(answer, rows)))
        self._repeats = self._repeats + 1 if outline in self._outlines else 0
        self._outlines.add(outline)
        if self._repeats >= 2:
            raise _looping("served the same pages again under new tokens", answer)

    def _outline(self, answer: Answer, rows: list[Row]) -> int:
        keys = keys_of(rows, self._key)
        if None in keys:
            return hash(answer.body)
        stamps: list[Hashable] = []
        if self._since is not None:
            stamps = [repr(stamp) for stamp in self._since.stamps(rows)]
        return hash((tuple(keys), tuple(stamps)))

    def check_way(self, place: Place, turn: Turn, answer: Answer) -> None:
        """Raise `LoopingPages` where the way leads to a place that was asked for before."""
        if turn.wait_s:
            return  # a job that is not done is asked for again
        self._places.add(_text(place))
        if turn.next is not None and _text(turn.next) in self._places:
            raise _looping("points back to a page that was read before", answer)


def _text(place: Place) -> str:
    return json.dumps(place, sort_keys=True)


def _looping(what: str, answer: Answer) -> LoopingPages:
    return LoopingPages(
        f"The source {what}.",
        hint="nothing of it was kept twice; the sync goes on from the last page before",
        request_id=answer.request_id,
    )


class Edge:
    """Remembers what the end of the last pass served, so that a look-back serves it only once.

    Parameters
    ----------
    key : str
        Dotted path of a row's id.
    since : Since
        Where a row's stamp is.
    known : mapping of str to str
        What `kept` gave after the last pass.
    """

    def __init__(self, key: str, since: Since, known: Mapping[str, str]) -> None:
        self._key, self._since, self._known = key, since, known
        self._rows: deque[Row] = deque(maxlen=_MOST_ROWS)

    def fresh(self, rows: list[Row]) -> list[Row]:
        """Rows that the last pass did not serve exactly so."""
        self._rows.extend(rows)
        if not self._known:
            return rows
        keys = keys_of(rows, self._key)
        return [row for key, row in zip(keys, rows, strict=True) if not self._is_known(key, row)]

    def _is_known(self, key: object, row: Row) -> bool:
        told = self._known.get(_digest(key))
        return told is not None and told == _digest(row)

    def kept(self, bound: datetime | None) -> dict[str, str]:
        """Rows that the next pass will serve again, because they changed at `bound` or later."""
        if bound is None:
            return {}
        rows = [row for row in self._rows if self._is_late(row, bound)]
        keys = keys_of(rows, self._key)
        pairs = zip(keys, rows, strict=True)
        return {_digest(key): _digest(row) for key, row in pairs if key is not None}

    def _is_late(self, row: Row, bound: datetime) -> bool:
        at = self._since.read(dig(row, self._since.stamp))
        return at is not None and at >= bound


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
