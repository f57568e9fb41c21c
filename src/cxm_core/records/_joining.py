"""Columns put together to one value, such as a score of its number and its scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ._compounds import Compound
from ._description import Reason, Rule
from ._problems import reason_of
from ._rules import broken_at


def parts_of(
    compound: Compound, cells: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Reason]]:
    """Parts by suffix, and what is wrong with the others."""
    parts, bad = dict[str, Any](), dict[str, Reason]()
    for suffix, adapter in compound.adapters.items():
        try:
            parts[suffix] = adapter.validate_python(cells.get(suffix))
        except ValidationError as error:
            bad[suffix] = reason_of(error.errors(include_url=False)[0])
    return parts, bad


def broken_rules(
    compound: Compound, prefix: str, parts: Mapping[str, Any]
) -> Iterator[tuple[Rule, str]]:
    """Rules that the parts break, each with the column at which it is broken."""
    values = {prefix + suffix: part for suffix, part in parts.items()}
    for rule in compound.rules(prefix):
        column = broken_at(rule, values.get)
        if column is not None:
            yield rule, column


def join(compound: Compound, prefix: str, values: Mapping[str, Any]) -> object:
    """Value of columns of the field `prefix`; a `Reason` where they make none, None if empty."""
    cells = {suffix: values.get(prefix + suffix) for suffix in compound.columns}
    parts, bad = parts_of(compound, cells)
    for reason in bad.values():
        return reason
    for rule, _ in broken_rules(compound, prefix, parts):
        return rule.reason
    return join_parts(compound, parts)


def join_parts(compound: Compound, parts: Mapping[str, Any]) -> object:
    """Value of parts that obey the rules; None where there is nothing."""
    found = tuple(parts.values())
    return compound.join(found) if any(part is not None for part in found) else None
