"""Metrics of issues and tickets that need a setting, or are more than one figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import ChannelRule, Metric, Program
from cxm_core.records import Interaction, Record, Response, Score
from cxm_core.results import Breakdown, Curve, Panel
from cxm_core.workspace import Workspace
from workspace.desks import Clock
from workspace.log_desks import contact, desk_of, life

METRICS = [
    Metric(name="ces", engine="ces", question="easy", scale="1-7"),
    Metric(name="mean", engine="mean_resolution_time", within="6h"),
    Metric(name="slower", engine="compare_times", across="tier", against="gold"),
    Metric(name="two", engine="compare_times", across=("tier", "channel")),
    Metric(name="kept", engine="hand_over", fields=("order", "size")),
    Metric(name="misspelt", engine="hand_over", fields="sise"),
    Metric(name="windows", engine="sensitivity", windows=("1d", "7d")),
    Metric(name="right", engine="threading_quality", truth="matter"),
    Metric(name="by_id", engine="threading_quality", truth="issue"),
    Metric(name="ease", engine="effort_map", feedback="ces"),
]
RULES = [
    ChannelRule(name="late", reasons="late", channels="phone"),
    ChannelRule(name="bill", reasons="bill", channels="email"),
]
PROGRAM = Program(name="Desk", zone="UTC", metrics=METRICS, channel_rules=RULES)


@pytest.fixture
def desk() -> Iterator[Workspace]:
    """A workspace in memory."""
    with Workspace(PROGRAM, store="memory:", clock=Clock()) as opened:
        yield opened


def early(number: int, who: str, day: float, **more: Any) -> Interaction:
    """A contact of a month before, so that all windows are over."""
    told = contact(number, who, day, **more)
    at = told.occurred_at - timedelta(days=40)
    return told.model_copy(update={"occurred_at": at, "known_at": None, "source": None})


def kept(records: list[Interaction]) -> list[Record]:
    """The same, made anew as an app would make them."""
    return [Interaction(**one.model_dump(exclude={"known_at", "source"})) for one in records]


class TestTickets:
    """Times that are more than one quantile."""

    def test_a_mean_up_to_a_longest_time(self, desk: Workspace) -> None:
        """What takes longer than the program says counts as that long."""
        desk.add(desk_of([2.0, 4.0, 8.0]))
        assert desk.measure("mean").value == pytest.approx(4 * 3600.0)

    def test_curves(self, desk: Workspace) -> None:
        """The whole curve, by groups if that is asked for, and one for each way to end."""
        desk.add([*desk_of([2.0, 4.0]), *life(7, 8.0, channel="phone")])
        curve = desk.measure("resolution_curve")
        assert isinstance(curve, Curve)
        assert curve.receipt.definition == "resolution_curve"
        assert desk.measure("resolution_curve", by="channel").names == ("chat", "phone")
        assert desk.measure("ticket_ends").names == ("solved",)

    def test_ways_to_end_by_groups(self, desk: Workspace) -> None:
        """Each group has a curve for each way to end, as the engine tells them."""
        desk.add([*desk_of([2.0, 4.0]), *life(7, 8.0, channel="phone")])
        found = desk.measure("ticket_ends", by="channel")
        assert found.names == ("chat, solved", "phone, solved")
        assert found["phone, solved"].at(8 * 3600).value == 1.0

    @pytest.mark.parametrize("metric", ["resolution_curve", "ticket_ends"])
    def test_a_part_that_is_not_over(self, desk: Workspace, metric: str) -> None:
        """Of several figures each says by itself that its period is not over yet."""
        desk.add(desk_of([2.0, 4.0]))
        found = desk.measure(metric, every="month")
        parts = [found[name] for name in found.names]
        told = {name: str(part.notes) for name, part in zip(found.names, parts, strict=True)}
        assert all("unfinished" in notes for notes in told.values())
        whole = desk.measure(metric)
        assert "unfinished" not in {one.code for one in whole.caveats}

    def test_groups_against_each_other(self, desk: Workspace) -> None:
        """The column is that of the metric, or the caller's; without either it is the channel."""
        for number in range(8):
            tier = "gold" if number % 2 else "iron"
            channel = "chat" if number < 4 else "phone"
            hours = 2.0 if number % 2 else 5.0
            desk.add(life(number, hours, channel=channel, attributes={"tier": tier}))
        found = desk.measure("slower")
        assert isinstance(found, Breakdown)
        assert found["iron"].value == 3 * 3600.0
        assert desk.measure("compare_times").groups == ("phone",)
        assert desk.measure("compare_times", by="tier").axes == ("tier",)

    def test_one_column_at_a_time(self, desk: Workspace) -> None:
        """Groups along two columns are refused, whoever names them."""
        desk.add(desk_of([2.0, 4.0]))
        with pytest.raises(UsageError, match="one column, and 2 are given"):
            desk.measure("compare_times", by=["channel", "reason"])
        with pytest.raises(UsageError, match="one column, and 2 are given"):
            desk.measure("two")

    def test_one_group_only(self, desk: Workspace) -> None:
        """Where there is nothing to compare with, the message says so."""
        desk.add(desk_of([2.0, 4.0]))
        with pytest.raises(UsageError, match="cannot be compared"):
            desk.measure("compare_times")


class TestHandedOver:
    """What was known before a transfer, and after it."""

    def test_columns_and_attributes(self, desk: Workspace) -> None:
        """Fields are columns of the contacts, or attributes under their own names."""
        rows = []
        for number in range(20):
            known = {"order": "A7", "attributes": {"size": 42}}
            rows.append(early(2 * number, f"c{number}", 0, **known))
            later = known if number < 15 else {}
            rows.append(early(2 * number + 1, f"c{number}", 1, channel="phone", **later))
        desk.add(kept(rows))
        found = desk.measure("kept")
        assert found.groups == ("order", "size")
        assert found["size"].value == found["order"].value == 0.75

    def test_a_field_that_is_none(self, desk: Workspace) -> None:
        """A word that is no column and no attribute of any contact is told."""
        desk.add(kept([early(1, "ann", 0, attributes={"size": 1})]))
        with pytest.raises(UsageError, match="'sise' is no column there"):
            desk.measure("misspelt")

    def test_nothing_else(self, desk: Workspace) -> None:
        """What has groups of its own is told by no other."""
        with pytest.raises(UsageError, match="groups of its own"):
            desk.measure("kept", by="channel")


class TestThreading:
    """What other windows would say, and what the rule gets wrong."""

    def test_other_windows(self, desk: Workspace) -> None:
        """Each window has its figure, of the issues that were asked for."""
        desk.add(kept([early(n, f"c{n % 12}", n // 12 * 3.0) for n in range(24)]))
        found = desk.measure("windows")
        shares = found["first_contact_resolution"]
        assert shares.groups == ("1d", "7d")
        assert (shares["1d"].value, shares["7d"].value) == (1.0, 0.0)
        few = desk.measure("windows", where={"channel": "phone"})
        assert few["first_contact_resolution"]["1d"].n == 0

    def test_against_the_truth(self, desk: Workspace) -> None:
        """Contacts of one reason that were two matters are put together wrongly."""
        rows = [
            early(
                n, f"c{n % 12}", n // 12, attributes={"matter": f"{n % 12}.{n // 12 % (1 + n % 2)}"}
            )
            for n in range(24)
        ]
        desk.add(kept(rows))
        found = desk.measure("right")
        assert (found["precision"].value, found["recall"].value) == (0.5, 1.0)

    def test_a_truth_that_nobody_knows(self, desk: Workspace) -> None:
        """The issue itself may be the truth, where somebody tells it."""
        desk.add(kept([early(1, "ann", 0), early(2, "bob", 0)]))
        with pytest.raises(UsageError, match="None of 2 contacts says which issue"):
            desk.measure("by_id")

    def test_a_curve(self, desk: Workspace) -> None:
        """When customers come again is a curve over the time since they first came."""
        desk.add(kept([early(n, f"c{n % 12}", n // 12 * 3.0) for n in range(24)]))
        found = desk.measure("return_curve", window=("2026-09-01", "2026-10-01"))
        assert isinstance(found, Curve)
        assert found.at(4 * 86_400).value == 1.0
        assert found.n == 12

    def test_curves_of_groups(self, desk: Workspace) -> None:
        """Each group has its curve; a month that is not over says so, and one that is does not."""
        rows = [early(n, f"c{n}", n, channel="phone" if n % 3 else "chat") for n in range(48)]
        desk.add(kept(rows))
        found = desk.measure("return_curve", by="channel")
        assert (found["chat"].n, found["phone"].n) == (16, 32)
        months = desk.measure("return_curve", every="month")
        told = [{one.code for one in months[name].caveats} for name in months.names]
        assert ["unfinished" in codes for codes in told] == [False, False, True]


def test_what_makes_it_hard(desk: Workspace) -> None:
    """Answers about a contact or its ticket say how easy it was, and effort says why."""
    rows: list[Record] = []
    for number in range(80):
        again = number % 2
        touches = [early(3 * number + n, f"c{number}", n) for n in range(1 + again)]
        rows += kept(touches)
        rows.append(
            Response(
                native_id=f"a{number}",
                customer=touches[0].customer,
                occurred_at=touches[-1].occurred_at + timedelta(hours=1),
                question="easy",
                score=Score(3 + number % 3 if again else 6, "1-7"),
                interaction=touches[-1].native_id,
            )
        )
    desk.add(rows)
    found = desk.measure("ease")
    assert isinstance(found, Panel)
    assert found["expected"].value == pytest.approx(5.0, abs=0.1)
    assert found["gain"].value > 0


def test_a_question_is_needed() -> None:
    """A metric of answers without a question cannot say what was answered about a contact."""
    metrics = [
        Metric(name="csat", engine="csat", scale="1-5"),
        Metric(name="ease", engine="effort_map", feedback="csat"),
    ]
    program = Program(name="Desk", zone="UTC", metrics=metrics)
    desk = Workspace(program, store="memory:", clock=Clock())
    with desk, pytest.raises(UsageError, match="csat names no question"):
        desk.measure("ease")


def test_rules_are_groups(desk: Workspace) -> None:
    """What was misrouted is told by the rule that speaks of it, which no record carries."""
    desk.add([contact(n, f"c{n}", 0, channel="chat" if n % 4 else "phone") for n in range(8)])
    desk.add([contact(n, f"c{n}", 0, reason="bill", channel="email") for n in range(8, 12)])
    found = desk.measure("misrouted", by="rule")
    assert found.groups == ("bill", "late")
    assert (found["late"].value, found["bill"].value) == (0.75, 0.0)
