"""Answers with their groups, weights and design, as equally long arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxm_core.columns import Design, read_answers
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

SCALE = Scale.named("0-10")
TABLE = {
    "score": [10, 9, None, 3],
    "region": ["N", "S", "N", None],
    "week": [1, 1, 2, 2],
    "w": [1.0, 2.0, None, 0.5],
    "stratum": ["a", "a", "b", "b"],
    "customer": ["c1", "c1", "c2", None],
}


def _axes(data: Any, column: str | None = None, **design: Any) -> dict[str, list[Any]]:
    made = read_answers(data, column, scale=SCALE, design=Design(**design))
    return {
        axis.name: [None if code < 0 else axis.labels[code] for code in axis.codes]
        for axis in made.axes
    }


class TestGroups:
    @pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
    def test_names_and_sequences_are_the_same(self, make: Any) -> None:
        """A column named and a column passed give the same groups, from any table."""
        wanted = {"region": ["N", "S", "N", None], "week": [1, 1, 2, 2]}
        table = make(TABLE)
        assert _axes(table, "score", by=["region", "week"]) == wanted
        assert (
            _axes(TABLE["score"], by={"region": TABLE["region"], "week": TABLE["week"]}) == wanted
        )

    def test_a_list_of_labels_is_one_axis(self) -> None:
        """Labels in a list are one axis; lists in a list are one each."""
        assert _axes([1, 2], by=["N", "S"]) == {"group": ["N", "S"]}
        assert _axes([1, 2], by=("N", "S")) == {"group": ["N", "S"]}
        two = _axes([1, 2], by=[["N", "S"], np.array([1, 2])])
        assert two == {"group": ["N", "S"], "group_2": [1, 2]}

    def test_a_series_brings_its_name(self) -> None:
        """The axis is called what the Series is called, and a name is used once."""
        region = pl.Series("region", ["N", "S"])
        assert list(_axes([1, 2], by=region)) == ["region"]
        assert list(_axes([1, 2], by=[region, region])) == ["region", "region_2"]

    def test_table_and_sequence_mix(self) -> None:
        """With a table, a sequence may stand beside a column name."""
        made = _axes(TABLE, "score", by=["region", [1, 2, 3, 4]])
        assert made == {"region": TABLE["region"], "group": [1, 2, 3, 4]}
        assert _axes(TABLE, "score", by={"r": "region"}) == {"r": TABLE["region"]}
        assert _axes(TABLE, "score", by=np.array([1, 2, 3, 4])) == {"group": [1, 2, 3, 4]}
        assert _axes(TABLE, "score", by=[1, 2, 3, 4]) == {"group": [1, 2, 3, 4]}

    @pytest.mark.parametrize("by", [None, [], ()])
    def test_no_groups(self, by: Any) -> None:
        """Nothing to group by is no axis."""
        assert _axes([1, 2], by=by) == {}

    def test_reserved_names_are_avoided(self) -> None:
        """A column called like a part of the design is renamed."""
        assert list(_axes({"s": [1], "@cluster": [2]}, "s", by="@cluster")) == ["cluster"]


class TestDesign:
    def test_names_and_sequences_are_the_same(self) -> None:
        """Weights, strata and clusters come by name or as they are."""
        named = read_answers(
            TABLE,
            "score",
            scale=SCALE,
            design=Design(weights="w", strata="stratum", clusters="customer"),
        )
        given = read_answers(
            TABLE["score"],
            scale=SCALE,
            design=Design(weights=TABLE["w"], strata=TABLE["stratum"], clusters=TABLE["customer"]),
        )
        assert named.tally() == given.tally()
        assert [axis.role for axis in named.axes] == ["stratum", "cluster"]

    def test_rows_match_by_position(self) -> None:
        """The index of a Series moves nothing."""
        answers = pd.Series([10, 0, 5], index=[2, 1, 0])
        weights = pd.Series([1.0, 2.0, 3.0], index=[0, 1, 2])
        made = read_answers(answers, scale=SCALE, design=Design(weights=weights))
        assert made.weights is not None
        assert made.weights.tolist() == [1.0, 2.0, 3.0]
        assert made.level_codes.tolist() == [10, 0, 5]

    def test_a_row_without_an_answer_needs_no_weight(self) -> None:
        """The weight of a row that is left out does not matter."""
        made = read_answers(TABLE, "score", scale=SCALE, design=Design(weights="w"))
        assert made.tally().w.sum() == 3.5

    @pytest.mark.parametrize("part", ["by", "weights", "strata", "clusters"])
    def test_lengths_that_differ_are_named(self, part: str) -> None:
        """The error names both lengths and the argument."""
        with pytest.raises(
            UsageError, match=rf"{part}= has the length 2, and the answers have the length 3"
        ):
            read_answers([1, 2, 3], scale=SCALE, design=Design(**{part: [1, 2]}))

    @pytest.mark.parametrize("part", ["by", "weights", "strata", "clusters"])
    def test_absent_columns_have_a_near_miss(self, part: str) -> None:
        """A misspelt column name is answered with the right one."""
        with pytest.raises(UsageError, match=rf"no column 'regon' for {part}=") as caught:
            read_answers(TABLE, "score", scale=SCALE, design=Design(**{part: "regon"}))
        assert caught.value.hint == "did you mean 'region'?"

    @pytest.mark.parametrize("part", ["by", "weights", "strata", "clusters"])
    def test_a_name_without_a_table_is_refused(self, part: str) -> None:
        """A column name means nothing where the data is no table."""
        with pytest.raises(UsageError, match=rf"{part}='region' names a column"):
            read_answers([1, 2], scale=SCALE, design=Design(**{part: "region"}))


def test_arrays_are_locked() -> None:
    """Nobody can write into what was read."""
    made = read_answers([1, 2], scale=SCALE, design=Design(weights=[1, 2]))
    assert made.weights is not None
    for array in (made.level_codes, made.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


class TestTables:
    def test_a_table_needs_a_column(self) -> None:
        """A table without a column name is an error that shows the call."""
        with pytest.raises(UsageError, match=r"nps\(df, 'score'\)"):
            read_answers(TABLE, scale=SCALE)

    def test_a_column_needs_a_table(self) -> None:
        """A name beside a column is an error."""
        with pytest.raises(UsageError, match="is one column already"):
            read_answers([1, 2], "score", scale=SCALE)

    def test_nothing_is_changed(self) -> None:
        """Frames and lists of the caller stay as they were."""
        frame = pd.DataFrame(TABLE)
        before = frame.copy(deep=True)
        read_answers(frame, "score", scale=SCALE, design=Design(by="region", weights="w"))
        pd.testing.assert_frame_equal(frame, before)
