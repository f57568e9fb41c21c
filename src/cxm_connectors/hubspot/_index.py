"""The simulated search: filters over an index that lags behind, one window of rows at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ._portal import Held, Shelf

_Filter = Mapping[str, Any]


class Index:
    """Answers searches over one shelf; remembers the ids that a filter found."""

    def __init__(self, kind: str, shelf: Shelf) -> None:
        self._kind, self._shelf = kind, shelf
        self._found: dict[tuple[int, str], list[int]] = {}

    def ids(self, groups: Sequence[_Filter], now: datetime) -> list[int]:
        """Ids that any of the groups of filters lets through, rising."""
        self._shelf.catch_up(now)
        lowest, rest = _split(groups)
        key = (self._shelf.generation, repr(rest))
        if key not in self._found:
            self._found = {key: self._search(rest)}
        found = self._found[key]
        return found[bisect_left(found, lowest) :]

    def _search(self, groups: Sequence[_Filter]) -> list[int]:
        rows = self._shelf.indexed
        return sorted(i for i, one in rows.items() if self._is_let_through(one, groups))

    def _is_let_through(self, one: Held, groups: Sequence[_Filter]) -> bool:
        values = one.valued(self._kind)
        return not groups or any(
            all(_holds(values, test) for test in group.get("filters", ())) for group in groups
        )


def _split(groups: Sequence[_Filter]) -> tuple[int, Sequence[_Filter]]:
    """Lower bound of the id where one group has it, and what else is asked."""
    if len(groups) != 1:
        return 0, groups
    tests = list(groups[0].get("filters", ()))
    bounds = [t for t in tests if t["propertyName"] == "hs_object_id" and t["operator"] in _ABOVE]
    lowest = max((int(t["value"]) + _ABOVE[t["operator"]] for t in bounds), default=0)
    rest = [t for t in tests if t not in bounds]
    return lowest, [{"filters": rest}] if rest else []


_ABOVE = {"GT": 1, "GTE": 0}


def _holds(values: Mapping[str, str], test: _Filter) -> bool:
    name, operator = test["propertyName"], test["operator"]
    if operator in _PRESENCE:
        return (name in values) is _PRESENCE[operator]
    # A property that the object does not have lets nothing through, and nobody is told:
    # amp-labs/connectors pull request 45 saw it with hs_lastmodifieddate of contacts.
    if name not in values:
        return False
    if operator in _LISTS:
        return (values[name] in test["values"]) is _LISTS[operator]
    return _COMPARISONS[operator](*_comparable(values[name], str(test["value"])))


_PRESENCE = {"HAS_PROPERTY": True, "NOT_HAS_PROPERTY": False}
_LISTS = {"IN": True, "NOT_IN": False}
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
OPERATORS = frozenset({*_PRESENCE, *_LISTS, *_COMPARISONS})


def _comparable(*texts: str) -> tuple[Any, ...]:
    """Numbers, or milliseconds of times (both ways of writing one are accepted), or the texts."""
    try:
        return tuple(map(_number, texts))
    except ValueError:
        return texts


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000
