"""Labels of calendar periods, for `by=`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.vocabulary import PeriodUnit, Zone, period_of

from ._ingress import read_column
from ._objects import Column
from ._values import instants, moment

_DAY = np.timedelta64(1, "D")


def period_column(
    column: Column, unit: PeriodUnit, zone: Zone, *, what: str = "the times"
) -> Column:
    """Label of the period of each instant; missing stays missing."""
    at, is_missing = instants(column, zone, what)
    labels = np.full(len(at), None, dtype=object)
    labels[~is_missing] = _labels(at[~is_missing], unit, zone)
    return Column(values=labels, is_missing=is_missing, name=column.name)


def _labels(at: NDArray[np.datetime64], unit: PeriodUnit, zone: Zone) -> NDArray[Any]:
    starts: dict[datetime, str] = {}
    for day in np.unique(at.astype("datetime64[D]")):
        now = _aware(day)
        end = _aware(day + _DAY)
        # One day in UTC lies in one or two local periods; more where clocks jump.
        while now < end:
            period = period_of(now, unit, zone=zone)
            starts[period.start] = period.label
            now = period.end
    ordered = sorted(starts)
    edges = np.array([start.replace(tzinfo=None) for start in ordered], dtype="datetime64[us]")
    places = np.searchsorted(edges, at, side="right") - 1
    return np.array([starts[start] for start in ordered], dtype=object)[places]


def _aware(day: np.datetime64) -> datetime:
    return moment(day).replace(tzinfo=UTC)


def _read(at: object, unit: PeriodUnit, tz: Zone) -> NDArray[Any]:
    labels = period_column(read_column(at, "the times"), unit, tz).values
    labels.flags.writeable = False
    return labels


def day(at: object, *, tz: Zone) -> NDArray[Any]:
    """Calendar day of each instant, such as ``2026-11-21``, for `by=`.

    Parameters
    ----------
    at : sequence of datetime or date
        List, array or Series; times without a zone are wall-clock times of `tz`.
    tz : str or tzinfo
        IANA name of the time zone whose days are meant.

    Returns
    -------
    array of str
        Read-only; None where `at` is missing.

    Raises
    ------
    UsageError
        There is no such zone, or the values are no times.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime
    >>> cx.day([datetime(2026, 11, 20, 23, 30, tzinfo=UTC), None], tz="Europe/Berlin").tolist()
    ['2026-11-21', None]
    """
    return _read(at, "day", tz)


def week(at: object, *, tz: Zone) -> NDArray[Any]:
    """ISO week of each instant, such as ``2026-W46``, for `by=`.

    Parameters
    ----------
    at : sequence of datetime or date
        List, array or Series; times without a zone are wall-clock times of `tz`.
    tz : str or tzinfo
        IANA name of the time zone whose weeks are meant; they begin on Monday.

    Returns
    -------
    array of str
        Read-only; None where `at` is missing.

    Raises
    ------
    UsageError
        There is no such zone, or the values are no times.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import date
    >>> cx.week([date(2026, 11, 15), date(2026, 11, 16)], tz="Europe/Berlin").tolist()
    ['2026-W46', '2026-W47']
    """
    return _read(at, "week", tz)


def month(at: object, *, tz: Zone) -> NDArray[Any]:
    """Calendar month of each instant, such as ``2026-11``, for `by=`.

    Parameters
    ----------
    at : sequence of datetime or date
        List, array or Series; times without a zone are wall-clock times of `tz`.
    tz : str or tzinfo
        IANA name of the time zone whose months are meant.

    Returns
    -------
    array of str
        Read-only; None where `at` is missing.

    Raises
    ------
    UsageError
        There is no such zone, or the values are no times.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime
    >>> cx.month([datetime(2026, 10, 31, 23, 30, tzinfo=UTC)], tz="Europe/Berlin").tolist()
    ['2026-11']
    """
    return _read(at, "month", tz)


def quarter(at: object, *, tz: Zone) -> NDArray[Any]:
    """Quarter of each instant, such as ``2026-Q4``, for `by=`.

    Parameters
    ----------
    at : sequence of datetime or date
        List, array or Series; times without a zone are wall-clock times of `tz`.
    tz : str or tzinfo
        IANA name of the time zone whose quarters are meant.

    Returns
    -------
    array of str
        Read-only; None where `at` is missing.

    Raises
    ------
    UsageError
        There is no such zone, or the values are no times.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import date
    >>> cx.quarter([date(2026, 9, 30), date(2026, 10, 1)], tz="UTC").tolist()
    ['2026-Q3', '2026-Q4']
    """
    return _read(at, "quarter", tz)
