"""Receipts of what was folded: one a source, and each balances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import define, field

from cxm_core.results import SyncReceipt

from ._counts import Counts
from .journal import PUSHED

STREAM = "records"
NOTE = "Taken from the journal."
_UNTOLD = "What was not pushed, or lost on its way, only a sync can tell."


@define
class _Page:
    """What became of the records of one source."""

    began_at: datetime
    counts: Counts = field(factory=Counts)
    reasons: Counter[str] = field(factory=Counter)
    is_pushed: bool = False


class Books:
    """What became of everything that was folded, by source."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}

    def open(self, source: str, at: datetime) -> None:
        """Expect records of a source."""
        if source not in self._pages:
            self._pages[source] = _Page(at)

    def push(self, source: str) -> None:
        """Note that a source pushes its records by itself."""
        self._pages[source].is_pushed = True

    def add(self, source: str, counts: Counts) -> None:
        """Book what was merged."""
        page = self._pages[source]
        page.counts += counts

    def refuse(self, source: str, reasons: Iterable[str]) -> None:
        """Book what was set aside."""
        self._pages[source].reasons.update(reasons)

    def rename(self, old: str, new: str) -> None:
        """Book under another name from now on."""
        if old in self._pages:
            self._pages[new] = self._pages.pop(old)

    @property
    def counts(self) -> Counts:
        """What became of all that was merged."""
        return sum((page.counts for page in self._pages.values()), Counts())

    @property
    def refused(self) -> int:
        """How many were set aside."""
        return sum(page.reasons.total() for page in self._pages.values())

    def receipts(self, now: datetime) -> Iterator[SyncReceipt]:
        """Receipts, by source."""
        for source, page in sorted(self._pages.items()):
            counts, refused = page.counts, page.reasons.total()
            yield SyncReceipt(
                source=source,
                stream=PUSHED if page.is_pushed else STREAM,
                started_at=min(page.began_at, now),
                ended_at=now,
                served=counts.served + refused,
                applied=counts.applied,
                duplicate=counts.duplicate,
                stale=counts.stale,
                quarantined=refused,
                suppressed=counts.suppressed,
                deleted=counts.deleted,
                reasons=page.reasons,
                note=NOTE,
                new=counts.new,
                changed=counts.changed,
                repeated=counts.repeated,
                verdict="unknown" if page.is_pushed else "complete",
                reason=_UNTOLD if page.is_pushed else "",
            )
