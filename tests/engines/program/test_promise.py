"""Promises: kept or not, and what is left of the budget."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_connectors.simulation import contact_history
from cxm_core.errors import UsageError
from cxm_core.program import Promise
from cxm_core.vocabulary import BusinessCalendar

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)  # a Monday
NOW = NOON + timedelta(days=3)


def _promise(*parts: dict[str, Any], **more: Any) -> Promise:
    named = [{"name": part["expect"], **part} for part in parts]
    return Promise(**{"name": "quick", "window": "2026-11", "indicators": named, **more})


SOLVED = {"expect": "solved", "within": "5m", "target": 0.8}
HUMAN = {"expect": "human", "at_most": 1, "target": 0.9}


def _issues(minutes: list[float | None], **more: Any) -> dict[str, Any]:
    solved = [None if m is None else NOON + timedelta(minutes=m) for m in minutes]
    rows = len(minutes)
    return {"opened_at": [NOON] * rows, "solved_at": solved, "customer": range(rows), **more}


class TestByHand:
    """Ten issues, judged by eye."""

    def test_the_promise_of_the_handbook(self) -> None:
        """80 % of issues solved within five minutes, a human one step away."""
        issues = _issues([1, 2, 3, 4, 5, 5.01, 9, 3, 3, None], steps_to_human=[0, 1, 2, *[1] * 7])
        found = cx.promise(_promise(SOLVED, HUMAN), issues, now=NOW)
        assert found.names == ("solved", "solved left", "human", "human left")
        assert (found["solved"].value, found["solved"].n) == (0.7, 10)
        # Three of ten missed, and two were allowed.
        assert found["solved left"].value == pytest.approx(-0.5)
        assert dict(found["solved left"].receipt.parameters)["allowed"] == "2.0"
        assert dict(found["solved left"].receipt.parameters)["missed"] == "3"
        # The issue that is still open is not judged.
        assert (found["human"].value, found["human"].n) == (pytest.approx(8 / 9), 9)

    def test_left_is_a_line_of_the_share(self) -> None:
        """Value, limits and error of what is left are those of the share, drawn out."""
        found = cx.promise(_promise(SOLVED), _issues([1.0] * 45 + [9.0] * 5), now=NOW)
        share, left = found["solved"], found["solved left"]
        for part in ("value", "low", "high"):
            assert getattr(left, part) == pytest.approx((getattr(share, part) - 0.8) / 0.2)
        assert left.standard_error == pytest.approx(share.standard_error / 0.2)
        assert left.value == pytest.approx(0.5)

    def test_everything_kept_leaves_everything(self) -> None:
        """Where nothing was missed, the whole budget is left."""
        found = cx.promise(_promise(SOLVED), _issues([1.0] * 40), now=NOW)
        assert found["solved left"].value == pytest.approx(1.0)
        assert found["solved left"].high == pytest.approx(1.0)

    def test_who_was_opened_just_now_is_not_judged(self) -> None:
        """An issue whose time is not up is left out, be it solved already or not."""
        issues = _issues([1, 9, 1, None])
        issues["opened_at"][2:] = [NOW - timedelta(minutes=2)] * 2
        issues["solved_at"][2] = NOW - timedelta(minutes=1)
        found = cx.promise(_promise(SOLVED), issues, now=NOW)["solved"]
        assert (found.value, found.n) == (0.5, 2)
        assert found.receipt.exclusions == (("not due yet", 2),)

    def test_population(self) -> None:
        """Only issues of the window, the channels and the reasons are promised anything."""
        issues = _issues(
            [1, 1, 9, 9, 9],
            channel=["Chat", "phone", "email", "chat", "chat"],
            reason=["billing", "billing", "billing", "defect", "billing"],
        )
        issues["opened_at"][4] = datetime(2026, 10, 31, tzinfo=UTC)
        promise = _promise(SOLVED, channels=["chat", "phone"], reasons="billing")
        found = cx.promise(promise, issues, now=NOW)["solved"]
        assert (found.value, found.n) == (1.0, 2)
        assert found.receipt.exclusions == (
            ("outside the window", 1),
            ("another channel", 1),
            ("another reason", 1),
        )
        assert found.receipt.definition_hash == promise.definition_hash
        assert found.receipt.window is not None
        assert found.receipt.window.label == "2026-11"

    def test_open_hours(self) -> None:
        """In open hours a night does not count."""
        desk = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
        part = {"expect": "solved", "within": "6h", "target": 0.5}
        issues = _issues([60 * 22])  # ten the next morning: six open hours
        kept = cx.promise(_promise(part), issues, now=NOW, calendar=desk)["solved"]
        missed = cx.promise(_promise(part), issues, now=NOW)["solved"]
        assert (kept.value, missed.value) == (1.0, 0.0)
        with pytest.raises(UsageError, match="counts the open hours of desk"):
            cx.promise(_promise(part, calendar="desk"), issues, now=NOW)

    def test_counts_wait_until_an_issue_is_over(self) -> None:
        """How many contacts an open issue will have, nobody knows."""
        part = {"expect": "contacts", "at_most": 1, "target": 0.7}
        issues = _issues([1, 1, None], contacts=[1, 2, 1])
        found = cx.promise(_promise(part), issues, now=NOW)["contacts"]
        assert (found.value, found.n) == (0.5, 2)
        assert found.receipt.exclusions == (("not over yet", 1),)

    def test_tickets_have_their_opening_elsewhere(self) -> None:
        """A table of tickets says when it was opened in `occurred_at`."""
        issues = _issues([1, 9])
        issues["occurred_at"] = issues.pop("opened_at")
        assert cx.promise(_promise(SOLVED), issues, now=NOW)["solved"].value == 0.5

    def test_other_columns(self) -> None:
        """Columns with other names are told by the words of the promise."""
        issues = _issues([1, 9])
        issues["resolved"] = issues.pop("solved_at")
        found = cx.promise(_promise(SOLVED), issues, now=NOW, columns={"solved": "resolved"})
        assert found["solved"].value == 0.5

    def test_solved_before_it_was_opened(self) -> None:
        """A clock that is behind makes no negative time: it was solved at once."""
        found = cx.promise(_promise(SOLVED), _issues([-60, 2, 3]), now=NOW)["solved"]
        assert found.value == 1.0
        (told,) = (one for one in found.caveats if one.code == "over_at_once")
        assert told.message.startswith("1 was over before it began")

    def test_waited_and_replied(self) -> None:
        """Waits are seconds of a column, replies a time from the opening."""
        waited = {"expect": "waited", "within": "1m", "target": 0.5}
        replied = {"expect": "replied", "within": "1m", "target": 0.5}
        issues = _issues([5, 5], wait_s=[60, 61], first_replied_at=[NOON, None])
        found = cx.promise(_promise(waited, replied), issues, now=NOW)
        assert (found["waited"].value, found["replied"].value) == (0.5, 0.5)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"columns": {"solvd": "x"}}, "for which there is no use"),
            ({"columns": {"solved": "x"}}, "no column 'x'"),
            ({"window": "lately"}, "no window of time"),
            ({"confidence_level": 2}, "between 0 and 1"),
        ],
    )
    def test_mistakes_are_told(self, changes: dict[str, Any], message: str) -> None:
        """A call that cannot be meant is refused."""
        with pytest.raises(UsageError, match=message):
            cx.promise(_promise(SOLVED), _issues([1.0]), **{"now": NOW, **changes})


class TestOfContacts:
    """Promises over issues that were made of contacts."""

    def _made(self) -> Any:
        days = [NOON + timedelta(hours=h) for h in (0, 30, 0, 0, 600)]
        told = {
            "customer": ["ann", "ann", "bob", "cyd", "dan"],
            "occurred_at": days,
            "ended_at": [day + timedelta(minutes=4) for day in days],
            "channel": ["chat", "phone", "chat", "chat", "chat"],
            "actor": ["bot", "human", "bot", "human", "human"],
            "transfers": [1, 2, 0, 0, 0],
            "wait_s": [30, 60, 5, None, 5],
        }
        return cx.issues(told, until=NOON + timedelta(days=30))

    def test_coming_back_breaks_the_promise(self) -> None:
        """Ann's first contact took four minutes, but she had to come again."""
        promise = _promise({**SOLVED, "within": "1h"})
        found = cx.promise(promise, self._made(), now=NOON + timedelta(days=30))["solved"]
        assert found.value == pytest.approx(2 / 3)
        assert found.receipt.exclusions == (("not due yet", 1),)

    def test_steps_to_a_human(self) -> None:
        """Ann met a human in the second contact, Cyd in the first, Bob never."""
        found = cx.promise(_promise({**HUMAN, "at_most": 0}), self._made(), now=NOW + timedelta(27))
        assert (found["human"].value, found["human"].n) == (0.5, 2)

    def test_sums_over_all_contacts(self) -> None:
        """Transfers and waits are those of the whole issue; what nobody recorded is not known."""
        promise = _promise(
            {"expect": "transfers", "at_most": 2, "target": 0.5},
            {"expect": "waited", "within": "1m", "target": 0.5},
        )
        found = cx.promise(promise, self._made(), now=NOW + timedelta(27))
        assert (found["transfers"].value, found["transfers"].n) == (pytest.approx(2 / 3), 3)
        assert (found["waited"].value, found["waited"].n) == (0.5, 2)

    def test_explaining_again(self) -> None:
        """Where the customers' own words are known, a promise may be about explaining once."""
        history = contact_history(customers=200, seed=4)
        part = {"expect": "reexplanations", "at_most": 0, "target": 0.9}
        promise = _promise(part, window="last 100 days")
        made = cx.issues(history.columns(), issue="issue", text="text", until=history.until)
        found = cx.promise(promise, made, now=history.until)["reexplanations"]
        assert found.n > 100
        assert 0.5 < found.value < 1.0
        blind = cx.issues(history.columns(), issue="issue", until=history.until)
        with pytest.raises(UsageError, match="no column 're_explanations'"):
            cx.promise(promise, blind, now=history.until)


class TestEnds:
    """When an issue of contacts counts as solved."""

    @staticmethod
    def kept(**more: Any) -> Any:
        """The promise that forty matters are solved within a minute."""
        began = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(40)]
        contacts = {"customer": list(range(40)), "occurred_at": began, "channel": ["phone"] * 40}
        columns = {name: make(began) for name, make in more.items()}
        end = datetime(2026, 1, 20, tzinfo=UTC)
        quick = {"name": "solved", "expect": "solved", "within": "1m", "target": 0.8}
        promise = Promise(name="quick", indicators=[quick])
        return cx.promise(promise, cx.issues(contacts | columns, until=end), now=end)["solved"]

    @pytest.mark.parametrize("name", ["ended_at", "solved_at"])
    def test_told_by_the_contacts(self, name: str) -> None:
        """What took a day was not solved in a minute, by whichever column says so."""
        found = self.kept(**{name: lambda began: [at + timedelta(days=1) for at in began]})
        assert found.value == 0.0
        assert "no_ends" not in [caveat.code for caveat in found.caveats]

    def test_a_solution_that_is_not_told_is_none(self) -> None:
        """Half have a solution at once; the others are open."""
        found = self.kept(
            solved_at=lambda began: [at if n % 2 else None for n, at in enumerate(began)]
        )
        assert found.value == pytest.approx(0.5)

    def test_nobody_says(self) -> None:
        """Without either column the last contact's start is taken, and a caveat says so."""
        found = self.kept()
        assert found.value == 1.0
        assert "no_ends" in [caveat.code for caveat in found.caveats]


class TestByLaw:
    """What holds for any log."""

    @given(seed=st.integers(0, 10_000))
    def test_a_cut_log_judges_the_same_issues_alike(self, seed: int) -> None:
        """Cut at an instant, the log gives each issue that is due the same verdict."""
        rng = np.random.default_rng(seed)
        opened = [NOON + timedelta(minutes=int(m)) for m in rng.integers(0, 600, 40)]
        lasted = rng.exponential(6, 40)
        solved = [a + timedelta(minutes=float(m)) for a, m in zip(opened, lasted, strict=True)]
        cut = NOON + timedelta(minutes=300)
        known = [one if one <= cut else None for one in solved]
        early = [one <= cut - timedelta(minutes=5) for one in opened]
        found = cx.promise(
            _promise(SOLVED),
            {"opened_at": opened, "solved_at": known, "customer": range(40)},
            now=cut,
        )["solved"]
        met = [m <= 5 for m, is_due in zip(lasted, early, strict=True) if is_due]
        assert found.n == len(met)
        assert found.value == (pytest.approx(np.mean(met)) if met else None)

    @given(target=st.floats(0.05, 0.95), harder=st.floats(0.01, 0.04))
    def test_a_harder_target_leaves_less(self, target: float, harder: float) -> None:
        """The higher the target, the less is left, whatever was kept."""
        issues = _issues([1.0] * 30 + [9.0] * 10)
        left = [
            cx.promise(_promise({**SOLVED, "target": t}), issues, now=NOW)["solved left"].value
            for t in (target, target + harder)
        ]
        assert left[1] < left[0]

    def test_first_contact_is_what_was_planted(self) -> None:
        """At most one contact an issue is first contact resolution, as it was planted."""
        history = contact_history(customers=2_000, seed=11)
        made = cx.issues(history.columns(), issue="issue", until=history.until)
        part = {"expect": "contacts", "at_most": 1, "target": 0.7}
        promise = _promise(part, window="last 150 days")
        found = cx.promise(promise, made, now=history.until)["contacts"]
        truth = history.truth.first_contact_resolution()
        assert found.low - 0.03 < truth < found.high + 0.03
