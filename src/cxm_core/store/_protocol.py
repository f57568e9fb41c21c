"""What every store can do, whatever keeps its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from attrs import frozen

from cxm_core.records import Plain, Record, Table
from cxm_core.results import SyncReceipt
from cxm_core.stats import Tally, TallySpec
from cxm_core.vocabulary import Window

from ._arrow import ArrowTable
from ._counts import Counts, FoldReport, LoadReport
from ._quarantine import QuarantineEntry
from ._reports import Compaction, RetentionReport, Verification
from .journal import Unread

if TYPE_CHECKING:
    from ._stand import Opening

State: TypeAlias = Mapping[str, object]
Where: TypeAlias = Mapping[str, Plain | Sequence[Plain]]
TableFormat: TypeAlias = Literal["parquet"]


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

    def apply(self, records: Iterable[Record], *, source: str, in_order: bool = False) -> Counts:
        """Merge records, whose source is filled in.

        Where they are `in_order`, none is older than one that came before: of two versions with one
        stamp the later is the newer. Otherwise their content decides, in any order alike.
        """

    def keep(self, records: Iterable[Record], *, source: str) -> Counts:
        """Merge records that nobody could send again: a store on disk writes its journal first."""

    def load(self, table: Table, *, source: str) -> LoadReport:
        """Merge the rows of a described table; set aside and count those that are no records."""

    def quarantine(self, entries: Iterable[QuarantineEntry]) -> None:
        """Set rows aside; an entry that is there already is counted once more."""

    def release(self, entry_ids: Iterable[str]) -> int:
        """Forget rows that were set aside; tell how many there were."""

    def take_out(self, source: str, keys: Iterable[str]) -> None:
        """Let go of deliveries of the inbox that were read."""

    def set_checkpoint(self, source: str, stream: str, state: State | None) -> None:
        """Keep where a stream stands; None forgets it."""

    def add_receipt(self, receipt: SyncReceipt) -> None:
        """Keep the receipt of a sync."""


class Store(Protocol):
    """Keeps every version of every record, and answers as of any moment."""

    @property
    def opening(self) -> Opening:
        """What was found, and done, when the store was opened."""

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

    def rows(self, kind: str) -> Iterator[Mapping[str, Plain]]:
        """Current records of a kind as plain rows with their keys, in the order of their ids."""

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

    def unread(self, *, source: str | None = None) -> tuple[Unread, ...]:
        """Deliveries that came and were not read yet, oldest first."""

    def sources(self) -> tuple[SourceEntry, ...]:
        """Sources by name."""

    def pin_source(self, name: str, account: str | None) -> None:
        """Bind a source's name to its account; a `ConfigurationError` if one has another."""

    def rename_source(self, old: str, new: str) -> None:
        """Give a source, and all that came from it, another name."""

    def fold(self) -> FoldReport:
        """Take what the journal holds and the store does not; one in memory has no journal."""

    def write_table(self, stream: object, path: str | Path, *, format: TableFormat) -> Path:  # noqa: A002
        """Write any Arrow stream to a file."""

    def verify(self) -> Verification:
        """Read everything, and tell what is wrong; nothing is changed."""

    def retain(
        self, limits: Mapping[str, timedelta], *, dry_run: bool = False, trust_clock: bool = False
    ) -> RetentionReport:
        """Delete what is older than the limit of its kind, or only count it."""

    def compact(self) -> Compaction:
        """Write everything anew, so that nothing is left of what was deleted."""

    def close(self) -> None:
        """Let go of what the store holds open; a second call does nothing."""
