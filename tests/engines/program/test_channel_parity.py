"""Channel parity: alike within a margin, different, or not known yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_connectors.simulation import Company, contact_history
from cxm_core.errors import UsageError

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def _table(hours: dict[str, list[float]], **more: Any) -> dict[str, Any]:
    channels = [channel for channel, many in hours.items() for _ in many]
    lasted = [one for many in hours.values() for one in many]
    return {
        "customer": [f"p{n}" for n in range(len(lasted))],
        "channel": channels,
        "opened_at": [NOON] * len(lasted),
        "solved_at": [NOON + timedelta(hours=one) for one in lasted],
        **more,
    }


class TestByHand:
    """Small logs that can be judged by eye."""

    def test_times_that_are_the_same_are_alike(self) -> None:
        """Two channels with one distribution of times are alike within a wide margin."""
        spread = list(np.linspace(1, 9, 200))
        table = _table({"chat": spread, "email": spread})
        found = cx.channel_parity(table, margins={"resolution_time": "4h"})
        verdict = found["resolution_time: email"]
        assert verdict.decision == "equivalent"
        assert verdict.value == 0.0
        assert verdict.unit == "seconds"
        assert verdict.margin == 4 * 3600

    def test_ten_hours_are_different(self) -> None:
        """Ten hours more in one channel are beyond a margin of two."""
        spread = np.linspace(1, 3, 200)
        table = _table({"chat": list(spread), "email": list(spread + 10)})
        found = cx.channel_parity(table, margins={"resolution_time": timedelta(hours=2)})
        assert found["resolution_time: email"].decision == "different"
        assert found["resolution_time: email"].value == pytest.approx(36_000)

    def test_clocks_that_disagree(self) -> None:
        """Issues that were over before they began count as over at once, and are told."""
        table = _table({"chat": [-1.0, 2.0] * 40, "email": [0.0, 2.0] * 40})
        found = cx.channel_parity(table, margins={"resolution_time": "1h"})
        assert found["resolution_time: email"].value == 0.0
        (told,) = (one for one in found.caveats if one.code == "over_at_once")
        assert told.message.startswith("40 were over before they began")

    def test_groups(self) -> None:
        """Chat is quicker only because it gets the quick matters: within each the two are alike."""
        easy, hard = list(np.linspace(1, 2, 90)), list(np.linspace(21, 22, 90))
        table = _table({"chat": easy * 2 + hard, "email": easy + hard * 2})
        table["reason"] = ["easy"] * 180 + ["hard"] * 90 + ["easy"] * 90 + ["hard"] * 180
        asked = {"margins": {"resolution_time": "1h"}, "against": "chat"}
        assert cx.channel_parity(table, **asked)["resolution_time: email"].decision == "different"
        found = cx.channel_parity(table, by="reason", **asked)
        assert found.names == ("easy, resolution_time: email", "hard, resolution_time: email")
        assert {found[name].decision for name in found.names} == {"equivalent"}
        for reason in ("easy", "hard"):
            rows = [n for n, one in enumerate(table["reason"]) if one == reason]
            part = {name: [values[n] for n in rows] for name, values in table.items()}
            alone = cx.channel_parity(part, **asked)["resolution_time: email"]
            grouped = found[f"{reason}, resolution_time: email"]
            assert (grouped.value, grouped.comparison.low) == (alone.value, alone.comparison.low)

    def test_groups_with_one_channel(self) -> None:
        """A group without both channels is counted; if there is no other, nothing is compared."""
        table = _table({"chat": [1.0] * 40, "email": [1.0] * 40})
        table["reason"] = ["a"] * 30 + ["b"] * 10 + ["a"] * 40
        asked = {"margins": {"resolution_time": "1h"}, "against": "chat"}
        found = cx.channel_parity(table, by="reason", **asked)
        assert found.receipt.exclusions == (("of a group without both channels", 10),)
        table["reason"] = ["a"] * 40 + ["b"] * 40
        with pytest.raises(UsageError, match="of another channel in one group"):
            cx.channel_parity(table, by="reason", **asked)
        with pytest.raises(UsageError, match="The channels are compared"):
            cx.channel_parity(table, by="channel", **asked)

    @pytest.mark.parametrize("measure", ["contacts", "csat"])
    def test_groups_of_issues(self, measure: str) -> None:
        """Effort and answers of issues are compared within each group, too."""
        many = range(240)
        contacts = {
            "customer": [*many],
            "occurred_at": [NOON + timedelta(hours=n) for n in many],
            "channel": ["chat", "email"] * 120,
            "reason": ["a", "a", "b", "b"] * 60,
            "score": [5, 4, 3, 5] * 60,
        }
        issues = cx.issues(contacts, reason="reason", until=NOON + timedelta(days=90))
        asked = {"margins": {measure: 0.5}, "against": "chat", "scale": "1-5"}
        found = cx.channel_parity(issues, by="reason", **asked)
        assert found.names == (f"a, {measure}: email", f"b, {measure}: email")

    def test_few_issues_decide_nothing(self) -> None:
        """With five issues a side it is not known whether they are alike."""
        table = _table({"chat": [1, 2, 3, 4, 5], "email": [1, 2, 3, 4, 6]})
        found = cx.channel_parity(table, margins={"resolution_time": "1h"})
        verdict = found["resolution_time: email"]
        assert verdict.decision == "undecided"
        assert "small_n" in [caveat.code for caveat in verdict.caveats]

    def test_the_largest_channel_is_the_reference(self) -> None:
        """Without a name the others are held against the channel with most issues."""
        table = _table({"chat": [1.0] * 40, "email": [1.0] * 60, "web": [2.0] * 50})
        found = cx.channel_parity(table, margins={"resolution_time": "3h"})
        assert found.names == ("resolution_time: chat", "resolution_time: web")
        assert dict(found.receipt.parameters)["against"] == "email"

    def test_satisfaction_and_counts(self) -> None:
        """Shares and means are compared by their own intervals; the unit is told."""
        scores = ([5, 5, 4, 2] * 100) + ([5, 2, 2, 2] * 100)
        table = _table({"chat": [1.0] * 400, "email": [1.0] * 400})
        table |= {"score": scores, "contacts": [1, 2] * 400}
        found = cx.channel_parity(
            table, margins={"csat": 0.1, "contacts": 0.2}, scale="1-5", against="chat"
        )
        assert found["csat: email"].decision == "different"
        assert found["csat: email"].value == pytest.approx(-0.5)
        assert found["contacts: email"].decision == "equivalent"
        assert found["contacts: email"].unit == "contacts per issue"
        assert "800 issues" in str(found["contacts: email"])

    def test_mean_time_up_to_a_horizon(self) -> None:
        """What lasts longer than the horizon counts as the horizon, open issues among it."""
        table = _table({"chat": [1.0, 3.0] * 50, "email": [1.0, 3.0] * 50})
        table["solved_at"][100:] = [NOON + timedelta(hours=h) for h in (1, 99)] * 50
        asked: dict[str, Any] = {"margins": {"mean_resolution_time": "2h"}, "against": "chat"}
        found = cx.channel_parity(table, up_to="4h", until=NOON + timedelta(hours=9), **asked)
        verdict = found["mean_resolution_time: email"]
        assert verdict.value == pytest.approx(0.5 * 3600)
        assert verdict.decision == "equivalent"
        with pytest.raises(UsageError, match="needs a horizon"):
            cx.channel_parity(table, **asked)

    def test_effort_of_issues_is_what_effort_tells(self) -> None:
        """Sides of a part of the effort are those of `effort`, channel by channel."""
        history = contact_history(customers=400, seed=7)
        made = cx.issues(history.columns(), issue="issue", text="text", until=history.until)
        margins = {"re_explanations": 0.2, "wait": "2h", "contacts": 0.5}
        found = cx.channel_parity(made, margins=margins, against="email")
        told = cx.effort(made, by="channel", confidence_level=0.9)
        for name in margins:
            _, other = found[f"{name}: phone"].sides
            assert other.value == told[name]["phone"].value
            assert other.low == pytest.approx(told[name]["phone"].low)

    def test_rows_without_a_channel_are_counted(self) -> None:
        """An issue without a channel is in no figure, and is counted."""
        table = _table({"chat": [1.0] * 40, "email": [1.0] * 40})
        table["channel"] = [None, *table["channel"][1:]]
        found = cx.channel_parity(table, margins={"resolution_time": "1h"}, against="chat")
        assert found.receipt.exclusions == (("no channel", 1),)
        assert found["resolution_time: email"].n == 79

    def test_an_open_issue_has_lasted_until_the_end(self) -> None:
        """Open issues push the median up; leaving them out would not."""
        table = _table({"chat": [2.0] * 40, "email": [2.0] * 40})
        table["solved_at"][40:65] = [None] * 25
        found = cx.channel_parity(
            table,
            margins={"resolution_time": "1h"},
            until=NOON + timedelta(hours=5),
            against="chat",
        )
        assert found["resolution_time: email"].value is None
        assert found["resolution_time: email"].decision == "undecided"

    def test_what_is_solved_later_than_the_end_is_open(self) -> None:
        """A log that is cut at an instant knows nothing of what came after."""
        table = _table({"chat": [2.0] * 40, "email": [2.0] * 10 + [9.0] * 30})
        cut = {"until": NOON + timedelta(hours=5), "against": "chat"}
        known = cx.channel_parity(table, margins={"resolution_time": "1h"}, **cut)
        table["solved_at"][50:] = [None] * 30
        told = cx.channel_parity(table, margins={"resolution_time": "1h"}, **cut)
        assert (
            known["resolution_time: email"].comparison == told["resolution_time: email"].comparison
        )

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"margins": {}}, "No margin is given"),
            ({"margins": {"resolution_time": 0}}, "must be above zero"),
            ({"margins": {"resolution_time": "soon"}}, "no length of time"),
            ({"margins": {"csat": 0.1}}, "no column 'score'"),
            ({"against": "chatt"}, "No issue came by the channel"),
            ({"columns": {"opend": "x"}}, "for which there is no use"),
            ({"q": 1.5}, "no share between 0 and 1"),
            ({"confidence_level": 95}, "between 0 and 1"),
        ],
    )
    def test_mistakes_are_told(self, changes: dict[str, Any], message: str) -> None:
        """A call that cannot be meant is refused with its cure."""
        table = _table({"chat": [1.0] * 40, "email": [1.0] * 40})
        with pytest.raises(UsageError, match=message):
            cx.channel_parity(table, **{"margins": {"resolution_time": "1h"}, **changes})

    def test_open_issues_need_the_end_of_the_log(self) -> None:
        """Without an end nobody knows how long an open issue has lasted."""
        table = _table({"chat": [1.0] * 40, "email": [1.0] * 40})
        table["solved_at"][0] = None
        with pytest.raises(UsageError, match="1 of 80 issues are still open"):
            cx.channel_parity(table, margins={"resolution_time": "1h"})

    def test_one_channel_is_compared_with_nothing(self) -> None:
        """Two channels are needed, and the number that there is is told."""
        with pytest.raises(UsageError, match="There are 1 channels"):
            cx.channel_parity(_table({"chat": [1.0] * 9}), margins={"resolution_time": "1h"})


class TestByLaw:
    """What holds for any log."""

    @given(seed=st.integers(0, 50))
    def test_order_of_rows_changes_nothing(self, seed: int) -> None:
        """The order in which issues arrive changes no verdict."""
        rng = np.random.default_rng(seed)
        table = _table(
            {"chat": list(rng.exponential(3, 40)), "email": list(rng.exponential(4, 40))}
        )
        order = rng.permutation(80)
        turned = {name: [values[n] for n in order] for name, values in table.items()}
        sides = [
            cx.channel_parity(t, margins={"resolution_time": "2h"}, against="chat")
            for t in (table, turned)
        ]
        assert sides[0] == sides[1]

    @given(margin=st.floats(0.01, 0.4), wider=st.floats(1.0, 2.0))
    def test_a_wider_margin_never_takes_a_yes_back(self, margin: float, wider: float) -> None:
        """What is alike within a margin is alike within a wider one."""
        table = _table({"chat": [1.0] * 200, "email": [1.0] * 200})
        table["score"] = [5, 5, 5, 2] * 50 + [5, 5, 4, 2] * 50
        said = [
            bool(cx.channel_parity(table, margins={"csat": m}, scale="1-5")["csat: email"])
            for m in (margin, margin * wider)
        ]
        assert said[1] >= said[0]

    def test_the_sentence_names_the_channels(self) -> None:
        """Each verdict of the panel says by itself which channel it holds against which."""
        table = _table({"chat": [1.0] * 90, "mail": [1.0] * 90, "phone": [1.0] * 90})
        table["score"] = [5, 5, 2] * 90
        found = cx.channel_parity(table, margins={"csat": 0.2}, scale="1-5", against="mail")
        for channel in ("chat", "phone"):
            verdict = found[f"csat: {channel}"]
            assert verdict.side_names == ("mail", channel)
            assert f"{channel} less mail" in str(found)
            assert f"{channel} and mail" in found.summary()
        assert found.to_dict()["parts"]["csat: chat"]["sides"] == ["mail", "chat"]

    def test_a_margin_that_a_share_cannot_have(self) -> None:
        """Five for five percentage points is refused: every channel would be alike."""
        table = _table({"chat": [1.0] * 30, "mail": [1.0] * 30})
        table["score"] = [5, 2] * 30
        with pytest.raises(UsageError, match="as wide as all that there can be"):
            cx.channel_parity(table, margins={"csat": 5}, scale="1-5")


class TestByReference:
    """Against another library, and against what was planted."""

    @pytest.mark.oracle
    def test_medians_are_those_of_lifelines(self) -> None:
        """Each side's median and limits are those of a published estimator."""
        lifelines = pytest.importorskip("lifelines", reason="lifelines runs in `nox -s oracles`")
        rng = np.random.default_rng(5)
        hours = rng.exponential(5, 160).round(3)
        table = _table({"chat": list(hours[:80]), "email": list(hours[80:])})
        end = NOON + timedelta(hours=9)
        found = cx.channel_parity(
            table, margins={"resolution_time": "1h"}, until=end, against="chat"
        )
        seen = hours[80:] <= 9
        fitted = lifelines.KaplanMeierFitter(alpha=0.1).fit(np.minimum(hours[80:], 9), seen)
        side = found["resolution_time: email"].sides[1]
        assert side.value == pytest.approx(3600 * fitted.median_survival_time_, rel=0.02)
        limits = lifelines.utils.median_survival_times(fitted.confidence_interval_).to_numpy()[0]
        assert [side.low, side.high] == pytest.approx(3600 * np.sort(limits), rel=0.05)

    def test_planted_parity_is_found(self) -> None:
        """E-mail and the web are planted alike in what settles; the bot settles less."""
        history = contact_history(customers=2_000, seed=3)
        made = cx.issues(history.columns(), issue="issue", until=history.until)
        found = cx.channel_parity(
            made,
            margins={"contacts": 0.2, "csat": 0.1},
            against="email",
            scale="1-5",
            columns={"csat": "satisfaction"},
        )
        assert found["contacts: web"].decision == "equivalent"
        assert found["contacts: app"].decision == "different"
        assert found["csat: web"].decision == "equivalent"

    def test_times_of_tickets_are_those_of_their_engines(self) -> None:
        """Tickets that another one took in stand in the way, as `resolution_time` says."""
        company = Company.made(customers=300, seed=3)
        tables = company.tables()
        made = cx.tickets(
            tables["ticket_events"],
            tables["tickets"],
            until=company.now,
            keep=["customer", "channel"],
        )
        found = cx.channel_parity(
            made,
            margins={"resolution_time": "6h", "mean_resolution_time": "8h"},
            up_to="7d",
            against="email",
        )
        asked: dict[str, Any] = {"by": "channel", "clusters": "customer", "confidence_level": 0.9}
        told = {
            "resolution_time": cx.resolution_time(made, **asked),
            "mean_resolution_time": cx.mean_resolution_time(made, within="7d", **asked),
        }
        for name, figures in told.items():
            email, phone = found[f"{name}: phone"].sides
            assert (email.value, phone.value) == (figures["email"].value, figures["phone"].value)
            assert phone.low == pytest.approx(figures["phone"].low)
            assert found[f"{name}: phone"].decision == "different"
            assert found[f"{name}: phone"].receipt.counted == "tickets"
            assert " tickets, method " in str(found[f"{name}: phone"])

    def test_the_last_answer_of_an_issue_counts(self) -> None:
        """The answer is given when a matter is settled, not at its first contact."""
        history = contact_history(customers=200, seed=3)
        table = history.columns()
        made = cx.issues(table, issue="issue", until=history.until)
        found = cx.channel_parity(
            made,
            margins={"csat": 0.3},
            against="email",
            scale="1-5",
            columns={"csat": "satisfaction"},
        )
        answered = sum(one is not None for one in table["satisfaction"])
        sides = [found[name].sides for name in found.names]
        assert sides[0][0].n + sum(other.n for _, other in sides) == answered
