"""Texts that are views, as polars hands them over, on their way to DuckDB."""

from __future__ import annotations

import duckdb
import nanoarrow as na
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.store.tables._views import without_views

TEXTS = st.lists(st.none() | st.text(max_size=40), max_size=30)


def carried(frame: object) -> list[tuple]:
    """Rows of a frame as DuckDB reads them from contiguous batches."""
    rows: list[tuple] = []
    with duckdb.connect() as con:
        for batch in na.c_array_stream(frame):
            con.register("batch", na.Array(without_views(batch)))
            rows += con.execute("FROM batch").fetchall()
            con.unregister("batch")
    return rows


def rows_of(frame: pl.DataFrame) -> list[tuple]:
    """Rows of a frame as polars itself tells them."""
    return [tuple(row.values()) for row in frame.to_dicts()]


@given(TEXTS, st.integers(0, 10), st.booleans())
def test_every_text_arrives(texts: list[str | None], start: int, is_whole: bool) -> None:
    """Short, long, missing and foreign texts arrive, also of a slice and of several buffers."""
    part = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String), "n": range(len(texts))})
    frame = pl.concat([part, part.slice(start), part], rechunk=is_whole)
    assert carried(frame) == rows_of(frame)


def test_views_inside_of_others() -> None:
    """Lists, objects, bytes and categories hold texts that arrive too."""
    long = "a text that is longer than its head"
    frame = pl.DataFrame(
        {
            "list": [[long, "a"], [], None, [None]],
            "object": [{"x": long, "y": 1}] * 4,
            "bytes": [b"0123456789abcdef", None, b"", b"x"],
            "kind": pl.Series([long, None, "b", long], dtype=pl.Categorical),
        }
    )
    assert carried(frame) == rows_of(frame)
    assert carried(frame.slice(1, 2)) == rows_of(frame.slice(1, 2))


def test_several_buffers() -> None:
    """A column whose letters lie in several buffers is read from each of them."""
    chunks = [pa.array([f"{place} is long enough for a buffer"] * 3) for place in range(4)]
    column = pa.concat_arrays([chunk.cast(pa.string_view()) for chunk in chunks])
    table = pa.table({"text": column})
    assert [row[0] for row in carried(table)] == column.to_pylist()


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.int8(), pa.bool_()])
def test_what_is_no_view_stays(type_: pa.DataType) -> None:
    """A batch without a view is handed on as it is."""
    (batch,) = na.c_array_stream(pa.table({"a": pa.array([None, None], type_)}))
    assert without_views(batch) is batch
