"""Everyday slips of a call are told with a cure, and never as an error of Python's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale, in_utc

cx: Any = cxm_core  # slips are what a type checker would refuse
pa: Any = pytest.importorskip("pyarrow")
pc: Any = pytest.importorskip("pyarrow.compute")

SCORES = [10, 9, 9, 8, 7, 3] * 20
TIMES = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
EVENTS = {"case": ["a", "a", "b"], "occurred_at": TIMES, "activity": ["x", "y", "x"]}
CONTACTS = {"customer": ["a", "a", "b"], "occurred_at": TIMES, "channel": ["mail"] * 3}
TICKETS = {"ticket": [1, 2, 3], "occurred_at": TIMES, "solved_at": [*TIMES[1:], None]}
ASKED = {"tickets": [0] * 60 + [3] * 60}
SAID = [True, False] * 60

NO_INSTANTS: list[Any] = ["2026-03-01", "", date(2026, 3, 1), np.datetime64("2026-03-01"), 20260301]
TAKES_TIME: dict[str, Callable[[Any], object]] = {
    "flow": lambda at: cx.flow(EVENTS, until=at),
    "funnel": lambda at: cx.funnel(EVENTS, stages=["x", "y"], until=at),
    "variants": lambda at: cx.variants(EVENTS, until=at),
    "time_to_value": lambda at: cx.time_to_value(EVENTS, start="x", goal="y", until=at),
    "issues": lambda at: cx.issues(CONTACTS, until=at),
    "first_contact": lambda at: cx.first_contact_resolution(cx.issues(CONTACTS), since=at),
    "resolution": lambda at: cx.resolution_time(TICKETS, until=at),
}
SLIPS: dict[str, tuple[Callable[[], object], str]] = {
    "calendar": (lambda: cx.resolution_time(TICKETS, calendar="desk"), "BusinessCalendar"),
    "promise": (
        lambda: cx.promise("quick", cx.issues(CONTACTS), now=TIMES[2]),
        "ws.measure",
    ),
    "no customer": (lambda: cx.issues(CONTACTS, customer=None), "customer="),
    "nothing known": (lambda: cx.weigh_response(ASKED, SAID, known=[]), "plan"),
    "run-end encoded": (lambda: cx.nps(pc.run_end_encode(pa.array(SCORES))), "run_end_decode"),
    "too wide": (lambda: cx.nps(pl.Series([2**100], dtype=pl.Int128)), ""),
}


class TestByHand:
    @pytest.mark.parametrize("at", NO_INSTANTS, ids=repr)
    @pytest.mark.parametrize("engine", TAKES_TIME)
    def test_no_instant(self, engine: str, at: Any) -> None:
        """A text, a date and a number are no instants, and the error shows how one is written."""
        with pytest.raises(UsageError, match="is no instant") as told:
            TAKES_TIME[engine](at)
        assert "tzinfo=UTC" in str(told.value.hint)

    @pytest.mark.parametrize("slip", SLIPS)
    def test_slip(self, slip: str) -> None:
        """What is no calendar, promise, column or number is told, with the nearest cure."""
        call, cure = SLIPS[slip]
        with pytest.raises(UsageError) as told:
            call()
        assert cure in str(told.value.hint)

    @pytest.mark.parametrize("classes", [0, -1, 1.5, "5", True])
    def test_classes(self, classes: Any) -> None:
        """Weights need one class at least, and a whole number of them."""
        with pytest.raises(UsageError, match="no number of classes"):
            cx.weigh_response(ASKED, SAID, known="tickets", classes=classes)

    @pytest.mark.parametrize("level", ["95%", "0.95", None])
    def test_levels(self, level: Any) -> None:
        """A confidence level and a quantile are numbers."""
        with pytest.raises(UsageError, match="is a number"):
            cx.nps(SCORES, confidence_level=level)
        with pytest.raises(UsageError, match="between 0 and 1"):
            cx.quantile(SCORES, q=level)
        with pytest.raises(UsageError, match="is a number"):
            cx.resolution_time(TICKETS, confidence_level=level)

    def test_wide_integers(self) -> None:
        """Whole numbers of 128 bits are numbers like any others."""
        wide = pl.Series([*SCORES, None], dtype=pl.Int128)
        assert cx.nps(wide).value == cx.nps(SCORES).value

    def test_the_day_in_the_cure(self) -> None:
        """The cure holds the day that was meant."""
        with pytest.raises(UsageError) as told:
            cx.issues(CONTACTS, until="2026-03-09")
        assert "datetime(2026, 3, 9, tzinfo=UTC)" in str(told.value.hint)


class TestByLaw:
    @given(st.integers(2, 20), st.sampled_from([tuple, list, range]))
    def test_scales(self, high: int, kind: Any) -> None:
        """The cure for a scale given by its levels or its highest one is a scale that is read."""
        given_as = range(1, high + 1) if kind is range else kind((1, high))
        for code in (high, given_as):
            with pytest.raises(UsageError) as told:
                cx.csat([1], scale=code)
            assert Scale.parse(str(told.value.hint).split("'")[1]).levels == tuple(
                range(1, high + 1)
            )

    @given(st.one_of(st.text(), st.dates(), st.integers(), st.floats(), st.none(), st.binary()))
    def test_instants(self, at: Any) -> None:
        """Nothing but a datetime is an instant."""
        with pytest.raises(UsageError):
            in_utc(at)
