"""Real answers: passengers of San Francisco airport in 2017 and 2018, from every kind of table."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import cxm_core as cx
from cxm_core.engines import usage
from cxm_core.errors import UsageError

NUMBERS = ("NETPRO", "WEIGHT", "STRATA", "RUNID", "Q7ALL", "Q7ART")
FIGURES = {
    2017: {
        "n": 2746,
        "nps": 39.839767,
        "se": 1.334137,
        "weighted": 40.398436,
        "weighted_se": 1.524684,
        "top_n": 2688,
        "top": 0.820685,
    },
    2018: {
        "n": 2650,
        "nps": 30.981132,
        "se": 1.442203,
        "weighted": 35.113632,
        "weighted_se": 2.208824,
        "top_n": 2625,
        "top": 0.784381,
    },
}
DESIGN = {"weights": "WEIGHT", "strata": "STRATA", "clusters": "RUNID"}


def _cell(text: str) -> float | str | None:
    if not text.strip():
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


@cache
def _lists(folder: Path, year: int) -> dict[str, list[Any]]:
    with gzip.open(folder / f"sfo_{year}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [_cell(row[name]) for row in rows] for name in NUMBERS}


def _numbers(folder: Path, year: int) -> dict[str, list[Any]]:
    columns = _lists(folder, year)
    return {n: [None if isinstance(v, str) else v for v in values] for n, values in columns.items()}


READERS: dict[str, Callable[[Path, int], Any]] = {
    "lists": _lists,
    "pandas": lambda folder, year: pd.read_csv(
        folder / f"sfo_{year}.csv.gz", usecols=list(NUMBERS), na_values=["Blank"]
    ),
    "pandas nullable": lambda folder, year: pd.read_csv(
        folder / f"sfo_{year}.csv.gz",
        usecols=list(NUMBERS),
        na_values=["Blank"],
        dtype_backend="numpy_nullable",
    ),
    "pandas objects": lambda folder, year: pd.DataFrame(_lists(folder, year), dtype=object),
    "polars": lambda folder, year: pl.read_csv(
        folder / f"sfo_{year}.csv.gz",
        columns=list(NUMBERS),
        null_values=["Blank", ""],
        infer_schema_length=None,
    ),
    "polars lazy": lambda folder, year: pl.LazyFrame(_numbers(folder, year), strict=False),
    "pyarrow": lambda folder, year: pa.table(_numbers(folder, year)),
}


@pytest.mark.parametrize("year", FIGURES)
@pytest.mark.parametrize("reader", READERS)
class TestByReference:
    def test_the_score(self, sfo: Path, reader: str, year: int) -> None:
        """n, score and multinomial error of both waves."""
        made = cx.nps(READERS[reader](sfo, year), "NETPRO", missing=(11,))
        wanted = FIGURES[year]
        assert made.n == wanted["n"]
        assert made.value == pytest.approx(wanted["nps"], abs=5e-7)
        assert made.standard_error == pytest.approx(wanted["se"], abs=5e-7)

    def test_the_weighted_score(self, sfo: Path, reader: str, year: int) -> None:
        """Score and error with weights, strata and runs."""
        made = cx.nps(READERS[reader](sfo, year), "NETPRO", missing=(11,), **DESIGN)
        wanted = FIGURES[year]
        assert made.value == pytest.approx(wanted["weighted"], abs=5e-7)
        assert made.standard_error == pytest.approx(wanted["weighted_se"], abs=5e-7)

    def test_the_airport_as_a_whole(self, sfo: Path, reader: str, year: int) -> None:
        """Share of the top two of five; blank, the word Blank, 0 and 6 are no answer."""
        made = cx.top_box(READERS[reader](sfo, year), "Q7ALL", scale="1-5", missing=("Blank", 0, 6))
        assert made.n == FIGURES[year]["top_n"]
        assert made.value == pytest.approx(FIGURES[year]["top"], abs=5e-7)

    def test_strata_apart(self, sfo: Path, reader: str, year: int) -> None:
        """Groups by name and by sequence are the same, and add up."""
        table = READERS[reader](sfo, year)
        made = cx.nps(table, "NETPRO", by="STRATA", missing=(11,), weights="WEIGHT")
        assert made.groups == (1, 2, 3)
        assert made.n.sum() == FIGURES[year]["n"]
        assert [caveat.code for caveat in made.caveats] == []


def test_wilson_by_hand(sfo: Path) -> None:
    """The interval of the top two by Wilson, 2017."""
    made = cx.top_box(
        _lists(sfo, 2017), "Q7ALL", scale="1-5", missing=("Blank", 0, 6), method="wilson"
    )
    assert (made.low, made.high) == pytest.approx((0.805728, 0.834726), abs=5e-7)


def test_the_change(sfo: Path) -> None:
    """Change between the waves, plain and weighted."""
    plain = [cx.nps(_lists(sfo, year), "NETPRO", missing=(11,)) for year in FIGURES]
    weighted = [cx.nps(_lists(sfo, y), "NETPRO", missing=(11,), **DESIGN) for y in FIGURES]
    assert cx.compare(*plain).value == pytest.approx(-8.858635, abs=5e-7)
    assert cx.compare(*weighted).value == pytest.approx(-5.284803, abs=5e-7)


def test_all_libraries_give_one_result(sfo: Path) -> None:
    """To the last bit, receipt included, whatever the table is made of.

    An engine that counts for itself adds up weights in an order of its own: to 1e-12 then.
    """
    made = {
        name: cx.nps(read(sfo, 2018), "NETPRO", by="STRATA", missing=(11,), **DESIGN)
        for name, read in READERS.items()
    }
    first = made["lists"]
    assert [name for name, other in made.items() if other != first] in ([], ["polars lazy"])
    for other in made.values():
        assert other.receipt == first.receipt
        assert np.array_equal(other.n, first.n)
        for part in ("value", "low", "high", "standard_error"):
            np.testing.assert_allclose(getattr(other, part), getattr(first, part), rtol=1e-12)


@pytest.mark.parametrize(("year", "count"), [(2017, 84), (2018, 159)])
def test_the_code_for_no_answer_is_named(sfo: Path, year: int, count: int) -> None:
    """Without `missing` the error names 11, its count and the argument."""
    with pytest.raises(UsageError, match=f"{count} answers have the value 11") as caught:
        cx.nps(_lists(sfo, year), "NETPRO")
    assert caught.value.hint == "missing=(11,) if 11 means no answer"


def test_twelve_answers_have_no_run(sfo: Path) -> None:
    """The twelve answers of 2018 without an interview run are told."""
    made = cx.nps(_lists(sfo, 2018), "NETPRO", missing=(11,), **DESIGN)
    message = next(c.message for c in made.caveats if c.code == "unclustered")
    assert message.startswith("12 answers have no cluster")


def test_who_used_it(sfo: Path) -> None:
    """Rated low of all asked is rated low of users times used it, on the art in the halls."""
    codes = {0: "no_answer", 6: "not_applicable"}
    table = _lists(sfo, 2017)
    asked = cx.bottom_box(table, "Q7ART", scale="1-5", missing=codes, of="asked")
    users = cx.bottom_box(table, "Q7ART", scale="1-5", missing=codes)
    used = usage(table, "Q7ART", scale="1-5", missing=codes)
    assert asked.value == pytest.approx(users.value * used.value)
    assert 0 < users.n < asked.n == used.n < 2831
