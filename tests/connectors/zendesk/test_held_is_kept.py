"""What the vendor holds is what is kept: on good days, on odd days, killed, and while it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxm_connectors.simulation import Company
from cxm_connectors.zendesk._simulator_days import QUIRKS
from cxm_core.plugins import ReadRequest

# The one quirk under which a stream cannot be read to its end; it has a test of its own.
_SURVIVED = sorted(set(QUIRKS) - {"stalled_second"})

# Pages of each stream's own size, so that there are several.
_STREAMS = {
    "tickets": 5,
    "ticket_events": 40,
    "ticket_metric_events": 20,
    "users": 8,
    "organizations": 1,
    "survey_responses": 3,
}


def _places(desk: Any) -> dict[str, Any]:
    """Where each stream stands, without what only helps to recognise rows that come twice."""
    return {
        one.name: {**desk.store.checkpoint("zendesk:acme", one.name), "edge": None}
        for one in desk.connector().streams()
    }


class TestWhole:
    """One sync from nothing."""

    @pytest.mark.parametrize("csat", ["surveys", "legacy"])
    def test_everything_held_is_kept(self, bench: Callable[..., Any], csat: str) -> None:
        """Each thing that the vendor holds is kept once, as it stands, and nothing else is."""
        desk = bench(csat=csat)
        receipts = desk.sync()
        assert desk.kept_so() == desk.held()
        assert all(one.is_complete for one in receipts.values())
        assert not list(desk.store.quarantined())

    @pytest.mark.parametrize("quirk", _SURVIVED)
    def test_everything_is_kept_under_each_quirk(
        self, bench: Callable[..., Any], quirk: str
    ) -> None:
        """No odd day of the vendor loses or doubles anything."""
        desk = bench(quirks=(quirk,))
        receipts = desk.sync()
        assert desk.kept_so() == desk.held()
        assert all(one.is_complete for one in receipts.values())

    def test_everything_is_kept_under_all_quirks_at_once(self, bench: Callable[..., Any]) -> None:
        """Odd days may come together."""
        desk = bench(quirks=_SURVIVED)
        desk.sync()
        assert desk.kept_so() == desk.held()

    def test_a_second_sync_brings_nothing_new(self, bench: Callable[..., Any]) -> None:
        """What has not changed is not applied again, and the states stay as they are."""
        desk = bench()
        desk.sync()
        before = _places(desk)
        again = desk.sync()
        assert sum(one.applied for one in again.values()) == 0
        assert _places(desk) == before

    def test_audits_tell_what_the_event_export_tells(self, bench: Callable[..., Any]) -> None:
        """Both sources of history give the same records, but for archived tickets."""
        by_events, by_audits = bench(), bench(config={"history": "audits"})
        by_events.sync("ticket_events")
        by_audits.sync("ticket_audits")
        events, audits = by_events.kept("ticket_event"), by_audits.kept("ticket_event")
        assert audits
        assert {key: events[key].status for key in audits} == {
            key: one.status for key, one in audits.items()
        }
        assert {events[key].text for key in audits} == {one.text for one in audits.values()}


class TestKilled:
    """A process that dies at a call, and the next one."""

    @pytest.mark.parametrize("quirks", [(), _SURVIVED], ids=["good day", "odd days"])
    @pytest.mark.parametrize(("stream", "size"), _STREAMS.items())
    def test_killed_at_every_call_nothing_is_lost(
        self,
        bench: Callable[..., Any],
        small: Company,
        killed: type[BaseException],
        quirks: list[str],
        stream: str,
        size: int,
    ) -> None:
        """Killed at each call in turn and started again, the store ends up the same."""
        facts = {"company": small, "config": {"page_size": size}, "quirks": quirks}
        whole = bench(**facts)
        whole.sync(stream)
        calls = whole.wire.sent
        assert calls >= 3
        for call in range(1, calls + 1):
            desk = bench(**facts)
            with pytest.raises(killed):
                desk.sync(stream, kill_at=call)
            desk.sync(stream)
            assert desk.kept_so() == whole.kept_so()

    def test_it_goes_on_where_it_stood(
        self, bench: Callable[..., Any], killed: type[BaseException]
    ) -> None:
        """The run after a kill asks for what is left, and not for everything again."""
        desk = bench(config={"page_size": 7})
        with pytest.raises(killed):
            desk.sync("tickets", kill_at=5)
        receipts = desk.sync("tickets")
        assert receipts["tickets"].served < len(desk.held()["tickets"])
        assert desk.kept_so()["tickets"] == desk.held()["tickets"]

    def test_a_cursor_that_is_good_no_more_is_replaced(self, bench: Callable[..., Any]) -> None:
        """Where the vendor refuses a former cursor, the last change is still known."""
        desk = bench()
        desk.sync("tickets")
        state = desk.store.checkpoint("zendesk:acme", "tickets")
        desk.later(hours=1)
        desk.vendor.change("tickets", 1, status="open")
        desk.later(minutes=5)
        broken = {**state, "cursor": "bm90IGEgY3Vyc29y"}
        items = list(desk.connector().read("tickets", broken, ReadRequest()))
        assert [one.native_id for one in items if hasattr(one, "native_id")][-1] == "1"
        assert items[-1].state["cursor"] != state["cursor"]
        assert items[-1].reached_end


class TestMoving:
    """The help desk is at work while it is read."""

    def test_changes_during_the_sync_are_kept_by_the_next(self, bench: Callable[..., Any]) -> None:
        """Whatever happens between two pages is kept when the vendor is sure of it."""
        desk = bench(config={"page_size": 7})
        vendor = desk.vendor
        first, second, third, *_ = [
            key for key, row in vendor.tickets.items() if row["status"] != "deleted"
        ]
        people = [key for key, row in vendor.users.items() if row["role"] == "end-user"]
        deeds = [
            lambda: vendor.change("tickets", first, status="open", priority="urgent"),
            lambda: vendor.delete("tickets", second),
            lambda: vendor.reply(third, "Any news?", author=people[0]),
            lambda: vendor.add("tickets", {"id": 9_001, "status": "new", "subject": "New"}),
            lambda: vendor.delete("users", people[1]),
            lambda: vendor.change("users", people[2], name="Renamed", email="re@example.com"),
            lambda: vendor.change("users", people[3], organization_id=3_000_001),
            lambda: vendor.change("users", people[4], organization_id=None),
            lambda: vendor.change("users", people[5], role="agent"),
            lambda: vendor.change("tickets", third, by_automation=True, tags=["escalated"]),
        ]

        def at_work(deed: Callable[[], object]) -> Callable[[], None]:
            def work() -> None:
                desk.later(seconds=5)
                deed()

            return work

        desk.sync(before={2 * place + 2: at_work(deed) for place, deed in enumerate(deeds)})
        assert desk.wire.sent > 2 * len(deeds) + 2
        desk.later(minutes=5)
        desk.sync()
        assert desk.kept_so() == desk.held()

    def test_an_automation_that_leaves_updated_at_is_seen(self, bench: Callable[..., Any]) -> None:
        """The export's own stamp tells of changes that `updated_at` hides."""
        desk = bench()
        desk.sync("tickets")
        key = next(k for k, row in desk.vendor.tickets.items() if row["status"] == "closed")
        before = desk.vendor.tickets[key]["updated_at"]
        desk.later(hours=1)
        desk.vendor.change("tickets", key, by_automation=True, tags=["swept"])
        assert desk.vendor.tickets[key]["updated_at"] == before
        desk.later(minutes=5)
        desk.sync("tickets")
        assert desk.kept("ticket")[str(key)].tags == ("swept",)

    def test_rows_of_the_last_minute_come_later(self, bench: Callable[..., Any]) -> None:
        """What the vendor is not sure of yet is not missed."""
        desk = bench()
        desk.sync()
        desk.later(minutes=10)
        desk.vendor.add("tickets", {"id": 9_002, "status": "new", "subject": "Late"})
        desk.later(seconds=30)
        desk.sync()
        assert "9002" not in desk.kept("ticket")
        desk.later(seconds=60)
        desk.sync()
        assert desk.kept_so() == desk.held()

    def test_an_answer_after_the_sync_is_seen(self, bench: Callable[..., Any]) -> None:
        """A survey that was offered long ago is read again until it can be answered no more."""
        desk = bench()
        desk.sync()
        ticket = next(iter(desk.vendor.tickets))
        offered = desk.vendor.offer(ticket, key=77)
        desk.later(minutes=5)
        desk.sync("survey_responses")
        assert desk.kept("invitation")[offered].outcome is None
        desk.later(days=20)
        desk.vendor.answer(offered, 2)
        desk.sync("survey_responses")
        assert desk.kept("invitation")[offered].outcome == "complete"
        assert desk.kept_so()["scores"] == desk.held()["scores"]

    def test_a_window_leaves_the_state_alone(self, bench: Callable[..., Any]) -> None:
        """A part that is asked for does not move what the running sync knows."""
        desk = bench()
        since = desk.vendor.clock().replace(month=4)
        items = list(desk.connector().read("tickets", None, ReadRequest(since=since)))
        stamps = [one.recorded_at for one in items if hasattr(one, "recorded_at")]
        assert stamps
        assert min(stamps) >= since
