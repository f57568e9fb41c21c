"""Read rows that were set aside once more, after their mapping or their connector was mended."""

from __future__ import annotations

from collections import Counter

from cxm_core.errors import UsageError
from cxm_core.plugins import Connector, Rereader
from cxm_core.records import Record
from cxm_core.results import SyncReceipt
from cxm_core.store import Clock, QuarantineEntry, Store

from ._edge import named
from ._ledger import Ledger
from ._pull import utc_now

STREAM = "quarantine"


def replay(
    store: Store, connector: Connector, *, source: str, clock: Clock = utc_now
) -> SyncReceipt:
    """Try all rows of a source that were set aside again, as it reads them now.

    Parameters
    ----------
    store : Store
        Where the rows are kept.
    connector : Connector
        The source, with its present mapping.
    source : str
        Name of the source.
    clock : callable
        Gives the present instant, aware.

    Returns
    -------
    SyncReceipt
        Rows that are records now are kept and released; those that are still none stay, and are
        counted as quarantined by the reason under which they were set aside.

    Raises
    ------
    UsageError
        The connector cannot read a row again.
    StoreError
        The store could not keep the records; nothing was released.

    Notes
    -----
    All is one transaction, so after a crash every row is either still set aside or kept, never
    both and never neither.
    A row of which only a part was kept, since it was too long, stays.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.plugins import CheckReport, Info
    >>> from cxm_core.store import open_store
    >>> from cxm_core.sync import replay
    >>> from pydantic import BaseModel
    >>> class Letters:
    ...     info = Info(name="letters", version="1", config=BaseModel)
    ...     def streams(self):
    ...         return []
    ...     def check(self):
    ...         return CheckReport()
    ...     def read(self, stream, state, request):
    ...         return iter(())
    ...     def reread(self, kind, row, *, position):
    ...         return []
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> store = open_store("memory:", clock=clock)
    >>> replay(store, Letters(), source="letters:office", clock=clock).served
    0
    """
    if not isinstance(connector, Rereader):
        raise UsageError(
            f"The connector {connector.info.name!r} cannot read a row again.",
            hint="sync the source again after it was mended",
        )
    ledger = Ledger(source=source, stream=STREAM, started_at=clock(), reached_end=True)
    passed: list[Record] = []
    released: list[str] = []
    remaining: Counter[str] = Counter()
    for entry in store.quarantined(source=source):
        records = _records(connector, entry, source=source)
        if records:
            passed += records
            released.append(entry.entry_id)
        else:
            remaining[entry.reason] += 1
    with store.transaction() as transaction:
        counts = transaction.apply(passed, source=source)
        transaction.release(released)
        receipt = ledger.plus(counts, reasons=remaining).receipt(ended_at=clock())
        transaction.add_receipt(receipt)
    return receipt


def _records(connector: Rereader, entry: QuarantineEntry, *, source: str) -> list[Record]:
    """Records that an entry is by now; none if it stays set aside."""
    if entry.row is None:
        return []
    with named(connector):
        found = list(connector.reread(entry.kind, entry.row, position=entry.position))
    records = [one for one in found if isinstance(one, Record)]
    if entry.record_id is not None:
        # One row serves several records, and only one of them was set aside.
        return [one for one in records if _id(one, source) == entry.record_id]
    return records if len(records) == len(found) else []


def _id(record: Record, source: str) -> str:
    return record.stamped(source=source).record_id
