"""Filters as a person types them, read by the type of their column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cxm_core.errors import UsageError

__all__ = ["read_where"]


def read_where(texts: Iterable[str]) -> dict[str, list[str | int | bool | None]]:
    """Wanted values by column or attribute, of texts such as ``channel=email``."""
    wanted = defaultdict(list)
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError("A --where has no '='.", hint="write --where channel=email")
        wanted[name.strip()].append(_read(name.strip(), value.strip()))
    return dict(wanted)


def _read(name: str, text: str) -> str | int | bool | None:
    from cxm_core.records import describe, parse_text, record_class  # noqa: PLC0415  (not for help)

    column = describe(record_class("response")).field(name)
    if column is None or column.type in {"text", "json"}:
        return text or None
    value = parse_text(column.type, text)
    if not isinstance(value, int | None):
        raise UsageError(
            f"--where {name} takes no such value.",
            hint=f"it is of the type {column.type}; --window chooses times",
        )
    return value
