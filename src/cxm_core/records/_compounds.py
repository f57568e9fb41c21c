"""Values that take more than one column: how each is taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from attrs import frozen
from pydantic import ConfigDict, TypeAdapter

from cxm_core.vocabulary import Money, Scale

from ._description import Rule, Scaled, Together, Within
from ._scores import Score
from ._types import Integer, OptionalCode, OptionalCurrency

Parts = tuple[Any, ...]
_CONFIG = ConfigDict(defer_build=True, hide_input_in_errors=True)


@frozen(kw_only=True, slots=False)
class Compound:
    """A value class and its columns.

    Attributes
    ----------
    columns : mapping of str to annotation
        Suffix behind the field's name, and what that column may hold.
    split : callable
        Parts of a value, in the order of `columns`.
    join : callable
        Value of its parts, once the rules have been checked.
    """

    columns: Mapping[str, Any]
    split: Callable[[Any], Parts]
    join: Callable[[Parts], object]
    extra_rules: Callable[[str], tuple[Rule, ...]]

    @cached_property
    def adapters(self) -> Mapping[str, TypeAdapter[Any]]:
        """What checks each column, by suffix."""
        return {suffix: TypeAdapter(kind, config=_CONFIG) for suffix, kind in self.columns.items()}

    def names(self, prefix: str) -> tuple[str, ...]:
        """Columns of the field `prefix`."""
        return tuple(prefix + suffix for suffix in self.columns)

    def rules(self, prefix: str) -> tuple[Rule, ...]:
        """Rules between the columns of the field `prefix`."""
        if prefix not in self._rules:
            group = (Together(self.names(prefix)),) if len(self.columns) > 1 else ()
            self._rules[prefix] = group + self.extra_rules(prefix)
        return self._rules[prefix]

    @cached_property
    def _rules(self) -> dict[str, tuple[Rule, ...]]:
        return {}


def _score_rules(prefix: str) -> tuple[Rule, ...]:
    low, high = f"{prefix}_low", f"{prefix}_high"
    return (Scaled(f"{prefix}_scale", low, high), Within(f"{prefix}_value", low, high))


COMPOUNDS: Mapping[type, Compound] = {
    Score: Compound(
        columns={
            "_value": Integer | None,
            "_low": Integer | None,
            "_high": Integer | None,
            "_scale": OptionalCode,
        },
        split=lambda score: (score.value, score.scale.low, score.scale.high, score.scale.code),
        join=lambda parts: Score(parts[0], parts[3]),
        extra_rules=_score_rules,
    ),
    Money: Compound(
        columns={"_minor": Integer | None, "_currency": OptionalCurrency},
        split=lambda money: (money.amount_minor, money.currency),
        join=lambda parts: Money(*parts),
        extra_rules=lambda _prefix: (),
    ),
    Scale: Compound(
        columns={"": OptionalCode},
        split=lambda scale: (scale.code,),
        join=lambda parts: Scale.parse(parts[0]),
        extra_rules=lambda prefix: (Scaled(prefix),),
    ),
}
