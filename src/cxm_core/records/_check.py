"""The row lane: one flat row becomes a record, or the first thing that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ._compounds import Compound
from ._describe import compounds_of, describe
from ._description import Problem, Reason
from ._envelope import Record
from ._kinds import record_class
from ._problems import (
    Finding,
    column_finding,
    findings_of,
    reason_of,
    refusal,
    rule_finding,
    strange_finding,
)
from ._rules import broken_at
from ._text import read_json

_Row = dict[str, Any]
_Step = tuple[_Row, list[Finding]]


def check(kind: str, values: Mapping[str, Any]) -> Record | Problem:
    """Record of a flat row, or the first problem in the order of checks.

    Parameters
    ----------
    kind : str
        Kind of record.
    values : mapping
        Values by column, as `to_row` gives them; a column that is left out is null. A time may
        also be an ISO text.

    Returns
    -------
    Record or Problem
        Columns are checked in the order of `describe`, each for missing, type, bounds, length,
        pattern and levels; the rules follow if no column by itself is wrong.

    Raises
    ------
    UsageError
        There is no such kind of record.

    Examples
    --------
    >>> from cxm_core.records import check
    >>> problem = check("note", {"native_id": "1", "occurred_at": "2026-11-05T09:00"})
    >>> problem.reason, problem.field
    (<Reason.NAIVE_DATETIME: 'naive_datetime'>, 'occurred_at')
    """
    return check_parsed(record_class(kind), values, {})


def from_row(kind: str, row: Mapping[str, Any]) -> Record:
    """Record of a row that `to_row` gave.

    Parameters
    ----------
    kind : str
        Kind of record.
    row : mapping
        Values by column.

    Returns
    -------
    Record
        Equal to the record that gave the row.

    Raises
    ------
    UsageError
        There is no such kind, or the row is no record.

    Examples
    --------
    >>> from cxm_core.records import from_row
    >>> from_row("staff", {"native_id": "7", "team": "Desk"}).team
    'Desk'
    """
    record = check(kind, row)
    if isinstance(record, Problem):
        raise refusal(record_class(kind), record)
    return record


def check_parsed(
    cls: type[Record], values: Mapping[str, Any], failed: Mapping[str, Reason]
) -> Record | Problem:
    """Check a row of which some columns have `failed` before, when their text was read."""
    record, found = _attempt(cls, values, failed)
    return min(found, key=_rank).problem if found or record is None else record


def check_columns(kind: str, values: Mapping[str, Any]) -> list[Problem]:
    """Problems of these columns alone, whatever else a record of this kind needs."""
    _, found = _attempt(record_class(kind), values, {})
    ranked = sorted(found, key=_rank)
    return [finding.problem for finding in ranked if finding.problem.field in values]


def _attempt(
    cls: type[Record], values: Mapping[str, Any], failed: Mapping[str, Reason]
) -> tuple[Record | None, list[Finding]]:
    row = {name: value for name, value in values.items() if value is not None}
    found = [column_finding(cls, name, reason) for name, reason in failed.items()]
    for step in (_known, _decoded, _joined):
        row, more = step(cls, row)
        found += more
    record, more = _validated(cls, row)
    return record, found + more


def _rank(finding: Finding) -> tuple[int, int]:
    return finding.rank


def _known(cls: type[Record], row: _Row) -> _Step:
    names = describe(cls).names
    strange = [name for name in row if name not in names]
    known = {name: value for name, value in row.items() if name in names}
    return known, [strange_finding(name) for name in strange]


def _decoded(cls: type[Record], row: _Row) -> _Step:
    texts = [
        column.name
        for column in describe(cls).fields
        if column.type == "json" and isinstance(row.get(column.name), str)
    ]
    values = {name: read_json(row[name]) for name in texts}
    bad = {name: value for name, value in values.items() if isinstance(value, Reason)}
    decoded = {name: value for name, value in (row | values).items() if name not in bad}
    return decoded, [column_finding(cls, name, reason) for name, reason in bad.items()]


def _joined(cls: type[Record], row: _Row) -> _Step:
    fields, found = dict(row), list[Finding]()
    for name, compound in compounds_of(cls).items():
        cells = {suffix: fields.pop(name + suffix, None) for suffix in compound.columns}
        parts, bad = _parts(compound, cells)
        found += [column_finding(cls, name + suffix, reason) for suffix, reason in bad.items()]
        broken = [] if bad else list(_broken(cls, compound, name, parts))
        found += broken
        if not bad and not broken and any(part is not None for part in parts.values()):
            fields[name] = compound.join(tuple(parts.values()))
    return fields, found


def _parts(compound: Compound, cells: _Row) -> tuple[_Row, dict[str, Reason]]:
    parts, bad = dict[str, Any](), dict[str, Reason]()
    for suffix, cell in cells.items():
        try:
            parts[suffix] = compound.adapters[suffix].validate_python(cell)
        except ValidationError as error:
            bad[suffix] = reason_of(error.errors(include_url=False)[0])
    return parts, bad


def _broken(cls: type[Record], compound: Compound, name: str, parts: _Row) -> Iterator[Finding]:
    values = {name + suffix: part for suffix, part in parts.items()}
    for rule in compound.rules(name):
        column = broken_at(rule, values.get)
        if column is not None:
            yield rule_finding(cls, rule, column)


def _validated(cls: type[Record], fields: _Row) -> tuple[Record | None, list[Finding]]:
    try:
        return cls.model_validate(fields), []
    except ValidationError as error:
        return None, list(findings_of(cls, error))
