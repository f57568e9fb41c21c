"""Rules between columns, checked on one row: each returns the column that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

from ._description import Counted, Ordered, Rule, Scaled, Together, Within

Getter = Callable[[str], Any]


def broken_at(rule: Rule, get: Getter) -> str | None:
    """Column at which `rule` is broken; None where it holds.

    Parameters
    ----------
    rule : Rule
        One of the closed list.
    get : callable
        Value of a column; None where there is none.
    """
    return _CHECKS[type(rule)](rule, get)


def _together(rule: Together, get: Getter) -> str | None:
    empty = [name for name in rule.fields if get(name) is None]
    return empty[0] if 0 < len(empty) < len(rule.fields) else None


def _within(rule: Within, get: Getter) -> str | None:
    value, low, high = get(rule.value), get(rule.low), get(rule.high)
    if value is None or low is None or high is None:
        return None
    return None if low <= value <= high else rule.value


def _ordered(rule: Ordered, get: Getter) -> str | None:
    first, second = get(rule.first), get(rule.second)
    backwards = first is not None and second is not None and second < first
    return rule.second if backwards else None


def _scaled(rule: Scaled, get: Getter) -> str | None:
    code = get(rule.code)
    if code is None:
        return None
    scale = _scale(code)
    if scale is None:
        return rule.code
    ends = ((rule.low, scale.low), (rule.high, scale.high))
    fits = all(name is None or get(name) in (None, end) for name, end in ends)
    return None if fits else rule.code


@lru_cache(maxsize=1024)
def _scale(code: str | Scale) -> Scale | None:
    try:
        return Scale.parse(code)
    except UsageError:
        return None


def _counted(rule: Counted, get: Getter) -> str | None:
    scale = get(rule.scale)
    if scale is None:
        return None
    off = any(not scale.contains(level) for level, _ in get(rule.counts))
    return rule.counts if off else None


_CHECKS: Mapping[type, Callable[[Any, Getter], str | None]] = {
    Together: _together,
    Within: _within,
    Ordered: _ordered,
    Scaled: _scaled,
    Counted: _counted,
}
