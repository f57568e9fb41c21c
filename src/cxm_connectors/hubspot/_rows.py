"""What becomes of one row: its records, or the row set aside with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected
from cxm_core.records import Problem, Reason, Record

from ._mapping import KINDS

Made: TypeAlias = tuple[Record | Rejected, ...]

# What a mapping raises because of a row; anything else is a fault of ours.
_BECAUSE_OF_ROW = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
_OWN = frozenset(reason.value for reason in Reason)


def made_of(
    records: Iterable[Record], row: Mapping[str, Any], *, kind: str, native_id: str | None = None
) -> Made:
    """Records of a row, or the row set aside.

    Without a `native_id` all records of the row wait together: one that is read again then gives
    each of them.
    """
    try:
        return tuple(records)
    except _BECAUSE_OF_ROW as error:
        problem = problem_with(error)
    return (Rejected(kind=kind, raw=row, problem=problem, native_id=native_id),)


def unreadable(row: object, kind: str) -> Rejected:
    """Set a row aside that lacks what every row has."""
    raw = row if isinstance(row, Mapping) else {"value": row}
    problem = Problem(Reason.BAD_ROW, None, "The row has no id, or no properties.")
    return Rejected(kind=KINDS[kind], raw=raw, problem=problem)


def problem_with(error: Exception) -> Problem:
    """Why a mapping failed, in words that hold nothing of the row."""
    if isinstance(error, UsageError):
        code, name = error.context.get("reason"), error.context.get("field")
        reason = Reason(str(code)) if code in _OWN else Reason.BAD_ROW
        return Problem(reason, name if isinstance(name, str) else None, error.message)
    return Problem(Reason.BAD_ROW, None, f"The mapping failed with {type(error).__name__}.")
