"""A HubSpot account on loopback, a clock that only moves when it is told to, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import Company, InProcess
from cxm_core.plugins import Checkpoint, ReadRequest, Rejected, Runtime, build
from cxm_core.records import Deletion, Record

START = datetime(2026, 7, 1, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]


class Clock:
    """Stands still but for those who sleep or move it on."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


class Kept:
    """What a store would hold: of each record the version with the newest stamp."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], Record] = {}
        self.rejected: list[Rejected] = []
        self.seen: list[tuple[str, str]] = []
        self.states: dict[str, Any] = {}
        self._gone: dict[tuple[str, str], datetime | None] = {}

    def take(self, item: object, *, stream: str = "") -> None:
        """Keep one item of a read."""
        if isinstance(item, Checkpoint):
            self.states[stream] = item.state
        elif isinstance(item, Rejected):
            self.rejected.append(item)
        elif isinstance(item, Deletion):
            self._delete(item)
        elif isinstance(item, Record):
            self._put(item)

    def _put(self, record: Record) -> None:
        key = (record.record_kind, record.native_id)
        self.seen.append(key)
        before = self.records.get(key)
        if before is None or _at(before) <= _at(record):
            if key in self._gone and _at(record) <= (
                self._gone[key] or START - timedelta(days=999)
            ):
                return
            self.records[key] = record

    def _delete(self, gone: Deletion) -> None:
        key = (gone.kind, gone.native_id)
        before = self.records.get(key)
        if before is None or gone.recorded_at is None or _at(before) <= gone.recorded_at:
            self.records.pop(key, None)
            self._gone[key] = gone.recorded_at

    def of(self, kind: str) -> dict[str, Any]:
        """Records of one kind by their id."""
        return {number: one for (kind_, number), one in self.records.items() if kind_ == kind}


def _at(record: Record) -> datetime:
    return record.recorded_at or START - timedelta(days=1000)


class Desk:
    """A vendor and a connector that reads it."""

    def __init__(self, vendor: HubSpotSimulator, clock: Clock, **config: object) -> None:
        self.vendor, self.clock = vendor, clock
        self.carrier = InProcess(vendor)
        self.runtime = Runtime(
            clock=clock,
            root=Path(),
            sleep=clock.sleep,
            transport=self.carrier,
            secrets={"HUBSPOT_TOKEN": vendor.secret, "HUBSPOT_CLIENT_SECRET": vendor.secret}.get,
        )
        self.config = {"base_url": self.carrier.origin, **config}

    def connector(self) -> HubSpot:
        """Build the connector anew, as the next run of the program does."""
        return build(HubSpot, self.config, self.runtime)  # type: ignore[return-value]

    def items(
        self, stream: str, state: Mapping[str, Any] | None = None, **asked: Any
    ) -> Iterator[Any]:
        """Read a stream."""
        return self.connector().read(stream, state, ReadRequest(**asked))

    def sync(self, kept: Kept, streams: Iterable[str] | None = None) -> Kept:
        """Read all streams from where they stand to their end."""
        for stream in streams or [one.name for one in self.connector().streams()]:
            for item in self.items(stream, kept.states.get(stream)):
                kept.take(item, stream=stream)
        return kept

    def paths(self) -> list[str]:
        """Methods and paths that the vendor was asked for."""
        return [f"{one.request.method} {one.request.path}" for one in self.carrier.log]


@pytest.fixture
def clock() -> Clock:
    """A clock at the first of July."""
    return Clock()


@pytest.fixture
def kept() -> Kept:
    """A store, empty."""
    return Kept()


@pytest.fixture
def desk(clock: Clock) -> Callable[..., Desk]:
    """Make a desk; what is no setting of the connector is one of the vendor."""

    def made(company: Company | None = None, **named: Any) -> Desk:
        of_vendor = {"seed", "quirks", "secret", "window", "most_linked"}
        vendor = HubSpotSimulator(
            company, clock=clock, **{k: v for k, v in named.items() if k in of_vendor}
        )
        return Desk(vendor, clock, **{k: v for k, v in named.items() if k not in of_vendor})

    return made


@pytest.fixture
def same() -> Callable[[Kept, HubSpotSimulator], None]:
    """Compare what is kept with what the vendor holds."""
    return check_same


def check_same(kept: Kept, vendor: HubSpotSimulator) -> None:
    """Everything that the vendor holds is kept as it is, and nothing else."""
    truth = vendor.truth()
    assert not kept.rejected
    assert {i: _customer(one) for i, one in kept.of("customer").items()} == {
        row["id"]: (row.get("email"), row.get("lastname"), row.get("lifecyclestage"))
        for row in truth["contacts"]
    }
    assert {i: one.name for i, one in kept.of("account").items()} == {
        row["id"]: row.get("name") for row in truth["companies"]
    }
    assert {i: _ticket(one) for i, one in kept.of("ticket").items()} == {
        row["id"]: (row.get("subject"), _least(row, "@contacts"), _least(row, "@companies"))
        for row in truth["tickets"]
    }
    assert {i: _deal(one) for i, one in kept.of("deal").items()} == {
        row["id"]: (row.get("dealname"), row.get("amount"), _least(row, "@contacts"))
        for row in truth["deals"]
    }
    assert {i: _response(one) for i, one in kept.of("response").items()} == {
        row["id"]: (row.get("hs_value"), row.get("hs_content"))
        for row in truth["feedback_submissions"]
    }
    assert set(kept.of("membership")) == {
        f"{row['id']}-{company}"
        for row in truth["contacts"]
        for company in row.get("@companies", ())
    }
    assert {i: one.is_active for i, one in kept.of("staff").items()} == {
        row["id"]: not row["archived"] for row in truth["owners"]
    }


def _customer(one: Any) -> tuple[str | None, str | None, str | None]:
    emails = [name.value for name in one.customer if name.kind == "email"]
    return next(iter(emails), None), one.family_name, one.lifecycle


def _ticket(one: Any) -> tuple[str | None, str | None, str | None]:
    return one.subject, _external(one), one.account


def _deal(one: Any) -> tuple[str | None, str | None, str | None]:
    amount = one.amount and str(one.amount).partition(" ")[0]
    return one.name, amount, _external(one)


def _response(one: Any) -> tuple[str | None, str | None]:
    return str(one.score.value) if one.score else None, one.verbatim


def _external(one: Any) -> str | None:
    return next((name.value for name in one.customer if name.kind == "external"), None)


def _least(row: Mapping[str, Any], name: str) -> str | None:
    return min(row.get(name, ()), key=lambda number: (len(number), number), default=None)
