"""Two definitions of one log: the gap between their figures, rule by rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cxm_core as cx
from cxm_core.engines import LOG_DEFINITIONS
from cxm_core.errors import UsageError

BEGIN = datetime(2026, 9, 1, 9, tzinfo=UTC)
END = BEGIN + timedelta(days=60)
SHARES = [
    name for name in LOG_DEFINITIONS if name.startswith(("one_touch.", "first_contact_resolution."))
]
TIMES = [
    name
    for name in LOG_DEFINITIONS
    if name.partition(".")[0]
    in ("first_reply_time", "resolution_time", "requester_wait", "agent_work")
]


def _events(n: int, *, seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tickets of customers who come back, with replies, transfers, openings again and closes."""
    rng = np.random.default_rng(seed)
    events, about = [], []
    for number in range(n):
        ticket, at = f"T{number}", BEGIN + timedelta(hours=float(rng.uniform(0, 55 * 24)))
        about.append(
            {
                "native_id": ticket,
                "occurred_at": at,
                "customer": f"p{rng.integers(0, n // 2)}",
                "channel": str(rng.choice(["chat", "email"])),
                "reason": str(rng.choice(["billing", "delivery"])),
            }
        )
        steps: list[dict[str, Any]] = [{"event": "created", "status": "new", "actor": "customer"}]
        steps += [{"event": "comment", "actor": "bot", "is_public": True}] * int(rng.random() < 0.8)
        steps += [{"event": "comment", "actor": "human", "is_public": True}] * rng.integers(0, 4)
        if rng.random() < 0.2:
            steps.append({"event": "transfer", "team": "second", "actor": "human"})
        if rng.random() < 0.85:
            steps.append({"event": "status", "status": "solved", "actor": "human"})
        if rng.random() < 0.2:
            steps.append({"event": "status", "status": "open", "actor": "customer"})
            steps.append({"event": "status", "status": "solved", "actor": "human"})
        if rng.random() < 0.3:
            steps.append({"event": "status", "status": "closed", "actor": "human"})
        for step in steps:
            events.append({"ticket": ticket, "occurred_at": at, **step})
            at += timedelta(minutes=float(rng.exponential(400)))
    return [one for one in events if one["occurred_at"] < END], about


RATES = [
    pair
    for metric in ("reopen_rate", "escalation_rate", "sla_attainment", "containment")
    for pair in combinations([n for n in LOG_DEFINITIONS if n.startswith(f"{metric}.")], 2)
]


def _contacts(seed: int) -> dict[str, Any]:
    """Tickets with every stamp and mark that a share reads, some of each missing."""
    rng = np.random.default_rng(seed)
    n = 300
    opened = [BEGIN + timedelta(hours=float(h)) for h in rng.uniform(0, 58 * 24, n)]

    def later(start: list[Any], share: float, hours: float) -> list[Any]:
        lasted = [timedelta(hours=float(h)) for h in rng.exponential(hours, n)]
        is_there = rng.random(n) < share
        pairs = zip(start, lasted, is_there.tolist(), strict=True)
        return [at + by if at is not None and there else None for at, by, there in pairs]

    def stamps(times: list[Any]) -> Any:
        plain = [None if at is None else at.replace(tzinfo=None) for at in times]
        return np.array(plain, "datetime64[us]")

    ended = later(opened, 0.9, 90)
    return {
        "ticket": [f"T{number}" for number in range(n)],
        "customer": [f"p{who}" for who in rng.integers(0, n // 2, n)],
        "channel": rng.choice(["chat", "email"], n).tolist(),
        "reason": rng.choice(["billing", "delivery"], n).tolist(),
        "actor": rng.choice(["bot", "self_service", "human"], n).tolist(),
        "transfers": rng.integers(0, 2, n).tolist(),
        "occurred_at": opened,
        "first_ended_at": stamps(ended),
        "first_reopened_at": stamps(later(ended, 0.3, 120)),
        "first_escalated_at": stamps(later(opened, 0.3, 120)),
        "solved_at": stamps(later(opened, 0.7, 90)),
        "closed_at": stamps(later(opened, 0.5, 150)),
        "due_at": stamps(later(opened, 0.9, 80)),
        "made_sla": rng.choice([True, False, None], n).tolist(),
        "status": rng.choice(["open", "solved", "merged", "spam", "abandoned"], n).tolist(),
    }


@pytest.fixture(scope="module")
def made() -> Any:
    """Tickets of a small helpdesk."""
    events, about = _events(400, seed=8)
    names = ["ticket", "occurred_at", "event", "status", "actor", "is_public", "team"]
    table = {name: [one.get(name) for one in events] for name in names}
    about_table = {name: [one[name] for one in about] for name in about[0]}
    return cx.tickets(table, about_table, until=END, keep=["customer", "channel", "reason"])


@pytest.fixture(scope="module")
def threaded(made: Any) -> Any:
    """The tickets, put together into issues."""
    return cx.issues(made, reason="reason", native_id="ticket", until=END)


@pytest.fixture(scope="module")
def incidents(shared: Path) -> pd.DataFrame:
    """Last event of each incident of a real log, which holds its final stamps."""
    file = shared / "data" / "servicenow-incident-log" / "incident_event_log.parquet"
    if not file.is_file():
        pytest.skip("the ServiceNow log is not beside this checkout")
    log = pd.read_parquet(file).sort_values(["number", "sys_updated_at", "sys_mod_count"])
    names = {"opened_at": "occurred_at", "resolved_at": "solved_at"}
    last = log.groupby("number").tail(1).rename(columns=names)
    return last[["number", "occurred_at", "solved_at", "closed_at"]]


class TestByHand:
    """A helpdesk of two tickets, and one of forty."""

    def test_one_touch_is_not_first_contact_resolution(self) -> None:
        """Four tickets with one reply each are all one touch; two were the same matter again."""
        at = [BEGIN + timedelta(days=n) for n in (0, 1, 0, 1)]
        table = {
            "ticket": ["A", "B", "C", "D"],
            "customer": ["ann", "ann", "bob", "cyd"],
            "channel": ["chat", "email", "chat", "chat"],
            "occurred_at": at,
            "replies": [1, 1, 1, 3],
            "status": ["solved"] * 4,
            "ended_at": [one + timedelta(hours=1) for one in at],
        }
        found = cx.explain_definitions(
            cx.issues(table, until=END), "one_touch.zendesk", "first_contact_resolution"
        )
        assert (found.start, found.end) == (0.75, pytest.approx(2 / 3))
        assert found["replies"].value > 0  # Cyd's long ticket was solved at once for her
        assert found["coming back"].value < 0
        assert found["coming back"].note == "any before, no contact about the issue after"
        assert found["what is counted"].note == "tickets before, issues after"
        assert found.labels == ("one_touch.zendesk", "first_contact_resolution.no_return")

    def test_open_tickets_are_what_zendesk_leaves_out(self) -> None:
        """With ten of forty tickets open, the median moves by what they have lasted."""
        opened = [BEGIN] * 40
        solved = [BEGIN + timedelta(hours=i) for i in range(1, 31)] + [None] * 10
        log = {"occurred_at": opened, "solved_at": solved, "closed_at": [None] * 40}
        found = cx.explain_definitions(
            log, "resolution_time.zendesk", "resolution_time.full", until=END
        )
        assert [step.name for step in found.steps] == ["what is not over"]
        assert found["what is not over"].value == 5 * 3600
        assert found.unit == "seconds"

    def test_whole_minutes(self) -> None:
        """Seconds that a vendor cuts off are a step of their own."""
        solved = [BEGIN + timedelta(minutes=i, seconds=59) for i in range(1, 32)]
        log = {"occurred_at": [BEGIN] * 31, "solved_at": solved, "closed_at": [None] * 31}
        found = cx.explain_definitions(log, "resolution_time.zendesk", "resolution_time.full")
        assert found["whole minutes"].value == pytest.approx(59.0)

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("one_touch.zendesk", "resolution_time.full", "cannot be led over"),
            ("reopen_rate.ever", "escalation_rate.ever", "cannot be led over"),
            ("repeat_contact.contacts", "repeat_contact.issues", "cannot be led over"),
            ("one_touch.zendsk", "one_touch", "did you mean 'one_touch.zendesk'"),
        ],
    )
    def test_pairs_that_have_nothing_in_common(
        self, threaded: Any, before: str, after: str, message: str
    ) -> None:
        """Figures of two kinds are refused, and a name that is none gets the nearest one."""
        with pytest.raises(UsageError, match=message):
            cx.explain_definitions(threaded, before, after)

    def test_shares_need_issues(self, made: Any) -> None:
        """Without issues nobody knows who came back."""
        with pytest.raises(UsageError, match="Shares are explained on issues"):
            cx.explain_definitions(made, "one_touch.zendesk", "first_contact_resolution")

    def test_a_column_that_tickets_lack(self) -> None:
        """A definition that reads what the tickets do not have names the column."""
        table = {"customer": ["a"], "occurred_at": [BEGIN], "channel": ["chat"]}
        with pytest.raises(UsageError, match="no column 'status'"):
            cx.explain_definitions(cx.issues(table, until=END), "one_touch.zendesk", "one_touch")


class TestByLaw:
    """What holds for any two definitions that can be led over."""

    @pytest.mark.parametrize(("before", "after"), list(permutations(SHARES, 2)))
    def test_shares_add_up(self, threaded: Any, before: str, after: str) -> None:
        """Steps lead from the one engine's own figure to the other's, with nothing left over."""
        found = cx.explain_definitions(threaded, before, after, window="7d")
        assert "not told by the receipts" not in [step.name for step in found.steps]
        assert sum(step.value for step in found.steps) == pytest.approx(found.gap)

    @pytest.mark.parametrize(("before", "after"), [*RATES, *[pair[::-1] for pair in RATES]])
    @pytest.mark.parametrize("seed", [1, 2])
    def test_rates_add_up(self, before: str, after: str, seed: int) -> None:
        """Two ways to count one figure, led over into each other with nothing left over."""
        log = cx.issues(_contacts(seed), reason="reason", native_id="ticket", until=END)
        found = cx.explain_definitions(log, before, after, window="7d")
        assert found.steps
        assert "not told by the receipts" not in [step.name for step in found.steps]
        assert sum(step.value for step in found.steps) == pytest.approx(found.gap)

    @pytest.mark.parametrize(
        ("before", "after"),
        [pair for pair in combinations(TIMES, 2) if len({n.partition(".")[0] for n in pair}) == 1],
    )
    def test_times_add_up(self, made: Any, before: str, after: str) -> None:
        """Steps lead from the one figure to the other, and back with their signs turned."""
        found = cx.explain_definitions(made, before, after)
        back = cx.explain_definitions(made, after, before)
        assert "not told by the receipts" not in [step.name for step in found.steps]
        assert sum(step.value for step in found.steps) == pytest.approx(found.gap)
        for step in found.steps:
            assert back[step.name].value == pytest.approx(-step.value)

    @pytest.mark.parametrize("name", ["one_touch.zendesk", "resolution_time.full"])
    def test_a_definition_against_itself(self, made: Any, threaded: Any, name: str) -> None:
        """Nothing differs, so there is no step and no gap."""
        log = threaded if name.startswith("one") else made
        found = cx.explain_definitions(log, name, name)
        assert (found.gap, found.steps) == (0.0, ())


class TestByReference:
    """A real log of 24,918 incidents, of which 1,556 were closed without a resolution."""

    def test_time_to_close_is_not_time_to_resolution(self, incidents: pd.DataFrame) -> None:
        """Incidents are closed five days after they are resolved: 145.9 hours become 25.8."""
        found = cx.explain_definitions(incidents, "resolution_time.hubspot", "resolution_time.full")
        ends = [round(end / 3600, 1) for end in (found.start, found.end)]
        assert ends == [145.9, 25.8]
        assert found["until"].note == "closed_at before, solved_at after"
        assert found["until"].value < -5 * 86_400

    def test_two_rules_that_hide_each_other(self, incidents: pd.DataFrame) -> None:
        """Two medians that differ by three minutes differ by two rules of nearly two hours."""
        found = cx.explain_definitions(incidents, "resolution_time.zendesk", "resolution_time.full")
        assert found.gap == pytest.approx(180.0)
        sizes = {step.name: round(step.value / 3600, 2) for step in found.steps}
        assert sizes == {"what is not over": 1.85, "what stands for the end": -1.8}


class TestDefinitions:
    """The list of definitions."""

    def test_every_definition_measures(self, made: Any, threaded: Any) -> None:
        """Each that reads no mark of the source gives the figure of its engine."""
        for one in LOG_DEFINITIONS.values():
            if one.metric in ("sla_attainment", "containment"):
                continue
            found = one(made if one.counts == "tickets" else threaded)
            assert found.metric == one.metric
            assert found.receipt.definition_hash == one.definition_hash
            assert found.receipt.definition == one.name
            assert found.n > 0

    def test_hashes_differ(self) -> None:
        """No two definitions mean the same by their hash."""
        hashes = [one.definition_hash for one in LOG_DEFINITIONS.values()]
        assert len(set(hashes)) == len(hashes)

    def test_a_figure_alone_is_its_usual_definition(self) -> None:
        """The usual definition is the one that the engine takes by itself."""
        assert cx.log_definition("resolution_time").name == "resolution_time.full"
        assert cx.log_definition("one_touch").variant == "one_reply"
        with pytest.raises(UsageError, match="no definition 'fcr'"):
            cx.log_definition("fcr")

    def test_the_page_lists_every_definition(self, root: Path) -> None:
        """The page on definitions has a line for each, with what it says of itself."""
        page = (root / "docs" / "how-to" / "definitions.md").read_text(encoding="utf-8")
        shown = re.findall(r"^\| `\w+\.\w+` \| .+ \| .+ \|$", page, re.MULTILINE)
        wanted = [
            f"| `{one.name}` | {one.holds} | {one.source} |" for one in LOG_DEFINITIONS.values()
        ]
        assert shown == wanted, "the table should read:\n" + "\n".join(wanted)
