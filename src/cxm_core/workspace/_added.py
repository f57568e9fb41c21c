"""What an app gives to be kept: records, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxm_core.errors import UsageError
from cxm_core.records import Record

__all__ = ["only_records"]


def only_records(things: Iterable[object]) -> Iterator[Record]:
    """The records, or an error that says what is none."""
    for thing in things:
        if not isinstance(thing, Record):
            # A record alone comes here as well: it is iterable over its fields.
            raise UsageError(
                f"A {type(thing).__name__} is no record; nothing was added.",
                hint="a list of records, such as [Response(...)]",
            )
        yield thing
