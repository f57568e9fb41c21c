"""An event log as chains of activities: one a case, each in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import Chains, CodedAxis, Label, chains
from cxm_core.vocabulary import in_utc

from ._ingress import Frame, open_data, read_column
from ._log_table import LogTable, Promised
from ._objects import Column, locked
from ._values import instants, sorted_axis

Microseconds: TypeAlias = NDArray[np.int64]

CASE, CUSTOMER, AT, ACTIVITY, POSITION = "case", "customer", "occurred_at", "activity", "position"
_NOTE = "equal_stamps"
# Rows of one step.
_BLOCK = 1 << 18
# Numbers of cases that leave many out between them are numbered anew.
_SPREAD = 2


@frozen(kw_only=True)
class EventColumns:
    """Which columns of an event log are what; each a name, or a sequence with one value an event.

    Parameters
    ----------
    case : column name or sequence
        What holds events together.
    at : column name or sequence
        When each happened.
    activity : column name or sequence
        What happened.
    customer : column name, sequence or None
        Whose it was; a name that the table has not is taken for None.
    order : column name, sequence or None
        Numbers that decide between events of a case with the same time.
    by : column name, list of names, mapping of name to sequence, or None
        What else is wanted of each case: its value at the case's first event.
    zone : str
        Zone of times that bring none.
    until : datetime or None
        End of what is looked at: what happened from then on is not known yet; None for everything.
    """

    case: Any = CASE
    at: Any = AT
    activity: Any = ACTIVITY
    customer: Any = CUSTOMER
    order: Any = None
    by: Any = None
    zone: str = "UTC"
    until: datetime | None = None


def _none() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@frozen(kw_only=True, eq=False)
class EventLog:
    """Cases side by side, each with its activities in order.

    Parameters
    ----------
    chains : Chains
        Code of each event's activity, case after case.
    activities : tuple of labels
        The activities, sorted.
    cases : LogTable
        A row a case: `case`, `customer` where it is known, `started_at`, `ended_at`, and what was
        wanted of each by name.
    axes : tuple of str
        Names of what was wanted.
    until : int
        End of what was looked at, in microseconds since 1970; the last event if none was said.
    """

    chains: Chains
    activities: tuple[Label, ...]
    cases: LogTable
    axes: tuple[str, ...] = ()
    until: int = 0
    _columns: Mapping[str, Column] = field(factory=dict, repr=False)
    _stamps: Microseconds = field(factory=_none, converter=locked, repr=False)
    _rows: NDArray[np.integer[Any]] = field(factory=_none, repr=False)

    @cached_property
    def times(self) -> Microseconds:
        """Microseconds since 1970 of each event, in the order of the chains."""
        return locked(_picked(self._stamps, self._rows))

    def times_at(self, places: Any) -> Microseconds:
        """Microseconds since 1970 of some events, without a look at the others.

        Parameters
        ----------
        places : integer array or slice
            Places in the order of the chains.

        Returns
        -------
        int64 array
            One an event.
        """
        rows = self._rows[places]
        return _picked(self._stamps, rows.ravel()).reshape(rows.shape)

    @property
    def seal(self) -> int:
        """A number that changes with any stamp of the table that was read, and with their order."""
        return int(self._stamps.sum()) ^ int(np.dot(self._stamps[1:], self._stamps[:-1]))

    def column(self, name: str) -> Column:
        """What was read of each event, in the order of the chains.

        Parameters
        ----------
        name : str
            ``"case"``, ``"customer"``, ``"activity"`` or one of `axes`.

        Returns
        -------
        Column
            A value an event.

        Raises
        ------
        UsageError
            It was not read.
        """
        if name == CASE:
            number = np.repeat(np.arange(len(self.cases)), self.chains.lengths)
            return self.cases.column(CASE).taken(number)
        if name not in self._columns:
            raise UsageError(
                f"{name!r} was not read.", hint=did_you_mean(name, tuple(self._columns))
            )
        return self._columns[name].taken(self._rows)

    def at_column(self) -> Column:
        """When each event happened.

        Returns
        -------
        Column
            Instants in UTC, in the order of the chains.
        """
        return instant_column(self.times)

    @property
    def waits(self) -> Microseconds:
        """Time since the event before in the same case; nought for the first."""
        times = self.times
        waits = np.diff(times, prepend=times[:1])
        waits[self.chains.starts[:-1]] = 0
        return waits

    @property
    def clusters(self) -> str | None:
        """Column of the cases that ties them together, if there is one."""
        return CUSTOMER if CUSTOMER in self.cases.names else None

    def codes(
        self, wanted: Iterable[Label], what: str, *, is_needed: bool = True
    ) -> NDArray[np.int64]:
        """Codes of activities by name.

        Parameters
        ----------
        wanted : iterable of labels
            The activities.
        what : str
            What they are for, for errors.
        is_needed : bool
            Whether one of them at least has to occur.

        Returns
        -------
        int64 array
            One a name that occurs; a name that no event has is left out.

        Raises
        ------
        UsageError
            `is_needed`, and no event has any of them.
        """
        places = {label: place for place, label in enumerate(self.activities)}
        names = list(wanted)
        found = [places[name] for name in names if name in places]
        if not found and is_needed:
            raise UsageError(
                f"No event has an activity of {what}: {len(names)} were named, and there are "
                f"{len(places)} in the log.",
                # What a column holds may be anybody's words, so none of it is told.
                hint="cx.flow(events).columns lists them" if places else None,
            )
        return np.array(found, np.int64)


def read_events(events: object, columns: EventColumns) -> EventLog:
    """Event log of any table, each case in the order of time.

    Parameters
    ----------
    events : table
        One row an event: any frame, an Arrow stream, a mapping of columns, or a table that was made
        from a log.
    columns : EventColumns
        Which of its columns are what.

    Returns
    -------
    EventLog
        Of the events that have a case, a time and an activity; how many have not is in
        `cases.exclusions`.

    Raises
    ------
    UsageError
        A column is not there, lengths differ, or a time is none.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> events = {
    ...     "case": ["a", "a", "b"],
    ...     "activity": ["open", "close", "open"],
    ...     "occurred_at": [datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 8), datetime(2026, 1, 2)],
    ... }
    >>> log = read_events(events, EventColumns())
    >>> [log.activities[code] for code in log.chains.states], len(log.cases)
    (['close', 'open', 'open'], 2)
    """
    table = events if isinstance(events, LogTable) else None
    if table is not None and isinstance(table.columns, InOrder) and _is_plain(columns, table):
        log = _until(table.columns.unchanged(), columns.until)
        if log is not None:
            return _kept(table, log, columns)
    if columns.order is None and table is not None and POSITION in table.names:
        columns = evolve(columns, order=POSITION)
    opened = open_data(events, "the events")
    if isinstance(opened, Column):
        raise UsageError(
            "The events are one column, and a table is needed.",
            hint="a frame with a case, a time and an activity in each row",
        )
    return _read(_Wanted.of(opened, columns), table)


class InOrder(Promised):
    """Columns of events that were read and sorted before, with their log."""

    def __init__(self, makers: Mapping[str, Callable[[], Column]], log: EventLog) -> None:
        super().__init__(makers, log.chains.states.size)
        self.log, self._seal = log, log.seal

    def unchanged(self) -> EventLog:
        """The log, whose times still lie where they were read."""
        if self.log.seal != self._seal:
            raise UsageError(
                "The times of the events were changed in place after their cases were gathered.",
                hint="gather them again with cx.cases",
            )
        return self.log


def _is_plain(columns: EventColumns, table: LogTable) -> bool:
    """Whether nothing is asked but what the sorted log has."""
    asked = (columns.case, columns.at, columns.activity, columns.customer)
    if not all(isinstance(of, str) for of in asked) or asked != (CASE, AT, ACTIVITY, CUSTOMER):
        return False
    groups = _named(columns.by).values()
    is_known = all(isinstance(of, str) and of in table.names for of in groups)
    return is_known and columns.order is None


def _until(log: EventLog, until: datetime | None) -> EventLog | None:
    """The log to a moment; None if that cuts any of it off."""
    if until is None:
        return log
    end = _end(until)
    last = log.times_at(log.chains.starts[1:] - 1).max(initial=end - 1)
    return evolve(log, until=end) if last < end else None


def _kept(table: LogTable, log: EventLog, columns: EventColumns) -> EventLog:
    """The log of the table, with the groups that are wanted of its cases."""
    firsts = log.chains.starts[:-1]
    axes = {name: partial(_firsts, table, of, firsts) for name, of in _named(columns.by).items()}
    known = [name for name in log.cases.names if name not in log.axes]
    named = {name: partial(log.cases.column, name) for name in known}
    cases = LogTable(
        columns=Promised({**named, **axes}, len(log.cases)),
        steps=(*table.steps, ("events", len(table)), ("cases", len(log.cases))),
        exclusions=table.exclusions,
        parameters=table.parameters,
        notes=table.notes,
    )
    return evolve(log, cases=cases, axes=tuple(axes))


def _firsts(table: LogTable, name: str, firsts: NDArray[np.int64]) -> Column:
    """Values of a column at the first event of each case."""
    return table.column(name).taken(firsts)


@frozen(kw_only=True, eq=False)
class _Wanted:
    """The columns that are wanted, read and equally long."""

    case: Column
    at: NDArray[np.datetime64]
    activity: CodedAxis
    keep: NDArray[np.bool_] | None
    order: Column | None
    columns: Mapping[str, Column]
    axes: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    until: datetime | None

    @classmethod
    def of(cls, frame: Frame, given: EventColumns) -> _Wanted:
        customer: Any = given.customer
        if isinstance(customer, str) and customer not in frame.names:
            customer = None
        by = _named(given.by)
        needed = {"case": given.case, "at": given.at, "activity": given.activity}
        more = {"customer": customer, "order": given.order, **by}
        every = {**needed, **{name: of for name, of in more.items() if of is not None}}
        read = _columns(frame, every)
        stamps, is_timeless = instants(read["at"], given.zone, "at")
        absent = {
            "no case": read["case"].is_missing,
            "no time": is_timeless,
            "no activity": read["activity"].is_missing,
        }
        gone = {why: which for why, which in absent.items() if which.any()}
        if given.until is not None:
            is_late = stamps >= _moment(given.until)
            for which in gone.values():
                is_late &= ~which
            gone["after the end"] = is_late
        keep = ~np.logical_or.reduce([*gone.values()]) if gone else None
        return cls(
            case=read["case"],
            at=stamps,
            activity=sorted_axis(read["activity"], ACTIVITY),
            keep=keep,
            order=read.get("order"),
            columns={CASE: read["case"], ACTIVITY: read["activity"]}
            | {name: read[name] for name in (CUSTOMER, *by) if name in read},
            axes=tuple(by),
            reasons=tuple((why, int(of.sum())) for why, of in gone.items() if of.any()),
            until=given.until,
        )


def _moment(at: Any) -> np.datetime64:
    """Instant as NumPy has it; one without a zone is in UTC."""
    is_bare = isinstance(at, datetime) and at.utcoffset() is None
    aware: datetime = at.replace(tzinfo=UTC) if is_bare else at
    return np.datetime64(in_utc(aware).replace(tzinfo=None), "us")


def _end(until: datetime) -> int:
    """Microseconds since 1970."""
    return int(_moment(until).astype(np.int64))


def _named(by: Any) -> Mapping[str, Any]:
    if by is None:
        return {}
    if isinstance(by, Mapping):
        return {str(name): values for name, values in by.items()}
    names = (by,) if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    if not all(isinstance(name, str) for name in names):
        raise UsageError(
            "Groups of cases are named by columns of the events.",
            hint="by='channel', or by={'channel': [...]} with one value an event",
        )
    return {name: name for name in names}


def _columns(frame: Frame, given: Mapping[str, Any]) -> dict[str, Column]:
    names = {of: what for what, of in given.items() if isinstance(of, str)}
    chosen = frame.select(names)
    read = {
        what: chosen.column(of, what) if isinstance(of, str) else read_column(of, what)
        for what, of in given.items()
    }
    lengths = {what: len(column) for what, column in read.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{what} {n:,}" for what, n in lengths.items())
        raise UsageError(f"The columns of the events differ in length: {told}.")
    return read


def _numbered(column: Column) -> NDArray[np.integer[Any]]:
    """Number of each row's case, in the order of the cases' names."""
    if column.coded is not None:
        return np.asarray(column.coded.ranks[column.coded.codes])
    values = column.values
    if values.dtype.kind not in "iu" or not column.is_full or not values.size:
        return sorted_axis(column, CASE).codes
    low, high = int(values.min()), int(values.max())
    if high - low <= _SPREAD * values.size:  # no need to look at what lies between
        return values if low == 0 else values - values.dtype.type(low)
    return np.unique(values, return_inverse=True)[1]


def _read(wanted: _Wanted, table: LogTable | None) -> EventLog:
    cases = _numbered(wanted.case)
    stamps, order, keep = wanted.at.view(np.int64), wanted.order, wanted.keep
    places = slice(None) if keep is None or keep.all() else np.flatnonzero(keep)
    activities, codes = _met(wanted.activity, places)
    found = chains(
        codes,
        cases[places],
        times=stamps[places],
        order=None if order is None else sorted_axis(order, "order").codes[places],
        n_states=len(activities),
    )
    rows = found.rows
    if not isinstance(places, slice):
        rows = _picked(places.astype(rows.dtype), rows)
    log = EventLog(
        chains=found,
        activities=activities,
        cases=LogTable(columns={}),
        axes=wanted.axes,
        columns=wanted.columns,
        stamps=stamps,
        rows=rows,
    )
    last = int(log.times_at(found.starts[1:] - 1).max(initial=0))
    until = last if wanted.until is None else _end(wanted.until)
    return evolve(log, cases=_cases(log, wanted, rows, table), until=until)


def _picked(values: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Values of some rows, picked block by block: an index takes more memory than what it picks."""
    picked = np.empty(rows.size, values.dtype)
    for start in range(0, rows.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        # No row lies outside; looking for such would take half as long again.
        values.take(rows[part], out=picked[part], mode="clip")
    return picked


def _met(axis: CodedAxis, places: Any) -> tuple[tuple[Label, ...], NDArray[np.integer[Any]]]:
    """Activities that some of the rows have, and their codes."""
    codes = axis.codes[places]
    size = len(axis.labels)
    is_met = np.zeros(size, np.bool_)
    for start in range(0, codes.size, _BLOCK):
        is_met[codes[start : start + _BLOCK]] = True
        if is_met.all():
            return axis.labels, codes
    labels = tuple(axis.labels[code] for code in np.flatnonzero(is_met))
    return labels, _picked((np.cumsum(is_met) - 1).astype(codes.dtype), codes)


def _cases(log: EventLog, wanted: _Wanted, rows: NDArray[Any], table: LogTable | None) -> LogTable:
    """One row a case, with what is wanted of its first event."""
    found = log.chains
    makers: dict[str, Callable[[], Column]] = {
        name: partial(_of_first, column, rows, found)
        for name, column in wanted.columns.items()
        if name != ACTIVITY
    }
    makers["started_at"] = lambda: instant_column(log.times_at(found.starts[:-1]))
    makers["ended_at"] = lambda: instant_column(log.times_at(found.starts[1:] - 1))
    before = LogTable(columns={}) if table is None else table
    ties = found.ties if wanted.order is None else 0
    return LogTable(
        columns=Promised(makers, len(found)),
        steps=(*before.steps, ("events", len(wanted.at)), ("cases", len(found))),
        exclusions=(*before.exclusions, *wanted.reasons),
        parameters=before.parameters,
        notes=(*before.notes, *(((_NOTE, ties),) if ties else ())),
    )


def _of_first(column: Column, rows: NDArray[Any], found: Chains) -> Column:
    """Values at the first event of each case."""
    return column.taken(rows[found.starts[:-1]])


def instant_column(times: Microseconds) -> Column:
    """Column of instants in UTC.

    Parameters
    ----------
    times : int64 array
        Microseconds since 1970.

    Returns
    -------
    Column
        None of them is missing.
    """
    values = times.astype("datetime64[us]")
    return Column(values=values, is_missing=np.zeros(values.size, np.bool_), is_utc=True)
