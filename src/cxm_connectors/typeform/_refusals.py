"""What is set aside because a part of it is not what Typeform documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected
from cxm_core.records import Problem, Reason

BECAUSE_OF_PART = (LookupError, TypeError, ValueError, AttributeError)

_OWN = frozenset(reason.value for reason in Reason)


def set_aside(
    kind: str, raw: Mapping[str, Any], error: Exception, *, native_id: str | None = None
) -> Rejected:
    """Reject a part by what its mapping raised, in our words and with none of the customer's."""
    return Rejected(kind=kind, raw=raw, problem=_problem(error), native_id=native_id)


def _problem(error: Exception) -> Problem:
    if not isinstance(error, UsageError):
        return Problem(Reason.BAD_ROW, None, "It is not of the shape that Typeform documents.")
    code, name = error.context.get("reason"), error.context.get("field", "score")
    reason = Reason(code) if code in _OWN else Reason.BAD_ROW
    return Problem(reason, name if isinstance(name, str) else None, error.message)
