"""A connector as an author would write it, and what it is read with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.testing._fault_server import FaultServer, Reply
from cxm_connectors.toolkit import Connector, Cursor, Since, stream
from cxm_core.plugins import ReadRequest, Runtime, build
from cxm_core.records import Deletion, Record, Response, Score
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull
from cxm_core.vocabulary import Scale

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)


def now() -> datetime:
    """The instant at which all is tried."""
    return NOW


def answer(number: int, **more: object) -> dict[str, Any]:
    """One row of the vendor, a minute after the one before."""
    at = (FIRST + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
    return {
        "id": f"r{number}",
        "deleted": False,
        "email": f"c{number}@example.com",
        "created_at": at,
        "updated_at": at,
        "question_id": "recommend",
        "score": number % 11,
        "comment": "It was fine.",
    } | more


def page(rows: object, token: str | None = None, *, more: bool | None = None, **head: str) -> Reply:
    """One page of the vendor."""
    has_more = token is not None if more is None else more
    data = {"data": rows, "meta": {"next": token, "has_more": has_more}}
    return Reply.of(data, headers=tuple(head.items()))


class Acme(Connector):
    """The connector of the docs."""

    name, origin = "acme", "https://api.acme.example"

    @stream(
        "responses",
        path="/v1/responses",
        rows="data",
        page=Cursor(next="meta.next", more="meta.has_more"),
        since=Since(param="updated_since", stamp="updated_at", lookback="10m"),
    )
    def responses(self, row: Mapping[str, Any]) -> Record:
        """Map one row."""
        if row["deleted"]:
            return Deletion(kind="response", native_id=row["id"])
        return Response(
            native_id=row["id"],
            customer=[("email", row["email"])],
            occurred_at=row["created_at"],
            recorded_at=row["updated_at"],
            question=row["question_id"],
            score=Score(row["score"], Scale.named("0-10")),
            verbatim=row.get("comment"),
        )


class Desk:
    """A store, and a vendor on loopback that is pulled into it."""

    def __init__(self) -> None:
        self.store: Store = open_store("memory:", clock=now)
        self.waits: list[float] = []

    def pull(
        self,
        script: Any,
        *,
        connector: type[Connector] = Acme,
        request: ReadRequest | None = None,
        **config: object,
    ) -> SyncReceipt:
        """Pull from a server with this script; `heard` is what it was asked."""
        runtime = Runtime(clock=now, root=Path(), sleep=self.waits.append)
        with FaultServer(script) as server:
            told = {"base_url": server.origin, "allow_private_addresses": True} | config
            source = build(connector, told, runtime)
            receipts = pull(self.store, source, source="acme:1", clock=now, request=request)
        self.heard = [heard.target for heard in server.heard]
        return receipts[0]

    @property
    def state(self) -> Any:
        """State that was kept."""
        return self.store.checkpoint("acme:1", "responses")

    @property
    def ids(self) -> list[str]:
        """Ids of the responses that are kept."""
        return sorted(record.native_id for record in self.store.records("response"))


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An empty desk."""
    desk = Desk()
    yield desk
    desk.store.close()


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    """Makes a row of the vendor."""
    return answer


@pytest.fixture
def paged() -> Callable[..., Reply]:
    """Makes a page of the vendor."""
    return page
