"""What a column's values are taken for: numbers, labels of groups, or instants."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Label, Role
from cxm_core.vocabulary import Zone, in_utc, start_of_day, to_utc, zone_of

from ._objects import Column, Mask, is_number

# Labels that are numbered through take no more than a small part of the memory of their rows.
_WIDEST = 1 << 20
_HOUR = np.timedelta64(1, "h")
_TICK = np.timedelta64(1, "us")


def numbers(column: Column, what: str) -> tuple[NDArray[np.float64], Mask]:
    """Values as float64 with NaN where missing, and where that is."""
    kind = column.values.dtype.kind
    if kind in "iuf":
        values = column.values.astype(np.float64)
        values[column.is_missing] = np.nan
        return values, column.is_missing
    if kind == "O":
        _refuse_objects(column, what)
        return np.full(len(column), np.nan), column.is_missing
    is_truth = kind == "b"
    raise UsageError(
        f"The values of {what} are {'true or false' if is_truth else 'times'}, "
        "and numbers are needed.",
        hint="an answer is a number of a scale, such as 'thumbs' with 0 and 1"
        if is_truth
        else "choose the column of the numbers",
    )


def _refuse_objects(column: Column, what: str) -> None:
    """Say what stands among the numbers, without repeating it."""
    kinds = Counter(map(type, column.values[~column.is_missing]))
    wrong = {k.__name__: n for k, n in kinds.items() if not is_number(k)}
    if not wrong:
        return
    name, count = max(wrong.items(), key=lambda item: item[1])
    told = {"str": "text", "bool": "true or false"}.get(name, f"of the type {name}")
    raise UsageError(
        f"{count:,} of {len(column):,} values of {what} are {told}, and numbers are needed.",
        hint="turn them into numbers first; a word that means no answer goes into missing="
        if name == "str"
        else None,
    )


def coded_axis(column: Column, name: str, *, role: Role = "by") -> CodedAxis:
    """Distinct labels and their codes; rows without a label have the code -1."""
    numbered = _of_texts(column) or _numbered(column)
    if numbered is not None:
        told, found = numbered
        return CodedAxis(name=name, labels=told, codes=found, role=role)
    codes = np.full(len(column), -1, dtype=np.int64)
    known = ~column.is_missing
    values = column.values[known]
    if values.dtype.kind in "iub":
        distinct, codes[known] = np.unique(values, return_inverse=True)
        return CodedAxis(name=name, labels=tuple(distinct.tolist()), codes=codes, role=role)
    if values.dtype.kind == "f":
        values = _whole_if_all(values)
    zone = "+00:00" if column.is_utc else ""
    if values.dtype.kind == "M":
        moments, codes[known] = np.unique(values, return_inverse=True)
        shown = tuple(_label(value, zone) for value in moments.tolist())
        return CodedAxis(name=name, labels=shown, codes=codes, role=role)
    places: dict[tuple[type, Any], int] = {}
    plain = [_label(value, zone) for value in values.tolist()]
    codes[known] = [places.setdefault((type(v), v), len(places)) for v in plain]
    labels = tuple(label for _, label in places)
    return CodedAxis(name=name, labels=labels, codes=codes, role=role)


def sorted_axis(column: Column, name: str) -> CodedAxis:
    """Labels in an order of their own, so that the order of arrival decides nothing."""
    if column.coded is not None:
        told = column.coded.met()
        texts = tuple(told.texts.strings[told.texts.order()].tolist())
        return CodedAxis(name=name, labels=texts, codes=told.ranks[told.codes])
    axis = coded_axis(column, name)
    ranks = _in_order(axis.labels)
    if ranks == list(range(len(ranks))):
        return axis
    places = np.empty(len(ranks) + 1, np.int64)
    places[ranks], places[-1] = np.arange(len(ranks)), -1
    labels = tuple(axis.labels[place] for place in ranks)
    return CodedAxis(name=name, labels=labels, codes=places[axis.codes])


def _in_order(labels: tuple[Label, ...]) -> list[int]:
    """Places of the labels in order: booleans, whole numbers, texts."""
    if {str}.issuperset(map(type, labels)):  # texts need no key of their own
        texts = [str(label) for label in labels]
        return sorted(range(len(texts)), key=texts.__getitem__)
    keys = [(type(label).__name__, label) for label in labels]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _of_texts(column: Column) -> tuple[tuple[str, ...], NDArray[np.integer]] | None:
    """Texts that were told once each, or can be without a look at their types."""
    if column.coded is not None:
        told = column.coded.met()
        return tuple(told.texts.strings.tolist()), np.where(column.is_missing, -1, told.codes)
    if column.values.dtype != object:
        return None
    known = column.values[~column.is_missing].tolist()
    if set(map(type, known)) != {str}:
        return None
    places = {text: place for place, text in enumerate(dict.fromkeys(known))}
    codes = np.full(len(column), -1, np.int64)
    codes[~column.is_missing] = np.fromiter(map(places.__getitem__, known), np.int64, len(known))
    return tuple(places), codes


def _numbered(column: Column) -> tuple[tuple[int, ...], NDArray[np.integer]] | None:
    """Whole numbers that lie close together as their own codes; nothing needs to be sorted then.

    Labels between them that no row has leave the tally by themselves.
    """
    values = column.values
    if values.dtype.kind not in "iu" or not values.size or not column.is_full:
        return None
    widest = min(_WIDEST, max(values.size // 8, 16))
    # What is negative becomes a large number here, so one look finds both ends.
    high = int(values.view(values.dtype.str.replace("i", "u")).max())
    if high < widest:
        return tuple(range(high + 1)), values
    low, high = int(values.min()), int(values.max())
    if high - low >= widest:
        return None
    return tuple(range(low, high + 1)), (values - values.dtype.type(low)).astype(np.int64)


def _whole_if_all(values: NDArray[np.float64]) -> NDArray[Any]:
    """Whole numbers that a library turned into floats because one was missing."""
    large = int((np.isfinite(values) & (np.abs(values) >= 2**53)).sum())
    if large:
        raise UsageError(
            f"{large:,} labels are fractions of 16 digits or more, which cannot be told apart.",
            hint="read the column as text or as whole numbers",
        )
    if np.all(values == np.floor(values)) and np.isfinite(values).all():
        return values.astype(np.int64)
    return values + 0.0  # the zero that is negative is the same label


def _label(value: Any, zone: str = "") -> Label:
    """Plain label; an instant in UTC, whose `zone` is said if the value has none."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime):
        is_wall = value.utcoffset() is None
        return value.isoformat() + zone if is_wall else in_utc(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    label: Label = value.item() if isinstance(value, np.generic) else value
    return label


def instants(column: Column, zone: Zone, what: str) -> tuple[NDArray[np.datetime64], Mask]:
    """Instants in UTC as datetime64; wall-clock times and days are those of `zone`."""
    zone_of(zone)
    if column.values.dtype.kind == "M":
        if column.is_utc or zone == "UTC":
            return _in_calendar(column), column.is_missing
        return _walls_to_utc(column.values, column.is_missing, zone), column.is_missing
    values = np.full(len(column), "NaT", dtype="datetime64[us]")
    for row in np.flatnonzero(~column.is_missing):
        values[row] = _instant(column.values[row], zone, what)
    return values, column.is_missing


def _in_calendar(column: Column) -> NDArray[np.datetime64]:
    """Times of the column, none of which lies beyond the calendar."""
    known = column.values if column.is_full else column.values[~column.is_missing]
    if known.size:  # whole numbers are looked through several times as quickly as times
        stamps = known.view(np.int64)
        for at in (stamps.min(), stamps.max()):
            moment(at.view(known.dtype))
    return column.values


def _instant(value: object, zone: Zone, what: str) -> np.datetime64:
    if isinstance(value, datetime):
        at = to_utc(value, zone) if value.utcoffset() is None else in_utc(value)
    elif isinstance(value, date):
        at = start_of_day(value, zone)
    else:
        raise UsageError(
            f"The values of {what} are of the type {type(value).__name__}, and times are needed.",
            hint="read them as times first, with their format and zone",
        )
    return np.datetime64(at.replace(tzinfo=None), "us")


def _walls_to_utc(
    walls: NDArray[np.datetime64], is_missing: Mask, zone: Zone
) -> NDArray[np.datetime64]:
    """Instants of wall-clock times: one offset an hour, unless the clocks change within it."""
    result = np.full(len(walls), "NaT", dtype="datetime64[us]")
    known = np.flatnonzero(~is_missing)
    hours, places = np.unique(walls[known].astype("datetime64[h]"), return_inverse=True)
    starts = hours.astype("datetime64[us]")
    first = np.array([_offset(wall, zone) for wall in starts], dtype="timedelta64[us]")
    last = np.array([_offset(wall + _HOUR - _TICK, zone) for wall in starts], "timedelta64[us]")
    result[known] = walls[known] + first[places]
    for row in known[(first != last)[places]]:
        result[row] = walls[row] + _offset(walls[row], zone)
    return result


def _offset(wall: np.datetime64, zone: Zone) -> np.timedelta64:
    """What has to be added to a wall-clock time for UTC."""
    local = moment(wall)
    return np.timedelta64(to_utc(local, zone).replace(tzinfo=None) - local, "us")


def moment(at: np.datetime64) -> datetime:
    """`at` as a datetime without a zone."""
    value = at.astype("datetime64[us]").item()
    if not isinstance(value, datetime):
        raise UsageError("A time is outside the years 1 to 9999.")
    return value


def checked_weights(
    weights: NDArray[np.float64], is_missing: NDArray[np.bool_], is_answer: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Weights that every answer has, none of them negative or endless."""
    absent = int((is_missing & is_answer).sum())
    if absent:
        raise UsageError(
            f"{absent:,} of {int(is_answer.sum()):,} answers have no weight.",
            hint="give them one, or leave these rows out of the data",
        )
    with np.errstate(invalid="ignore"):
        wrong = int((is_answer & ~((weights >= 0) & np.isfinite(weights))).sum())
    if wrong:
        raise UsageError(
            f"{wrong:,} of {int(is_answer.sum()):,} answers have a weight that is negative or "
            "endless.",
            hint="weights are numbers from 0 up",
        )
    return np.where(is_answer, weights, 0.0)
