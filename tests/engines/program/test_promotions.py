"""Promotional messages inside open complaints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_connectors.simulation import Company
from cxm_core.errors import UsageError

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
END = NOON + timedelta(days=30)


def _at(*hours: float | None) -> list[datetime | None]:
    return [None if hour is None else NOON + timedelta(hours=hour) for hour in hours]


def _sends(customers: list[Any], hours: list[float | None], **more: Any) -> dict[str, Any]:
    return {"customer": customers, "occurred_at": _at(*hours), **more}


def _complaints(customers: list[Any], opened: list[Any], solved: list[Any], **more: Any) -> Any:
    return {"customer": customers, "opened_at": _at(*opened), "solved_at": _at(*solved), **more}


class TestByHand:
    """Few messages and complaints, judged by eye."""

    def test_who_is_told_offers_while_complaining(self) -> None:
        """Ann gets one inside, one before and one after; Bob's complaint is Bob's alone."""
        sends = _sends(["ann", "ann", "ann", "cyd"], [5, -1, 50, 5])
        found = cx.promotions_in_complaints(
            sends, _complaints(["ann", "bob"], [0, 0], [24, None]), until=END
        )
        assert (found["messages"].value, found["messages"].n) == (0.25, 4)
        assert (found["complaints"].value, found["complaints"].n) == (0.5, 2)

    def test_ends_of_a_complaint(self) -> None:
        """The moment of the opening is inside, the moment of the solution is not."""
        found = cx.promotions_in_complaints(
            _sends(["ann"] * 2, [0, 24]), _complaints(["ann"], [0], [24]), until=END
        )
        assert found["messages"].value == 0.5

    def test_complaints_that_overlap(self) -> None:
        """A message lies in any of several complaints, and hits each that was open."""
        found = cx.promotions_in_complaints(
            _sends(["ann"] * 3, [5, 12, 30]),
            _complaints(["ann"] * 3, [0, 1, 20], [40, 10, 25]),
            until=END,
        )
        assert found["messages"].value == 1.0
        assert found["complaints"].value == pytest.approx(2 / 3)

    def test_only_campaigns_that_went_out(self) -> None:
        """Messages without a campaign, and those that came in, are no promotions."""
        sends = _sends(
            ["ann"] * 4,
            [1, 1, 1, 1],
            campaign=["autumn", None, "autumn", "autumn"],
            direction=["out", "out", "in", None],
        )
        found = cx.promotions_in_complaints(sends, _complaints(["ann"], [0], [None]), until=END)
        assert found["messages"].n == 1
        assert found["messages"].receipt.exclusions == (("no campaign", 1), ("not sent out", 2))

    def test_only_complaints_of_some_reasons(self) -> None:
        """With reasons only those rows are complaints."""
        asked = _complaints(["ann", "bob"], [0, 0], [None, None], reason=["defect", "question"])
        found = cx.promotions_in_complaints(
            _sends(["ann", "bob"], [1, 1]), asked, until=END, reasons=["defect"]
        )
        assert (found["messages"].value, found["complaints"].n) == (0.5, 1)

    def test_what_cannot_be_placed_is_counted(self) -> None:
        """Rows without a time or customer, after the end, or with clocks that disagree go."""
        sends = _sends(["ann", None, "ann", "ann"], [1, 1, None, 24 * 40])
        asked = _complaints(["ann", None, "ann", "ann"], [0, 0, None, 5], [None, None, None, 2])
        found = cx.promotions_in_complaints(sends, asked, until=END)
        assert found["messages"].receipt.exclusions == (
            ("no customer", 1),
            ("no time", 1),
            ("after the end", 1),
        )
        assert found["complaints"].receipt.exclusions == (
            ("no customer", 1),
            ("no time", 1),
            ("solved before it was opened", 1),
        )
        assert (found["messages"].n, found["complaints"].n) == (1, 1)
        assert "over_too_soon" in {one.code for one in found.caveats}

    def test_groups(self) -> None:
        """Each table is told by those of the columns that it has, and by none it is one figure."""
        sends = _sends(["ann", "ann", "bob"], [1, 3, 1]) | {"campaign": ["a", "b", "a"]}
        asked = _complaints(["ann"], [0], [2])
        found = cx.promotions_in_complaints(sends, asked, until=END, by="campaign")
        assert [found["messages"][name].value for name in "ab"] == [0.5, 0.0]
        assert found["complaints"].value == 1.0
        with pytest.raises(UsageError, match="Neither the messages nor the complaints"):
            cx.promotions_in_complaints(sends, asked, until=END, by="campain")

    def test_no_complaint_at_all(self) -> None:
        """Without a complaint no message falls into one, and there is no share of complaints."""
        found = cx.promotions_in_complaints(
            _sends(["ann"], [1]), _complaints([], [], []), until=END
        )
        assert found["messages"].value == 0.0
        assert found["complaints"].value is None

    def test_customers_of_two_types_never_meet(self) -> None:
        """Numbers on one side and texts on the other are told rather than counted as nobody."""
        with pytest.raises(UsageError, match="none is in both"):
            cx.promotions_in_complaints(
                _sends([7], [1]), _complaints(["7"], [0], [None]), until=END
            )

    def test_the_end_needs_a_zone(self) -> None:
        """An end without a zone is refused."""
        with pytest.raises(UsageError):
            cx.promotions_in_complaints(
                _sends(["a"], [1]), _complaints(["a"], [0], [None]), until=datetime(2026, 11, 2)
            )


class TestByLaw:
    """What holds for any log."""

    @given(seed=st.integers(0, 10_000))
    def test_as_counted_one_by_one(self, seed: int) -> None:
        """The figures are those of a loop over all pairs, in any order of the rows."""
        rng = np.random.default_rng(seed)
        people, hours = rng.integers(0, 4, 12).tolist(), rng.integers(0, 50, 12).tolist()
        who, opened = rng.integers(0, 4, 8).tolist(), rng.integers(0, 50, 8).tolist()
        solved = [
            None if rng.random() < 0.3 else start + int(rng.integers(0, 20)) for start in opened
        ]
        spans = list(zip(who, opened, [999 if end is None else end for end in solved], strict=True))
        inside = [
            any(p == c and start <= hour < end for c, start, end in spans)
            for p, hour in zip(people, hours, strict=True)
        ]
        hit = [
            any(p == c and start <= hour < end for p, hour in zip(people, hours, strict=True))
            for c, start, end in spans
        ]
        found = cx.promotions_in_complaints(
            _sends(people, hours), _complaints(who, opened, solved), until=END
        )
        turned = cx.promotions_in_complaints(
            _sends(people[::-1], hours[::-1]),
            _complaints(who[::-1], opened[::-1], solved[::-1]),
            until=END,
        )
        assert found["messages"].value == pytest.approx(np.mean(inside))
        assert found["complaints"].value == pytest.approx(np.mean(hit))
        assert found["messages"].value == turned["messages"].value
        assert found["complaints"].low == turned["complaints"].low


class TestByReference:
    """Against the synthetic company, which knows what was open."""

    def test_the_company_writes_to_people_who_complain(self) -> None:
        """Of tickets, the figure is the very one that the company knows."""
        company = Company.made(customers=600, seed=3)
        tables = company.tables()
        about = tables["tickets"]
        made = cx.tickets(
            tables["ticket_events"], about, until=company.now, keep=["customer", "reason"]
        )
        found = cx.promotions_in_complaints(
            tables["messages"], made, until=company.now, reasons=["delivery", "defect", "billing"]
        )
        truth = company.truth("promotions_in_complaints")
        assert found["messages"].n == truth.n
        assert found["messages"].value == pytest.approx(truth.value)

    def test_complaints_that_are_issues(self) -> None:
        """Of issues, a complaint is open until its last contact ended."""
        told = {
            "customer": ["ann", "ann"],
            "occurred_at": _at(0, 48),
            "ended_at": _at(1, 49),
            "channel": ["chat", "phone"],
        }
        made = cx.issues(told, until=END)
        found = cx.promotions_in_complaints(_sends(["ann"] * 3, [20, 48.5, 50]), made, until=END)
        assert found["messages"].value == pytest.approx(2 / 3)
