"""How callers say which answers they mean, in the words of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.records import FieldDescription, describe, record_class
from cxm_core.stats import PERIODS, Axis, Filter, Label

__all__ = [
    "Where",
    "axes_of",
    "filters_of",
    "guesses_of",
    "instant_of",
    "names_of",
]

Where: TypeAlias = Mapping[str, Label | Sequence[Label]]

_ATTRIBUTES = "attributes."
_AN_INSTANT = "2026-11-21T20:00:00+00:00"


def names_of(names: str | Iterable[str] | None) -> list[str]:
    """Names that a caller gave: one alone, several, or none."""
    found: list[Any] = [names] if isinstance(names, str) else list(names or ())
    strange = [type(one).__name__ for one in found if not isinstance(one, str)]
    if strange:
        raise UsageError(f"A {strange[0]} among the names is no text.", hint="['a', 'b']")
    return found


def axes_of(by: str | Sequence[str] | None, every: str | None, zone: str) -> tuple[Axis, ...]:
    """Axes to group by: columns or attributes, and a calendar period of the time of answer."""
    axes = [Axis(name=name.removeprefix(_ATTRIBUTES), column=_path(name)) for name in names_of(by)]
    if every is not None:
        if every not in PERIODS:
            raise UsageError(f"There is no period {every!r}.", hint=did_you_mean(every, PERIODS))
        axes.append(Axis(name=every, column="occurred_at", period=every, zone=zone))
    return tuple(axes)


def filters_of(where: Where | None) -> tuple[Filter, ...]:
    """Filters of a mapping from column or attribute to one value or several."""
    return tuple(
        Filter(column=_path(name), values=_values(name, wanted))
        for name, wanted in (where or {}).items()
    )


def guesses_of(names: Iterable[str]) -> tuple[str, ...]:
    """Words that are no column and do not say that they are attributes."""
    return tuple(dict.fromkeys(name for name in names if _path(name) != name))


def _values(name: str, wanted: Label | Sequence[Label]) -> tuple[Label, ...]:
    is_several = isinstance(wanted, Sequence | set | frozenset) and not isinstance(wanted, str)
    values = tuple(wanted) if is_several else (wanted,)  # type: ignore[arg-type]  # several here
    for value in values:
        _check_value(name, value)
    return values  # type: ignore[return-value]  # each was looked at


def _check_value(name: str, value: object) -> None:
    if not isinstance(value, str | int | None):
        raise UsageError(
            f"The filter on {name!r} has a value of the type {type(value).__name__}.",
            hint="texts, whole numbers, truth values, or None for a missing one",
        )
    column = _column(name)
    if column and column.levels and value is not None and value not in column.levels:
        raise UsageError(
            f"There is no {name} {value!r}.", hint=did_you_mean(str(value), column.levels)
        )


def _column(name: str) -> FieldDescription | None:
    """Column of a response that `name` is; None if it can only be an attribute."""
    return describe(record_class("response")).field(name)


def _path(name: str) -> str:
    # A word that is no column of a response can only be one of its attributes.
    is_known = _column(name) is not None or name.startswith(_ATTRIBUTES)
    return name if is_known else _ATTRIBUTES + name


def instant_of(as_of: datetime | str | None) -> datetime | None:
    """Instant that `as_of=` means; an ISO text needs its offset."""
    if as_of is None:
        return None
    at = _read(as_of) if isinstance(as_of, str) else as_of
    if not isinstance(at, datetime):
        raise UsageError(f"as_of is a {type(at).__name__}, no instant.", hint=_AN_INSTANT)
    if at.utcoffset() is None:
        raise UsageError("as_of has no time zone.", hint=_AN_INSTANT)
    return at


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("as_of is no instant.", hint=_AN_INSTANT) from None
