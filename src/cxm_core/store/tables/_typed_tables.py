"""Parquet files and Arrow streams as raw rows: each column as text, and as it is if it is none.

A Parquet file stays where it is: what is asked of its rows is read from it anew, so that no copy
of them has to fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import nanoarrow as na
import narwhals as nw

from cxm_core.errors import SchemaChanged, UsageError
from cxm_core.records import Reader
from cxm_core.store._driver import driver
from cxm_core.store._sql import quote_ident, quote_text

from ._files import linked, unchanging
from ._kept_types import Described, described, kept_type, kept_value, make_rows, text_value
from ._mending import Stray
from ._natives import NATIVE_TYPES
from ._queries import attached, take_query
from ._raw import RawTable, make_view, readable
from ._scratch import Scratch
from ._views import without_views

_ARROW_FILE = b"ARROW1\0\0"
_NUMBER = "file_row_number"


def read_parquet(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others."""
    with unchanging(path):
        link = linked(path, scratch.new_folder() / "table")
        file = quote_text(str(link))
        with readable(path.name):
            found, names = (
                described(scratch, f"read_parquet({file})"),
                _parquet_names(scratch, file),
            )
            source = _numbered(scratch, file, found)
            strays = list(_viewed(scratch, reader, found, source))
        yield from strays
        types = tuple(type_ for _, type_ in found)
        yield RawTable(
            scratch=scratch, name=path.name, names=tuple(names), types=types, is_left=True
        )


def _numbered(scratch: Scratch, file: str, found: Described) -> tuple[str, str]:
    """SQL for the number of a row, and the table that it is a row of."""
    if all(name.casefold() != _NUMBER for name, _ in found):
        return _NUMBER, f"read_parquet({file}, {_NUMBER} = true)"
    scratch.run(f"CREATE OR REPLACE TABLE raw_rows AS FROM read_parquet({file})")
    return "rowid", "raw_rows"


def read_arrow(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others."""
    with unchanging(path), path.open("rb") as stream:
        _skip_magic(stream)
        try:
            taken = _take_chunks(scratch, na.ArrayStream.from_readable(stream), path.name)
        except (RuntimeError, ValueError) as error:  # as nanoarrow has it
            raise SchemaChanged(f"The file {path.name!r} is no Arrow file, or damaged.") from error
    yield from _table(scratch, reader, path.name, taken)


def read_object(
    scratch: Scratch, reader: Reader, data: object, *, name: str = "data"
) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others; a stream is read once, batch by batch."""
    taken = _take_chunks(scratch, _streaming(data, name), name)
    if reader.query is not None:
        # The names that the user knows, before they become places.
        names, kept = taken
        columns = (
            f"{old} AS {quote_ident(new)}" for new, (old, _) in zip(names, kept, strict=True)
        )
        scratch.run(f"CREATE OR REPLACE TABLE data AS SELECT {', '.join(columns)} FROM raw_rows")
        taken = take_query(scratch, reader.query, name)
    yield from _table(scratch, reader, name, taken)


def _streaming(data: object, name: str) -> object:
    """The data as an Arrow stream; what is still to be worked out is worked out here."""
    if hasattr(data, "__arrow_c_stream__"):
        return data
    try:
        frame: Any = nw.from_native(data)
    except TypeError:
        frame = None
    if frame is None:
        raise UsageError(
            f"The data of {name!r} are no Arrow stream.",
            hint="a pandas, polars or pyarrow table, or anything with __arrow_c_stream__",
        )
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def read_database(scratch: Scratch, reader: Reader, path: Path) -> Iterator[Stray | RawTable]:
    """Rows that are none, then the table of the others: what a query finds in a DuckDB file."""
    with unchanging(path), attached(scratch, path):
        taken = take_query(scratch, reader.query or "", path.name)
    yield from _table(scratch, reader, path.name, taken)


def _skip_magic(stream: BinaryIO) -> None:
    """An Arrow file is a stream with a word in front and an index behind."""
    if stream.read(len(_ARROW_FILE)) != _ARROW_FILE:
        stream.seek(0)


def _take_chunks(scratch: Scratch, data: Any, name: str) -> tuple[Sequence[str], Described]:
    """Names of the columns, and what became of them in the table `raw_rows`."""
    stream = na.c_array_stream(data)
    names = [child.name for child in stream.get_schema().children]
    kept: Described = [(f"v{place}", "VARCHAR") for place in range(len(names))]
    is_first = True
    for chunk in stream:
        scratch.con.register("chunk", na.Array(without_views(chunk)))
        with _named_once(name, names):
            found = described(scratch, "chunk")
            if is_first:
                kept = [(f"v{place}", kept_type(type_)) for place, (_, type_) in enumerate(found)]
                make_rows(scratch, kept)
            values = ", ".join(kept_value(quote_ident(column), type_) for column, type_ in found)
            scratch.run(f"INSERT INTO raw_rows SELECT {values} FROM chunk")
        scratch.con.unregister("chunk")
        is_first = False
    if is_first:
        make_rows(scratch, kept)
    return names, kept


@contextmanager
def _named_once(name: str, names: Sequence[str]) -> Iterator[None]:
    """DuckDB 1.5 takes no data of which two columns have one name, and does not say so plainly."""
    try:
        yield
    except driver().Error as error:
        twice = [one for one in names if names.count(one) > 1]
        if not twice:
            raise
        raise SchemaChanged(f"{name!r} has the column {twice[0]!r} more than once.") from error


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


def _columns_sql(columns: Described) -> Iterator[str]:
    """SQL for each column as text, and beside it as it is if it can be taken so."""
    for place, (name, type_) in enumerate(columns):
        column = quote_ident(name)
        yield f"{text_value(column, type_)} AS c{place}"
        if type_ in NATIVE_TYPES:
            yield f"{column} AS n{place}"


def _table(
    scratch: Scratch, reader: Reader, name: str, taken: tuple[Sequence[str], Described]
) -> Iterator[Stray | RawTable]:
    names, kept = taken
    yield from _viewed(scratch, reader, kept, ("rowid", "raw_rows"))
    types = tuple(type_ for _, type_ in kept)
    yield RawTable(scratch=scratch, name=name, names=tuple(names), types=types)


def _viewed(
    scratch: Scratch, reader: Reader, columns: Described, numbered: tuple[str, str]
) -> Iterator[Stray]:
    number, source = numbered
    cells = ", ".join(["", *_columns_sql(columns)])
    scratch.run(
        f"CREATE OR REPLACE VIEW cells AS SELECT {number} + 1 AS number{cells} FROM {source}"
    )
    free = [f"c{place}" for place, (_, type_) in enumerate(columns) if type_ not in NATIVE_TYPES]
    yield from make_view(
        scratch, row="number", cells=free, source="cells", largest=reader.max_cell_bytes
    )
