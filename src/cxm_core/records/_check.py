"""The row lane: one flat row becomes a record, or the first thing that is wrong with it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from ._describe import compounds_of, describe
from ._description import Problem, Reason
from ._envelope import Record
from ._joining import broken_rules, join_parts, parts_of
from ._json import read_json
from ._kinds import record_class
from ._problems import (
    Finding,
    column_finding,
    findings_of,
    refusal,
    rule_finding,
    strange_finding,
)

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


def first_problem(
    cls: type[Record],
    values: Mapping[str, Any],
    failed: Mapping[str, Reason],
    *,
    columns: Container[str],
) -> Problem | None:
    """First problem of these columns alone, as `check_parsed` would tell it."""
    _, found = _attempt(cls, values, failed)
    among = [finding for finding in found if finding.problem.field in columns]
    return min(among, key=_rank).problem if among else None


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
    names = _columns(cls).all
    if row.keys() <= names:
        return row, []
    strange = [name for name in row if name not in names]
    known = {name: value for name, value in row.items() if name in names}
    return known, [strange_finding(name) for name in strange]


class _Columns(NamedTuple):
    all: frozenset[str]
    json: tuple[str, ...]


@lru_cache(maxsize=64)
def _columns(cls: type[Record]) -> _Columns:
    fields = describe(cls).fields
    json = tuple(column.name for column in fields if column.type == "json")
    return _Columns(frozenset(column.name for column in fields), json)


def _decoded(cls: type[Record], row: _Row) -> _Step:
    texts = [name for name in _columns(cls).json if isinstance(row.get(name), str)]
    if not texts:
        return row, []
    values = {name: read_json(row[name]) for name in texts}
    bad = {name: value for name, value in values.items() if isinstance(value, Reason)}
    decoded = {name: value for name, value in (row | values).items() if name not in bad}
    return decoded, [column_finding(cls, name, reason) for name, reason in bad.items()]


def _joined(cls: type[Record], row: _Row) -> _Step:
    fields, found = dict(row), list[Finding]()
    for name, compound in compounds_of(cls).items():
        cells = {suffix: fields.pop(name + suffix, None) for suffix in compound.columns}
        parts, bad = parts_of(compound, cells)
        more = [column_finding(cls, name + suffix, reason) for suffix, reason in bad.items()]
        if not bad:
            broken = broken_rules(compound, name, parts)
            more = [rule_finding(cls, rule, column) for rule, column in broken]
        value = None if more else join_parts(compound, parts)
        fields |= {} if value is None else {name: value}
        found += more
    return fields, found


def _validated(cls: type[Record], fields: _Row) -> tuple[Record | None, list[Finding]]:
    try:
        return cls.model_validate(fields), []
    except ValidationError as error:
        return None, list(findings_of(cls, error))
