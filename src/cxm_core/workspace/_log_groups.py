"""By what the rows of a log are grouped and selected: columns, attributes, and calendar periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable, day, month, quarter, week
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats import PERIODS, Axis, Filter, Label

from ._inquiry import Where
from ._logs import KINDS, has_column, rows_of

__all__ = ["Groups", "path_of", "refuse_unseen"]

_ATTRIBUTES = "attributes."
_LABELLED: Mapping[str, Callable[..., NDArray[Any]]] = {
    "day": day,
    "week": week,
    "month": month,
    "quarter": quarter,
}
# Columns that are worth grouping by, to be named in a hint.
_USUAL = ("channel", "reason", "priority", "team", "journey", "stage", "touchpoint")


@frozen(kw_only=True)
class Groups:
    """Groups and selection of one number, in the words of one log.

    Parameters
    ----------
    by : mapping of str to str
        Name of each group, and its column or attribute.
    where : tuple of Filter
        Columns or attributes, and the values that are wanted.
    every : str or None
        Calendar period to group by, too.
    zone : str
        Zone in which it begins.
    is_strict : bool
        Whether an attribute that no row has is refused.
    """

    by: Mapping[str, str]
    where: tuple[Filter, ...]
    every: str | None
    zone: str
    is_strict: bool = True

    @classmethod
    def of(
        cls,
        topic: str,
        by: Iterable[str] = (),
        *,
        zone: str,
        where: Where | None = None,
        every: str | None = None,
        is_strict: bool = True,
    ) -> Groups:
        """Groups and selection that a caller asks for."""
        if every is not None and every not in PERIODS:
            raise UsageError(f"There is no period {every!r}.", hint=did_you_mean(every, PERIODS))
        return cls(
            by={name.removeprefix(_ATTRIBUTES): path_of(topic, name) for name in by},
            where=tuple(
                Filter(column=path_of(topic, name), values=_values(wanted))
                for name, wanted in (where or {}).items()
            ),
            every=every,
            zone=zone,
            is_strict=is_strict,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns and attributes that are needed of each row."""
        return tuple(dict.fromkeys((*self.by.values(), *(one.column for one in self.where))))

    @property
    def names(self) -> list[str]:
        """Names of the groups, for an engine's `by`."""
        return [*self.by, *([self.every] if self.every else [])]

    @property
    def key(self) -> object:
        """What tells these groups from others."""
        return (*self.by.items(), *self.where, self.every)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Axes of the groups."""
        plain = [Axis(name=name, column=path) for name, path in self.by.items()]
        if self.every is None:
            return tuple(plain)
        period = Axis(name=self.every, column="occurred_at", period=self.every, zone=self.zone)
        return (*plain, period)

    def keeps(self, facts: LogTable) -> NDArray[np.bool_]:
        """Rows that are selected."""
        keep = np.ones(len(facts), np.bool_)
        for one in self.where:
            wanted = {_told(value) for value in one.values}
            told = map(_told, _plain(facts.column(one.column)))
            keep &= np.fromiter((value in wanted for value in told), bool, len(facts))
        return keep

    def labelled(self, table: LogTable, facts: LogTable, at: Column) -> LogTable:
        """The table with a column for each group, of the facts and the time of each row."""
        self._check(facts)
        groups = {name: facts.column(path) for name, path in self.by.items()}
        if self.every is not None:
            groups[self.every] = _periods(at, self.every, self.zone)
        return evolve(table, columns={**table.columns, **groups})

    def selected(self, facts: LogTable) -> LogTable:
        """The rows that are selected."""
        self._check(facts)
        return rows_of(facts, self.keeps(facts)) if self.where else facts

    def _check(self, facts: LogTable) -> None:
        if self.is_strict:
            refuse_unseen(facts, self.columns)


def refuse_unseen(facts: LogTable, columns: Iterable[str]) -> None:
    """Refuse an attribute that no row has: it is more likely misspelt than rare."""
    for column in columns if len(facts) else ():
        name = column.removeprefix(_ATTRIBUTES)
        if name != column and facts.column(column).is_missing.all():
            raise UsageError(
                f"{name!r} is no column there, and none of {len(facts):,} rows has an "
                "attribute of that name.",
                hint=did_you_mean(name, _USUAL),
            )


def path_of(topic: str, name: str) -> str:
    """Column of a log's records that a word means, or the attribute of that name."""
    # A word that is no column of any of the log's records can only be an attribute.
    is_known = any(has_column(kind, name) for kind in KINDS[topic])
    return name if is_known else _ATTRIBUTES + name


def _values(wanted: Label | Sequence[Label]) -> tuple[Label, ...]:
    is_several = isinstance(wanted, Sequence | set | frozenset) and not isinstance(wanted, str)
    return tuple(wanted) if is_several else (wanted,)  # type: ignore[arg-type,return-value]  # several here


def _plain(column: Column) -> list[Any]:
    """Values, with None where there is none."""
    pairs = zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
    return [None if gone else value for value, gone in pairs]


def _told(value: object) -> object:
    """A value as attributes tell it, so that 3 is '3' and True is 'true'."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def _periods(at: Column, every: str, zone: str) -> Column:
    unit = "quarter" if every == "year" else every
    labels = _LABELLED[unit](at, tz=zone).copy()
    if every == "year":
        labels[~at.is_missing] = [label[:4] for label in labels[~at.is_missing]]
    return Column(values=labels, is_missing=at.is_missing)
