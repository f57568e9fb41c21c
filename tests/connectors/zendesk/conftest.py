"""A help desk on the bench: the simulated vendor, the connector on it, and a store in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from cxm_connectors.simulation import Company, InProcess
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.plugins import ReadRequest, Runtime, WireAnswer, WireRequest, build
from cxm_core.records import Record
from cxm_core.results import SyncReceipt
from cxm_core.store import open_store
from cxm_core.sync import pull

SOURCE = "zendesk:acme"


class Killed(BaseException):
    """The process is gone in the middle of a call."""


@define
class Clock:
    """Virtual time of both sides: who sleeps moves it on."""

    now: datetime

    def __call__(self) -> datetime:
        """Give it."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@define
class Wire:
    """Carries requests into the simulator, and may be killed at one of them."""

    inner: InProcess
    kill_at: int | None = None
    before: Mapping[int, Callable[[], object]] = field(factory=dict)
    sent: int = 0

    def send(self, request: WireRequest) -> WireAnswer:
        """Send, unless this is the moment."""
        self.sent += 1
        if self.sent == self.kill_at:
            raise Killed
        if self.sent in self.before:
            self.before[self.sent]()
        return self.inner.send(request)

    def close(self) -> None:
        """Let nothing go."""


class Bench:
    """The simulated vendor, and what was kept of it."""

    def __init__(
        self,
        company: Company,
        *,
        quirks: Iterable[str] = (),
        config: Mapping[str, Any] | None = None,
        **simulated: Any,
    ) -> None:
        self.clock = Clock(company.now + timedelta(minutes=10))
        self.vendor = ZendeskSimulator(company, quirks=quirks, clock=self.clock, **simulated)
        self.inner = InProcess(self.vendor, origin="https://acme.zendesk.com")
        self.config = {"subdomain": "acme", "page_size": 40, **(config or {})}
        self.store = open_store("memory:", clock=self.clock)
        self.secrets = {
            "ZENDESK_TOKEN": self.vendor.secret,
            "ZENDESK_WEBHOOK_SECRET": "simulated-hook",
        }

    def connector(self, **wire: Any) -> Zendesk:
        """Build the connector anew, as each process does."""
        self.wire = Wire(self.inner, **wire)
        runtime = Runtime(
            clock=self.clock,
            root=Path(),
            transport=self.wire,
            resolver=self.inner.resolve,
            secrets=self.secrets.get,
            sleep=self.clock.pass_by,
        )
        built = build(Zendesk, self.config, runtime)
        assert isinstance(built, Zendesk)
        return built

    def sync(self, *streams: str, **wire: Any) -> dict[str, SyncReceipt]:
        """Pull into the store."""
        request = ReadRequest(streams=streams or None)
        receipts = pull(
            self.store, self.connector(**wire), source=SOURCE, clock=self.clock, request=request
        )
        return {one.stream: one for one in receipts}

    def kept(self, kind: str) -> dict[str, Any]:
        """Records that are kept, by native id."""
        return {one.native_id: one for one in self.records(kind)}

    def records(self, kind: str) -> list[Record]:
        """Records that are kept."""
        return list(self.store.records(kind))

    def later(self, **span: float) -> None:
        """Let time pass at both sides."""
        self.clock.pass_by(timedelta(**span).total_seconds())

    # ---- the two sides, told in the same words ---------------------------------------------------

    def held(self) -> dict[str, Any]:
        """What the vendor holds, told without any code of the connector."""
        words = {"hold": "on_hold"}
        truth = self.vendor.truth()
        surveyed = truth["survey_responses"].values()
        return {
            "tickets": {
                str(key): (
                    "merged"
                    if "closed_by_merge" in row["tags"]
                    else words.get(row["status"], row["status"]),
                    row["priority"],
                    row["subject"],
                    _text(row["assignee_id"]),
                    f"user:{row['requester_id']}",
                )
                for key, row in truth["tickets"].items()
            },
            "comments": {
                str(key): (str(row["ticket_id"]), row["body"], row["public"])
                for key, row in truth["comments"].items()
            },
            "statuses": {
                str(key): (
                    str(row["ticket_id"]),
                    words.get(row.get("previous_value"), row.get("previous_value")),
                    "other" if row["value"] == "deleted" else words.get(row["value"], row["value"]),
                )
                for key, row in truth["changes"].items()
                if row["field_name"] == "status"
            },
            "customers": {str(key): row["email"] for key, row in truth["customers"].items()},
            "members": {
                str(key): str(row["organization_id"])
                for key, row in truth["customers"].items()
                if row["organization_id"]
            },
            "staff": {str(key): row["name"] for key, row in truth["staff"].items()},
            "accounts": {str(key): row["name"] for key, row in truth["organizations"].items()},
            "metrics": {f"metric:{key}" for key in truth["metric_events"]},
            "invited": {str(row["id"]) for row in surveyed}
            | {str(key) for key, row in truth["ratings"].items() if row["score"] != "unoffered"},
            "scores": {
                f"{row['id']}:{answer['question']['id']}": answer["rating"]
                for row in surveyed
                for answer in row["answers"]
                if answer["type"] == "rating_scale"
            }
            | {
                str(key): int(row["score"] == "good")
                for key, row in truth["ratings"].items()
                if row["score"] in ("good", "bad")
            },
        }

    def kept_so(self) -> dict[str, Any]:
        """What the store keeps, in the same words."""
        events = self.kept("ticket_event")
        told = {key: one for key, one in events.items() if not key.startswith(("metric", "merge"))}
        statuses = ("created", "status", "reopening")
        return {
            "tickets": {
                key: (one.status, one.priority, one.subject, one.owner, one.customer[0].value)
                for key, one in self.kept("ticket").items()
            },
            "comments": {
                key: (one.ticket, one.text, one.is_public)
                for key, one in told.items()
                if one.event == "comment"
            },
            "statuses": {
                key: (one.ticket, one.old, one.new)
                for key, one in told.items()
                if one.event in statuses
            },
            "customers": {key: _first(one, "email") for key, one in self.kept("customer").items()},
            "members": {one.member: one.account for one in self.kept("membership").values()},
            "staff": {key: one.name for key, one in self.kept("staff").items()},
            "accounts": {key: one.name for key, one in self.kept("account").items()},
            "metrics": {key for key in events if key.startswith("metric")},
            "invited": set(self.kept("invitation")),
            "scores": {
                key: one.score.value for key, one in self.kept("response").items() if one.score
            },
        }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _first(record: Any, kind: str) -> str | None:
    return next((one.value for one in record.customer if one.kind == kind), None)


@pytest.fixture(scope="session")
def company() -> Company:
    """Give a small company with tickets, merges, deletions and ratings."""
    return Company.made(customers=60, seed=6)


@pytest.fixture(scope="session")
def small() -> Company:
    """Give one that is small enough to be read again and again."""
    return Company.made(customers=24, seed=6)


@pytest.fixture
def bench(company: Company) -> Callable[..., Bench]:
    """Make a bench; each has a vendor and a store of its own."""
    return lambda **facts: Bench(facts.pop("company", company), **facts)


@pytest.fixture
def killed() -> type[BaseException]:
    """Give what a killed process raises."""
    return Killed
