"""From values to the levels of a scale: missing codes out, nothing off the scale let through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

from ._objects import Column, Mask, settled
from ._values import numbers

#: Reason word of a missing code whose answers are counted on, as a level of their own.
NOT_APPLICABLE = "not_applicable"

Code = int | float | str
Counts = NDArray[np.int64]
Missing = Mapping[Code, str] | Iterable[Code] | Code

# Operands of one step stay in the processor's cache.
BLOCK = 1 << 18
_MOST_LEVELS = 127
_MOST_NAMED = 5
_MOST_DISTINCT = 12
# A longer number may be somebody's: an account, a telephone.
_LARGEST_CODE = 100_000


@frozen
class Codes:
    """Codes that mean no answer, with the reason that each stands for."""

    reasons: Mapping[Code, str]

    @classmethod
    def of(cls, missing: Missing) -> Codes:
        if isinstance(missing, Mapping):
            return cls(dict(missing))
        one = isinstance(missing, str) or not isinstance(missing, Iterable)
        codes: list[Any] = [missing] if one else list(cast("Iterable[Any]", missing))
        return cls({code: f"code {code}" for code in codes})

    @property
    def words(self) -> tuple[str, ...]:
        return (NOT_APPLICABLE,) if NOT_APPLICABLE in self.reasons.values() else ()


def coded(
    column: Column, scale: Scale, codes: Codes, n: Counts | None = None
) -> tuple[NDArray[np.integer], tuple[tuple[str, int], ...]]:
    """Place of each answer among the levels, and why rows have none; `n` is how many are alike."""
    whole = _all_on_scale(column, scale) if not codes.reasons else None
    if whole is not None:
        return whole, ()
    is_open = ~column.is_missing
    counts: dict[str, int] = {"missing": _rows(column.is_missing, n)}
    kind = np.dtype(np.int8 if len(scale.levels) < _MOST_LEVELS else np.int16)
    level_codes: NDArray[np.integer] = np.full(len(column), -1, kind)
    for code, reason in codes.reasons.items():
        meant = is_open & _equal(column.values, code)
        is_open &= ~meant
        if reason == NOT_APPLICABLE:
            level_codes[meant] = len(scale.levels)
        else:
            counts[reason] = counts.get(reason, 0) + _rows(meant, n)
    off = _place_on_scale(settled(evolve(column, is_missing=~is_open)), scale, level_codes)
    if off.any():
        _refuse_values(column.values[off].astype(np.float64), None if n is None else n[off], scale)
    return level_codes, tuple((reason, count) for reason, count in counts.items() if count)


def _all_on_scale(column: Column, scale: Scale) -> NDArray[np.integer] | None:
    """Places of whole numbers of which none is missing or off the scale; else None."""
    values = column.values
    if values.dtype.kind not in "iu" or not values.size or len(scale.levels) >= _MOST_LEVELS:
        return None
    if values.min() < scale.low or values.max() > scale.high or column.is_missing.any():
        return None
    if values.dtype == np.int8 and scale.low == 0:
        return values
    places = np.empty(values.size, np.int8)
    for start in range(0, values.size, BLOCK):
        part = slice(start, start + BLOCK)
        # Bytes without a sign cannot take a level below nought away.
        places[part] = values[part].astype(np.int64) - scale.low
    return places


def _equal(values: NDArray[Any], code: Code) -> NDArray[np.bool_]:
    """Rows that hold a code; a word is met only among objects."""
    if values.dtype == object:
        same = (isinstance(v, type(code)) and v == code for v in values)
        return np.fromiter(same, dtype=bool, count=len(values))
    if isinstance(code, str):
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values == code)


def _rows(which: Mask, n: Counts | None) -> int:
    return int(which.sum() if n is None else n[which].sum())


def _place_on_scale(column: Column, scale: Scale, level_codes: NDArray[np.integer]) -> Mask:
    """Fill in the place of each answer, block by block; tell which are off the scale.

    Floats of all rows at once would be large.
    """
    step = BLOCK if column.values.dtype.kind in "iuf" else max(len(column), 1)
    is_off = np.zeros(len(column), np.bool_)
    for start in range(0, max(len(column), 1), step):
        part = slice(start, start + step)
        block = evolve(column, values=column.values[part], is_missing=column.is_missing[part])
        values, is_missing = numbers(block, "the answers")
        known = values[~is_missing]
        is_level = (known >= scale.low) & (known <= scale.high) & (known == np.floor(known))
        is_off[part][~is_missing] = ~is_level
        level_codes[part][~is_missing] = np.where(is_level, known - scale.low, -1)
    return is_off


def _refuse_values(values: NDArray[np.float64], n: Counts | None, scale: Scale) -> None:
    """Name the values off the scale, unless they are so many that they are no codes."""
    distinct, places = np.unique(values, return_inverse=True)
    counts = np.bincount(places, n, len(distinct)).astype(np.int64)
    name = scale.name or f"{scale.low}-{scale.high}"
    if len(distinct) > _MOST_DISTINCT or np.abs(distinct).max() >= _LARGEST_CODE:
        raise UsageError(
            f"{_answers(int(counts.sum()))} a value that is not on the scale {name}, "
            f"{len(distinct):,} different in all.",
            hint="is this the column of the answers, and is this its scale?",
        )
    order = np.argsort(-counts, kind="stable")
    told = [(f"{distinct[i]:.15g}", int(counts[i])) for i in order]
    parts = [f"{_answers(n)} the value {v}" for v, n in told[:_MOST_NAMED]]
    rest = sum(n for _, n in told[_MOST_NAMED:])
    parts += [f"{_answers(rest)} another value"] if rest else []
    said = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    one = len(told) == 1
    example = ", ".join(v for v, _ in told) + ("," if one else "")
    raise UsageError(
        f"{said}, which {'is' if one else 'are'} not on the scale {name}.",
        hint=f"missing=({example}) if {' and '.join(v for v, _ in told)} "
        f"{'means' if one else 'mean'} no answer",
        values=dict(told),
    )


def _answers(count: int) -> str:
    return f"{count:,} answer{'s have' if count != 1 else ' has'}"
