"""Whatever a user holds becomes a column or a table."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import nanoarrow as na
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxm_core.columns import Column, Frame, open_data, read_column
from cxm_core.errors import UsageError

NAN = float("nan")


class Stream:
    """Speaks Arrow's stream protocol and nothing else."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        capsule: object = self.table.__arrow_c_stream__(requested_schema)
        return capsule


NUMBERS: dict[str, Any] = {
    "list": lambda: [10, None, 3],
    "tuple": lambda: (10, None, 3),
    "generator": lambda: (x for x in (10, None, 3)),
    "list with nan": lambda: [10, NAN, 3],
    "list with pd.NA": lambda: [10, pd.NA, 3],
    "list of numpy": lambda: [np.int64(10), None, np.float32(3)],
    "list of decimals": lambda: [Decimal(10), Decimal("NaN"), Decimal(3)],
    "list of fractions": lambda: [Fraction(10), None, Fraction(3)],
    "list with masked": lambda: [10, np.ma.masked, 3],
    "numpy floats": lambda: np.array([10, NAN, 3]),
    "numpy halves": lambda: np.array([10, NAN, 3], np.float16),
    "numpy objects": lambda: np.array([10, None, 3], object),
    "numpy masked": lambda: np.ma.array([10, 0, 3], mask=[0, 1, 0]),
    "numpy bytes swapped": lambda: np.array([10, NAN, 3], ">f8"),
    "pandas": lambda: pd.Series([10, None, 3]),
    "pandas Int64": lambda: pd.Series([10, None, 3], dtype="Int64"),
    "pandas Float32": lambda: pd.Series([10, None, 3], dtype="Float32"),
    "pandas objects": lambda: pd.Series([10, pd.NA, 3], dtype=object),
    "pandas arrow": lambda: pd.Series([10, None, 3], dtype="int64[pyarrow]"),
    "pandas index": lambda: pd.Index([10, None, 3]),
    "pandas array": lambda: pd.array([10, None, 3], dtype="Int64"),
    "polars": lambda: pl.Series([10, None, 3]),
    "polars uint8": lambda: pl.Series([10, None, 3], dtype=pl.UInt8),
    "polars nan": lambda: pl.Series([10.0, NAN, 3.0]),
    "polars decimal": lambda: pl.Series([Decimal(10), None, Decimal(3)]),
    "pyarrow": lambda: pa.array([10, None, 3]),
    "pyarrow floats": lambda: pa.array([10.0, NAN, 3.0]),
    "pyarrow chunks": lambda: pa.chunked_array([[10, None], [3]]),
    "nanoarrow": lambda: na.Array([10, None, 3], na.int32()),
    "nanoarrow stream": lambda: na.ArrayStream([10, None, 3], na.int16()),
    "arrow stream": lambda: Stream(pa.chunked_array([[10], [None, 3]])),
    "arrow floats": lambda: Stream(pa.chunked_array([[10.0], [None, 3.0]])),
}
TEXTS: dict[str, Any] = {
    "list": lambda: ["a", None, "b"],
    "numpy": lambda: np.array(["a", None, "b"], object),
    "pandas": lambda: pd.Series(["a", None, "b"]),
    "pandas objects": lambda: pd.Series(["a", None, "b"], dtype=object),
    "pandas category": lambda: pd.Series(["a", None, "b"], dtype="category"),
    "polars": lambda: pl.Series(["a", None, "b"]),
    "polars category": lambda: pl.Series(["a", None, "b"], dtype=pl.Categorical),
    "polars enum": lambda: pl.Series(["a", None, "b"], dtype=pl.Enum(["a", "b"])),
    "pyarrow": lambda: pa.array(["a", None, "b"]),
    "pyarrow large": lambda: pa.array(["a", None, "b"], pa.large_string()),
    "pyarrow view": lambda: pa.array(["a", None, "b"], pa.string_view()),
    "pyarrow dictionary": lambda: pa.array(["a", None, "b"]).dictionary_encode(),
    "arrow view": lambda: Stream(pa.chunked_array([pa.array(["a", None, "b"], pa.string_view())])),
    "nanoarrow": lambda: na.Array(["a", None, "b"], na.string()),
}

COLUMNS = {"score": [10, None, 3], "région": ["North", None, "a label of some length"]}
RECORDS = np.array([(10, "x"), (3, "y")], dtype=[("score", "i4"), ("région", "U1")])


def _relation() -> Any:
    return duckdb.connect().sql(
        "SELECT * FROM (VALUES (10, 'North'), (NULL, NULL), (3, 'a label of some length')) "
        't(score, "région")'
    )


TABLES: dict[str, Any] = {
    "mapping": lambda: COLUMNS,
    "list of mappings": lambda: [
        {"score": 10, "région": "North"},
        {},
        {"région": "a label of some length", "score": 3},
    ],
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "polars lazy": lambda: pl.LazyFrame(COLUMNS),
    "pyarrow": lambda: pa.table(COLUMNS),
    "pyarrow batch": lambda: pa.table(COLUMNS).to_batches()[0],
    "pyarrow reader": lambda: pa.table(COLUMNS).to_reader(),
    "arrow stream": lambda: Stream(pa.table(COLUMNS)),
    "arrow views": lambda: Stream(
        pa.table(COLUMNS).cast(pa.schema({"score": pa.int8(), "région": pa.string_view()}))
    ),
    "duckdb": _relation,
    "nanoarrow": lambda: na.ArrayStream(pa.table(COLUMNS)),
}


class TestColumns:
    @pytest.mark.parametrize("kind", NUMBERS)
    def test_numbers_and_their_gaps(self, kind: str) -> None:
        """Ten, nothing, three: the same from every library, each with its own nothing."""
        column = read_column(NUMBERS[kind](), "scores")
        assert column.is_missing.tolist() == [False, True, False]
        assert column.values[[0, 2]].astype(float).tolist() == [10.0, 3.0]
        assert column.values.dtype.kind in "iuf"

    @pytest.mark.parametrize("kind", TEXTS)
    def test_texts_and_their_gaps(self, kind: str) -> None:
        """Texts come as plain texts, also out of categories and dictionaries."""
        column = read_column(TEXTS[kind](), "labels")
        assert column.is_missing.tolist() == [False, True, False]
        assert column.values[[0, 2]].tolist() == ["a", "b"]

    @pytest.mark.parametrize(
        "data",
        [
            [2**60 + 1, None],
            pd.Series([2**60 + 1, None], dtype="Int64"),
            pl.Series([2**60 + 1, None]),
            pa.array([2**60 + 1, None]),
            na.Array([2**60 + 1, None], na.int64()),
        ],
    )
    def test_long_numbers_stay_whole(self, data: Any) -> None:
        """An identifier of 19 digits is not rounded because a value is missing."""
        assert read_column(data, "ids").values[0] == 2**60 + 1

    def test_names_come_along(self) -> None:
        """A Series brings its name; a list has none."""
        assert read_column(pd.Series([1], name="score"), "x").name == "score"
        assert read_column(pl.Series("score", [1]), "x").name == "score"
        assert read_column([1], "x").name is None

    def test_booleans_are_no_numbers(self) -> None:
        """Truth values are an array of their own, and never mix with numbers."""
        assert read_column([True, None, False], "x").values.dtype == bool
        assert read_column(pl.Series([True, None]), "x").values.dtype == bool
        assert read_column([1, True], "x").values.dtype == object

    def test_empty_columns(self) -> None:
        """No rows are a column of no rows."""
        for data in ([], np.array([]), pd.Series([], dtype=float), pl.Series([]), pa.array([])):
            assert len(read_column(data, "x")) == 0

    def test_columns_that_were_read_are_taken_as_they_are(self) -> None:
        """Reading twice changes nothing."""
        column = read_column([1, 2], "x")
        assert read_column(column, "x") is column

    def test_nothing_is_changed(self) -> None:
        """The data of the caller stay as they were, and can be written by the caller alone."""
        for data in (np.array([1.0, NAN]), np.ma.array([1, 2], mask=[0, 1])):
            before = data.copy()
            column = read_column(data, "x")
            assert data.flags.writeable
            assert not column.values.flags.writeable
            assert np.array_equal(np.ma.getdata(data), np.ma.getdata(before), equal_nan=True)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ("score", "of the type str"),
            (5, "of the type int"),
            (None, "of the type NoneType"),
            (np.zeros((2, 2)), "2 dimensions"),
            (np.array(5), "0 dimensions"),
            ([[1], [2]], "several values"),
            ([np.array([1]), 2], "several values"),
            ([pd.Series([1])], "several values"),
            ([10**30], "18 digits"),
            ({"a": [1]}, "is a table"),
            (pd.DataFrame({"a": [1]}), "is a table"),
            (pa.table({"a": [1]}), "is a table"),
        ],
    )
    def test_what_is_no_column_is_refused(self, data: Any, message: str) -> None:
        """What is not one value a row gets an error that says what it is."""
        with pytest.raises(UsageError, match=message):
            read_column(data, "the answers")


class TestTables:
    @pytest.mark.parametrize("kind", TABLES)
    def test_columns_are_had_by_name(self, kind: str) -> None:
        """Any table gives the same columns, with names that are not ASCII too."""
        opened = open_data(TABLES[kind](), "x")
        assert isinstance(opened, Frame)
        assert opened.names == ("score", "région")
        part = opened.select({"score": "x", "région": "x"})
        score, region = part.column("score", "x"), part.column("région", "x")
        assert score.is_missing.tolist() == region.is_missing.tolist() == [False, True, False]
        assert score.values[[0, 2]].tolist() == [10, 3]
        assert region.values[2] == "a label of some length"
        assert score.name == "score"

    def test_structured_arrays_are_tables(self) -> None:
        """A NumPy array with named fields has columns."""
        opened = open_data(RECORDS, "x")
        assert isinstance(opened, Frame)
        assert opened.column("région", "x").values.tolist() == ["x", "y"]

    def test_lazy_tables_are_read_once(self) -> None:
        """All columns of a lazy table come from one query, so that rows stay together."""
        runs: list[int] = []

        def watch(frame: pl.DataFrame) -> pl.DataFrame:
            runs.append(1)
            return frame

        lazy = pl.LazyFrame(COLUMNS).map_batches(watch)
        opened = open_data(lazy, "x")
        assert isinstance(opened, Frame)
        part = opened.select({"score": "x", "région": "x"})
        part.column("score", "x")
        part.column("région", "x")
        assert len(runs) == 1

    def test_absent_columns_have_a_near_miss(self) -> None:
        """A misspelt column is answered with the right one."""
        opened = open_data(COLUMNS, "x")
        assert isinstance(opened, Frame)
        with pytest.raises(UsageError, match="no column 'scor' for the answers") as caught:
            opened.select({"scor": "the answers"})
        assert caught.value.hint == "did you mean 'score'?"

    @pytest.mark.parametrize(
        "table",
        [
            pd.DataFrame([[1, 2]], columns=["x", "x"]),
            pa.table([[1], [2]], names=["x", "x"]),
        ],
        ids=["pandas", "pyarrow"],
    )
    def test_two_columns_of_one_name_are_refused(self, table: Any) -> None:
        """Nobody can say which of them was meant."""
        with pytest.raises(UsageError, match="have the same name"):
            open_data(table, "the answers")

    def test_empty_streams_have_columns(self) -> None:
        """A table without rows still has its columns."""
        empty = pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string_view())})
        for table in (empty, Stream(empty), Stream(empty.select(["a"]))):
            opened = open_data(table, "x")
            assert isinstance(opened, Frame)
            assert len(opened.column("a", "x")) == 0


CORE_ONLY = """
import sys
for name in ("pandas", "polars", "pyarrow", "duckdb"):
    sys.modules[name] = None
import nanoarrow as na
import numpy as np
import cxm_core as cx
made = [
    cx.nps(data, by=["a", "b", "a", None])
    for data in (
        [10, 9, None, 3],
        np.array([10, 9, np.nan, 3]),
        na.Array([10, 9, None, 3], na.int64()),
    )
]
made.append(cx.nps({"score": [10, 9, None, 3], "by": ["a", "b", "a", None]}, "score", by="by"))
assert all(list(m.n) == [1, 1, 1] for m in made), made
print(na.ArrayStream(made[0]).schema.type.name, made[0].to_dict()["schema_version"])
"""


def test_core_alone_is_enough() -> None:
    """Lists, NumPy and nanoarrow work where no frame library is installed."""
    done = subprocess.run(
        [sys.executable, "-c", CORE_ONLY], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["STRUCT", "1"]


def test_a_column_keeps_its_length() -> None:
    """`len` of a column is its rows."""
    assert len(Column(values=np.zeros(3), is_missing=np.zeros(3, bool))) == 3
