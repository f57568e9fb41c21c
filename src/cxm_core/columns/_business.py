"""Open time between many pairs of instants, by one business calendar."""

from __future__ import annotations

from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.vocabulary import BusinessCalendar

from ._objects import locked
from ._values import moment

Micros = NDArray[np.int64]

_MICROSECOND = np.dtype("datetime64[us]")


def open_microseconds(
    calendar: BusinessCalendar | None, starts: NDArray[np.datetime64], ends: NDArray[np.datetime64]
) -> Micros:
    """Time between pairs of instants in which a calendar is open.

    Parameters
    ----------
    calendar : BusinessCalendar or None
        Hours, zone and holidays; None for the clock on the wall, which never stops.
    starts, ends : datetime64[us] arrays (rows,)
        Instants in UTC, none missing; no start after its end.

    Returns
    -------
    int64 array (rows,)
        Microseconds, the same that `BusinessCalendar.seconds_between` finds for each pair.

    Raises
    ------
    UsageError
        The calendar is none, a pair ends before it starts, or the instants lie more than 100 years
        apart.

    Notes
    -----
    The open time since one early moment is a line of steps and slopes; each instant is looked up
    on it once, so a pair costs two searches, whatever lies between.

    Examples
    --------
    >>> from datetime import time
    >>> desk = BusinessCalendar("Europe/Berlin", {day: [(time(9), time(17))] for day in range(5)})
    >>> friday = np.array(["2026-11-20T15:00"], "datetime64[us]")
    >>> monday = np.array(["2026-11-23T09:00"], "datetime64[us]")
    >>> open_microseconds(desk, friday, monday).tolist()
    [7200000000]
    """
    _check_calendar(calendar)
    begin, end = (part.astype(_MICROSECOND).astype(np.int64) for part in (starts, ends))
    backward = int((end < begin).sum())
    if backward:
        raise UsageError(f"{backward:,} stretches of time end before they start.")
    if calendar is None or not begin.size:
        return locked(end - begin)
    opened, closed = _open_times(calendar, int(begin.min()), int(end.max()))
    return locked(_since(end, opened, closed) - _since(begin, opened, closed))


def _check_calendar(calendar: object) -> None:
    if calendar is not None and not isinstance(calendar, BusinessCalendar):
        raise UsageError(
            f"calendar= is of the type {type(calendar).__name__}, and no calendar.",
            hint="BusinessCalendar(...), or of a program: program.calendars[0].business(zone)",
        )


def _open_times(calendar: BusinessCalendar, first: int, last: int) -> tuple[Micros, Micros]:
    start, end = (moment(np.datetime64(at, "us")).replace(tzinfo=UTC) for at in (first, last))
    pairs = calendar.open_times(start, end)
    walls = [[at.replace(tzinfo=None) for at in pair] for pair in pairs]
    table = np.array(walls, _MICROSECOND).reshape(-1, 2).astype(np.int64)
    return table[:, 0], table[:, 1]


def _since(at: Micros, opened: Micros, closed: Micros) -> Micros:
    """Open time from the first opening until each instant."""
    if not opened.size:
        return np.zeros(at.size, np.int64)
    lengths = closed - opened
    before = np.concatenate([[0], np.cumsum(lengths)])
    place = np.searchsorted(opened, at, side="right") - 1
    here = np.minimum(at - opened[place], lengths[place])
    return np.where(place < 0, 0, before[place] + here)
