"""Quantiles."""

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

VALUES = st.lists(st.integers(0, 500), min_size=1, max_size=80)


class TestByHand:
    def test_groups_without_a_number(self) -> None:
        """A group whose rows bear no number, or no weight, stands there without a figure."""
        made = cx.quantile(
            [2, 2, None, 5, 7], by=["c", "c", "b", "a", None], weights=[1, 1, 1, 0, 1]
        )
        assert made.groups == ("a", "b", "c", None)
        assert made.n.tolist() == [1, 0, 2, 1]
        assert [made[name].value for name in ("a", "b", "c", None)] == [None, None, 2.0, 7.0]
        told = [[caveat.code for caveat in made[name].caveats] for name in ("a", "b")]
        assert told == [["no_weight"], ["no_answers"]]

    def test_median_of_six(self) -> None:
        """Of six numbers the median lies between the least and the largest, at 97 %."""
        made = cx.quantile([1, 2, 3, 4, 5, 60], unit="hours")
        assert (made.value, made.low, made.high, made.unit) == (3.5, 1.0, 60.0, "hours")
        assert made.standard_error is None

    def test_a_limit_that_is_not_reached(self) -> None:
        """Nine in ten of twenty: no number is surely high enough, and the result says so."""
        made = cx.quantile(range(20), q=0.9)
        assert made.high is None
        assert "not_reached" in [caveat.code for caveat in made.caveats]
        assert "or more" in repr(made)

    def test_frames_and_groups(self) -> None:
        """Frames of all kinds agree; rows without a group are one of their own."""
        data = {"h": [1.0, 2.0, None, 8.0, 9.0, 4.0], "g": ["a", "b", "a", None, "b", "a"]}
        made = [
            cx.quantile(table, "h", by="g")
            for table in (data, pd.DataFrame(data), pl.DataFrame(data), pl.LazyFrame(data))
        ]
        assert [m.to_json() for m in made[1:]] == [made[0].to_json()] * 3
        assert made[0]["a"].value == 2.5
        assert made[0][None].value == 8.0
        assert made[0].receipt.exclusions == (("missing", 1),)

    def test_two_axes(self) -> None:
        """Groups of two axes have their own medians."""
        made = cx.quantile([1, 2, 3, 4], by=[["a", "a", "b", "b"], [1, 1, 1, 2]])
        assert made["a", 1].value == 1.5
        assert made["b", 2].value == 4.0

    def test_nobody(self) -> None:
        """Of nobody there is no quantile."""
        made = cx.quantile([None])
        assert (made.value, [c.code for c in made.caveats]) == (None, ["no_answers"])

    def test_other_levels(self) -> None:
        """Of the median of 1 to 100 the limits at 80 % are the values of rank 44 and 57."""
        low, high = cx.quantile(range(1, 101)).confidence_interval(0.8)
        assert (low, high) == (44.0, 57.0)


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"q": 1.0}, "must lie between"),
            ({"q": 95}, "must lie between"),
            ({"method": "woodruff"}, "no interval method"),
        ],
    )
    def test_no_quantile(self, options: dict[str, Any], message: str) -> None:
        """A quantile lies between 0 and 1, and has one method."""
        with pytest.raises(UsageError, match=message):
            cx.quantile([1, 2], **options)

    def test_no_numbers(self) -> None:
        """Text and endless numbers are refused without a word of what they are."""
        with pytest.raises(UsageError, match="2 of 2 values of the numbers are text") as text:
            cx.quantile(["secret", "words"])
        assert "secret" not in str(text.value)
        with pytest.raises(UsageError, match="endless"):
            cx.quantile([1.0, np.inf])


class TestByLaw:
    @given(VALUES, st.floats(0.05, 0.95))
    def test_limits_were_seen(self, values: list[int], q: float) -> None:
        """Limits are values of the data, on either side of the quantile."""
        made = cx.quantile(values, q=q)
        for limit in (made.low, made.high):
            assert limit is None or limit in values
        assert made.low is None or made.low <= made.value
        assert made.high is None or made.value <= made.high

    @given(VALUES)
    def test_order_and_equal_weights_do_not_matter(self, values: list[int]) -> None:
        """Rows in another order, or all with one weight, have the same quantile."""
        made = cx.quantile(values)
        assert cx.quantile(values[::-1]) == made
        assert cx.quantile(values, weights=[2.5] * len(values)).value == made.value

    @given(VALUES)
    def test_what_grows_with_it(self, values: list[int]) -> None:
        """Squared numbers have squared limits: only the order counts."""
        plain, squared = cx.quantile(values), cx.quantile([v**2 for v in values])
        assert squared.low == (None if plain.low is None else plain.low**2)

    @given(VALUES, st.integers(0, 2**32))
    def test_nothing_is_drawn(self, values: list[int], seed: int) -> None:
        """The common keyword rng is taken, the result is the same, and a generator stays put."""
        generator = np.random.default_rng(seed)
        before = generator.bit_generator.state
        made = cx.quantile(values)
        assert cx.quantile(values, rng=seed) == made
        assert cx.quantile(values, rng=generator) == made
        assert generator.bit_generator.state == before

    @pytest.mark.parametrize("rng", ["7", -1, True, 0.5])
    def test_what_is_no_source_of_numbers(self, rng: Any) -> None:
        """A setting that could not draw is refused, as where a method draws."""
        with pytest.raises(UsageError, match="rng="):
            cx.quantile([1, 2, 3], rng=rng)


class TestByReference:
    @given(VALUES)
    def test_numpy(self, values: list[int]) -> None:
        """The median is NumPy's."""
        assert cx.quantile(values).value == np.median(values)

    def test_clusters(self) -> None:
        """Five answers of each customer alike: the limits are those of the customers."""
        values = np.repeat(np.arange(40), 5)
        made = cx.quantile(values, clusters=values)
        alone = cx.quantile(range(40))
        assert made.value == alone.value
        assert (made.low, made.high) == pytest.approx((alone.low, alone.high), abs=1.0)
        plain = cx.quantile(values)
        assert plain.high - plain.low < 0.6 * (made.high - made.low)


def test_what_a_design_costs_is_told() -> None:
    """Rows of one customer that are alike are worth less, which method and caveat say."""
    numbers = [float(place // 20) for place in range(1_000)]
    made = cx.quantile(numbers, clusters=[place // 20 for place in range(1_000)])
    assert made.effective_n is not None
    assert made.effective_n < 100
    assert made.method == "order_statistics, design effective n"
    assert [caveat.code for caveat in made.caveats] == ["design_effect"]
