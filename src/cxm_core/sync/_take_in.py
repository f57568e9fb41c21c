"""Read what was pushed and could not be read when it came."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from cxm_core.errors import SourceError, UsageError
from cxm_core.plugins import WebhookSource
from cxm_core.records import Record, record_id
from cxm_core.results import SyncReceipt
from cxm_core.store import (
    Clock,
    Origin,
    QuarantineEntry,
    Refused,
    Store,
    Unread,
    quarantine_entry,
)

from ._ledger import Ledger
from ._pull import utc_now
from ._webhooks import parsed, read_back

STREAM = "webhooks"


def take_in(
    store: Store, connector: object, *, source: str, clock: Clock = utc_now
) -> SyncReceipt | None:
    """Read the deliveries of a source that were kept as they came, and keep their records.

    Parameters
    ----------
    store : Store
        Where records are kept; its journal holds the deliveries.
    connector : WebhookSource
        The source; where a delivery only points to something, it fetches that.
    source : str
        Name of the source.
    clock : callable
        Gives the present instant, aware.

    Returns
    -------
    SyncReceipt or None
        None if nothing was waiting. What cannot be read now waits on; the receipt is partial then,
        and says why.

    Raises
    ------
    UsageError
        The connector has no webhook face, and something waits.
    StoreError
        The store could not keep the records; they wait on.

    Notes
    -----
    Records of one delivery, and that it was read, are one transaction.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.store import open_store
    >>> from cxm_core.sync import take_in
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> take_in(open_store("memory:", clock=clock), object(), source="letters:office") is None
    True
    """
    store.fold()
    waiting = store.unread(source=source)
    if not waiting:
        return None
    if not isinstance(connector, WebhookSource):
        raise UsageError(
            f"The connector of {source!r} takes no webhooks, and {len(waiting)} wait.",
            hint="use the connector that received them",
        )
    reading = _Reading(store=store, connector=connector, source=source, clock=clock)
    ledger = Ledger(source=source, stream=STREAM, started_at=clock())
    for unread in waiting:
        ledger = reading.read(unread, ledger)
    return reading.end(ledger)


@frozen(kw_only=True)
class _Reading:
    """Reading of what waits of one source."""

    store: Store
    connector: WebhookSource
    source: str
    clock: Clock = field(repr=False)

    def read(self, unread: Unread, ledger: Ledger) -> Ledger:
        """Read one delivery; what cannot be read keeps none of the others back."""
        try:
            records, refused = parsed(self.connector, read_back(unread.request))
        except SourceError as error:
            return ledger.failed(error)
        return self._keep(unread, records, refused, ledger)

    def _keep(
        self, unread: Unread, records: Sequence[Record], refused: Sequence[Refused], ledger: Ledger
    ) -> Ledger:
        reasons: dict[str, int] = {}
        for one in refused:
            reason = one.problem.reason.value
            reasons[reason] = reasons.get(reason, 0) + 1
        with self.store.transaction() as transaction:
            # Nobody sends them again, so they go to the journal, too.
            counts = transaction.keep(records, source=self.source)
            transaction.quarantine(map(self._entry, refused))
            transaction.take_out(self.source, [unread.key])
            ledger = ledger.plus(counts, reasons=reasons)
            transaction.add_receipt(ledger.receipt(ended_at=self.clock(), is_over=False))
        return ledger

    def _entry(self, refused: Refused) -> QuarantineEntry:
        own_id = refused.native_id
        return quarantine_entry(
            Origin(kind=refused.kind, source=self.source, stream=STREAM, name=STREAM),
            refused.problem,
            refused.raw,
            record_id=own_id and record_id(refused.kind, self.source, own_id),
            now=self.clock(),
        )

    def end(self, ledger: Ledger) -> SyncReceipt:
        """Keep the receipt of all of it."""
        receipt = ledger.receipt(ended_at=self.clock())
        with self.store.transaction() as transaction:
            transaction.add_receipt(receipt)
        return receipt
