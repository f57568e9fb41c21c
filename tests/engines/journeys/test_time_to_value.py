"""Time from a beginning to the goal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.results import Curve, Panel
from cxm_core.stats import DurationTally, kaplan_meier
from journey_logs import START, log_of, turned

END = START + timedelta(days=1)
ways = st.lists(st.text("sgx", min_size=1, max_size=6), min_size=1, max_size=12)


class TestByHand:
    def test_who_is_not_there_waits(self) -> None:
        """One in two is there after a minute; the other counts as waiting to the end."""
        found = cx.time_to_value(log_of(["sg", "sx"]), start="s", goal="g", until=END)
        assert isinstance(found, Curve)
        assert found.kind == "incidence"
        assert found.at(59).value == 0
        assert found.at(60).value == 0.5
        assert "still_open" in [caveat.code for caveat in found.caveats]
        assert found.receipt.steps[-2:] == (("begun", 2), ("reached", 1))

    def test_a_stop_is_no_waiting(self) -> None:
        """Who has stopped cannot get there: two of four do, and not five of eight as if unseen."""
        log = log_of(["sg", "sxxg", "sq", "s"])
        found = cx.time_to_value(log, start="s", goal="g", stop="q", until=END)
        assert found.at(60).value == pytest.approx(0.25)
        assert found.at(3_600).value == pytest.approx(0.5)

    def test_the_goal_counts_after_the_start(self) -> None:
        """A goal before the start is none."""
        assert cx.time_to_value(log_of(["gs"]), start="s", goal="g", until=END).at(600).value == 0

    def test_groups(self) -> None:
        """With groups there is a curve for each."""
        log = log_of(["sg", "s"]) | {"plan": ["one", "one", "two"]}
        found = cx.time_to_value(log, start="s", goal="g", by="plan", until=END)
        assert isinstance(found, Panel)
        assert found["one"].at(60).value == 1
        assert found["two"].at(60).value == 0

    def test_groups_stand_in_their_order(self) -> None:
        """Whichever case comes first, groups stand in the order of their labels."""
        log = {
            "case": [1, 2, 3, 4],
            "activity": ["s"] * 4,
            "occurred_at": [END - timedelta(days=n) for n in (4, 3, 2, 1)],
            "plan": ["c", None, "a", "b"],
        }
        found = cx.time_to_value(log, start="s", goal="s", by="plan", until=END)
        assert found.names == ("a", "b", "c", "(missing)")

    def test_nobody_begins(self) -> None:
        """A start that no event has is refused; a goal that nobody reaches is a share of nought."""
        with pytest.raises(UsageError):
            cx.time_to_value(log_of(["g"]), start="s", goal="g")
        assert cx.time_to_value(log_of(["s"]), start="s", goal="g", until=END).at(60).value == 0


class TestByLaw:
    @settings(max_examples=15)
    @given(ways, st.randoms(use_true_random=False))
    def test_order_of_arrival(self, given_ways: list[str], random: Any) -> None:
        """Rows in another order give the same curve, equal stamps included."""
        log = log_of([*given_ways, "sg"], step=timedelta(0))
        asked = {"start": "s", "goal": "g", "stop": "x", "until": END}
        assert cx.time_to_value(log, **asked) == cx.time_to_value(turned(log, random), **asked)


class TestByReference:
    def test_kaplan_meier(self) -> None:
        """Without stops, it is one less Kaplan and Meier's share of those who wait."""
        rng = np.random.default_rng(7)
        minutes, is_there = rng.integers(1, 600, 300), rng.random(300) < 0.6
        log: dict[str, list[Any]] = {"case": [], "activity": [], "occurred_at": []}
        for case, (minute, there) in enumerate(zip(minutes.tolist(), is_there, strict=True)):
            begun = END - timedelta(minutes=minute) if not there else START
            log["case"] += [case] * (1 + there)
            log["activity"] += ["s", "g"][: 1 + there]
            log["occurred_at"] += [begun, begun + timedelta(minutes=minute)][: 1 + there]
        found = cx.time_to_value(log, start="s", goal="g", until=END)
        wanted = kaplan_meier(DurationTally.of(minutes * 60, event_observed=is_there))
        assert found.times == pytest.approx(wanted.times)
        assert found.value == pytest.approx(1 - wanted.value)
