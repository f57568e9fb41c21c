"""A row of which the mapping made no record: why, in our words and with none of the customer's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import CodeType, TracebackType
from typing import Any

from pydantic import ValidationError

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected
from cxm_core.records import Problem, Reason

# What a mapping raises because of a row; anything else is a fault of the connector.
BECAUSE_OF_ROW = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)

_OWN = frozenset(reason.value for reason in Reason)
_REASONS = {
    "missing": Reason.MISSING_FIELD,
    "timezone_aware": Reason.NAIVE_DATETIME,
    "finite_number": Reason.NON_FINITE,
    "literal_error": Reason.UNKNOWN_LEVEL,
    "enum": Reason.UNKNOWN_LEVEL,
    "string_pattern_mismatch": Reason.BAD_PATTERN,
    "string_too_long": Reason.TOO_LARGE,
    "too_long": Reason.TOO_LARGE,
    "string_unicode": Reason.BAD_ENCODING,
}
_BEGINNINGS = (
    ("datetime_", Reason.BAD_DATETIME),
    ("date_", Reason.BAD_DATETIME),
    ("greater_", Reason.OUT_OF_RANGE),
    ("less_", Reason.OUT_OF_RANGE),
)


def rejected(kind: str, row: object, error: Exception, *, native_id: object = None) -> Rejected:
    """Row that is set aside because of what the mapping raised."""
    told = error.context.get("kind") if isinstance(error, UsageError) else None
    return Rejected(
        kind=told if isinstance(told, str) else kind,
        raw=row if isinstance(row, Mapping) else {"value": row},
        problem=problem_of_error(error),
        native_id=str(native_id) if isinstance(native_id, str | int) else None,
    )


def problem_of_error(error: Exception) -> Problem:
    """Reason and sentence behind an exception of a mapping."""
    if isinstance(error, UsageError):
        return _of_usage(error)
    if isinstance(error, ValidationError):
        return _of_payload(error)
    if isinstance(error, KeyError):
        return _of_key(error)
    reason = Reason.BAD_ROW
    if isinstance(error, TypeError | AttributeError):
        reason = Reason.WRONG_TYPE
    elif isinstance(error, IndexError):
        reason = Reason.MISSING_FIELD
    return Problem(reason, None, f"The mapping failed with {type(error).__name__}{_at(error)}.")


def _of_usage(error: UsageError) -> Problem:
    code, name = error.context.get("reason"), error.context.get("field")
    reason = Reason(code) if code in _OWN else Reason.BAD_ROW
    said = error.message if error.hint is None else f"{error.message} Hint: {error.hint}."
    return Problem(reason, name if isinstance(name, str) else None, said)


def _of_payload(error: ValidationError) -> Problem:
    detail = error.errors(include_url=False, include_context=False)[0]
    # A key of a mapping may be anybody's words; a field is one of the class.
    name = next((str(part) for part in detail["loc"] if str(part).isidentifier()), None)
    reason = Reason.MISSING_FIELD if detail["input"] is None else _reason(detail["type"])
    said = reason.value.replace("_", " ")
    return Problem(reason, name, f"{name or 'The row'} does not fit what is expected: {said}.")


def _reason(kind: str) -> Reason:
    if kind in _OWN:
        return Reason(kind)
    begun = (reason for start, reason in _BEGINNINGS if kind.startswith(start))
    return _REASONS.get(kind) or next(begun, Reason.WRONG_TYPE)


def _of_key(error: KeyError) -> Problem:
    """A key that stands in the code is a field; any other was read off the row and is not shown."""
    key = error.args[0] if error.args else None
    if isinstance(key, str) and any(key in one.co_consts for one in _codes(error.__traceback__)):
        return Problem(Reason.MISSING_FIELD, key, f"{key} is missing.")
    return Problem(Reason.UNKNOWN_LEVEL, None, f"A word of the row is not known{_at(error)}.")


def _codes(traceback: TracebackType | None) -> list[CodeType]:
    codes = []
    while traceback is not None:
        codes.append(traceback.tb_frame.f_code)
        traceback = traceback.tb_next
    return codes


def _at(error: Exception) -> str:
    """Place in the code: it helps the author and holds nothing of the row."""
    step: Any = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return ""
    return f" at {PurePath(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
