"""Ratio of two sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.stats import fieller

ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=3, max_size=40)


class TestByHand:
    def test_contacts_per_order(self) -> None:
        """Six contacts and six orders: one each, not the mean of the rows' own ratios."""
        made = cx.ratio([3, 0, 2, 1], [1, 1, 2, 2], unit="contacts per order")
        assert (made.value, made.unit, made.n) == (1.0, "contacts per order", 4)
        assert made.method == "fieller"

    def test_without_weight(self) -> None:
        """Where every weight is zero there is no figure, and the caveat says why."""
        made = cx.ratio([3, 0], [1, 1], weights=[0, 0])
        assert (made.value, [caveat.code for caveat in made.caveats]) == (None, ["no_weight"])

    def test_frames(self) -> None:
        """Of a table, both columns are named; pandas, polars, lazy ones and mappings agree."""
        data = {"c": [3, 0, 2, None], "o": [1, 1, 2, 2], "g": ["a", "b", "a", "b"]}
        tables = [data, pd.DataFrame(data), pl.DataFrame(data), pl.LazyFrame(data)]
        made = [cx.ratio(table, ("c", "o"), by="g") for table in tables]
        assert [m.to_json() for m in made[1:]] == [made[0].to_json()] * 3
        assert made[0]["a"].value == pytest.approx(5 / 3)
        assert made[0].receipt.exclusions == (("missing", 1),)
        assert made[0].receipt.steps == (("rows", 4), ("with both numbers", 3))

    def test_codes(self) -> None:
        """A code that means no number takes its row out."""
        made = cx.ratio([3, -1, 2], [1, 4, -1], missing={-1: "unknown"})
        assert (made.value, made.n) == (3.0, 1)
        assert made.receipt.exclusions == (("unknown", 2),)

    def test_nothing_below(self) -> None:
        """Divided by nothing there is no figure; nobody is told as such."""
        assert cx.ratio([1, 2], [0, 0]).value is None
        nobody = cx.ratio([], [])
        assert (nobody.value, [c.code for c in nobody.caveats]) == (None, ["no_answers"])

    def test_groups_without_a_number(self) -> None:
        """A group whose rows bear no number, or no weight, stands there without a figure."""
        made = cx.ratio(
            [1, 3, None, 5, 7],
            [1, 1, 1, 1, 1],
            by=["c", "c", "b", "a", None],
            weights=[1, 1, 1, 0, 1],
        )
        assert made.groups == ("a", "b", "c", None)
        assert made.n.tolist() == [0, 0, 2, 1]
        assert [made[name].value for name in ("a", "b", "c")] == [None, None, 2.0]
        told = [[caveat.code for caveat in made[name].caveats] for name in ("a", "b")]
        assert told == [["no_weight"], ["no_answers"]]
        assert made.confidence_interval(0.9).low.size == 4

    def test_rows_that_agree(self) -> None:
        """Where every row has the same ratio, the reader is warned of the width."""
        made = cx.ratio([2, 4] * 20, [1, 2] * 20)
        assert "no_spread" in [caveat.code for caveat in made.caveats]

    def test_another_level_and_method(self) -> None:
        """The interval is made again at another level; delta is on request."""
        made = cx.ratio([3, 0, 2, 1] * 10, [1, 1, 2, 2] * 10)
        low, high = made.confidence_interval(0.8)
        assert made.low < low < 1 < high < made.high
        delta = cx.ratio([3, 0, 2, 1] * 10, [1, 1, 2, 2] * 10, method="delta")
        assert delta.value - delta.low == pytest.approx(delta.high - delta.value)

    def test_not_below_zero(self) -> None:
        """Numbers that are never negative have no limit below zero; others may."""
        assert cx.ratio([1, 0, 0, 0, 0, 0], [1, 2, 1, 2, 1, 2]).low == 0.0
        assert cx.ratio([1, 0, 0, -1, 0, 1], [1, 2, 1, 2, 1, 2]).low < 0.0

    def test_clusters_and_population(self) -> None:
        """Rows of one customer are worth less; a population that was drawn leaves less doubt."""
        rows = {"y": [1, 1, 0, 0, 2, 2] * 5, "x": [1, 1, 2, 2, 3, 1] * 5}
        names = [i // 2 for i in range(30)]
        plain, clustered, drawn = (
            cx.ratio(rows["y"], rows["x"], **design)
            for design in ({}, {"clusters": names}, {"clusters": names, "population": 20})
        )
        assert clustered.standard_error > plain.standard_error
        assert (plain.effective_n, clustered.effective_n) == (30, None)
        assert clustered.at_level(0.8).effective_n is None
        assert drawn.standard_error == pytest.approx(clustered.standard_error / 2)

    def test_the_form_for_a_table(self) -> None:
        """One column of a table is no ratio, and the cure names two."""
        with pytest.raises(UsageError, match="needs two columns") as told:
            cx.ratio({"contacts": [1], "orders": [2]}, "contacts")
        assert "('contacts', 'orders')" in str(told.value.hint)


class TestErrors:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (([1, 2],), "needs what is below"),
            (([1, 2], [1]), "has the length 1"),
            (([1, 2, 3], ["a", "b", "c"]), "are text"),
            (([1.0, np.inf], [1, 1]), "1 of 2 numbers are endless"),
            (({"a": [1]}, ("a", "b")), "no column 'b'"),
        ],
    )
    def test_refusals(self, given: tuple[Any, ...], message: str) -> None:
        """What cannot be divided is refused."""
        with pytest.raises(UsageError, match=message):
            cx.ratio(*given)

    def test_method(self) -> None:
        """An unknown method has its neighbour named."""
        with pytest.raises(UsageError, match="did you mean 'delta'"):
            cx.ratio([1], [1], method="deltas")


class TestByLaw:
    @given(ROWS)
    def test_ones_below_make_a_mean(self, rows: list[tuple[int, int]]) -> None:
        """Divided by the number of rows, it is the mean, with Student's limits."""
        y = [row[0] for row in rows]
        made = cx.ratio(y, [1] * len(y), method="delta")
        wanted = cx.mean_score(y, scale="0-10", method="t")
        assert made.value == pytest.approx(wanted.value)
        assert made.high == pytest.approx(wanted.high, abs=1e-9)

    @given(ROWS)
    def test_groups_are_measured_alone(self, rows: list[tuple[int, int]]) -> None:
        """A simple group has the figure that its rows have by themselves."""
        y, x = (list(part) for part in zip(*rows, strict=True))
        made = cx.ratio(y + y, x + x, by=["a"] * len(y) + ["b"] * len(y))
        assert made["a"].value == pytest.approx(cx.ratio(y, x).value)


class TestByReference:
    def test_fieller_by_hand(self) -> None:
        """The limits are those of Fieller's theorem on the two means."""
        rng = np.random.default_rng(7)
        y, x = rng.poisson(2, 50), rng.poisson(5, 50)
        spread = np.cov(y, x) / 50
        wanted = fieller(
            (y.mean(), spread[0, 0]), (x.mean(), spread[1, 1]), 49, covariance=spread[0, 1]
        )
        made = cx.ratio(y, x)
        assert (made.low, made.high) == pytest.approx((float(wanted.low), float(wanted.high)))
