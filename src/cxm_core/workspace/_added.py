"""What an app gives to be kept: records, of which the store says whence and when they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxm_core.errors import UsageError
from cxm_core.records import Record

from ._export import Exported

__all__ = ["only_own"]

_HINT = "leave source and known_at out; what an export wrote comes by add(read_export(file))"


def only_own(things: Iterable[object], source: str) -> Iterator[Record]:
    """Records that say nothing of their own about where they come from and when we learnt of them.

    Those of an export have said so before, and keep it.
    """
    is_export = isinstance(things, Exported)
    for thing in things:
        if not isinstance(thing, Record):
            # A record alone comes here as well: it is iterable over its fields.
            raise UsageError(
                f"A {type(thing).__name__} is no record; nothing was added.",
                hint="a list of records, such as [Response(...)]",
            )
        if not is_export:
            _check_own(thing, source)
        yield thing


def _check_own(record: Record, source: str) -> None:
    if record.source not in (None, source):
        raise UsageError(
            f"A {record.record_kind} is of another source than {source!r}; nothing was added.",
            hint=_HINT,
        )
    if record.known_at is not None:
        raise UsageError(
            f"A {record.record_kind} says when it became known, which the store fills in; "
            "nothing was added.",
            hint=_HINT,
        )
