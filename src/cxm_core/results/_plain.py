"""From our values to what strict JSON can say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any

from attrs import fields, has

_NO_UTF8 = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """`text` with the replacement sign for what UTF-8 cannot hold, such as half an emoji."""
    return _NO_UTF8.sub("\ufffd", text)


def as_tuple(values: Iterable[Any]) -> tuple[Any, ...]:
    """Any sequence as a tuple."""
    return tuple(values)


def finite(value: Any) -> float | None:
    """`value` as a float; None for a missing, endless or undefined number."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def plain(value: Any) -> Any:
    """`value` made of dicts, lists, texts, numbers, booleans and None only."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else finite(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return _plain_container(value)


def _plain_container(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if has(type(value)):
        return {f.name: plain(getattr(value, f.name)) for f in fields(type(value))}
    return [plain(item) for item in value]


def instant(text: str | None) -> datetime | None:
    """The instant that `plain` wrote."""
    return None if text is None else datetime.fromisoformat(text)


def pairs(items: Mapping[str, int] | tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """Named counts as a tuple of pairs, in the order given."""
    rows = items.items() if isinstance(items, Mapping) else items
    return tuple((str(name), int(count)) for name, count in rows)
