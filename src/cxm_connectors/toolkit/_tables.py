"""Rows that lie in files: the same declaration, with a table in place of calls."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from attrs import evolve

from cxm_core.errors import ConfigurationError, NotFound, RetryableError
from cxm_core.plugins import Item
from cxm_core.records import Reader, RowMapping, Table

from ._reading import Task
from ._state import Memory, Position

_PIECE = 1 << 20


def tables(task: Task, memory: Memory) -> Iterator[Item]:
    """Serve the files as one table, if they are not as they were."""
    spec, declared, kept = task.spec, task.spec.rows_from, task.promise
    if declared is None:
        return
    root = task.source.runtime.root
    reader = evolve(declared, paths=[str(_within(root, path)) for path in declared.paths])
    found = task.make()
    mappings = (found,) if isinstance(found, RowMapping) else tuple(found)
    before = _fingerprint(reader, mappings)
    if memory.position.place == before:
        yield kept(memory, unchanged=declared.paths, reached_end=True)
        return
    yield Table(stream=spec.name, reader=reader, mappings=mappings)
    if _fingerprint(reader, mappings) != before:
        raise RetryableError(
            f"The files of the stream {spec.name!r} changed while they were read.",
            hint="sync again when they are written to the end",
        )
    yield kept(Memory(position=Position(place=before)), pages=1, reached_end=True)


def _within(root: Path, path: str) -> Path:
    found = (root / path).resolve()
    if not found.is_relative_to(root.resolve()):
        raise ConfigurationError("A file of the connector lies outside the program's folder.")
    if not found.is_file():
        raise NotFound("A file of the connector is not there.", hint="look at its configuration")
    return found


def _fingerprint(reader: Reader, mappings: tuple[RowMapping, ...]) -> str:
    digest = blake2b(repr(mappings).encode(), digest_size=16)
    for path in reader.paths:
        with Path(path).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        digest.update(b"\0")
    return digest.hexdigest()
