"""From what pydantic says to a reason code and a sentence without the customer's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from cxm_core.errors import UsageError, did_you_mean

from ._describe import compounds_of, describe
from ._description import FieldDescription, Problem, Reason, Rule

_REASONS = {
    "missing": Reason.MISSING_FIELD,
    "extra_forbidden": Reason.BAD_ROW,
    "string_too_long": Reason.TOO_LARGE,
    "string_pattern_mismatch": Reason.BAD_PATTERN,
    "string_unicode": Reason.BAD_ENCODING,
    "greater_than_equal": Reason.OUT_OF_RANGE,
    "less_than_equal": Reason.OUT_OF_RANGE,
    "finite_number": Reason.NON_FINITE,
    "literal_error": Reason.UNKNOWN_LEVEL,
    "enum": Reason.UNKNOWN_LEVEL,
}
_OWN = frozenset(reason.value for reason in Reason)

_SENTENCES = {
    Reason.MISSING_FIELD: "{name} is missing.",
    Reason.WRONG_TYPE: "{name} is no {type}.",
    Reason.OUT_OF_RANGE: "{name} is {beyond}.",
    Reason.OUT_OF_SCALE: "{name} is not on its scale.",
    Reason.BAD_DATETIME: "{name} is no time that exists in the declared format.",
    Reason.NAIVE_DATETIME: "{name} has no time zone.",
    Reason.NON_FINITE: "{name} is not a finite number.",
    Reason.TOO_LARGE: "{name} is longer than {max_length} characters.",
    Reason.BAD_PATTERN: "{name} has a character or a form that is not allowed there.",
    Reason.UNKNOWN_LEVEL: "{name} is none of the words known there.",
    Reason.NEGATIVE_DURATION: "{name} is before the time that it follows.",
    Reason.BAD_SCALE: "{name} is no scale, or not the scale of the numbers beside it.",
    Reason.BAD_ENCODING: "{name} holds half a character.",
    Reason.TOO_DEEP: "{name} is nested too deep.",
    Reason.DUPLICATE_KEY: "{name} has a key twice.",
    Reason.BAD_ROW: "{name} cannot be read.",
}
_HINTS = {
    Reason.NAIVE_DATETIME: "an aware time, such as datetime.now(UTC), or an ISO text with offset",
    Reason.WRONG_TYPE: "nothing is converted by guessing; convert it where you read it",
}


_TIMES = "times are between the years 1900 and 2200"
_CURES = {
    "instant": "datetime.fromtimestamp(seconds, UTC) makes one of a number",
    "score": "a number has its scale with it: Score(4, Scale.named('1-5'))",
}


class Finding(NamedTuple):
    """A problem and its place in the order of checks; the least one is told."""

    rank: tuple[int, int]
    problem: Problem


def describe_problem(reason: Reason, column: FieldDescription | None, name: str | None) -> Problem:
    """Problem with its sentence; facts come from the description, never from the value.

    Parameters
    ----------
    reason : Reason
        Why the row is no record.
    column : FieldDescription or None
        Description of the column, where there is one.
    name : str or None
        Name of the column; None for the whole row.

    Returns
    -------
    Problem
        The same sentence for the same reason and column, whoever found it.

    Examples
    --------
    >>> from cxm_core.records import Reason, Response, describe, describe_problem
    >>> column = describe(Response).field("weight")
    >>> describe_problem(Reason.WRONG_TYPE, column, "weight").message
    'weight is no number.'
    """
    facts = {
        "name": name or "The row",
        "type": column.type if column else "value of its type",
        "beyond": _beyond(column),
        "max_length": column.max_length if column else None,
    }
    return Problem(reason, name, _SENTENCES[reason].format(**facts))


def _beyond(column: FieldDescription | None) -> str:
    """Where a value lies that is out of range."""
    low, high = (column.minimum, column.maximum) if column else (None, None)
    if low is None and high is None:
        return "outside what can be kept"
    if high is None:
        return f"below {low:g}" if isinstance(low, float) else f"below {low}"
    return f"above {high}" if low is None else f"outside {low} to {high}"


def column_finding(cls: type[BaseModel], name: str, reason: Reason) -> Finding:
    """Finding at one column, or at all columns of a field that takes several."""
    description = describe(cls)
    if name in describe(cls).names:
        rank = description.names.index(name)
        return Finding((1, rank), describe_problem(reason, description.field(name), name))
    compound = compounds_of(cls).get(name)
    if compound is None:
        return strange_finding(name)
    first = compound.names(name)[0]
    return Finding((1, description.names.index(first)), describe_problem(reason, None, name))


def strange_finding(name: str) -> Finding:
    """Finding of a column that is not there."""
    return Finding((0, 0), Problem(Reason.BAD_ROW, name, f"{name[:60]!a} is no field of it."))


def rule_finding(cls: type[BaseModel], rule: Rule, name: str) -> Finding:
    """Finding of a rule at the column that breaks it."""
    description = describe(cls)
    problem = describe_problem(rule.reason, description.field(name), name)
    return Finding((2, description.rules.index(rule)), problem)


def findings_of(cls: type[BaseModel], error: ValidationError) -> Iterator[Finding]:
    """Findings behind what pydantic says of a record of this class."""
    for detail in error.errors(include_url=False):
        if not detail["loc"]:
            yield _whole(cls, detail)
            continue
        yield column_finding(cls, str(detail["loc"][0]), reason_of(detail))


def _whole(cls: type[BaseModel], detail: Mapping[str, Any]) -> Finding:
    facts = detail.get("ctx", {})
    if "rule" in facts:
        return rule_finding(cls, facts["rule"], facts["column"])
    return Finding((0, 0), describe_problem(Reason.BAD_ROW, None, None))


def reason_of(detail: Mapping[str, Any]) -> Reason:
    """Reason code of one detail of a pydantic error."""
    kind = str(detail["type"])
    if kind in _OWN:
        return Reason(kind)
    # Null where a value must be: pydantic calls it a wrong type, or a word that it does not know.
    if detail["input"] is None:
        return Reason.MISSING_FIELD
    return _REASONS.get(kind, Reason.WRONG_TYPE)


def problem_of(cls: type[BaseModel], error: ValidationError) -> Problem:
    """First problem of a record that pydantic refused.

    Parameters
    ----------
    cls : type
        The record class.
    error : ValidationError
        What `cls.model_validate` raised.

    Returns
    -------
    Problem
        In the order of checks: columns as described, then rules.

    Examples
    --------
    >>> from cxm_core.records import Note
    >>> try:
    ...     Note.model_validate({"native_id": "1", "text": "x"})
    ... except ValidationError as error:
    ...     problem_of(Note, error).message
    'occurred_at is missing.'
    """
    return min(findings_of(cls, error), key=lambda finding: finding.rank).problem


def _hint(cls: type[BaseModel], problem: Problem) -> str | None:
    """Cure for a value of the wrong type, by what should stand there; else for its reason."""
    hint = _HINTS.get(problem.reason)
    column = describe(cls).field(problem.field) if problem.field in describe(cls).names else None
    if problem.reason is Reason.OUT_OF_RANGE:
        return _TIMES if column is not None and column.type in ("instant", "date") else None
    if problem.reason is not Reason.WRONG_TYPE or problem.field is None:
        return hint
    return _CURES.get(problem.field if column is None else column.type, hint)


def refusal(cls: type[BaseModel], problem: Problem) -> UsageError:
    """Error for a program that tried to make such a record."""
    description = describe(cls)
    hint = _hint(cls, problem)
    if problem.reason is Reason.BAD_ROW and problem.field:
        hint = did_you_mean(problem.field, cls.model_fields)
    return UsageError(
        f"No {description.kind} can be made of this: {problem.message}",
        hint=hint,
        kind=description.kind,
        reason=problem.reason.value,
        field=problem.field,
    )
