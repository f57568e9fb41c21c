"""What a store says of itself when it opens: where it stands, and what it had to leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import field, frozen

from ._counts import FoldReport


@frozen(kw_only=True)
class StreamStand:
    """Where a stream stands: what was served later is pulled by the next sync.

    Attributes
    ----------
    source, stream : str
        Which stream.
    saved_at : datetime
        When its checkpoint was kept, in UTC.
    """

    source: str
    stream: str
    saved_at: datetime

    def __str__(self) -> str:
        moment = self.saved_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"The stream {self.stream!r} of {self.source!r} stands where it was at {moment}."


@frozen(kw_only=True)
class Opening:
    """What was found, and done, when a store was opened.

    Show `str(store.opening)` to a person unless `is_clean`: after a crash that cost something, a
    program says it on stderr, and then does what it was asked to do. The next sync pulls again what
    was rolled back.

    Attributes
    ----------
    set_aside : tuple of str
        Names of logs that could not be read; they lie beside the store, for you to keep or remove.
    lost_transactions : int or None
        Transactions that were kept once and are gone from the file; None if that cannot be known.
    streams : tuple of StreamStand
        Where each stream stands now.
    folded : FoldReport
        What the journal brought that the file did not hold.

    Examples
    --------
    >>> print(Opening())
    The store is as it was left.
    >>> print(Opening(set_aside=("cxm.duckdb.wal.damaged-20261121T000000Z",), lost_transactions=2))
    The log of the store could not be read, and was set aside as
    'cxm.duckdb.wal.damaged-20261121T000000Z'.
    Transactions that were kept before and are gone: 2. The next sync pulls again what they held.
    """

    set_aside: tuple[str, ...] = ()
    lost_transactions: int | None = 0
    streams: tuple[StreamStand, ...] = ()
    folded: FoldReport = field(factory=FoldReport)

    @property
    def is_clean(self) -> bool:
        """Whether the store is as it was left, and nothing is wrong with it or its journal."""
        return not self.set_aside and self.lost_transactions == 0 and self.folded.is_clean

    def __str__(self) -> str:
        if self.is_clean:
            return "\n".join(filter(None, ["The store is as it was left.", str(self.folded)]))
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for name in self.set_aside:
            yield f"The log of the store could not be read, and was set aside as\n{name!r}."
        if self.lost_transactions is None:
            yield "How many transactions it held is not known; the next sync pulls them again."
        elif self.lost_transactions:
            yield (
                f"Transactions that were kept before and are gone: {self.lost_transactions:,}. "
                "The next sync pulls again what they held."
            )
        if self.set_aside or self.lost_transactions:
            yield from map(str, self.streams)
        if text := str(self.folded):
            yield text
