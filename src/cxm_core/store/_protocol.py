"""What every store can do, whatever keeps its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from attrs import field, fields, frozen

from cxm_core.records import Plain, Record, Table
from cxm_core.results import SyncReceipt
from cxm_core.stats import Tally, TallySpec
from cxm_core.vocabulary import Window

from ._arrow import ArrowTable
from ._quarantine import QuarantineEntry

State: TypeAlias = Mapping[str, object]
Where: TypeAlias = Mapping[str, Plain | Sequence[Plain]]
TableFormat: TypeAlias = Literal["parquet", "csv"]


@frozen(kw_only=True)
class Counts:
    """What became of records that were handed to the store.

    Attributes
    ----------
    applied, duplicate, stale : int
        New or newer; known already; older than what is known.
    suppressed : int
        Of customers who were erased.
    deleted : int
        How many of the applied ones took a record away.
    """

    applied: int = 0
    duplicate: int = 0
    stale: int = 0
    suppressed: int = 0
    deleted: int = 0

    @property
    def served(self) -> int:
        """Every record that was handed over."""
        return self.applied + self.duplicate + self.stale + self.suppressed

    def __add__(self, other: Counts) -> Counts:
        """Counts of both."""
        names = [one.name for one in fields(Counts)]
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


@frozen(kw_only=True)
class LoadReport:
    """What became of the rows of a table; one row may serve several records.

    Attributes
    ----------
    counts : Counts
        What became of the rows that are records.
    reasons : mapping of str to int
        Rows that are none, by reason code.
    drift : mapping of str to int
        Columns that nobody declared, and in how many rows they hold something.
    """

    counts: Counts = Counts()
    reasons: Mapping[str, int] = field(factory=dict)
    drift: Mapping[str, int] = field(factory=dict)

    @property
    def quarantined(self) -> int:
        """Rows that were set aside."""
        return sum(self.reasons.values())

    @property
    def served(self) -> int:
        """Every record that the table served, good or not."""
        return self.counts.served + self.quarantined


@frozen(kw_only=True)
class SourceEntry:
    """A source that the store knows, and the account that it was pinned to.

    Attributes
    ----------
    name : str
        Instance of a connector, such as `zendesk:acme`.
    account : str or None
        What the source itself calls the account.
    pinned_at : datetime
        When the two were first seen together.
    """

    name: str
    account: str | None
    pinned_at: datetime


class Transaction(Protocol):
    """What is written together, or not at all."""

    def apply(self, records: Iterable[Record], *, source: str) -> Counts:
        """Merge records, whose source is filled in."""

    def load(self, table: Table, *, source: str) -> LoadReport:
        """Merge the rows of a described table; set aside and count those that are no records."""

    def quarantine(self, entries: Iterable[QuarantineEntry]) -> None:
        """Set rows aside; an entry that is there already is counted once more."""

    def release(self, entry_ids: Iterable[str]) -> int:
        """Forget rows that were set aside; tell how many there were."""

    def set_checkpoint(self, source: str, stream: str, state: State | None) -> None:
        """Keep where a stream stands; None forgets it."""

    def add_receipt(self, receipt: SyncReceipt) -> None:
        """Keep the receipt of a sync."""


class Store(Protocol):
    """Keeps every version of every record, and answers as of any moment."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Everything written in the block is kept when it ends, or nothing if it raises."""

    def read(
        self,
        kind: str,
        *,
        columns: Sequence[str] | None = None,
        window: Window | None = None,
        as_of: datetime | None = None,
        where: Where | None = None,
    ) -> ArrowTable:
        """Records of a kind as columns."""

    def records(
        self,
        kind: str,
        *,
        window: Window | None = None,
        as_of: datetime | None = None,
        where: Where | None = None,
    ) -> Iterator[Record]:
        """Records of a kind as objects, in the order of time and id."""

    def tally(
        self,
        spec: TallySpec,
        *,
        window: Window | None = None,
        as_of: datetime | None = None,
    ) -> Tally:
        """Count what a specification asks for."""

    def count(self, kind: str) -> int:
        """How many records of a kind there are."""

    def checkpoint(self, source: str, stream: str) -> dict[str, Any] | None:
        """Where a stream stands; None if it was never read."""

    def receipts(self, *, source: str | None = None) -> tuple[SyncReceipt, ...]:
        """Receipts of all syncs, oldest first."""

    def quarantined(
        self, *, source: str | None = None, stream: str | None = None
    ) -> tuple[QuarantineEntry, ...]:
        """Rows that are set aside, oldest first."""

    def sources(self) -> tuple[SourceEntry, ...]:
        """Sources by name."""

    def pin_source(self, name: str, account: str | None) -> None:
        """Bind a source's name to its account; a `ConfigurationError` if one has another."""

    def rename_source(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name."""

    def write_table(self, stream: object, path: str | Path, *, format: TableFormat) -> Path:  # noqa: A002
        """Write any Arrow stream to a file."""

    def close(self) -> None:
        """Let go of what the store holds open; a second call does nothing."""
