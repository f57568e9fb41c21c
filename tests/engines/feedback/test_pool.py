"""Groups drawn towards each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown

SCORES = [10, 10] + [10, 9, 9, 8, 3] * 20 + [10, 8, 8, 6, 3] * 20 + [9, 8, 8, 7, 5] * 20
SHOPS = ["new"] * 2 + ["a"] * 100 + ["b"] * 100 + ["c"] * 100

CODES = {11: "not_applicable"}


def shops() -> Any:
    """NPS of three large shops and a new one."""
    return cx.nps(SCORES, by=SHOPS)


class TestByHand:
    def test_a_small_group_goes_further(self) -> None:
        """Two answers of ten are no score of 100: the new shop is drawn in, the others hardly."""
        found = cx.pool(shops())
        assert found["new"].value < 80
        assert abs(found["a"].value - 40) < 2
        assert found.figures["shrinkage"].argmax() == list(found.groups).index("new")
        assert found.figures["measured"].tolist() == shops().value.tolist()

    def test_limits_stay_on_the_scale(self) -> None:
        """No limit lies outside of what the metric can be."""
        for made in (
            shops(),
            cx.csat([5] * 8 + [4, 1] * 6, scale="1-5", by=[1, 2, 3, 4] * 5),
            cx.mean_score([5] * 8 + [4, 1] * 6, scale="1-5", by=[1, 2, 3, 4] * 5),
        ):
            found = cx.pool(made)
            least, most = {"points": (-100, 100), "share": (0, 1)}.get(made.unit, (1, 5))
            assert (found.low >= least).all()
            assert (found.high <= most).all()

    def test_a_group_without_answers(self) -> None:
        """It has no value and keeps its caveat; the others are pooled without it."""
        found = cx.pool(cx.nps([*SCORES, 11], by=[*SHOPS, "empty"], missing=CODES))
        assert found["empty"].value is None
        assert "no_answers" in [caveat.code for caveat in found["empty"].caveats]
        assert found["a"].value == pytest.approx(cx.pool(shops())["a"].value)

    def test_shares_that_are_all_one(self) -> None:
        """Groups of which all are satisfied are pooled, and lie below one."""
        found = cx.pool(cx.csat([5] * 60, scale="1-5", by=["a", "b", "c"] * 20))
        assert ((found.value > 0.9) & (found.value < 1)).all()
        assert (found.low < found.value).all()

    def test_what_is_told(self) -> None:
        """Method, level and the common value stand in the result, and in every form of it."""
        found = cx.pool(shops(), confidence_level=0.8)
        assert (found.method, found.confidence_level) == ("pooled, hierarchical", 0.8)
        assert found.receipt.engine == "pool"
        assert float(dict(found.receipt.parameters)["common_value"]) == pytest.approx(
            found.figures["drawn_to"][0], rel=1e-5
        )
        assert found.to_dict()["groups"][0]["shrinkage"] < 0.1
        assert "shrinkage" in found.summary()
        assert found.to_frame("pandas")["measured"].tolist() == shops().value.tolist()

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: cx.pool(cx.nps([10])), "takes a breakdown"),
            (lambda: cx.pool(cx.pool(shops())), "pooled already"),
            (lambda: cx.pool(shops(), method="rmel"), "did you mean 'reml'"),
            (lambda: cx.pool(shops(), method="beta_binomial"), "nps is in points"),
            (lambda: cx.pool(cx.nps([None], by=["a"])), "takes a breakdown|Only 0"),
            (lambda: cx.pool(cx.nps([10, 3, 9] * 4, by=["a", "b", "c"] * 4)), "nothing tells"),
            (lambda: cx.pool(cx.nps([10, 3, 9, 2], by=["a", "a", "b", "b"])), "Only 2 of 2"),
            (lambda: cx.pool(shops(), confidence_level=95), "between 0 and 1"),
        ],
    )
    def test_what_cannot_be_pooled(self, make: Any, message: str) -> None:
        """Too few groups, groups without variance and wrong words are refused with a cure."""
        with pytest.raises(UsageError, match=message):
            make()


class TestByLaw:
    @given(
        st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 10)), min_size=12, max_size=60),
        st.sampled_from(["hierarchical", "reml", "dl", "pm"]),
    )
    def test_a_pooled_value_lies_between(self, rows: Any, method: str) -> None:
        """Each group lies between what was measured and what it is drawn to."""
        by, scores = zip(*rows, strict=True)
        made = cx.nps(list(scores), by=list(by))
        try:
            found = cx.pool(made, method=method)
        except UsageError:
            return
        measured = found.figures["measured"]
        ends = np.sort([measured, found.figures["drawn_to"]], axis=0)
        if method == "hierarchical":
            # The common value is another at each spread, and always among the groups.
            ends = np.array([np.full(measured.shape, f(measured)) for f in (np.min, np.max)])
        assert (found.value >= ends[0] - 1e-9).all()
        assert (found.value <= ends[1] + 1e-9).all()
        assert (found.low <= found.value + 1e-9).all()
        assert (found.value <= found.high + 1e-9).all()

    def test_order_of_rows_does_not_matter(self) -> None:
        """Rows in another order give the same pooled groups."""
        turned = cx.pool(cx.nps(SCORES[::-1], by=SHOPS[::-1]))
        assert turned == cx.pool(shops())

    def test_thousands_of_groups(self) -> None:
        """Five thousand groups are pooled at once, and each lies nearer to the truth on average."""
        rng = np.random.default_rng(7)
        truth = rng.beta(40, 10, 5000)
        by = rng.integers(0, 5000, 50_000)
        answers = np.where(rng.random(50_000) < truth[by], 5, 1)
        measured = cx.csat(answers, scale="1-5", by=by)
        pooled = cx.pool(measured)
        known = truth[np.array(measured.groups)]
        far = [np.abs(made.value - known).mean() for made in (measured, pooled)]
        assert far[1] < 0.6 * far[0]


class TestByReference:
    def test_it_is_the_statistics_room(self) -> None:
        """The engine adds nothing to the statistics but units and words."""
        made = cx.csat([5, 4, 1] * 20 + [5, 1] * 20 + [5, 5, 5, 1] * 10, scale="1-5",
            by=["a"] * 60 + ["b"] * 40 + ["c"] * 40)  # fmt: skip
        from cxm_core.stats import beta_binomial  # noqa: PLC0415

        wanted = beta_binomial([40, 20, 30], [60, 40, 40])
        assert isinstance(made, Breakdown)
        assert cx.pool(made).value.tolist() == pytest.approx(wanted.value.tolist())
