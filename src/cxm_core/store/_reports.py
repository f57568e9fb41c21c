"""What the store's upkeep has found and done, in a form that a person and a machine can read."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Compaction:
    """What writing the store anew has saved.

    Attributes
    ----------
    bytes_before, bytes_after : int
        Size of the file.
    journal_before, journal_after : int
        Size of the journal.
    set_aside : tuple of str
        Names of damaged files beside the store, which may hold what was deleted; they are kept
        until you remove them.
    """

    bytes_before: int = 0
    bytes_after: int = 0
    journal_before: int = 0
    journal_after: int = 0
    set_aside: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"The store has {self.bytes_after:,} bytes, and had {self.bytes_before:,}."]
        if self.journal_before:
            lines += [
                f"The journal has {self.journal_after:,} bytes, and had {self.journal_before:,}."
            ]
        lines += [f"Kept beside it, and not written anew: {name}." for name in self.set_aside]
        return "\n".join(lines)


@frozen(kw_only=True)
class Finding:
    """One thing that is wrong with a store.

    Attributes
    ----------
    part : str
        Where, such as `table response` or `journal`.
    problem : str
        What, with counts; never a customer's words.
    cure : str
        What to do about it.
    is_damage : bool
        Whether something is lost or untrue; otherwise it is only worth knowing.
    """

    part: str
    problem: str
    cure: str
    is_damage: bool = True

    def __str__(self) -> str:
        return f"{self.part}: {self.problem} Cure: {self.cure}."


@frozen(kw_only=True)
class Verification:
    """What reading the whole store has shown.

    Attributes
    ----------
    tables, rows : int
        How many were read.
    batches : int
        Whole batches of the journal.
    findings : tuple of Finding
        What is wrong, or odd.
    """

    tables: int = 0
    rows: int = 0
    batches: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is lost or untrue."""
        return not any(finding.is_damage for finding in self.findings)

    def __str__(self) -> str:
        read = f"Read {self.rows:,} rows of {self.tables} tables"
        read += f", and {self.batches:,} batches of the journal." if self.batches else "."
        verdict = "The store is sound." if self.is_sound else "The store is damaged."
        return "\n".join([read, *map(str, self.findings), verdict])


@frozen(kw_only=True)
class Expired:
    """What is older than its limit, of one kind of record.

    Attributes
    ----------
    kind : str
        Kind of record.
    before : datetime
        What happened before this instant is too old.
    current, history, tombstones, quarantined : int
        Records, earlier versions of records, marks of deleted ones, and rows that were set aside.
    """

    kind: str
    before: datetime
    current: int = 0
    history: int = 0
    tombstones: int = 0
    quarantined: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.current + self.history + self.tombstones + self.quarantined

    def __str__(self) -> str:
        counts = f"{self.current:,} records, {self.history:,} earlier versions, "
        counts += f"{self.tombstones:,} marks of deleted ones, {self.quarantined:,} set aside"
        return f"{self.kind}, before {self.before:%Y-%m-%d}: {counts}."


@frozen(kw_only=True)
class RetentionReport:
    """What was too old to be kept.

    Attributes
    ----------
    now : datetime
        From when the limits were counted back.
    clock : datetime
        What the clock said.
    expired : tuple of Expired
        One for each kind with a limit.
    is_dry_run : bool
        Whether everything was only counted.
    """

    now: datetime
    clock: datetime
    expired: tuple[Expired, ...] = ()
    is_dry_run: bool = False

    @property
    def rows(self) -> int:
        """All that was too old."""
        return sum(one.rows for one in self.expired)

    @property
    def is_clock_doubted(self) -> bool:
        """Whether the clock was not believed, because nothing agrees with it yet."""
        return self.now != self.clock

    def __str__(self) -> str:
        done = "would be deleted" if self.is_dry_run else "deleted"
        lines = [f"{one} {done.capitalize()}." for one in self.expired if one.rows]
        if self.is_clock_doubted:
            said, used = f"{self.clock:%Y-%m-%d}", f"{self.now:%Y-%m-%d}"
            lines += [f"Only this run says that it is {said}; limits count from {used}."]
        lines += [f"{self.rows:,} rows {done}."]
        if self.rows and not self.is_dry_run:
            lines += ["Their bytes are gone after: cxm store compact"]
        return "\n".join(lines)
