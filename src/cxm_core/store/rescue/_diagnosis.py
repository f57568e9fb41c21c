"""Looking at a store without changing anything: what is damaged, and what that would cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from cxm_core.errors import StoreDamaged, StoreError, UsageError
from cxm_core.store._address import is_memory
from cxm_core.store._driver import Limits, check_magic, connect_file, translated
from cxm_core.store._mark import mark_of, read_mark
from cxm_core.store._migrations import is_older
from cxm_core.store._recovery import log_path, logs_aside, place_of
from cxm_core.store._session import is_open_here
from cxm_core.store._stand import StreamStand
from cxm_core.store._stock import lost_between, stands
from cxm_core.store.journal import Marks, journal_flaws, marks_of, torn_ends, waiting_records

from ._bare import bare, reading
from ._table_stand import TableStand, table_stands

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@frozen(kw_only=True)
class Diagnosis:
    """What a look at a store has shown; nothing was changed by it.

    Attributes
    ----------
    name : str
        Name of the store's file.
    is_there : bool
        Whether there is a file at all.
    problems : tuple of str
        What is wrong, part by part; empty where nothing is.
    costs : tuple of str
        What goes back, what is pulled again, and what only the journal has, once it is mended.
    cures : tuple of str
        What to do about it.
    tables : tuple of TableStand
        Tables that hold something, and how many of their rows can be read.
    streams : tuple of StreamStand
        Where each stream stands in the file as it would open.
    lost_transactions : int or None
        Transactions that were kept once and would be gone; None if that cannot be known.

    Examples
    --------
    >>> print(Diagnosis(name="cxm.duckdb", is_there=False))
    There is no store 'cxm.duckdb' yet.
    """

    name: str
    is_there: bool = True
    problems: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    cures: tuple[str, ...] = ()
    tables: tuple[TableStand, ...] = ()
    streams: tuple[StreamStand, ...] = ()
    lost_transactions: int | None = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def __str__(self) -> str:
        if self.is_sound and not self.is_there:
            return "\n".join([f"There is no store {self.name!r} yet.", *self.costs])
        rows = sum(table.readable for table in self.tables)
        first = f"The store {self.name!r} is sound: {rows:,} rows in {len(self.tables)} tables."
        lines = [first] if self.is_sound else [f"The store {self.name!r} is not as it should be."]
        damaged = [str(table) for table in self.tables if not table.is_whole]
        titled = (("Wrong", self.problems), ("Cost", (*damaged, *self.costs)), ("Cure", self.cures))
        lines += [f"{title}: {line}" for title, several in titled for line in several]
        return "\n".join(lines)


def diagnose(url: str | Path) -> Diagnosis:
    """Say what is wrong with a store, and what it would cost, without changing anything.

    Parameters
    ----------
    url : str or pathlib.Path
        Path of the store's file, which need not be there.

    Returns
    -------
    Diagnosis
        What is damaged: the file, its log, the journal; what that would cost, and the cure.

    Raises
    ------
    UsageError
        The store is open in this process, or is one in memory.
    StoreError
        The path cannot be a store.
    MissingExtraError
        The extra `duckdb` is not installed.

    Notes
    -----
    All of the file is read, so that no damaged block stays hidden; that takes as long as reading a
    file of this size. A log that cannot be read stays where it is: the file is then looked at by a
    second name in a folder of its own, which is gone afterwards.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "cxm.duckdb")
    ...     _ = path.write_bytes(b"no store any more")
    ...     diagnose(path).is_sound
    False
    """
    if is_memory(url):
        raise UsageError("A store in memory is gone with its process.", hint="name a file")
    place = place_of(Path(url))
    if is_open_here(place):
        # Whoever closes a file lets go of every lock that his process has on it.
        raise UsageError(
            f"The store {place.name!r} is open in this process.", hint="close it first"
        )
    found = Diagnosis(name=place.name, is_there=place.exists())
    found = _of_file(place, found) if found.is_there else _of_nothing(place, found)
    return _of_remains(place, found)


def _of_nothing(place: Path, found: Diagnosis) -> Diagnosis:
    waiting = tuple(_waiting(waiting_records(place, {})))
    if not log_path(place).exists():
        return evolve(found, costs=waiting)
    useless = "The log is useless without its file; it is set aside when a new file is made."
    return evolve(
        found,
        problems=("The file is missing, though its log is there.",),
        costs=(useless, *waiting),
        cures=("put the file back; or sync, which makes a new one",),
    )


def _of_file(place: Path, found: Diagnosis) -> Diagnosis:
    try:
        check_magic(place)
        con = connect_file(place, Limits(), read_only=True)
    except StoreDamaged as error:
        if error.context.get("part") == "log":
            return _without_log(place, found)
        return _plus(found, error)
    except StoreError as error:
        return _plus(found, error)
    with reading(con, place.name):
        return _of_content(place, con, found)


def _plus(found: Diagnosis, error: StoreError) -> Diagnosis:
    """What an error says, as problem and cure."""
    cures = (*found.cures, error.hint) if error.hint else found.cures
    return evolve(found, problems=(*found.problems, error.message), cures=cures)


def _without_log(place: Path, found: Diagnosis) -> Diagnosis:
    """The file as it would open: without the log that cannot be read."""
    size = log_path(place).stat().st_size
    without = evolve(
        found,
        problems=(f"The log beside the store ({size:,} bytes) cannot be read.",),
        cures=("open the store, as any sync does: the log is set aside; then sync",),
        lost_transactions=None,
    )
    try:
        with bare(place) as con:
            return _of_content(place, con, without)
    except StoreError as error:
        # Nobody can say of such a file whether its log is whole.
        return _plus(found, error)


def _of_content(place: Path, con: DuckDBPyConnection, found: Diagnosis) -> Diagnosis:
    try:
        with translated(place.name):
            tables = tuple(table_stands(con, place.name))
            found = _with_tables(evolve(found, tables=tables))
            # A store of an older library knows of no journal.
            known: Marks = {} if is_older(con) else marks_of(con)
            found = _with_streams(place, con, found, known)
    except StoreError as error:
        return _plus(found, error)
    return _with_journal(found, *torn_ends(place, known))


def _with_streams(
    place: Path, con: DuckDBPyConnection, found: Diagnosis, known: Marks
) -> Diagnosis:
    is_unsure = found.lost_transactions is None
    lost = lost_between(read_mark(place), mark_of(con), is_unsure=is_unsure)
    found = evolve(found, lost_transactions=lost, streams=stands(con))
    costs = _costs(found, lost, waiting_records(place, known))
    return _with_lost(evolve(found, costs=(*found.costs, *costs)), lost)


def _with_lost(found: Diagnosis, lost: int | None) -> Diagnosis:
    if not lost or found.problems:
        return found
    return evolve(
        found,
        problems=(f"Transactions that it lacks: {lost:,}. Its log was cut, or it is an old copy.",),
        cures=("sync, which pulls them again",),
    )


def _with_tables(found: Diagnosis) -> Diagnosis:
    damaged = [table.name for table in found.tables if not table.is_whole]
    if not damaged:
        return found
    problem = f"The file has blocks that cannot be read, in {', '.join(damaged)}."
    cost = "A rebuild keeps what can be read and what the journal has; every source is pulled anew."
    return evolve(
        found,
        problems=(*found.problems, problem),
        costs=(*found.costs, cost),
        cures=(*found.cures, "put back a copy of the file, or: cxm store rebuild"),
    )


def _costs(found: Diagnosis, lost: int | None, waiting: int) -> Iterator[str]:
    if lost:
        yield f"Transactions that go back: {lost:,}. The next sync pulls them again."
    elif lost is None:
        yield "What the log held goes back; the next sync pulls it again."
    if lost != 0:
        yield from map(str, found.streams)
    yield from _waiting(waiting)


def _waiting(records: int) -> Iterator[str]:
    if records:
        yield f"Records in the journal alone: {records:,}. The store takes them when it opens."


def _with_journal(found: Diagnosis, *problems: str) -> Diagnosis:
    if not problems:
        return found
    cure = "back up the file of the store: it may hold what the journal has lost"
    return evolve(found, problems=(*found.problems, *problems), cures=(*found.cures, cure))


def _of_remains(place: Path, found: Diagnosis) -> Diagnosis:
    """What lies beside the file: the journal's flaws, and logs that were set aside before."""
    found = _with_journal(found, *journal_flaws(place))
    aside = logs_aside(place)
    costs = [f"Set aside at an earlier opening, for you to keep or remove: {one}." for one in aside]
    return evolve(found, costs=(*found.costs, *costs))
