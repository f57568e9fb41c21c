"""What to count, as plain values: columns run it on arrays, a store turns it into a query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean

from ._labels import Label, Level, Role

PERIODS = ("day", "week", "month", "quarter", "year")
STRATUM = "@stratum"
CLUSTER = "@cluster"
FIT = "@fit"


def _as_tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(items)


@frozen(kw_only=True)
class Axis:
    """One axis to group by: a column, or the period that a column of instants falls into.

    Parameters
    ----------
    name : str
        Name of the axis in the tally; must not begin with ``@``.
    column : str
        Column of the rows.
    period : {"day", "week", "month", "quarter", "year"} or None
        Group instants by this calendar period; labels are the period's, such as ``2026-W46``.
    zone : str or None
        IANA time zone of the calendar; needed with `period`, refused without.

    Raises
    ------
    UsageError
        The name is reserved, the period unknown, or `zone` does not go with `period`.
    """

    name: str
    column: str
    period: str | None = None
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.period is not None and self.period not in PERIODS:
            raise UsageError(
                f"The axis {self.name!r} has the unknown period {self.period!r}.",
                hint=did_you_mean(self.period, PERIODS),
            )
        if (self.period is None) != (self.zone is None):
            raise UsageError(
                f"The axis {self.name!r} has a period or a zone, but not both.",
                hint="a period needs the time zone of its calendar, as in zone='Europe/Berlin'",
            )


def _labels(values: Iterable[Label]) -> tuple[Label, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Filter:
    """Keep only rows whose `column` has one of `values`; None stands for a missing cell.

    Parameters
    ----------
    column : str
        Column of the rows.
    values : tuple of str, int, bool or None
        The values to keep; at least one.
    """

    column: str
    values: tuple[Label, ...] = field(converter=_as_tuple)

    def __attrs_post_init__(self) -> None:
        if not self.values:
            raise UsageError(
                f"The filter on {self.column!r} keeps no value.", hint="name at least one value"
            )


def _levels(levels: Iterable[Level]) -> tuple[Level, ...]:
    return tuple(levels)


def _filters(where: Iterable[Filter]) -> tuple[Filter, ...]:
    return tuple(where)


def _axes(by: Iterable[Axis]) -> tuple[Axis, ...]:
    return tuple(by)


@frozen(kw_only=True)
class TallySpec:
    """Which rows to count, on which levels, in which groups, with which weights and design.

    Parameters
    ----------
    kind : str
        Kind of record whose rows are counted.
    value : str
        Column of integer values; one of `levels` each, or missing.
    levels : tuple of int and str
        Every level of the tally, in its order: integers for `value`, words for `category`.
    category : str or None
        Column of words that are levels too, read where `value` is missing.
    where : tuple of Filter
        All of them must hold.
    by : tuple of Axis
        Groups.
    weight, stratum, cluster : str or None
        Columns of the weight and of the design that the rows were drawn by.

    Raises
    ------
    UsageError
        Two axes or two levels have one name, or words stand among the levels without `category`.
    """

    kind: str
    value: str
    levels: tuple[Level, ...] = field(converter=_as_tuple)
    category: str | None = None
    where: tuple[Filter, ...] = field(default=(), converter=_as_tuple)
    by: tuple[Axis, ...] = field(default=(), converter=_as_tuple)
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None

    def __attrs_post_init__(self) -> None:
        _refuse_repeated("level", self.levels)
        _refuse_repeated("axis", [axis.name for axis in self.by])
        for axis in self.by:
            if axis.name.startswith("@"):
                raise UsageError(
                    f"The axis name {axis.name!r} is reserved.",
                    hint="names with @ stand for the design; use another name",
                )
        if self.category is None and any(isinstance(level, str) for level in self.levels):
            raise UsageError(
                f"{sum(isinstance(level, str) for level in self.levels)} levels are words, "
                "but no category column is named.",
                hint="set category= to the column of these words",
            )

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Axes of the tally in order: the groups, then ``@stratum`` and ``@cluster``."""
        design = ((STRATUM, self.stratum), (CLUSTER, self.cluster))
        return (*self.by, *(Axis(name=name, column=c) for name, c in design if c is not None))

    @property
    def roles(self) -> tuple[Role, ...]:
        """Role of each of `axes`."""
        known: dict[str, Role] = {STRATUM: "stratum", CLUSTER: "cluster"}
        return tuple(known.get(axis.name, "by") for axis in self.axes)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the rows must have, each once, in the order of use."""
        named = (
            *(f.column for f in self.where),
            *(a.column for a in self.axes),
            *(name for name in (self.value, self.category, self.weight) if name is not None),
        )
        return tuple(dict.fromkeys(named))


def _refuse_repeated(what: str, names: Iterable[object]) -> None:
    known = list(names)
    twice = [name for name in dict.fromkeys(known) if known.count(name) > 1]
    if twice:
        raise UsageError(
            f"The {what} {twice[0]!r} stands there {known.count(twice[0])} times.",
            hint=f"give each {what} a name of its own",
        )
