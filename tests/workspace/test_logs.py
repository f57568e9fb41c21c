"""Metrics of logs, from the records of a store to the figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Calendar, ChannelRule, Metric, Program, Promise
from cxm_core.records import Interaction, Order, Record, Ticket, TicketEvent
from cxm_core.results import Breakdown, Estimate, Matrix, Panel
from cxm_core.workspace import Workspace
from workspace.desks import NOON, Clock
from workspace.log_desks import FIRST, contact, desk_of, life, ticket, told

HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
PROGRAM = Program(
    name="Desk",
    zone="Europe/Vienna",
    calendars=[Calendar(name="desk", zone="UTC", hours=HOURS)],
    metrics=[
        Metric(name="slow", title="Slow", engine="resolution_time", q=0.75),
        Metric(name="open_hours", engine="resolution_time", calendar="desk"),
        Metric(name="kept", engine="sla_attainment", target="3h"),
        Metric(name="first", engine="sla_attainment", target="3h", definition="first_reply"),
        Metric(name="way", engine="funnel", stages=("look", "order")),
    ],
)


@pytest.fixture(params=["memory:", "desk.duckdb"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace over each kind of store."""
    place = request.param if request.param == "memory:" else tmp_path / request.param
    with Workspace(PROGRAM, store=place, clock=Clock()) as opened:
        yield opened


class TestTickets:
    """Tickets and what happened to them become figures."""

    def test_the_median(self, desk: Workspace) -> None:
        """A metric by its engine's name needs no definition in the program."""
        desk.add(desk_of([2.0, 4.0, 8.0, None, 1.0]))
        found = desk.measure("resolution_time")
        assert isinstance(found, Estimate)
        assert (found.value, found.unit, found.n) == (4 * 3600.0, "seconds", 5)
        assert "still_open" in {caveat.code for caveat in found.caveats}

    def test_a_definition_of_the_program(self, desk: Workspace) -> None:
        """Settings of the program reach the engine, and the receipt tells name and hash."""
        desk.add(desk_of([2.0, 4.0, 8.0, None, 1.0]))
        found = desk.measure("slow")
        assert found.value == 8 * 3600.0
        receipt = found.receipt
        assert (receipt.definition, receipt.version) == ("slow", 1)
        assert receipt.definition_hash == PROGRAM.metric("slow").definition_hash
        assert receipt.measured_at == NOON
        assert [one.source for one in receipt.sources] == ["app:own"]

    def test_open_hours(self, desk: Workspace) -> None:
        """A calendar counts its hours only: from Friday 16:00 to Monday 10:00 they are two."""
        friday = datetime(2026, 11, 6, 16, tzinfo=UTC)
        solved = TicketEvent(
            native_id="e", ticket="1", event="status", status="solved",
            occurred_at=datetime(2026, 11, 9, 10, tzinfo=UTC),
        )  # fmt: skip
        desk.add([ticket(1, at=friday), solved])
        assert desk.measure("open_hours").value == 2 * 3600.0
        assert desk.measure("resolution_time").value == 66 * 3600.0

    def test_what_was_promised(self, desk: Workspace) -> None:
        """A target is held against the solution, or against the first reply."""
        desk.add(desk_of([2.0, 4.0, 8.0, 1.0]))
        assert desk.measure("kept").value == 0.5
        assert desk.measure("first").value == 1.0

    def test_groups_and_periods(self, desk: Workspace) -> None:
        """Columns of the ticket, its attributes and the period of its opening are groups."""
        desk.add(desk_of([2.0, 4.0], channel="chat", attributes={"tier": "gold"}))
        desk.add([*life(7, 8.0, channel="phone", attributes={"tier": "iron"})])
        by = desk.measure("resolution_time", by=["channel", "tier"], every="week")
        assert isinstance(by, Breakdown)
        assert by.axes == ("channel", "tier", "week")
        assert by.groups == (("chat", "gold", "2026-W45"), ("phone", "iron", "2026-W46"))
        assert by["phone", "iron", "2026-W46"].value == 8 * 3600.0

    def test_selection(self, desk: Workspace) -> None:
        """Filters choose tickets, and the receipt tells them."""
        desk.add(desk_of([2.0, 4.0]))
        desk.add([*life(7, 8.0, channel="phone", attributes={"vip": True})])
        assert desk.measure("resolution_time", where={"channel": "phone"}).value == 8 * 3600.0
        chosen = desk.measure("resolution_time", where={"vip": True})
        assert (chosen.n, chosen.receipt.filters) == (1, (("attributes.vip", "True"),))
        assert desk.measure("resolution_time", where={"vip": None}).n == 2

    def test_a_window_is_of_openings(self, desk: Workspace) -> None:
        """What was opened in the window is followed beyond its end."""
        desk.add(desk_of([2.0, 60.0]))
        found = desk.measure("resolution_time", window="2026-11-03")
        assert (found.n, found.value) == (1, 60 * 3600.0)
        assert found.receipt.window.label == "2026-11-03"

    def test_an_unfinished_window(self, desk: Workspace) -> None:
        """A window that is not over yet is flagged, a figure, a panel or a group."""
        desk.add(desk_of([2.0, 4.0]))
        for metric in ("resolution_time", "effort"):
            codes = {one.code for one in desk.measure(metric, window="2026").caveats}
            assert "unfinished" in codes
        monthly = desk.measure("resolution_time", every="month")
        assert "unfinished" in {one.code for one in monthly.group_caveats[0]}

    def test_what_was_known_then(self, tmp_path: Path) -> None:
        """As of an instant, later records are not known, and later time has not passed."""
        clock = Clock()
        with Workspace(PROGRAM, store=tmp_path / "desk.duckdb", clock=clock) as desk:
            desk.add(desk_of([2.0, 4.0]))
            clock.pass_(days=1)
            desk.add([*life(7, 8.0)])
            assert desk.measure("resolution_time", as_of=NOON).n == 2
            assert desk.measure("resolution_time").n == 3

    def test_two_sources_share_no_ticket(self, desk: Workspace) -> None:
        """Tickets of two helpdesks with one number are two tickets."""
        desk.add(life(1, 2.0), source="zendesk:one")
        desk.add(life(1, 6.0), source="zendesk:two")
        found = desk.measure("resolution_time", by="source")
        assert {group: found[group].value for group in found.groups} == {
            "zendesk:one": 2 * 3600.0,
            "zendesk:two": 6 * 3600.0,
        }

    def test_stamps_where_there_are_no_events(self, desk: Workspace) -> None:
        """A source that tells only when a ticket was solved is taken at its word."""
        desk.add([ticket(1, solved_at=FIRST + timedelta(days=1, hours=5))])
        assert desk.measure("resolution_time").value == 5 * 3600.0

    def test_a_stamp_stands_for_the_event_that_is_missing(self, desk: Workspace) -> None:
        """Where a source closes tickets and stamps them as solved, they are solved."""
        solved = FIRST + timedelta(days=1, hours=5)
        closing = told(1, 5, event="status", status="closed")
        desk.add(
            [ticket(1, status="closed", solved_at=solved), told(1, 0, event="created"), closing]
        )
        assert desk.measure("resolution_time").value == 5 * 3600.0

    def test_a_source_that_tells_no_replies(self, desk: Workspace) -> None:
        """Where nobody notes replies, none is missed: such tickets are left out, and counted."""
        desk.add(desk_of([2.0, 4.0]), source="zendesk:one")
        mute = [record for record in life(5, 2.0) if getattr(record, "event", "") != "comment"]
        desk.add(mute, source="hubspot:two")
        found = desk.measure("first_reply_time")
        assert (found.value, found.n) == (3600.0, 2)
        assert dict(found.receipt.exclusions) == {"of a source that tells no replies": 1}
        assert desk.measure("resolution_time").n == 3

    def test_what_is_gone_is_gone(self, desk: Workspace) -> None:
        """A ticket that its source has deleted is in no figure."""
        desk.add([*life(1, 2.0), *life(2, 4.0)])
        desk.add([ticket(2, is_deleted=True, recorded_at=NOON)])
        assert desk.measure("resolution_time").n == 1

    def test_nothing(self, desk: Workspace) -> None:
        """Without a ticket there is no figure, and no error."""
        found = desk.measure("resolution_time")
        assert (found.value, found.n) == (None, 0)

    def test_order_of_arrival(self, tmp_path: Path) -> None:
        """The order in which records come never changes a figure."""
        records = desk_of([2.0, 4.0, 9.0, None])
        told_ = []
        for order in (records, records[::-1]):
            with Workspace(PROGRAM, store="memory:", clock=Clock()) as desk:
                desk.add(order)
                told_.append(desk.measure("resolution_time", by="channel").to_dict())
        assert told_[0] == told_[1]


class TestIssues:
    """Contacts become issues, on whatever channel."""

    def test_touches_and_tickets_are_contacts(self, desk: Workspace) -> None:
        """A call and a ticket for one reason within a week are one issue."""
        ann = {"customer": [("email", "ann@example.com")], "native_id": "9"}
        mail = ticket(1, reason="late", at=FIRST + timedelta(days=2)).model_copy(update=ann)
        mail = Ticket(**{**mail.model_dump(exclude={"customer"}), **ann})
        desk.add([contact(1, "ann", 0), contact(2, "bob", 0), mail])
        found = desk.measure("first_contact_resolution")
        assert (found.value, found.n) == (0.5, 2)

    def test_a_ticket_is_told_once(self, desk: Workspace) -> None:
        """Touches of a ticket are told by themselves, and answer each other."""
        own = Ticket(
            native_id="5", customer=[("email", "ann@example.com")], occurred_at=FIRST,
            channel="chat", reason="late",
        )  # fmt: skip
        one, other = (contact(n, "ann", n / 10, ticket="5", reason=None) for n in (1, 2))
        desk.add([own, one, other])
        effort = desk.measure("effort")
        assert isinstance(effort, Panel)
        assert (effort["contacts"].value, effort["contacts"].n) == (None, 0)
        contacts = desk.measure("repeat_contact")
        assert (contacts.n, contacts.value) == (2, 0.5)

    def test_what_went_out_is_none(self, desk: Workspace) -> None:
        """A message to a customer is no contact of the customer's."""
        desk.add([contact(1, "ann", 0), contact(2, "ann", 1, direction="out")])
        assert desk.measure("first_contact_resolution").value == 1.0

    def test_window_and_groups(self, desk: Workspace) -> None:
        """Issues that were opened in the window, by their first channel, with all that followed."""
        desk.add([contact(1, "ann", 0), contact(2, "ann", 2, channel="phone")])
        desk.add([contact(3, "bob", 2, channel="phone"), contact(4, "cid", 3, channel="phone")])
        found = desk.measure("first_contact_resolution", by="channel", window="2026-11-02")
        assert found.groups == ("chat",)
        assert found["chat"].value == 0.0
        later = desk.measure("first_contact_resolution", window=("2026-11-03", "2026-11-06"))
        assert (later.n, later.value) == (2, 1.0)

    def test_noted_numbers(self, desk: Workspace) -> None:
        """What a source notes about a contact as attributes is added up over the issue."""
        noted = {"transfers": 2, "wait_s": 60.5}
        early = timedelta(days=40)
        records = [
            contact(n, who, d, attributes=noted).model_copy(
                update={"occurred_at": FIRST - early + timedelta(days=d)}
            )
            for n, who, d in ((1, "ann", 0), (2, "ann", 1), (3, "bob", 0))
        ]
        desk.add([Interaction(**one.model_dump(exclude={"known_at", "source"})) for one in records])
        panel = desk.measure("effort")
        assert panel["transfers"].value == 3.0
        assert panel["wait"].value == pytest.approx(90.75)
        assert "handling" not in panel.names
        assert panel["wait"].receipt.definition == "effort"

    def test_in_the_right_channel(self) -> None:
        """The program's channel rules say which issues began where they do not belong."""
        rules = [ChannelRule(name="late", reasons="late", channels="phone")]
        program = Program(name="Desk", zone="UTC", channel_rules=rules)
        with Workspace(program, store="memory:", clock=Clock()) as desk:
            desk.add([contact(1, "ann", 0), contact(2, "bob", 0, channel="phone")])
            desk.add([contact(3, "cid", 0, reason="other")])
            found = desk.measure("misrouted")
            assert (found.value, found.n) == (0.5, 2)

    def test_what_nobody_tells(self, desk: Workspace) -> None:
        """A figure that needs what no source records says which column that is."""
        desk.add([contact(1, "ann", 0)])
        with pytest.raises(UsageError, match="'actor'"):
            desk.measure("containment")


class TestJourneys:
    """Touches, orders and tickets become cases."""

    def records(self) -> list[Record]:
        """Two customers look, and one of them orders, and asks for help."""
        ann = [("email", "ann@example.com")]
        return [
            contact(1, "ann", 0, activity="look", journey="buy"),
            contact(2, "bob", 0, activity="look", journey="buy"),
            Order(native_id="1", customer=ann, occurred_at=FIRST + timedelta(hours=1)),
            Ticket(native_id="1", customer=ann, occurred_at=FIRST + timedelta(hours=5)),
        ]

    def test_a_funnel(self, desk: Workspace) -> None:
        """Half of those who look come to an order."""
        desk.add(self.records())
        assert desk.measure("way")["order"].value == 0.5

    def test_what_follows(self, desk: Workspace) -> None:
        """An order follows a look, and a call for help follows the order."""
        desk.add(self.records())
        found = desk.measure("flow")
        assert isinstance(found, Matrix)
        assert found["look", "order"].value == 0.5
        assert found["order", "help"].value == 1.0

    def test_groups_of_its_own(self, desk: Workspace) -> None:
        """What has groups of its own says how it takes one group at a time."""
        desk.add(self.records())
        with pytest.raises(UsageError, match="groups of its own"):
            desk.measure("variants", by="channel")
        assert desk.measure("variants", where={"channel": "chat"}).n.sum() > 0


class TestRefusals:
    """What cannot be measured is told with the nearest cure."""

    def test_a_misspelt_engine(self, desk: Workspace) -> None:
        """The nearest name is among the engines, too."""
        with pytest.raises(UsageError, match="did you mean 'resolution_time'"):
            desk.measure("resolution_tim")

    def test_an_engine_that_needs_settings(self, desk: Workspace) -> None:
        """A funnel without stages is no funnel."""
        with pytest.raises(UsageError, match=r"funnel needs stages.*needs a metric"):
            desk.measure("funnel")

    def test_an_attribute_that_is_not_there(self, desk: Workspace) -> None:
        """A word that is no column and no row's attribute is more likely misspelt than rare."""
        desk.add(desk_of([2.0]))
        for asked in ({"by": "chanel"}, {"where": {"chanel": "chat"}}):
            with pytest.raises(UsageError, match="did you mean 'channel'"):
                desk.measure("resolution_time", **asked)

    def test_a_period_that_is_none(self, desk: Workspace) -> None:
        """Periods are those of the calendar."""
        with pytest.raises(UsageError, match="did you mean 'month'"):
            desk.measure("resolution_time", every="moth")


def test_a_change_of_a_log(desk: Workspace) -> None:
    """Two windows of a log are compared like those of answers."""
    desk.add([record for n in range(40) for record in life(n % 4, 2.0 + n % 3) if n < 4])
    change = desk.compare("resolution_time", "2026-11-02", "2026-11-03")
    assert change.value == 3600.0
    assert change.unit == "seconds"


class TestExplained:
    """Why two figures of a log differ, step by step."""

    def test_window_and_filter(self, desk: Workspace) -> None:
        """Each step in which the receipts differ is measured from the store again."""
        desk.add([*desk_of([2.0, 4.0], channel="chat"), *life(2, 3.0, channel="phone")])
        desk.add([*life(7, 8.0, channel="chat"), *life(8, 12.0, channel="phone")])
        a = desk.measure("resolution_time", window="2026-W45")
        b = desk.measure("resolution_time", window="2026-W46", where={"channel": "phone"})
        found = desk.explain_difference(a, b)
        assert {step.name for step in found.steps} == {"window", "filter on channel"}
        assert sum(step.value for step in found.steps) == b.value - a.value

    def test_the_same_twice(self, desk: Workspace) -> None:
        """Two figures that were made alike differ by nothing."""
        desk.add(desk_of([2.0, 4.0, 5.0]))
        a, b = (desk.measure("resolution_time") for _ in range(2))
        assert desk.explain_difference(a, b).steps == ()

    def test_two_definitions(self, desk: Workspace) -> None:
        """Two metrics of one log differ by their definitions."""
        desk.add(desk_of([2.0, 4.0, 5.0]))
        found = desk.explain_difference(desk.measure("resolution_time"), desk.measure("slow"))
        assert [step.name for step in found.steps] == ["definition"]
        assert found.steps[0].value == 3600.0

    def test_another_program(self, tmp_path: Path) -> None:
        """A number of a definition that has changed since cannot be made again."""
        records = [*desk_of([2.0, 4.0, 5.0]), *life(9, 7.0)]
        with Workspace(PROGRAM, store=tmp_path / "d.duckdb", clock=Clock()) as desk:
            desk.add(records)
            before = desk.measure("slow", window="2026-W45")
        changed = Metric(name="slow", engine="resolution_time", q=0.25)
        program = PROGRAM.model_copy(update={"metrics": (changed,)})
        with Workspace(program, store=tmp_path / "d.duckdb", clock=Clock()) as desk:
            after = desk.measure("slow", window="2026-W46")
            with pytest.raises(UsageError, match="another definition than the program has now"):
                desk.explain_difference(before, after)


def test_an_open_ticket_keeps_no_promise() -> None:
    """A ticket that is not over goes on until now: what was promised sooner is missed."""
    soon = {"name": "solved", "expect": "solved", "within": "2d", "target": 0.5}
    promised = Promise(name="soon", window="2026-W45", indicators=[soon])
    program = PROGRAM.model_copy(update={"promises": (promised,)})
    with Workspace(program, store="memory:", clock=Clock()) as desk:
        desk.add([ticket(1, at=FIRST), ticket(2, at=FIRST, solved_at=FIRST + timedelta(hours=3))])
        assert desk.measure("soon")["solved"].value == 0.5
