"""A map against a log: coverage, idle steps, undeclared activities, loops, and work."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.program import Blueprint, Journey, Touchpoint

BUY = Journey(name="buy", stages=[{"name": "all", "touchpoints": ["cart", "gift", "pay"]}])
START = datetime(2026, 1, 1)


def log_of(*paths: str, **more: Any) -> dict[str, list[Any]]:
    """One case a path, one event a minute."""
    rows = [(case, word) for case, path in enumerate(paths) for word in path.split()]
    times = [START + timedelta(minutes=place) for place in range(len(rows))]
    return {
        "case": [case for case, _ in rows],
        "activity": [word for _, word in rows],
        "occurred_at": times,
        **more,
    }


class TestByHand:
    """Logs of a few events, counted on paper."""

    def test_coverage(self) -> None:
        """Eight of ten events happen at a declared touchpoint."""
        found = cx.map_check(log_of("cart chat pay", "cart pay", "cart pay pay chat cart"), BUY)
        assert found["coverage"].value == pytest.approx(8 / 10)
        assert found["coverage"].unit == "share"
        assert found["whole cases"].value == pytest.approx(1 / 3)
        assert (found["whole cases"].metric, found["whole cases"].n) == ("whole cases", 3)
        assert found["coverage"].receipt.engine == "map_check"

    def test_a_step_that_nobody_takes(self) -> None:
        """Nobody is nought, with an upper limit, and a caveat on the whole."""
        found = cx.map_check(log_of(*["cart pay"] * 100), BUY)
        gift = found["declared"]["gift"]
        assert (gift.value, gift.low) == (0.0, 0.0)
        assert 0.0 < gift.high < 0.04
        assert found["declared"]["cart"].value == 1.0
        assert [caveat.code for caveat in found.own_caveats] == ["idle_touchpoints"]

    def test_a_touchpoint_that_nobody_declared(self) -> None:
        """It is named, with the share of cases that meet it."""
        found = cx.map_check(log_of("cart chat chat", "cart pay", "gift", "pay"), BUY)
        assert found["undeclared"]["chat"].value == 0.25
        assert found.names == ("coverage", "whole cases", "declared", "undeclared")
        assert "off_the_map" in {caveat.code for caveat in found.own_caveats}

    def test_the_log_may_have_other_words(self) -> None:
        """Activities of a touchpoint are what the log calls it."""
        shop = [Touchpoint(name="cart", activities=["added_item", "chat"])]
        found = cx.map_check(log_of("added_item pay", "chat pay"), BUY, touchpoints=shop)
        assert found["declared"]["cart"].value == 1.0
        assert "undeclared" not in found

    def test_loops(self) -> None:
        """Going back counts, even with a chat between; the same place twice does not."""
        found = cx.map_check(log_of("cart pay cart", "cart cart pay", "pay chat cart", "cart"), BUY)
        assert found["loops"]["pay > cart"].value == 0.5
        assert len(found["loops"]) == 1

    def test_a_loop_that_is_drawn_is_none(self) -> None:
        """A link of the blueprint allows a way, through whatever no log shows."""
        blueprint = Blueprint(
            name="b",
            steps=[
                {"name": "cart", "lane": "customer", "touchpoint": "cart"},
                {"name": "paid", "lane": "customer", "touchpoint": "pay"},
                {"name": "ok", "lane": "backstage", "kind": "choice"},
            ],
            links=[{"source": "paid", "target": "ok"}, {"source": "ok", "target": "cart"}],
        )
        log = log_of("cart paid cart")
        assert "loops" not in cx.map_check(log, BUY, blueprint=blueprint)

    def test_work_of_the_own_people(self) -> None:
        """Tool switches, approvals and waiting are counted per case."""
        blueprint = Blueprint(
            name="b",
            actor="clerk",
            steps=[{"name": "boss", "lane": "backstage", "kind": "approval"}],
        )
        log = log_of("cart boss pay boss", "cart pay", system=["a", "b", "b", "a", "a", None])
        found = cx.map_check(log, BUY, blueprint=blueprint, system="system")
        assert found["tool switches"].value == 1.0
        assert found["approvals"].value == 1.0
        assert found["waiting"].value == 60.0
        assert found["waiting"].unit == "seconds"
        assert "undeclared" not in found

    def test_what_it_refuses(self) -> None:
        """A map without a touchpoint, and an activity at two, are the caller's mistakes."""
        with pytest.raises(UsageError, match="no touchpoint"):
            cx.map_check(log_of("a"), Journey(name="j", stages=[{"name": "s"}]))
        two = [Touchpoint(name="cart", activities="x"), Touchpoint(name="pay", activities="x")]
        with pytest.raises(UsageError, match="stands at two touchpoints"):
            cx.map_check(log_of("x"), BUY, touchpoints=two)
        with pytest.raises(UsageError, match="confidence_level"):
            cx.map_check(log_of("cart"), BUY, confidence_level=2)

    def test_only_the_most_frequent_are_measured(self) -> None:
        """Of many undeclared activities the twenty most frequent have a figure."""
        found = cx.map_check(log_of(" ".join(f"x{n}" for n in range(30)) + " x7 x7"), BUY)
        assert len(found["undeclared"]) == 20
        assert found["undeclared"].labels[0] == ("x7",)


PATHS = st.lists(
    st.lists(st.sampled_from(["cart", "gift", "pay", "chat"]), min_size=1, max_size=5),
    min_size=1,
    max_size=6,
)


def plain(paths: list[list[str]]) -> dict[str, float]:
    """The shares counted one by one."""
    events = [word for path in paths for word in path]
    on_map = [[word for word in path if word != "chat"] for path in paths]
    order = {name: place for place, name in enumerate(BUY.touchpoints)}
    shares = {"coverage": sum(word != "chat" for word in events) / len(events)}
    shares |= {name: sum(name in path for path in paths) / len(paths) for name in order}
    loops = [{(a, b) for a, b in pairwise(p) if order[b] < order[a]} for p in on_map]
    for one, other in {pair for found in loops for pair in found}:
        shares[f"{one} > {other}"] = sum((one, other) in found for found in loops) / len(paths)
    return shares


class TestByLaw:
    """What holds for every log."""

    @given(PATHS)
    @settings(max_examples=40)
    def test_equals_counting_one_by_one(self, paths: list[list[str]]) -> None:
        """Every share is what a plain loop over the cases counts."""
        found = cx.map_check(log_of(*map(" ".join, paths)), BUY)
        wanted = plain(paths)
        assert found["coverage"].value == pytest.approx(wanted.pop("coverage"))
        for name in BUY.touchpoints:
            assert found["declared"][name].value == pytest.approx(wanted.pop(name))
        loops = (
            {}
            if "loops" not in found
            else {label: found["loops"][label].value for (label,) in found["loops"].labels}
        )
        assert loops == pytest.approx(wanted)

    @given(PATHS, st.integers(0, 99))
    @settings(max_examples=20)
    def test_order_of_arrival_does_not_matter(self, paths: list[list[str]], seed: int) -> None:
        """A log in any order gives the same panel."""
        log = log_of(*map(" ".join, paths))
        places = list(range(len(log["case"])))
        random.Random(seed).shuffle(places)
        mixed = {name: [column[place] for place in places] for name, column in log.items()}
        assert cx.map_check(mixed, BUY) == cx.map_check(log, BUY)
