"""Lists whose rows move while they are read: read again until two passes agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from attrs import frozen

_MOST = 5


@frozen(kw_only=True)
class Pass:
    """How far a list was read in one pass, and what the pass before had served.

    Where a pass serves all that the one before had served, and in the same order, no row of that
    one can have moved before a page that was still to come: so it had left out none. Rows behind
    are newer than its beginning, and the next sync asks for them anyway.

    Parameters
    ----------
    seen : int
        Rows of this pass.
    outline : str
        Fingerprint of them.
    before_seen : int
        Rows of the pass before.
    before : str
        Fingerprint of them; an empty text in the first pass.
    is_same : bool
        Whether this pass has served all of the one before.
    number : int
        Counts the passes.
    """

    seen: int = 0
    outline: str = ""
    before_seen: int = 0
    before: str = ""
    is_same: bool = False
    number: int = 1

    @classmethod
    def of(cls, place: Mapping[str, Any]) -> Pass:
        """Read it from a place."""
        return cls(**{name: place[name] for name in _NAMES if name in place})

    @property
    def plain(self) -> dict[str, Any]:
        """As part of a place."""
        told = {name: getattr(self, name) for name in _NAMES}
        return {name: value for name, value in told.items() if value}

    def plus(self, rows: Sequence[object]) -> Pass:
        """After the rows of one page."""
        outline, is_same = self.outline, self.is_same or self._agrees(0, self.outline)
        for number, row in enumerate(rows, 1):
            outline = _chained(outline, row)
            is_same = is_same or self._agrees(number, outline)
        return Pass(
            seen=self.seen + len(rows),
            outline=outline,
            before_seen=self.before_seen,
            before=self.before,
            is_same=is_same,
            number=self.number,
        )

    def _agrees(self, more: int, outline: str) -> bool:
        is_second = self.number > 1
        return is_second and self.seen + more == self.before_seen and outline == self.before

    def next(self) -> Pass | None:
        """Begin the next pass; None after too many."""
        if self.number >= _MOST:
            return None
        return Pass(before_seen=self.seen, before=self.outline, number=self.number + 1)


def lap_of(place: object) -> tuple[object, ...]:
    """Tell in which pass over which window a place lies: another one may serve the same again."""
    if not isinstance(place, Mapping):
        return (None, 1)
    return (place.get("from"), place.get("number", 1))


_NAMES = ("seen", "outline", "before_seen", "before", "is_same", "number")


def _chained(outline: str, row: object) -> str:
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    digest = blake2b(outline.encode(), digest_size=8)
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
