"""One suite for wherever the data lie: the same rows give the same counts and intervals."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError

ROWS = 5_000
Make = Callable[[pd.DataFrame], Any]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Answers with gaps and a code that means none, weights and a design."""
    rng = np.random.default_rng(20261122)
    scores = pd.array(rng.integers(0, 12, ROWS), dtype="Int64")
    scores[rng.random(ROWS) < 0.05] = pd.NA
    return pd.DataFrame(
        {
            "score": scores,
            "region": rng.choice(["North", "South", None], ROWS),
            "wave": rng.integers(2024, 2027, ROWS),
            # Sums of such weights are exact, so that no order of adding can show.
            "weight": rng.integers(1, 32, ROWS) / 8,
            "stratum": rng.choice(["a", "b"], ROWS),
            "customer": rng.integers(0, 700, ROWS),
        }
    )


def _numpy(frame: pd.DataFrame) -> Any:
    first, *others = frame.columns
    score = frame[first].to_numpy(float, na_value=np.nan)
    return {first: score} | {name: frame[name].to_numpy() for name in others}


def _polars(frame: pd.DataFrame) -> Any:
    return import_module("polars").from_pandas(frame)


def _pyarrow(frame: pd.DataFrame) -> Any:
    return import_module("pyarrow").Table.from_pandas(frame, preserve_index=False)


def _duckdb(frame: pd.DataFrame) -> Any:
    return import_module("duckdb").from_arrow(_pyarrow(frame))


IN_MEMORY: dict[str, Make] = {
    "numpy": _numpy,
    "pandas": lambda frame: frame,
    "polars": _polars,
    "polars, lazy": lambda frame: _polars(frame).lazy(),
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
}
CALLS: dict[str, dict[str, Any]] = {
    "plain": {},
    "by": {"by": "region"},
    "by two": {"by": ["region", "wave"]},
    "by another name": {"by": {"area": "region"}},
    "weighted": {"weights": "weight"},
    "weighted by": {"weights": "weight", "by": "wave"},
    "clustered": {"clusters": "customer"},
    "designed": {"weights": "weight", "strata": "stratum", "clusters": "customer", "by": "region"},
}


def _spark(frame: pd.DataFrame, folder: Path) -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if which("java") is None:
        pytest.skip("PySpark needs Java 17")
    path = folder / "rows.parquet"
    frame.to_parquet(path)
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.getOrCreate()
    try:
        yield session.read.parquet(str(path))
    finally:
        session.stop()


def _dask(frame: pd.DataFrame, folder: Path) -> Iterator[Any]:
    dask = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    yield dask.from_pandas(frame, npartitions=7)


def _daft(frame: pd.DataFrame, folder: Path) -> Iterator[Any]:
    daft = pytest.importorskip("daft", reason="Daft is not installed")
    yield daft.from_arrow(_pyarrow(frame))


FAR_AWAY = {"spark": _spark, "dask": _dask, "daft": _daft}


def assert_alike(one: Any, other: Any) -> None:
    """Counts are the same to the bit, intervals too."""
    assert np.array_equal(one.n, other.n)
    assert one.receipt == other.receipt
    for part in ("value", "low", "high", "standard_error", "effective_n"):
        np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=1e-12)


def check_all_calls(frame: pd.DataFrame, data: Any) -> None:
    """Every call gives from `data` what it gives from the frame."""
    for options in CALLS.values():
        expected = cx.nps(frame, "score", missing=(11,), **options)
        assert_alike(cx.nps(data, "score", missing=(11,), **options), expected)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", IN_MEMORY)
def test_metric_10_same_numbers(rows: pd.DataFrame, place: str, call: str) -> None:
    """Counts, intervals and receipt do not depend on the library that holds the rows."""
    data, options = IN_MEMORY[place](rows), CALLS[call]
    expected = cx.nps(rows, "score", missing=(11,), **options)
    assert_alike(cx.nps(data, "score", missing=(11,), **options), expected)


@pytest.mark.parametrize("place", IN_MEMORY)
def test_metric_10_same_tally(rows: pd.DataFrame, place: str) -> None:
    """Tallies are equal, and so may be merged wherever each was made."""
    frame = rows[rows["score"].isna() | (rows["score"] <= 10)]
    design = {"by": "region", "weights": "weight", "strata": "stratum"}
    expected = cx.tally(frame, "score", scale="0-10", **design)
    assert cx.tally(IN_MEMORY[place](frame), "score", scale="0-10", **design) == expected


@pytest.mark.parametrize("place", IN_MEMORY)
def test_same_refusals(rows: pd.DataFrame, place: str) -> None:
    """A value off the scale and weights that are none are refused, with the same counts."""
    data = IN_MEMORY[place](rows)
    with pytest.raises(UsageError) as expected:
        cx.nps(rows, "score")
    with pytest.raises(UsageError) as found:
        cx.nps(data, "score")
    assert str(found.value) == str(expected.value)
    bad = IN_MEMORY[place](rows.assign(weight=rows["weight"].where(rows["wave"] > 2024, -1.0)))
    with pytest.raises(UsageError, match=r"answers have a weight that is .*negative"):
        cx.nps(bad, "score", missing=(11,), weights="weight")


@pytest.mark.parametrize("place", IN_MEMORY)
@pytest.mark.parametrize("name", ["cxm_n", "cxm_w", "cxm_w2", "cxm_bad_weights"])
def test_metric_10_any_name(rows: pd.DataFrame, place: str, name: str) -> None:
    """A column may be called what the sums are called within."""
    frame = rows.rename(columns={"score": name})
    expected = cx.nps(rows, "score", missing=(11,), weights="weight")
    assert_alike(cx.nps(IN_MEMORY[place](frame), name, missing=(11,), weights="weight"), expected)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # other people's, while they start
@pytest.mark.parametrize("place", FAR_AWAY)
def test_metric_10_same_numbers_far_away(
    rows: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Engines that spread the rows count them as well, and only counts come back."""
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    for data in FAR_AWAY[place](rows, tmp_path):
        check_all_calls(rows, data)
