"""The check of whole columns, compiled from the description of a record.

The verdicts are those that `records.check` gives row by row, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from cxm_core.records import (
    PLAIN_TEXT,
    FieldDescription,
    Ordered,
    Plain,
    Reason,
    RecordDescription,
    Rule,
    Scaled,
    Together,
    Within,
)
from cxm_core.store._sql import quote_ident, quote_instant, quote_text
from cxm_core.vocabulary import Scale

from ._cells import when

Case = tuple[str, str]
Scales = Mapping[str, Scale]

_PLAIN = f"^(?:{PLAIN_TEXT})$"
# The row lane decides: what SQL cannot decide exactly, it does not decide.
DEFER = "defer"


def literal(value: Plain) -> str:
    """SQL literal of a plain value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value}::BIGINT"
    if isinstance(value, float):
        return f"{value!r}::DOUBLE"
    if isinstance(value, datetime):
        return quote_instant(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "NULL" if value is None else quote_text(value)


_NONE: Mapping[str, str] = {}


def verdict_sql(
    description: RecordDescription,
    reasons: Mapping[str, str],
    *,
    scales: Mapping[str, Scales],
    simple: Mapping[str, str] = _NONE,
) -> str:
    """SQL for `reason:column` of the first thing that is wrong with a row; null if nothing is.

    Parameters
    ----------
    description : RecordDescription
        Its columns stand beside the expression, under their names.
    reasons : mapping of str to str
        Columns that come from the source, and the column that says why a text had no value.
    scales : mapping of str to mapping
        Scale of each code that stands in a column of codes, as far as they are scales.
    simple : mapping of str to str
        Column that says whether the text of a column needs no look at its characters.
    """
    cases = [
        case
        for column in description.fields
        if column.name in reasons
        for case in column_cases(column, reasons[column.name], simple.get(column.name, "false"))
    ]
    for rule in description.rules:
        cases += rule_cases(rule, scales)
    return when(*cases, otherwise="NULL::VARCHAR")


def told(reason: Reason, name: str) -> str:
    """SQL literal of a verdict."""
    return quote_text(f"{reason.value}:{name}")


def column_cases(column: FieldDescription, unread: str, simple: str) -> Iterator[Case]:
    """What may be wrong with one value, and the verdict on it; `unread` says why there is none."""
    name = quote_ident(column.name)
    if unread != "NULL":
        yield f"{unread} IS NOT NULL", f"{unread} || {quote_text(':' + column.name)}"
    if not column.is_nullable:
        yield f"{name} IS NULL", told(Reason.MISSING_FIELD, column.name)
    bounds = ((column.minimum, "<"), (column.maximum, ">"))
    outside = [f"{name} {sign} {literal(bound)}" for bound, sign in bounds if bound is not None]
    if outside:
        yield " OR ".join(outside), told(Reason.OUT_OF_RANGE, column.name)
    if column.max_length is not None and column.type == "text":
        yield f"length({name}) > {column.max_length}", told(Reason.TOO_LARGE, column.name)
    if column.pattern is not None:
        other = f"NOT regexp_full_match({name}, {quote_text(column.pattern)})"
        # What a simple text has in it, this pattern takes; others want to be looked at.
        known = simple if column.pattern == _PLAIN else "false"
        yield when((known, "false"), otherwise=other), told(Reason.BAD_PATTERN, column.name)


def rule_cases(rule: Rule, scales: Mapping[str, Scales]) -> Iterator[Case]:
    """What may be wrong with values that belong together."""
    if isinstance(rule, Together):
        yield from _together(rule)
    elif isinstance(rule, Within):
        value, low, high = map(quote_ident, (rule.value, rule.low, rule.high))
        yield f"{value} < {low} OR {value} > {high}", told(rule.reason, rule.value)
    elif isinstance(rule, Ordered):
        first, second = quote_ident(rule.first), quote_ident(rule.second)
        yield f"{second} < {first}", told(rule.reason, rule.second)
    elif isinstance(rule, Scaled):
        yield from _scaled(rule, scales.get(rule.code, {}))
    # What remains is `Counted`: no cell of a source can hold counts, and none are always right.


def _together(rule: Together) -> Iterator[Case]:
    names = [quote_ident(name) for name in rule.fields]
    some = " OR ".join(f"{name} IS NOT NULL" for name in names)
    for name in rule.fields:
        yield f"{quote_ident(name)} IS NULL AND ({some})", told(rule.reason, name)


def _scaled(rule: Scaled, known: Scales) -> Iterator[Case]:
    code = quote_ident(rule.code)
    yield f"{code} IS NOT NULL AND {_not_among(code, known)}", told(rule.reason, rule.code)
    for name, end in ((rule.low, "low"), (rule.high, "high")):
        if name is not None and known:
            ends = [(f"{code} = {quote_text(c)}", str(getattr(s, end))) for c, s in known.items()]
            yield f"{quote_ident(name)} <> {when(*ends)}", told(rule.reason, rule.code)


def _not_among(code: str, known: Scales) -> str:
    return f"{code} NOT IN ({', '.join(map(quote_text, known))})" if known else "true"
