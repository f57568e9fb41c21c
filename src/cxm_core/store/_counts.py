"""What became of what was handed to the store, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, fields, frozen

from .journal import JournalFlaw


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
    new : int
        How many of the applied ones are of records that nobody knew; they took nothing away.
    repeated : int
        How many of the duplicates stood in the batch before.
    """

    applied: int = 0
    duplicate: int = 0
    stale: int = 0
    suppressed: int = 0
    deleted: int = 0
    new: int = 0
    repeated: int = 0

    @property
    def changed(self) -> int:
        """How many of the applied ones are newer versions of what was known, or bring it back."""
        return self.applied - self.new - self.deleted

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
class FoldReport:
    """What was taken from the journal, because the store did not hold it yet.

    Attributes
    ----------
    batches : int
        Batches that were taken.
    counts : Counts
        What became of their records.
    quarantined : int
        Records of them that were set aside, for this library takes them for none.
    renamed : int
        Sources that got another name.
    flaws : tuple of JournalFlaw
        Parts of the journal that gave no batch, each told once.
    postponed : str or None
        Why nothing was taken for now, though there may be something; a later fold takes it.
    """

    batches: int = 0
    counts: Counts = Counts()
    quarantined: int = 0
    renamed: int = 0
    flaws: tuple[JournalFlaw, ...] = ()
    postponed: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether all of the journal is in the store, and nothing is wrong with it."""
        return not self.flaws and not self.quarantined and self.postponed is None

    def __str__(self) -> str:
        lines = [self.postponed] if self.postponed else []
        if self.batches:
            records, new = self.counts.served, self.counts.applied
            lines += [f"Taken from the journal: {records:,} records, {new:,} of them new."]
        if self.quarantined:
            lines += [f"Set aside from the journal: {self.quarantined:,} records."]
        return "\n".join([*lines, *map(str, self.flaws)])
