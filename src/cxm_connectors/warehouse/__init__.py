"""Tables that Fivetran, Airbyte or anybody else has landed: read where they lie, with a query each.

A DuckDB file is opened to be read only; tables of any other warehouse come as frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from cxm_connectors.mapping import (
    digest,
    mapping_hash,
    mappings,
    questions,
    questions_hash,
    served,
)
from cxm_core.errors import ConfigurationError, CxmError, NotFound, did_you_mean
from cxm_core.plugins import (
    Checkpoint,
    CheckReport,
    Guarantees,
    Info,
    Item,
    ReadRequest,
    Runtime,
    State,
    StreamInfo,
)
from cxm_core.records import Reader, Table

from ._config import TableSpec, WarehouseConfig
from ._layouts import LAYOUTS, layout

__all__ = ["LAYOUTS", "TableSpec", "Warehouse", "WarehouseConfig"]

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Warehouse:
    """Source of records that lie in the tables of a warehouse.

    Each table is a stream. It is read as a whole, and only where the database or the mapping has
    changed; the store knows again what it has already.

    Parameters
    ----------
    config : WarehouseConfig
        Where the tables are, and what they mean.
    runtime : Runtime
        Its `root` is the folder below which the database lies.

    Raises
    ------
    ConfigurationError
        A path leads out of the folder, a stream is unknown, or a mapping contradicts itself.

    Examples
    --------
    >>> import polars as pl
    >>> import cxm_core as cx
    >>> from cxm_core.program import Program
    >>> ticket = pl.DataFrame({"id": [35], "opened": ["2026-11-05T09:00Z"], "words": ["Late"]})
    >>> source = {
    ...     "name": "warehouse:desk",
    ...     "config": {
    ...         "frames": {"ticket": ticket},
    ...         "tables": [{
    ...             "name": "tickets",
    ...             "query": "FROM {ticket}",
    ...             "row": {"id": "id", "occurred_at": "opened"},
    ...             "records": [{"kind": "ticket", "fields": {"subject": "words"}}],
    ...         }],
    ...     },
    ... }
    >>> shop = Program(name="Shop", zone="UTC", sources=[source])
    >>> with cx.Workspace(shop, store="memory:") as workspace:
    ...     workspace.sync()[0].applied
    1
    """

    info: ClassVar[Info] = Info(
        name="warehouse",
        version="1",
        config=WarehouseConfig,
        description="Tables that Fivetran, Airbyte or another tool has landed.",
        guarantees=Guarantees(
            sees_deletions=True,
            notes=("Deletions are seen where the tool that landed the table marks them.",),
        ),
    )

    def __init__(self, config: WarehouseConfig, runtime: Runtime) -> None:
        self._config = config
        self._root = runtime.root.resolve()
        self._tables = {one.name: one for one in _chosen(config)}
        self._path = None if config.database is None else self._inside(config.database)
        for one in self._tables.values():
            mappings(one, {}, has_column=lambda _: True)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream a table."""
        return tuple(
            StreamInfo(name=name, kinds=_kinds(table), description="A table of the warehouse.")
            for name, table in self._tables.items()
        )

    def check(self) -> CheckReport:
        """Look whether the tables can be there; only the store reads them."""
        return CheckReport(
            account=self._config.account, streams=self.streams(), problems=tuple(self._problems())
        )

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve one table.

        Parameters
        ----------
        stream : str
            Name of the table.
        state : mapping or None
            What the database and the mapping were like when it was served before.
        request : ReadRequest
            Not used: a table is read as a whole.

        Yields
        ------
        Question, Table or Checkpoint
            Nothing but a checkpoint where nothing has changed.

        Raises
        ------
        SourceError
            The table is not there, or not what the layout expects.
        """
        del request
        if stream not in self._tables:
            hint = did_you_mean(stream, self._tables)
            raise NotFound(f"There is no stream {stream!r}.", hint=hint)
        spec, told = self._tables[stream], state or {}
        stamp = {"data": self._stamp(), "mapping": mapping_hash(spec, {}, places=("name",))}
        asked = questions_hash(spec)
        if stamp["data"] is not None and told.get("seen") == stamp:
            yield Checkpoint(told, unchanged=(stream,), note="unchanged", reached_end=True)
            return
        if told.get("questions") != asked:
            yield from questions(spec)
            yield Checkpoint({**told, "questions": asked})
        error = yield from served(
            self._table(spec, frozenset()), lambda missing: self._table(spec, missing)
        )
        if error is not None:
            raise error
        yield Checkpoint({"seen": stamp, "questions": asked}, pages=1, reached_end=True)

    def _inside(self, name: str) -> Path:
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root):
            raise ConfigurationError(
                "The database lies outside of the program's folder.",
                hint="put the program beside it, or link neither of them elsewhere",
            )
        return path

    def _stamp(self) -> str | None:
        """What a database is like; None for frames, which nobody can know again."""
        if self._path is None or not self._path.is_file():
            return None
        told = self._path.stat()
        log = self._path.with_name(f"{self._path.name}.wal")
        size = log.stat().st_size if log.is_file() else 0
        return digest([told.st_size, told.st_mtime_ns, told.st_ino, size])

    def _table(self, spec: TableSpec, missing: frozenset[str]) -> Table:
        names = dict(spec.aliases)
        made = mappings(
            spec, {}, has_column=lambda name: missing.isdisjoint((name, *names.get(name, ())))
        )
        return Table(
            stream=spec.name,
            reader=self._reader(spec),
            mappings=made,
            aliases=tuple(spec.aliases.items()),
            data=self._data(spec),
        )

    def _reader(self, spec: TableSpec) -> Reader:
        if self._path is None:
            return Reader(format="object", query=_PLACE.sub("data", spec.query))
        if not self._path.is_file():
            raise NotFound(f"There is no database {self._path.name!r}.")
        query = _PLACE.sub(lambda found: self._placed(found[1]), spec.query)
        return Reader(format="duckdb", paths=(str(self._path),), query=query)

    def _placed(self, table: str) -> str:
        parts = [self._config.schema_name, table]
        return ".".join(_quoted(part) for part in parts if part is not None)

    def _data(self, spec: TableSpec) -> object:
        if self._path is not None:
            return None
        (name,) = _named(spec)
        frames: Mapping[str, Any] = self._config.frames
        if name not in frames:
            hint = did_you_mean(name, frames)
            raise NotFound(f"There is no frame {name!r} for {spec.name!r}.", hint=hint)
        given = frames[name]
        return given() if callable(given) else given

    def _problems(self) -> Iterator[str]:
        for spec in self._tables.values():
            names = _named(spec)
            if self._path is None and len(names) != 1:
                yield f"{spec.name!r} joins {len(names)} tables, which only a database can."
                continue
            try:
                self._reader(spec)
                self._data(spec)
            except CxmError as error:
                yield error.message


def _chosen(config: WarehouseConfig) -> Iterator[TableSpec]:
    known = {one["name"]: one for one in layout(config.layout)} if config.layout else {}
    for name in config.streams if config.streams is not None else known:
        if name not in known:
            raise ConfigurationError(
                f"The layout has no stream {name!r}.", hint=did_you_mean(name, known)
            )
        yield TableSpec.model_validate(known[name])
    yield from config.tables


def _named(spec: TableSpec) -> tuple[str, ...]:
    """Tables that a query asks."""
    return tuple(dict.fromkeys(_PLACE.findall(spec.query)))


def _kinds(spec: TableSpec) -> tuple[str, ...]:
    asked = ["question", "response"] if spec.questions else []
    return tuple(sorted({*asked, *(record.kind for record in spec.records)}))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
