"""Whatever happens at the help desk, in whatever order, and whenever a sync dies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_connectors.simulation import Company, Serving
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator_days import QUIRKS
from cxm_core.plugins import ReadRequest, Runtime, build
from cxm_core.records import Ticket

_PLACES = st.integers(0, 30)
_WORDS = st.sampled_from(["open", "pending", "hold", "solved"])
_DEEDS = st.one_of(
    st.tuples(st.just("status"), _PLACES, _WORDS),
    st.tuples(st.just("sweep"), _PLACES, st.just("")),
    st.tuples(st.just("delete"), _PLACES, st.just("")),
    st.tuples(st.just("reply"), _PLACES, st.sampled_from(["", "Any news?", "\N{PARTY POPPER}"])),
    st.tuples(st.just("merge"), _PLACES, st.just("")),
    st.tuples(st.just("new"), _PLACES, st.just("")),
    st.tuples(st.just("leave"), _PLACES, st.just("")),
    st.tuples(st.just("answer"), _PLACES, st.just("")),
    st.tuples(st.just("wait"), _PLACES, st.just("")),
    st.tuples(st.just("sync"), st.just(0), st.just("")),
    st.tuples(st.just("killed"), st.integers(2, 12), st.just("")),
)
_ODD = st.lists(st.sampled_from(sorted(set(QUIRKS) - {"stalled_second"})), max_size=2)


class _Story:
    """The deeds of one history, done on one desk."""

    def __init__(self, desk: Any, killed: type[BaseException]) -> None:
        self.desk, self.vendor, self.killed = desk, desk.vendor, killed
        self.numbers = iter(range(9_000, 10_000))

    def do(self, deed: str, place: int, word: str) -> None:
        """Do one deed; a second passes before each."""
        self.desk.later(seconds=1)
        getattr(self, f"_{deed}")(place, word)

    def _living(self, place: int) -> int | None:
        living = [k for k, row in self.vendor.tickets.items() if row["status"] != "deleted"]
        return living[place % len(living)] if living else None

    def _status(self, place: int, word: str) -> None:
        if ticket := self._living(place):
            self.vendor.change("tickets", ticket, status=word)

    def _sweep(self, place: int, word: str) -> None:
        if ticket := self._living(place):
            self.vendor.change("tickets", ticket, by_automation=True, priority="low")

    def _delete(self, place: int, word: str) -> None:
        if ticket := self._living(place):
            self.vendor.delete("tickets", ticket)

    def _reply(self, place: int, word: str) -> None:
        if ticket := self._living(place):
            author = self.vendor.tickets[ticket]["requester_id"]
            self.vendor.reply(ticket, word or "Hello", author=author)

    def _merge(self, place: int, word: str) -> None:
        taken, goes_on = self._living(place), self._living(place + 1)
        if taken and goes_on and taken != goes_on:
            self.vendor.merge(taken, into=goes_on)

    def _new(self, place: int, word: str) -> None:
        self.vendor.add("tickets", {"id": next(self.numbers), "status": "new", "tags": []})

    def _leave(self, place: int, word: str) -> None:
        people = [k for k, u in self.vendor.users.items() if u["role"] == "end-user"]
        self.vendor.delete("users", people[place % len(people)])

    def _answer(self, place: int, word: str) -> None:
        ticket = self._living(place)
        if ticket:
            response = self.vendor.offer(ticket, key=next(self.numbers))
            self.vendor.answer(response, place % 5 + 1)

    def _wait(self, place: int, word: str) -> None:
        self.desk.later(seconds=30 * place)

    def _sync(self, place: int, word: str) -> None:
        self.desk.sync()

    def _killed(self, place: int, word: str) -> None:
        with suppress(self.killed):
            self.desk.sync(kill_at=place)


def _lived_through(desk: Any, killed: type[BaseException], deeds: list[tuple[Any, ...]]) -> None:
    """Do all deeds, then sync once more in peace."""
    story = _Story(desk, killed)
    for deed in deeds:
        story.do(*deed)
    desk.later(minutes=3)
    desk.sync()
    assert desk.kept_so() == desk.held()


class TestAnyHistory:
    """Random histories with random kills."""

    @given(deeds=st.lists(_DEEDS, max_size=12), quirks=_ODD)
    @settings(max_examples=6, suppress_health_check=list(HealthCheck))
    def test_in_the_end_what_is_held_is_kept(
        self,
        bench: Callable[..., Any],
        small: Company,
        killed: type[BaseException],
        deeds: list[tuple[Any, ...]],
        quirks: list[str],
    ) -> None:
        """After any history, a quiet while and one whole sync, nothing is missing or too much."""
        desk = bench(company=small, quirks=quirks, config={"page_size": 25})
        _lived_through(desk, killed, deeds)

    @pytest.mark.slow
    @given(deeds=st.lists(_DEEDS, max_size=25), quirks=_ODD)
    @settings(max_examples=500, suppress_health_check=list(HealthCheck))
    def test_many_long_histories(
        self,
        bench: Callable[..., Any],
        small: Company,
        killed: type[BaseException],
        deeds: list[tuple[Any, ...]],
        quirks: list[str],
    ) -> None:
        """The same for many more and longer histories."""
        desk = bench(company=small, quirks=quirks, config={"page_size": 25})
        _lived_through(desk, killed, deeds)


class TestSockets:
    """The same over a real connection."""

    def test_everything_comes_over_the_network(
        self, bench: Callable[..., Any], small: Company
    ) -> None:
        """The vendor on loopback, through the client that every connector uses."""
        vendor = bench(company=small, quirks=("busy_bare", "cut")).vendor
        runtime = Runtime(
            clock=lambda: datetime(2026, 7, 2, tzinfo=UTC),
            root=Path(),
            secrets={"ZENDESK_TOKEN": vendor.secret}.get,
            sleep=lambda seconds: None,
        )
        with Serving(vendor) as served:
            config = {"subdomain": "acme", "base_url": served.origin, "page_size": 5}
            private = {"allow_private_addresses": True}
            connector = build(Zendesk, config | private, runtime)
            items = list(connector.read("tickets", None, ReadRequest()))
        found = {one.native_id for one in items if isinstance(one, Ticket)}
        assert found == {str(key) for key in vendor.truth()["tickets"]}
