"""Weights to known margins, from the table to the interval."""

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

REGIONS = ["N"] * 30 + ["S"] * 10
PLANS = ["basic", "plus"] * 20
SCORES = [10, 9, 8, 3] * 5 + [9, 10] * 5 + [3, 0, 7, 9, 10] * 2
TABLE = {"region": REGIONS, "plan": PLANS, "score": SCORES}
REGION = {"region": {"N": 1000, "S": 3000}}
BOTH = {**REGION, "plan": {"basic": 3000, "plus": 1000}}


class TestByHand:
    def test_one_margin(self) -> None:
        """Each region stands for its customers; the value is the mean of the regions' values."""
        found = cx.weigh(TABLE, REGION, margins="region")
        assert found.weights[0] == pytest.approx(1000 / 30)
        assert found.weights[-1] == pytest.approx(300)
        assert found.population == 4000
        north, south = (cx.nps(SCORES[part]).value for part in (slice(30), slice(30, 40)))
        assert north is not None
        assert south is not None
        weighted = cx.nps(TABLE, "score", weights=found)
        assert weighted.value == pytest.approx((north + 3 * south) / 4)
        assert weighted.receipt.design == ("weights", "margins")

    def test_combinations(self) -> None:
        """A tuple weighs to each combination of its columns."""
        totals = {("N", "basic"): 10, ("N", "plus"): 20, ("S", "basic"): 30, ("S", "plus"): 40}
        found = cx.weigh(TABLE, {("region", "plan"): totals}, margins=[("region", "plan")])
        assert found.margins[0].labels == ("N & basic", "N & plus", "S & basic", "S & plus")
        assert found.margins[0].weighted.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
        assert found.method == "post-stratification"

    def test_shares_weigh_to_the_sample(self) -> None:
        """Shares and percentages give weights with the mean one, and no population."""
        for whole in (1.0, 100.0):
            shares = {"region": {"N": 0.25 * whole, "S": 0.75 * whole}}
            found = cx.weigh(TABLE, shares, margins="region")
            assert found.weights.mean() == pytest.approx(1.0)
            assert found.population is None

    def test_a_table_of_everybody(self) -> None:
        """A population may be a table with a row for each customer."""
        everybody = pl.DataFrame({"region": ["S"] * 300 + ["N"] * 100})
        one = cx.weigh(TABLE, everybody, margins=["region"])
        assert one.weights.tolist() == pytest.approx(
            (cx.weigh(TABLE, REGION, margins="region").weights / 10).tolist()
        )

    @pytest.mark.parametrize(
        ("rows", "keys"),
        [
            ([1, 2] * 5, list(np.array([1, 2]))),
            ([1, 2] * 5, [1.0, 2.0]),
            (["a", "b"] * 5, list(np.array(["a", "b"]))),
            ([True, False] * 5, list(np.array([True, False]))),
        ],
    )
    def test_categories_are_labels_however_they_are_written(
        self, rows: list[Any], keys: list[Any]
    ) -> None:
        """A category of NumPy is that of the sample, as a group's label is."""
        totals = dict(zip(keys, (30, 10), strict=True))
        found = cx.weigh({"kind": rows}, {"kind": totals}, margins="kind")
        assert found.weights[:2].tolist() == pytest.approx([6.0, 2.0])

    def test_caveats(self) -> None:
        """Cut weights, thin categories, costly weights and unused sizes are told in the result."""
        heavy = {"region": {"N": 10, "S": 990}}
        found = cx.weigh(TABLE, heavy, margins="region", max_weight=3.5, max_rounds=20)
        assert [c.code for c in found.caveats] == ["not_converged", "trimmed", "design_effect"]
        assert "10 weights were cut" in found.caveats[1].message
        result = cx.nps(TABLE, "score", weights=found)
        assert {"trimmed", "not_converged"} <= {c.code for c in result.caveats}
        thin = cx.weigh({"region": ["N"] * 30 + ["S"]}, REGION, margins="region")
        assert [c.code for c in thin.caveats] == ["thin_margins", "design_effect"]

    def test_a_large_part_of_the_population_is_told(self) -> None:
        """Above 5 % either the size is used, which is said, or it is said that it is not."""
        few = {"region": {"N": 100, "S": 300}}
        weighting = cx.weigh(TABLE, few, margins="region")
        unused = cx.nps(TABLE, "score", weights=weighting)
        used = cx.nps(TABLE, "score", weights=weighting, population=400)
        assert "population_unknown" in [c.code for c in unused.caveats]
        assert "population_share" in [c.code for c in used.caveats]
        assert used.standard_error == pytest.approx((unused.standard_error or 0) * np.sqrt(0.9))
        large = cx.nps(TABLE, "score", weights=cx.weigh(TABLE, REGION, margins="region"))
        assert not {"population_unknown", "population_share"} & {c.code for c in large.caveats}


class TestByLaw:
    @given(st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, random: Any) -> None:
        """Rows in another order give the same weights, and the same figure."""
        order = list(range(40))
        random.shuffle(order)
        mixed = {name: [values[i] for i in order] for name, values in TABLE.items()}
        one, other = (cx.weigh(t, BOTH, margins=["region", "plan"]) for t in (TABLE, mixed))
        assert other.weights == pytest.approx(one.weights[order], rel=1e-7)
        a, b = (cx.nps(t, "score", weights=w) for t, w in ((TABLE, one), (mixed, other)))
        assert b.low == pytest.approx(a.low, abs=1e-6)
        assert b.standard_error == pytest.approx(a.standard_error, rel=1e-7)

    @pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict])
    def test_any_table(self, make: Any) -> None:
        """The same weights whatever the table is made of."""
        found = cx.weigh(make(TABLE), BOTH, margins=["region", "plan"])
        assert found == cx.weigh(TABLE, BOTH, margins=["region", "plan"])

    def test_a_tally_knows_it_was_weighed(self) -> None:
        """Array and tally meet: the same interval either way."""
        weighting = cx.weigh(TABLE, BOTH, margins=["region", "plan"])
        tally = cx.tally(TABLE, "score", scale="0-10", weights=weighting)
        one, other = cx.nps(tally), cx.nps(TABLE, "score", weights=weighting)
        assert (one.low, one.high, one.standard_error) == (
            other.low,
            other.high,
            other.standard_error,
        )

    def test_the_level_can_be_changed(self) -> None:
        """Another level is made from the same numbers, its own level to the bit."""
        weighting = cx.weigh(TABLE, BOTH, margins=["region", "plan"])
        found = cx.nps(TABLE, "score", weights=weighting, population=4000)
        assert found.confidence_interval(0.95) == (found.low, found.high)
        again = cx.nps(TABLE, "score", weights=weighting, population=4000, confidence_level=0.8)
        assert found.at_level(0.8).low == pytest.approx(again.low)

    def test_what_margins_explain_is_not_doubt(self) -> None:
        """Weights alone give a wider interval than the weighting that made them."""
        scores = [10, 9] * 48 + [3] * 4 + [2, 1] * 48 + [10] * 4
        table = {"plan": ["a"] * 100 + ["b"] * 100, "score": scores}
        weighting = cx.weigh(table, {"plan": {"a": 6000, "b": 4000}}, margins="plan")
        knowing, naive = (cx.nps(table, "score", weights=w) for w in (weighting, weighting.weights))
        assert knowing.value == pytest.approx(naive.value)
        assert (knowing.high or 0) - (knowing.low or 0) < 0.5 * (
            (naive.high or 0) - (naive.low or 0)
        )


class TestByReference:
    def test_start_weights_and_columns(self) -> None:
        """Weights to start from, by name or as a sequence; the rest is in `tests/reference`."""
        table = {**TABLE, "w": [1.0, 2.0] * 20}
        one = cx.weigh(table, REGION, margins="region", weights="w")
        assert one == cx.weigh(table, REGION, margins="region", weights=table["w"])
        assert one.weights[1] == pytest.approx(2 * one.weights[0])
        assert one.factors[0] == pytest.approx(one.factors[1])


@pytest.mark.parametrize(
    ("sample", "population", "margins", "match"),
    [
        (TABLE, {"region": {"N": 1}}, "region", "10 of 40 rows are in a category of region"),
        (TABLE, {"region": {"N": 1, "S": 1, "W": 1}}, "region", "1 of 3 categories of region"),
        (TABLE, {"plan": {"basic": 1, "plus": 1}}, "region", "no margin region"),
        (TABLE, {"region": {"N": 0, "S": 1}}, "region", "not above zero"),
        (
            TABLE,
            {**REGION, "plan": {"basic": 1, "plus": 1}},
            ["region", "plan"],
            "different totals",
        ),
        (TABLE, REGION, [], "0 margins"),
        (TABLE, REGION, ["region", "region"], "named"),
        (TABLE, REGION, "regoin", "no column 'regoin'"),
        ([1, 2], REGION, "region", "one column"),
        ({"region": []}, REGION, "region", "have nobody"),
        ({"region": [1] * 5}, {"region": {"1": 5}}, "region", "5 of 5 rows"),
    ],
)
def test_refusals(sample: Any, population: Any, margins: Any, match: str) -> None:
    """What cannot be weighed is an error with its counts, and no label of a row."""
    with pytest.raises(UsageError, match=match):
        cx.weigh(sample, population, margins=margins)


@pytest.mark.parametrize("weights", [[1.0] * 39, [1.0] * 39 + [0.0], [1.0] * 39 + [None]])
def test_start_weights_are_above_zero_and_one_a_row(weights: Any) -> None:
    """A row that stands for nobody has no place in a weighting."""
    with pytest.raises(UsageError, match="weights"):
        cx.weigh(TABLE, REGION, margins="region", weights=weights)


def test_a_weighting_of_other_rows_is_refused() -> None:
    """Weights match rows by their position, so both need one length."""
    weighting = cx.weigh(TABLE, REGION, margins="region")
    with pytest.raises(UsageError, match="weights"):
        cx.nps(SCORES[:39], weights=weighting)
