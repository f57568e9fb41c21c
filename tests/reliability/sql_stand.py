"""A store beside a table of somebody else's, and hostile rows in every format that we read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import duckdb
import pyarrow as pa
from attrs import define
from pyarrow import feather, parquet

from cxm_core.records import Cell, Format, Reader, RowMapping, Table, scale_constants
from cxm_core.store import Store, open_store
from reliability.hostile_names import CANARY, KEPT
from sync.scripted import Clock

#: A template has no word for a column whose name has a brace, and a header is read without the
#: white space around its names.
COLUMNS = tuple(name for name in KEPT if name.strip() == name and not {"{", "}"} & set(name))
ROWS = 3
FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet", "arrow", "object")


@define
class Guarded:
    """A store whose file also holds a table that only the test may change."""

    folder: Path
    file: Path
    tables: frozenset[str]
    store: Store

    def assert_intact(self) -> None:
        """The other table is as it was, nothing was made beside it, no file was written."""
        self.store.close()
        with duckdb.connect(str(self.file), read_only=True) as con:
            assert con.execute(f"FROM {CANARY} ORDER BY n").fetchall() == [(1,), (2,), (3,)]
            assert _tables(con) == self.tables
        assert not (self.folder / "out").exists()
        assert not list(self.folder.rglob("*pwned*"))
        assert {path.name.split(".")[0] for path in self.file.parent.iterdir()} == {"cxm"}


def make_template(folder: Path) -> Path:
    """Folder of a new store with the canary table in its file, to be copied."""
    path = folder / "cxm.duckdb"
    open_store(str(path), clock=Clock()).close()
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE TABLE {CANARY} (n INTEGER)")
        con.execute(f"INSERT INTO {CANARY} VALUES (1), (2), (3)")  # noqa: S608  (ours)
    return folder


def guarded(folder: Path, template: Path) -> Guarded:
    """A copy of the template, open."""
    path = folder / "store" / "cxm.duckdb"
    copytree(template, path.parent)
    with duckdb.connect(str(path), read_only=True) as con:
        tables = _tables(con)
    return Guarded(folder, path, tables, open_store(str(path), clock=Clock()))


def _tables(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(name for (name,) in con.execute("SHOW TABLES").fetchall())


def described(format_: Format, folder: Path, columns: Sequence[str] = COLUMNS) -> Table:
    """Rows whose columns, and the texts in them, are hostile; each becomes an attribute."""
    header = ["id", "at", "score", *columns]
    rows = [[f"{at}", "2026-03-02T10:00Z", "9", *(columns if at else [""] * len(columns))]
            for at in range(ROWS)]  # fmt: skip
    mapping = RowMapping(
        kind="response",
        cells={
            "native_id": Cell(template="{id}"),
            "occurred_at": Cell(template="{at}"),
            "score_value": Cell(template="{score}"),
        },
        constants=(*scale_constants("0-10"), ("question", "q")),
        attributes={name: Cell(template=f"{{{name}}}") for name in columns},
    )
    if format_ == "object":
        data = _arrow(header, rows)
        return Table(stream="s", reader=Reader(format="object"), mappings=[mapping], data=data)
    path = folder / f"rows.{format_}"
    _WRITERS[format_](path, header, rows)
    return Table(stream="s", reader=Reader(format=format_, paths=[str(path)]), mappings=[mapping])


Rows = list[list[str]]


def _arrow(header: list[str], rows: Rows) -> pa.Table:
    return pa.table([pa.array(cells) for cells in zip(*rows, strict=True)], names=header)


def _write_csv(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header, *rows])


def _write_jsonl(path: Path, header: list[str], rows: Rows) -> None:
    lines = (json.dumps(dict(zip(header, row, strict=True))) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


_WRITERS: dict[str, Callable[[Path, list[str], Rows], Any]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "parquet": lambda path, header, rows: parquet.write_table(_arrow(header, rows), path),
    "arrow": lambda path, header, rows: feather.write_feather(_arrow(header, rows), path),
}
