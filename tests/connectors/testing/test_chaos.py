"""A way to the vendor that fails as told: every connector gets through it with all its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import Company, InProcess, Serving, SimRequest, SimResponse
from cxm_connectors.testing import Chaos
from cxm_connectors.testing._faults import LASTING, PASSING
from cxm_connectors.toolkit import Connector, HttpTransport, Page, stream
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.errors import RetryableError, UsageError
from cxm_core.plugins import Runtime, WireRequest, build
from cxm_core.records import Note
from cxm_core.store import canonical_lines, open_store
from cxm_core.sync import pull

SECRET = "simulated-secret"  # noqa: S105  (it opens nothing but a simulator)
COMPANY = Company.made(customers=8)
NOW = COMPANY.now + timedelta(minutes=10)
PING = WireRequest(method="GET", url="https://api.acme.example/notes")
Vendors = dict[str, tuple[type[Connector], Callable[[], Any], dict[str, Any]]]
VENDORS: Vendors = {
    "zendesk": (
        Zendesk,
        lambda: ZendeskSimulator(
            COMPANY, secret=SECRET, clock=lambda: COMPANY.now + timedelta(minutes=5)
        ),
        {"subdomain": "acme", "page_size": 5},
    ),
    "hubspot": (
        HubSpot,
        lambda: HubSpotSimulator(COMPANY, secret=SECRET, quirks=()),
        {"page_size": 5},
    ),
    "typeform": (Typeform, lambda: TypeformSimulator(COMPANY, secret=SECRET), {"page_size": 3}),
}


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Give its time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class Acme:
    """Notes on pages of two; a script says nothing else."""

    origin = ""

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        first = 2 * (int(request.query.get("page", 1)) - 1)
        rows = [
            {"id": str(n), "at": f"2025-11-05T09:00:{n:02}+00:00"}
            for n in range(first, min(first + 2, 5))
        ]
        return SimResponse.of({"data": rows})


def kept(name: str, *, seed: int | None) -> tuple[list[str], int]:
    """What a store holds after syncs through the chaos, and how many answers were disturbed."""
    cls, make, config = VENDORS[name]
    clock, store, inner = Clock(), open_store("memory:", clock=lambda: NOW), InProcess(make())
    share = 0.0 if seed is None else 0.3
    chaos = Chaos(inner, seed=seed or 0, share=share, sleep=clock.sleep, clock=clock)
    for _ in range(6):
        runtime = Runtime(
            clock=clock,
            root=Path(),
            sleep=clock.sleep,
            secrets=lambda _: SECRET,
            transport=chaos,
            resolver=inner.resolve,
        )
        receipts = pull(store, build(cls, config, runtime), source=f"{name}:a", clock=clock)
        if all(one.is_complete for one in receipts):
            break
    assert all(one.is_complete for one in receipts)
    return list(canonical_lines(store)), len(chaos.told)


@pytest.mark.parametrize("name", VENDORS)
def test_what_passes_takes_nothing_away(name: str) -> None:
    """Whatever the seed, a built-in connector ends with what a quiet day gives it."""
    quiet, none = kept(name, seed=None)
    assert none == 0
    for seed in range(3):
        found, disturbed = kept(name, seed=seed)
        assert disturbed > 3
        assert found == quiet


def test_it_stands_before_a_real_network_too() -> None:
    """Over sockets a disturbed connector keeps each note once."""

    class Notes(Connector):
        name, origin = "notes", "https://api.acme.example"

        @stream("notes", path="/notes", rows="data", page=Page(size=2, is_read_twice=True))
        def notes(self, row: dict[str, Any]) -> Note:
            return Note(native_id=row["id"], occurred_at=row["at"], text="words")

    clock, store = Clock(), open_store("memory:", clock=lambda: NOW)
    with Serving(Acme()) as serving:
        chaos = Chaos(HttpTransport(), seed=2, share=0.4, sleep=clock.sleep, clock=clock)
        runtime = Runtime(clock=clock, root=Path(), sleep=clock.sleep, transport=chaos)
        config = {"base_url": serving.origin, "allow_private_addresses": True}
        pull(store, build(Notes, config, runtime), source="notes:a", clock=clock)
        chaos.close()
    assert chaos.told
    assert sorted(one.native_id for one in store.records("note")) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("fault", [*PASSING, *LASTING])
def test_each_fault_is_another_answer(fault: str) -> None:
    """No fault leaves an answer as it was."""
    plain = Acme().respond(SimRequest(method="GET", target="/notes"))
    clock = Clock()
    chaos = Chaos(InProcess(Acme()), share=1, faults=[fault], sleep=clock.sleep, clock=clock)
    try:
        answers = [chaos.send(PING) for _ in range(2)]
        bodies = [b"".join(one.pieces) for one in answers]
    except RetryableError:
        assert fault in {"refused", "slow", "cut"}
        assert (clock.now - NOW).total_seconds() == (60 if fault == "slow" else 0)
    else:
        assert bodies[1] != plain.body or answers[1].status != 200
    assert {one.fault for one in chaos.told} == {fault}


def test_the_same_seed_gives_the_same_faults() -> None:
    """So a failure that was found once is found again."""

    def told(seed: int) -> list[Any]:
        chaos = Chaos(InProcess(Acme()), seed=seed, faults=["503", "nothing", "half"])
        for _ in range(60):
            chaos.send(PING)
        return chaos.told

    assert told(3) == told(3) != told(4)
    numbers = [one.number for one in told(3)]
    assert not any({n, n + 1, n + 2} <= set(numbers) for n in numbers)


@pytest.mark.parametrize("told", [{"faults": ["504"]}, {"share": 1.5}])
def test_a_fault_that_is_none(told: Any) -> None:
    """A wrong word, or share, is refused at once."""
    with pytest.raises(UsageError):
        Chaos(InProcess(Acme()), **told)
