"""Find out what has vanished from a source that can list what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import field, frozen

from cxm_core.errors import SchemaChanged, SourceError, UsageError
from cxm_core.plugins import Connector, Lister
from cxm_core.records import KINDS, Deletion
from cxm_core.results import SyncReceipt
from cxm_core.store import Clock, Store

from ._edge import named
from ._ledger import Ledger
from ._pull import utc_now

STREAM = "reconcile"
PAGE = 5_000
# A list that lacks so much of at least so many is more likely cut than true.
MOST_GONE = 0.5
SEVERAL = 20


def reconcile(
    store: Store, connector: Connector, *, source: str, clock: Clock = utc_now
) -> SyncReceipt:
    """Take away the records of a source that it does not hold any more.

    Parameters
    ----------
    store : Store
        Where the records are kept.
    connector : Connector
        The source; it must be able to list what it holds.
    source : str
        Name of the source.
    clock : callable
        Gives the present instant, aware.

    Returns
    -------
    SyncReceipt
        How many are gone. It is partial, and nothing of that kind was taken away, where a list
        could not be read, or lacks more than half of what is known: then it is more likely cut.

    Raises
    ------
    UsageError
        The connector cannot list what its source holds.
    StoreError
        The store could not keep a page; what was committed before stands.

    Notes
    -----
    What is known is looked up before the source is asked, so what comes in between is never taken
    for gone. A record that changes at the source after it was taken away comes back.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.plugins import CheckReport, Info, StreamInfo
    >>> from cxm_core.records import Note
    >>> from cxm_core.store import open_store
    >>> from cxm_core.sync import add, reconcile
    >>> from pydantic import BaseModel
    >>> class Letters:
    ...     info = Info(name="letters", version="1", config=BaseModel)
    ...     def streams(self):
    ...         return [StreamInfo(name="notes", kinds=("note",))]
    ...     def check(self):
    ...         return CheckReport()
    ...     def read(self, stream, state, request):
    ...         return iter(())
    ...     def native_ids(self, kind):
    ...         return ["1"]
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> store = open_store("memory:", clock=clock)
    >>> notes = [Note(native_id=n, occurred_at="2026-11-05T09:00Z", text="Cold") for n in "12"]
    >>> _ = add(store, notes, source="letters:office", clock=clock)
    >>> reconcile(store, Letters(), source="letters:office", clock=clock).deleted
    1
    """
    if not isinstance(connector, Lister):
        raise UsageError(
            f"The connector {connector.info.name!r} cannot list what its source holds.",
            hint="what it reports as deleted is taken away by a sync",
        )
    store.fold()
    work = _Reconciling(store=store, lister=connector, source=source, clock=clock)
    ledger = Ledger(source=source, stream=STREAM, started_at=clock(), reached_end=True)
    with named(connector):
        served = {kind for stream in connector.streams() for kind in stream.kinds}
    kinds = sorted(served & (set(KINDS) - {"deletion"}))
    for kind in kinds:
        try:
            ledger = work.kind(kind, ledger)
        except SourceError as error:
            ledger = ledger.failed(error)
    receipt = ledger.receipt(ended_at=clock())
    with store.transaction() as transaction:
        transaction.add_receipt(receipt)
    return receipt


@frozen(kw_only=True)
class _Reconciling:
    """One look at what a source holds."""

    store: Store
    lister: Lister
    source: str
    clock: Clock = field(repr=False)

    def kind(self, kind: str, ledger: Ledger) -> Ledger:
        """Take away what is gone of one kind."""
        known = dict(self._known(kind))
        with named(self.lister):
            found = self.lister.native_ids(kind)
            listed = None if found is None else set(found)
        if listed is None:
            return ledger.noted(f"What is there of the kind {kind!r} cannot be listed.")
        gone = {own: stamp for own, stamp in known.items() if own not in listed}
        _refuse_most(kind, len(gone), len(known))
        return self._take_away(kind, gone, ledger)

    def _known(self, kind: str) -> Iterator[tuple[str, datetime | None]]:
        for record in self.store.records(kind, where={"source": self.source}):
            yield record.native_id, record.recorded_at

    def _take_away(self, kind: str, gone: dict[str, datetime | None], ledger: Ledger) -> Ledger:
        deletions = [
            # With the stamp of what it takes away, so that any later change brings it back.
            Deletion(kind=kind, native_id=own, recorded_at=stamp)
            for own, stamp in gone.items()
        ]
        for start in range(0, len(deletions), PAGE):
            with self.store.transaction() as transaction:
                page = deletions[start : start + PAGE]
                ledger = ledger.plus(transaction.apply(page, source=self.source))
                transaction.add_receipt(ledger.receipt(ended_at=self.clock(), is_over=False))
        return ledger


def _refuse_most(kind: str, gone: int, known: int) -> None:
    if known >= SEVERAL and gone > MOST_GONE * known:
        raise SchemaChanged(
            f"The list lacks {gone:,} of {known:,} records of the kind {kind!r}.",
            hint="nothing was taken away; if they are gone indeed, erase the source",
        )
