"""Share of yes among rows of a log's table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

import cxm_core as cx
from cxm_core.columns import Column, LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate

_TOLD = Told(metric="kept", counted="promises", why_left_out="not known")


def _table(n: int) -> LogTable:
    there = np.zeros(n, bool)
    return LogTable(
        columns={
            "channel": Column(values=np.array(["chat", "phone"] * n, object)[:n], is_missing=there),
            "customer": Column(values=np.arange(n) // 2, is_missing=there),
        },
        steps=(("contacts", 3 * n),),
        parameters=(("within", "7d"),),
        notes=(("still_open", 2),),
    )


def _one(met: NDArray[np.bool_], **more: object) -> Estimate:
    result = share_of(_table(len(met)), met, _TOLD, **more)  # type: ignore[arg-type]  # as they come
    assert isinstance(result, Estimate)
    return result


class TestByHand:
    def test_the_share_and_its_receipt(self) -> None:
        """Three in four, with the rule of the table and what was left out."""
        is_known = np.array([True] * 40 + [False] * 2)
        met = np.array(([True] * 3 + [False]) * 10 + [True] * 2)
        result = _one(met, is_known=is_known)
        assert (result.value, result.n, result.metric, result.unit) == (0.75, 40, "kept", "share")
        assert result.receipt.counted == "promises"
        assert result.receipt.parameters == (("within", "7d"),)
        assert result.receipt.steps == (("contacts", 126), ("promises", 42), ("counted", 40))
        assert result.receipt.exclusions == (("not known", 2),)
        assert [caveat.code for caveat in result.caveats] == ["still_open"]

    def test_nothing_to_count(self) -> None:
        """No row that can be told gives no figure, and says so in a word that fits."""
        result = _one(np.ones(4, bool), is_known=np.zeros(4, bool))
        assert result.value is None
        assert "nothing_counted" in [caveat.code for caveat in result.caveats]

    def test_no_hint_at_what_is_ours(self) -> None:
        """A misspelt group is answered with the columns of the table, and no other."""
        with pytest.raises(UsageError) as caught:
            share_of(_table(4), np.ones(4, bool), _TOLD, by="is_mett")
        assert caught.value.hint == "one of 'channel', 'customer'"

    def test_groups_by_a_column_of_the_table(self) -> None:
        """A column of the table makes groups."""
        met = np.array([True, False] * 40)
        result = share_of(_table(80), met, _TOLD, by="channel")
        assert isinstance(result, Breakdown)
        assert (result["chat"].value, result["phone"].value) == (1.0, 0.0)


class TestByLaw:
    @given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
    def test_counted_at_once_or_row_by_row(self, rows: list[tuple[bool, bool]]) -> None:
        """Without groups the rows are counted at once, with the result of a look at each."""
        met, known = np.array(rows, np.bool_).reshape(-1, 2).T
        at_once, each = (_one(met, is_known=known, by=by) for by in (None, []))
        assert repr(at_once) == repr(each)
        assert repr(at_once.receipt) == repr(each.receipt)
        assert (at_once.low, at_once.high) == pytest.approx((each.low, each.high), nan_ok=True)

    @given(st.lists(st.booleans(), min_size=1, max_size=60))
    def test_it_is_the_share_that_csat_would_be(self, met: list[bool]) -> None:
        """The same figure and limits as a share of satisfied answers."""
        ours, theirs = _one(np.array(met)), cx.csat([int(one) for one in met], scale="thumbs")
        assert (ours.value, ours.low, ours.high) == (theirs.value, theirs.low, theirs.high)

    @given(st.permutations(range(24)))
    def test_order_does_not_matter(self, order: list[int]) -> None:
        """Rows in another order give the same result."""
        met = np.arange(24) % 3 == 0
        shuffled = share_of(_table(24), met[order], _TOLD)
        assert isinstance(shuffled, Estimate)
        assert shuffled.value == _one(met).value


class TestByReference:
    @pytest.mark.parametrize(("yes", "n"), [(1, 30), (15, 30), (29, 30)])
    def test_limits_lie_within_those_of_clopper_and_pearson(self, yes: int, n: int) -> None:
        """No wider than SciPy's exact limits, and around the same share."""
        exact = binomtest(yes, n).proportion_ci(method="exact")
        result = _one(np.arange(n) < yes)
        assert result.low is not None
        assert result.high is not None
        assert exact.low <= result.low < yes / n < result.high <= exact.high
