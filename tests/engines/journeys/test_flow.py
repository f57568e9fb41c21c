"""What follows what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import FLOW_END, FLOW_START, PROCESS_MINING
from cxm_core.errors import UsageError
from cxm_core.stats import mid_p
from journey_logs import START, log_of, turned

ways = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


class TestByHand:
    def test_steps(self) -> None:
        """Steps, starts and ends are counted, and shares are of what leaves."""
        found = cx.flow(log_of(["ab", "ab", "ac", "b"]))
        assert found.count("a", "b") == 2
        assert found.count(FLOW_START, "b") == 1
        assert found.count("b", FLOW_END) == 3
        assert found["a", "b"].value == pytest.approx(2 / 3)
        assert found.n == 4
        assert found.figures["wait_s"][found.rows.index("a"), found.columns.index("b")] == 60

    def test_intervals(self) -> None:
        """They are mid-P's of the steps that leave; a row that nothing leaves has none."""
        found = cx.flow(log_of(["ab", "ab", "ac", "b"]), confidence_level=0.9)
        low, high = (float(limit) for limit in mid_p(2, 3, confidence_level=0.9))
        assert (found["a", "b"].low, found["a", "b"].high) == pytest.approx((low, high))
        assert found.caveats == ()

    def test_no_events(self) -> None:
        """Without events there is no step, and a caveat says so."""
        found = cx.flow({"case": [], "activity": [], "occurred_at": []})
        assert [caveat.code for caveat in found.caveats] == ["nothing_counted"]

    def test_too_many_activities(self) -> None:
        """A table of thousands by thousands is refused with the cure."""
        table = {
            "case": np.zeros(2_001, int),
            "activity": np.arange(2_001),
            "occurred_at": np.datetime64("2026-01-01") + np.arange(2_001).astype("m8[s]"),
        }
        with pytest.raises(UsageError, match="2,001 activities"):
            cx.flow(table)

    def test_cut(self) -> None:
        """What happens from `until` on is not looked at."""
        found = cx.flow(log_of(["abc"]), until=START + timedelta(minutes=2))
        assert found.columns == ("a", "b", FLOW_END)
        assert dict(found.receipt.exclusions) == {"after the end": 1}


class TestByLaw:
    @given(ways)
    def test_what_goes_in_comes_out(self, given_ways: list[str]) -> None:
        """Each activity is come to as often as it is left, and each case starts and ends once."""
        found = cx.flow(log_of(given_ways))
        assert (found.counts[1:].sum(axis=1) == found.counts[:, :-1].sum(axis=0)).all()
        assert found.counts[0].sum() == found.counts[:, -1].sum() == len(given_ways)

    @settings(max_examples=15)
    @given(ways, st.randoms(use_true_random=False))
    def test_order_of_arrival(self, given_ways: list[str], random: Any) -> None:
        """Rows in another order give the same matrix, equal stamps included."""
        log = log_of(given_ways, step=timedelta(0))
        assert cx.flow(log) == cx.flow(turned(log, random))

    @settings(max_examples=15)
    @given(ways)
    def test_words_of_process_mining(self, given_ways: list[str]) -> None:
        """A log that went out in those words and came back is the same."""
        log = log_of(given_ways)
        frame = cx.to_process_mining(log).to_frame("pandas")
        assert list(frame.columns) == list(PROCESS_MINING.values())
        assert (cx.flow(frame, **PROCESS_MINING).counts == cx.flow(log).counts).all()
        assert (cx.flow(cx.from_xes(cx.to_xes(log))).counts == cx.flow(log).counts).all()
