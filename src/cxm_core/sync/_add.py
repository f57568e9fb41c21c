"""Keep records that an app made itself, with the same receipt as a pull."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType

from cxm_core.records import Record, page_flags
from cxm_core.results import SyncReceipt
from cxm_core.store import Clock, Store

from ._ledger import Ledger
from ._pull import utc_now

STREAM = "records"
OF_ITS_OWN = MappingProxyType(
    {"source": "source: brought by the record", "known_at": "known_at: brought by the record"}
)
_PAGE = 1_000


def add(
    store: Store, records: Iterable[Record], *, source: str, clock: Clock = utc_now
) -> SyncReceipt:
    """Keep records that were made here, all of them or none.

    Parameters
    ----------
    store : Store
        Where they are kept.
    records : iterable of Record
        Of any kinds. Their source, and the moment from which they are known, are filled in; a
        record that brings another source or a moment of its own, as one from an export, keeps it,
        and is counted under drift.
    source : str
        Name under which they stand, such as ``"app:own"``.
    clock : callable
        Gives the present instant, aware.

    Returns
    -------
    SyncReceipt
        What became of them; it balances. A store on disk has written them to its journal too, so
        that they survive the loss of its file.

    Raises
    ------
    StoreError
        The store or its journal could not keep them; none of them is kept.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.records import Note
    >>> from cxm_core.store import open_store
    >>> from cxm_core.sync import add
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> store = open_store("memory:", clock=clock)
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="The hall is cold")
    >>> add(store, [note, note], source="app:own", clock=clock).duplicate
    1
    """
    store.fold()
    ledger = Ledger(source=source, stream=STREAM, started_at=clock(), reached_end=True)
    if source not in {known.name for known in store.sources()}:
        store.pin_source(source, None)
    drift = Counter[str]()
    with store.transaction() as transaction:
        seen = _flagged(records, drift, source=source, now=ledger.started_at)
        counts = transaction.keep(seen, source=source)
        ledger = ledger.plus(counts, drift=drift)
        receipt = ledger.receipt(ended_at=clock())
        transaction.add_receipt(receipt)
    return receipt


def _flagged(
    records: Iterable[Record], drift: Counter[str], *, source: str, now: datetime
) -> Iterator[Record]:
    """The records as they come, while what is odd about them is counted."""
    coming = iter(records)
    while page := list(islice(coming, _PAGE)):
        drift.update(page_flags(page, now=now))
        drift.update(_brought(page, source))
        yield from page


def _brought(page: Sequence[Record], source: str) -> Iterator[str]:
    """What records say of themselves that the store would have filled in."""
    for record in page:
        if record.source not in (None, source):
            yield OF_ITS_OWN["source"]
        if record.known_at is not None:
            yield OF_ITS_OWN["known_at"]
