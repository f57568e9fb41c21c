"""Parquet files and Arrow streams as raw rows: every column as the text that stands for it.

A typed path that keeps numbers and times as they are can stand beside this one: it needs the view
`raw` with typed columns, and for each of them an expression in place of the one for text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import nanoarrow as na

from cxm_core.errors import SchemaChanged, UsageError
from cxm_core.records import Reader

from ._driver import driver
from ._files import linked, unchanging
from ._mending import Stray
from ._raw import RawTable, make_view
from ._scratch import Scratch
from ._sql import quote_ident, quote_text

_ARROW_FILE = b"ARROW1\0\0"
Described = Sequence[tuple[str, str]]


def read_parquet(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others."""
    with unchanging(path):
        link = linked(path, scratch.new_folder() / "table")
        file = quote_text(str(link))
        source = f"read_parquet({file})"
        try:
            found, names = _described(scratch, source), _parquet_names(scratch, file)
            scratch.run(f"CREATE OR REPLACE TABLE raw_rows AS SELECT {_texts(found)} FROM {source}")
        except driver().Error as error:
            raise SchemaChanged(
                f"The file {path.name!r} is no Parquet file, or damaged."
            ) from error
    yield from _table(scratch, reader, path.name, names)


def read_arrow(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others."""
    with unchanging(path), path.open("rb") as stream:
        _skip_magic(stream)
        try:
            names = _take_chunks(scratch, na.ArrayStream.from_readable(stream))
        except (RuntimeError, ValueError) as error:  # as nanoarrow has it
            raise SchemaChanged(f"The file {path.name!r} is no Arrow file, or damaged.") from error
    yield from _table(scratch, reader, path.name, names)


def read_object(
    scratch: Scratch, reader: Reader, data: object, *, name: str = "data"
) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others; a stream is read once, batch by batch."""
    if not hasattr(data, "__arrow_c_stream__"):
        raise UsageError(
            f"The data of {name!r} are no Arrow stream.",
            hint="a pandas, polars or pyarrow table, or anything with __arrow_c_stream__",
        )
    names = _take_chunks(scratch, na.ArrayStream(data))
    yield from _table(scratch, reader, name, names)


def _skip_magic(stream: BinaryIO) -> None:
    """An Arrow file is a stream with a word in front and an index behind."""
    if stream.read(len(_ARROW_FILE)) != _ARROW_FILE:
        stream.seek(0)


def _take_chunks(scratch: Scratch, stream: Any) -> Sequence[str]:
    names = [field.name for field in stream.schema.fields]
    columns = ", ".join(f"c{place} VARCHAR" for place in range(len(names)))
    scratch.run(f"CREATE OR REPLACE TABLE raw_rows ({columns})")
    for chunk in stream.iter_chunks():
        scratch.con.register("chunk", chunk)
        found = _described(scratch, "chunk")
        scratch.run(f"INSERT INTO raw_rows SELECT {_texts(found)} FROM chunk")
        scratch.con.unregister("chunk")
    return names


def _parquet_names(scratch: Scratch, file: str) -> Sequence[str]:
    """Columns by the names that they have; DuckDB gives `id` beside `ID`, or twice, another one."""
    sql = f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({file})"
    (_, count), *below = scratch.run(sql)
    names, place = [], 0
    for _ in range(count):
        names.append(below[place][0])
        place = _behind(below, place)
    return names


def _behind(elements: Sequence[tuple[str, int]], place: int) -> int:
    """Place behind an element of a schema and all that it is made of."""
    open_ = 1
    while open_:
        open_ += elements[place][1] - 1
        place += 1
    return place


def _described(scratch: Scratch, source: str) -> Described:
    return [(name, type_) for name, type_, *_ in scratch.run(f"DESCRIBE FROM {source}")]


def _texts(columns: Described) -> str:
    pieces = (
        f"{_text(quote_ident(name), type_)} AS c{i}" for i, (name, type_) in enumerate(columns)
    )
    return ", ".join(pieces)


def _text(column: str, type_: str) -> str:
    is_nested = type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))
    return f"to_json({column})::VARCHAR" if is_nested else f"{column}::VARCHAR"


def _table(
    scratch: Scratch, reader: Reader, name: str, names: Sequence[str]
) -> Iterator[Stray | RawTable]:
    cells = [f"c{place}" for place in range(len(names))]
    yield from make_view(scratch, row="rowid + 1", cells=cells, largest=reader.max_cell_bytes)
    yield RawTable(scratch=scratch, name=name, names=tuple(names))
