"""A tally's spec, run on arrays and frames."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.columns import reduce_frame
from cxm_core.errors import UsageError
from cxm_core.stats import Axis, Filter, TallySpec, merge

ROWS = {
    "question": ["q1", "q1", "q2", "q1", "q1", None],
    "score_value": [5, None, 9, 1, None, 3],
    "no_answer": [None, "not_applicable", None, None, "refused", None],
    "region": ["N", "N", "S", "S", None, "N"],
    "occurred_at": [datetime(2026, 11, day, 23, 30, tzinfo=UTC) for day in (1, 2, 3, 8, 9, 15)],
    "weight": [1.0, 2.0, 1.0, 0.5, None, 1.0],
    "stratum": ["a", "a", "a", "b", "b", "b"],
    "cluster": ["c1", "c2", "c2", "c3", "c3", "c4"],
}
ONE = Filter(column="question", values=("q1",))


def _spec(**parts: Any) -> TallySpec:
    facts: dict[str, Any] = {
        "kind": "response",
        "value": "score_value",
        "levels": (1, 2, 3, 4, 5, "not_applicable"),
        "category": "no_answer",
        "where": (ONE,),
    }
    return TallySpec(**{**facts, **parts})


class TestByHand:
    def test_levels_and_words(self) -> None:
        """Values and words are levels; other words and other questions are none."""
        assert reduce_frame(_spec(), ROWS).n.tolist() == [[1, 0, 0, 0, 1, 1]]

    @pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
    def test_any_table(self, make: Any) -> None:
        """Every library's table gives the same tally."""
        spec = _spec(
            by=(Axis(name="region", column="region"),), cluster="cluster", stratum="stratum"
        )
        assert reduce_frame(spec, make(ROWS)) == reduce_frame(spec, ROWS)

    def test_a_list_of_rows(self) -> None:
        """Rows as mappings are a table too."""
        rows = [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
        assert reduce_frame(_spec(), rows) == reduce_frame(_spec(), ROWS)

    def test_filters_know_the_missing(self) -> None:
        """None in a filter stands for rows without a value."""
        spec = _spec(where=(Filter(column="question", values=(None,)),))
        assert reduce_frame(spec, ROWS).n.sum() == 1

    def test_filters_all_hold(self) -> None:
        """Every filter must hold."""
        spec = _spec(where=(ONE, Filter(column="region", values=("S",))))
        assert reduce_frame(spec, ROWS).n.tolist() == [[1, 0, 0, 0, 0, 0]]

    def test_periods_are_those_of_the_zone(self) -> None:
        """Half past eleven in the evening in UTC is the next day in Berlin."""
        axis = Axis(name="week", column="occurred_at", period="week", zone="Europe/Berlin")
        assert reduce_frame(_spec(by=(axis,)), ROWS).labels == (("2026-W45", "2026-W46"),)

    def test_instants_without_a_zone_are_utc(self) -> None:
        """Stores keep UTC without a zone; the calendar's zone does not change that."""
        axis = Axis(name="day", column="occurred_at", period="day", zone="Asia/Tokyo")
        bare = {**ROWS, "occurred_at": [at.replace(tzinfo=None) for at in ROWS["occurred_at"]]}  # type: ignore[attr-defined]  # times
        assert reduce_frame(_spec(by=(axis,)), bare) == reduce_frame(_spec(by=(axis,)), ROWS)

    def test_weights_are_summed(self) -> None:
        """Weights of the rows that count are added up; others need none."""
        assert reduce_frame(_spec(weight="weight"), ROWS).w.tolist() == [[0.5, 0, 0, 0, 1, 2]]


class TestErrors:
    def test_absent_columns_have_a_near_miss(self) -> None:
        """A column that is not there is named with its nearest neighbour."""
        with pytest.raises(UsageError, match="did you mean 'region'"):
            reduce_frame(_spec(by=(Axis(name="r", column="regon"),)), ROWS)

    def test_values_that_are_no_level_are_refused(self) -> None:
        """A score of another scale does not vanish in silence."""
        with pytest.raises(UsageError, match="1 rows have a score_value that is none of the 6"):
            reduce_frame(_spec(where=()), ROWS)

    def test_answers_without_a_weight_are_refused(self) -> None:
        """A row that counts must have its weight."""
        with pytest.raises(UsageError, match="1 of 3 answers have no weight"):
            reduce_frame(_spec(weight="weight"), {**ROWS, "weight": [None, 1, 1, 1, 1, 1]})

    def test_one_column_is_no_table(self) -> None:
        """A spec needs named columns."""
        with pytest.raises(UsageError, match="run on a table"):
            reduce_frame(_spec(), [1, 2])


rows = st.lists(
    st.tuples(
        st.sampled_from(["q1", "q2", None]),
        st.one_of(st.none(), st.integers(1, 5)),
        st.sampled_from([None, "not_applicable", "refused"]),
        st.sampled_from(["N", "S", None]),
    )
)


def _table(part: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    names = ("question", "score_value", "no_answer", "region")
    return {name: [row[i] for row in part] for i, name in enumerate(names)}


class TestByLaw:
    @given(rows, rows)
    def test_parts_add_up(self, one: list[Any], other: list[Any]) -> None:
        """The tally of two tables is the sum of their tallies, to the bit."""
        spec = _spec(by=(Axis(name="region", column="region"),))
        parts = merge([reduce_frame(spec, _table(one)), reduce_frame(spec, _table(other))])
        assert parts == reduce_frame(spec, _table(one + other))

    @given(rows)
    def test_order_does_not_matter(self, part: list[Any]) -> None:
        """Rows in any order give the same tally."""
        spec = _spec(by=(Axis(name="region", column="region"),))
        assert reduce_frame(spec, _table(part)) == reduce_frame(spec, _table(part[::-1]))

    @given(rows)
    def test_it_meets_the_other_way_in(self, part: list[Any]) -> None:
        """A spec on a table and plain arrays meet at the same tally."""
        kept = [row for row in part if row[0] == "q1"]
        values = [
            row[1] if row[1] is not None else {"not_applicable": 6}.get(row[2]) for row in kept
        ]
        spec = _spec(by=(Axis(name="region", column="region"),))
        arrays = cx.tally(
            values,
            scale="1-5",
            by={"region": [row[3] for row in kept]},
            missing={6: "not_applicable"},
        )
        assert reduce_frame(spec, _table(part)) == arrays
