"""Groups in which nobody answered stand in the result, with no value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx

ANSWERS = [10, 9, 9, 8, 7, 3] * 10
LABELS = ["a"] * 60 + ["b"] * 60 + ["c"] * 60


class TestByHand:
    @pytest.mark.parametrize("method", ["score", "skew_score", "bonett_price", "dirichlet", "wald"])
    def test_the_silent_group_is_there(self, method: str) -> None:
        """Sixty were asked and said nothing: no value, no limits, and the caveat that says so."""
        found = cx.nps([None] * 60 + ANSWERS * 2, by=LABELS, method=method)
        assert found.groups == ("a", "b", "c")
        silent = found["a"]
        assert (silent.value, silent.low, silent.high, silent.n) == (None, None, None, 0)
        assert [caveat.code for caveat in silent.caveats] == ["no_answers"]
        alone = cx.nps(ANSWERS * 2, by=LABELS[60:], method=method)
        assert found["b"].to_dict()["low"] == alone["b"].to_dict()["low"]

    @pytest.mark.parametrize("engine", [cx.csat, cx.ces, cx.top_box, cx.mean_score])
    def test_every_metric_and_a_design(self, engine: Any) -> None:
        """Weights, strata and clusters change nothing about it."""
        design = {
            "weights": [1.0, 2.0, 3.0, 4.0] * 10,
            "strata": ["s", "t"] * 20,
            "clusters": list(range(20)) * 2,
        }
        by = ["x", "y", "z", "x"] * 10
        for more in ({}, design):
            found = engine([5, None, 4, 4] * 10, scale="1-5", by=by, **more)
            assert found.groups == ("x", "y", "z")
            assert found["y"].n == 0
            assert found["y"].value is None

    def test_two_groups_of_which_one_is_silent(self) -> None:
        """There is something to compare, though one side is silent."""
        found = cx.nps([None] * 60 + ANSWERS, by=LABELS[:120])
        codes = {caveat.code for caveat in found.caveats}
        assert "no_answers" in codes
        assert "one_group_only" not in codes

    def test_what_is_made_of_the_groups_leaves_it_out(self) -> None:
        """A decomposition has no step for nobody, and the rest of a group is of those who spoke."""
        found = cx.nps([None] * 60 + ANSWERS * 2, by=LABELS)
        fall = cx.decompose(found, found)
        assert not [step for step in fall.steps if step.name.endswith(" a")]
        rest = cx.against_rest([None] * 60 + ANSWERS * 2, metric="nps", by=LABELS)
        assert rest.groups == ("b", "c")


class TestByLaw:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["n", "s", None, 1, True]), st.sampled_from([None, 0, 8, 10])
            ),
            min_size=1,
            max_size=30,
        )
    )
    def test_every_group_of_the_data_is_told(self, rows: list[tuple[Any, int | None]]) -> None:
        """No label is lost, no answer is counted twice, and the order is that of all groups."""
        by, answers = [label for label, _ in rows], [answer for _, answer in rows]
        found = cx.nps(answers, by=by)
        whole = cx.nps([10] * len(rows), by=by)
        assert found.groups == whole.groups
        assert int(found.n.sum()) == sum(answer is not None for answer in answers)


@given(rows=st.lists(st.tuples(st.sampled_from([1, 5, None]), st.sampled_from(["a", "b", None]))))
def test_each_group_tells_its_own_rows(rows: list[tuple[int | None, str | None]]) -> None:
    """Rows and answers of each group are its own, and add up to those of all."""
    if rows:
        scores, labels = zip(*rows, strict=True)
        found = cx.csat(scores, scale="1-5", by={"shop": labels})
        for label in found.groups:
            own = [score for score, shop in rows if shop == label]
            receipt, blank = found[label].receipt, own.count(None)
            assert receipt.steps == (("rows", len(own)), ("answered", len(own) - blank))
            assert receipt.exclusions == ((("missing", blank),) if blank else ())
            assert receipt.counts_are_own
