"""Pull what is new from a source into the store, so that nothing is lost and nothing kept twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from attrs import define, field

from cxm_core.errors import FatalError, SourceError, UsageError, did_you_mean
from cxm_core.plugins import Checkpoint, Connector, Item, ReadRequest, Rejected
from cxm_core.records import Record, Table, collector_paused, page_flags, record_id
from cxm_core.results import SyncReceipt
from cxm_core.store import (
    Clock,
    Origin,
    QuarantineEntry,
    Store,
    Transaction,
    quarantine_entry,
)

from ._edge import Items, named
from ._guard import DriftWindow
from ._ledger import Ledger

Progress: TypeAlias = Callable[[str, int], object]
# A commit costs as much as a thousand rows: large pages that come quickly share one.
PAGE, MOST = 1_000, 10_000
HELD = timedelta(seconds=2)


def utc_now() -> datetime:
    """Present instant by the machine's clock."""
    return datetime.now(UTC)


def pull(
    store: Store,
    connector: Connector,
    *,
    source: str,
    clock: Clock = utc_now,
    request: ReadRequest | None = None,
    progress: Progress | None = None,
) -> tuple[SyncReceipt, ...]:
    """Read what a source has for us since the last time, and keep it.

    Parameters
    ----------
    store : Store
        Where records, checkpoints and receipts are kept.
    connector : Connector
        The source, as `cxm_core.plugins.build` makes it.
    source : str
        Name of the source, such as ``"zendesk:acme"``; every record gets it.
    clock : callable
        Gives the present instant, aware.
    request : ReadRequest, optional
        What part is wanted, such as some of the streams; everything if not given.
    progress : callable, optional
        Is told what is being pulled, and how many records of it were served so far.

    Returns
    -------
    tuple of SyncReceipt
        One a stream.
        A stream that its source did not deliver is partial; its reason begins with the error's
        class, and the other streams go on. So is one of which something is known to be missing.
        One whose source gives no sign of its end is neither known to be whole nor to lack anything.

    Raises
    ------
    UsageError
        There is no such stream.
    ConfigurationError
        The source is configured wrongly, or its name belongs to another account.
    StoreError
        The store could not keep a page; what was committed before stands.

    Notes
    -----
    A page is kept in one transaction: records, rows set aside, receipt and checkpoint.
    Pages of a thousand rows that come within two seconds share it, up to ten thousand rows.
    A part that is asked for by `since` or `until` leaves the checkpoint where it stood, so that a
    backfill beside the running sync cannot move it back.
    The checkpoint is read from the store, never from memory.
    After a crash the source serves again what its last checkpoint did not cover, and the store
    recognises what it has already.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.plugins import Checkpoint, CheckReport, Info, StreamInfo
    >>> from cxm_core.records import Note
    >>> from cxm_core.store import open_store
    >>> from cxm_core.sync import pull
    >>> from pydantic import BaseModel
    >>> class Letters:
    ...     info = Info(name="letters", version="1", config=BaseModel)
    ...     def streams(self):
    ...         return [StreamInfo(name="notes", kinds=("note",))]
    ...     def check(self):
    ...         return CheckReport(account="office")
    ...     def read(self, stream, state, request):
    ...         if state is None:
    ...             yield Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
    ...             yield Checkpoint({"last": 1})
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> with_memory = open_store("memory:", clock=clock)
    >>> pull(with_memory, Letters(), source="letters:office", clock=clock)[0].applied
    1
    >>> pull(with_memory, Letters(), source="letters:office", clock=clock)[0].served
    0
    """
    wanted = request or ReadRequest()
    ledgers = [
        Ledger(source=source, stream=stream, started_at=clock(), request=wanted)
        for stream in _chosen(connector, wanted.streams)
    ]
    try:
        with named(connector):
            account = connector.check().account
    except SourceError as error:
        return tuple(_unread(store, ledger.failed(error), clock=clock) for ledger in ledgers)
    store.fold()
    store.pin_source(source, account)
    return tuple(
        _Stream(
            store=store,
            connector=connector,
            clock=clock,
            request=wanted,
            progress=progress,
            ledger=ledger,
        ).pull()
        for ledger in ledgers
    )


def _chosen(connector: Connector, streams: tuple[str, ...] | None) -> list[str]:
    with named(connector):
        known = [stream.name for stream in connector.streams()]
    for name in streams or ():
        if name not in known:
            raise UsageError(f"There is no stream {name!r}.", hint=did_you_mean(name, known))
    return known if streams is None else list(streams)


def _unread(store: Store, ledger: Ledger, *, clock: Clock) -> SyncReceipt:
    """Keep the receipt of a stream that was not even begun."""
    receipt = ledger.receipt(ended_at=clock())
    with store.transaction() as transaction:
        transaction.add_receipt(receipt)
    return receipt


@define(kw_only=True)
class _Stream:
    """The pull of one stream."""

    store: Store
    connector: Connector
    clock: Clock
    request: ReadRequest
    progress: Progress | None
    ledger: Ledger
    window: DriftWindow = field(factory=DriftWindow)
    records: list[Record] = field(factory=list, init=False, repr=False)
    rejected: list[Rejected] = field(factory=list, init=False, repr=False)
    checkpoints: list[Checkpoint] = field(factory=list, init=False, repr=False)
    covered: tuple[int, int] = field(default=(0, 0), init=False)
    kept_at: datetime = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.kept_at = self.clock()

    @property
    def _is_in_order(self) -> bool:
        return self.connector.info.guarantees.serves_in_order

    def pull(self) -> SyncReceipt:
        source, stream = self.ledger.source, self.ledger.stream
        try:
            state = self.store.checkpoint(source, stream)
            items = Items(self.connector, lambda: self.connector.read(stream, state, self.request))
            try:
                self._take_all(items)
            finally:
                items.close()
        except SourceError as error:
            # What no checkpoint covers is left: the source will serve it again.
            records, rejected = self.covered
            self.records, self.rejected = self.records[:records], self.rejected[:rejected]
            try:
                self._keep_page()
            except SourceError as other:
                return self._end(self.ledger.failed(other))
            return self._end(self.ledger.failed(error))
        return self._end(self.ledger)

    def _take_all(self, items: Items) -> None:
        item = items.next()
        while item is not None:
            item = self._take_page(item, items)
        self._keep_page()

    def _take_page(self, item: Item | None, items: Items) -> Item | None:
        """Take items until a page is kept; between two pages the collector has its turn."""
        kept = self.ledger
        if isinstance(item, Table):
            return self._take(item, items)
        with collector_paused():
            while item is not None and not isinstance(item, Table) and self.ledger is kept:
                item = self._take(item, items)
        return item

    def _take(self, item: Item, items: Items) -> Item | None:
        if isinstance(item, Table):
            self._keep_page()
            return self._load(item, items)
        if isinstance(item, Checkpoint):
            self._promise(item)
        else:
            self._gather(item)
        return items.next()

    def _promise(self, checkpoint: Checkpoint) -> None:
        """Keep a page, or hold it for a while if it is large and others may share its commit."""
        rows = len(self.records) + len(self.rejected) - sum(self.covered)
        self.checkpoints.append(checkpoint)
        self.covered = len(self.records), len(self.rejected)
        if rows < PAGE or not timedelta() <= self.clock() - self.kept_at < HELD:
            self._keep_page()

    def _gather(self, item: Record | Rejected) -> None:
        if isinstance(item, Record):
            self._refuse_foreign(item)
            self.records.append(item)
        else:
            self.rejected.append(item)
        held = len(self.records) + len(self.rejected)
        if held - sum(self.covered) >= 2 * PAGE or held >= MOST:
            # At least once is enough here: without a checkpoint the source serves it again.
            self._keep_page()

    def _refuse_foreign(self, record: Record) -> None:
        if record.source not in (None, self.ledger.source):
            raise FatalError(
                f"The connector {self.connector.info.name!r} served a record of another source.",
                hint="a connector leaves the source empty; the sync fills it in",
            )

    def _keep_page(self) -> None:
        """Commit what was gathered, and with it the checkpoints that cover it."""
        records, rejected, checkpoints = self.records, self.rejected, self.checkpoints
        if not records and not rejected and not checkpoints:
            return
        # Whatever becomes of it, it is not tried a second time.
        self.records, self.rejected, self.checkpoints, self.covered = [], [], [], (0, 0)
        reasons = Counter(one.problem.reason.value for one in rejected)
        window = self.window.plus(len(records) + len(rejected), reasons)
        with self.store.transaction() as transaction:
            counts = transaction.apply(
                records, source=self.ledger.source, in_order=self._is_in_order
            )
            transaction.quarantine(map(self._entry, rejected))
            ledger = self.ledger.plus(counts, reasons=reasons, drift=self._flags(records))
            ledger = self._write(transaction, ledger, checkpoints)
        self.window = window
        self._advance(ledger)

    def _flags(self, records: Sequence[Record]) -> Counter[str]:
        """What is odd about the records of a page, though they are kept."""
        return Counter(page_flags(records, now=self.clock()))

    def _load(self, table: Table, items: Items) -> Item | None:
        """Commit a table together with the checkpoint behind it, and give the item after both."""
        try:
            with self.store.transaction() as transaction:
                report = transaction.load(table, source=self.ledger.source)
                DriftWindow().plus(report.served, report.reasons)
                # The connector looks now whether what it described is still the same.
                item = items.next()
                checkpoints = [item] if isinstance(item, Checkpoint) else []
                ledger = self.ledger.plus(report.counts, reasons=report.reasons, drift=report.drift)
                ledger = self._write(transaction, ledger, checkpoints)
        except SourceError as error:
            return items.throw(error)
        self._advance(ledger)
        return items.next() if checkpoints else item

    def _write(
        self, transaction: Transaction, ledger: Ledger, checkpoints: Sequence[Checkpoint]
    ) -> Ledger:
        for checkpoint in checkpoints:
            ledger = ledger.after(checkpoint)
        if checkpoints and self.request.since is None and self.request.until is None:
            transaction.set_checkpoint(ledger.source, ledger.stream, checkpoints[-1].state)
        transaction.add_receipt(ledger.receipt(ended_at=self.clock(), is_over=False))
        return ledger

    def _entry(self, rejected: Rejected) -> QuarantineEntry:
        origin = Origin(
            kind=rejected.kind,
            source=self.ledger.source,
            stream=self.ledger.stream,
            name=self.ledger.stream,
        )
        own_id = rejected.native_id
        return quarantine_entry(
            origin,
            rejected.problem,
            rejected.raw,
            record_id=own_id and record_id(rejected.kind, self.ledger.source, own_id),
            now=self.clock(),
        )

    def _advance(self, ledger: Ledger) -> None:
        self.ledger, self.kept_at = ledger, self.clock()
        if self.progress is not None:
            self.progress(f"{ledger.source} {ledger.stream}", ledger.served)

    def _end(self, ledger: Ledger) -> SyncReceipt:
        receipt = ledger.receipt(ended_at=self.clock())
        with self.store.transaction() as transaction:
            transaction.add_receipt(receipt)
        return receipt
