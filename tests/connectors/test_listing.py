"""What a vendor dropped without telling anybody is found by reading what it holds once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import Company, InProcess, SimRequest, SimResponse
from cxm_connectors.toolkit import Config, Connector, Cursor, Single, stream
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.errors import TruncatedAnswer
from cxm_core.plugins import Runtime, build
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from cxm_core.sync import pull, reconcile

SECRET = "simulated-secret"  # noqa: S105  (it opens nothing but a simulator)
ORIGIN = "https://api.vendor.example"


@cache
def company() -> Company:
    """A company of which each vendor holds a part."""
    return Company.made(customers=12)


NOW = company().now + timedelta(minutes=10)


def _runtime(vendor: Any, root: Path) -> Runtime:
    wire = InProcess(vendor, origin=ORIGIN)
    return Runtime(
        clock=lambda: NOW,
        root=root,
        sleep=lambda _: None,
        transport=wire,
        resolver=wire.resolve,
        secrets=lambda _: SECRET,
    )


VENDORS: Mapping[str, tuple[type[Connector], Callable[[], Any], dict[str, object]]] = {
    "zendesk": (
        Zendesk,
        lambda: ZendeskSimulator(company(), secret=SECRET, clock=lambda: NOW),
        {"subdomain": "acme"},
    ),
    "hubspot": (HubSpot, lambda: HubSpotSimulator(company(), secret=SECRET, quirks=()), {}),
    "typeform": (Typeform, lambda: TypeformSimulator(company(), secret=SECRET), {}),
}


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    made = open_store("memory:", clock=lambda: NOW)
    yield made
    made.close()


def _pulled(store: Store, name: str, root: Path) -> tuple[Any, Any]:
    cls, make, config = VENDORS[name]
    vendor = make()
    source = build(cls, {**config, "base_url": ORIGIN}, _runtime(vendor, root))
    receipts = pull(store, source, source=f"{name}:acme", clock=lambda: NOW)
    assert all(receipt.is_complete for receipt in receipts)
    return vendor, source


def _ids(store: Store, kind: str) -> set[str]:
    return {record.native_id for record in store.records(kind)}


class TestVendors:
    @pytest.mark.parametrize("name", VENDORS)
    def test_what_is_still_there_stays(self, store: Store, tmp_path: Path, name: str) -> None:
        """Nothing is taken away where nothing is gone, and every kind could be listed."""
        _, source = _pulled(store, name, tmp_path)
        receipt = reconcile(store, source, source=f"{name}:acme", clock=lambda: NOW)
        assert (receipt.deleted, receipt.verdict, receipt.reason) == (0, "complete", "")

    def test_a_response_that_typeform_dropped_is_found(self, store: Store, tmp_path: Path) -> None:
        """Typeform tells nobody of a deletion; a look at all it holds finds it."""
        vendor, source = _pulled(store, "typeform", tmp_path)
        gone = next(s for s in company().submissions if s.form in {2, 3} and s.state == "completed")
        before = _ids(store, "response"), _ids(store, "invitation")
        vendor.delete(gone)
        receipt = reconcile(store, source, source="typeform:acme", clock=lambda: NOW)
        after = _ids(store, "response"), _ids(store, "invitation")
        assert len(before[1] - after[1]) == 1
        assert receipt.deleted == sum(len(b - a) for b, a in zip(before, after, strict=True)) > 1
        held = {f"{row['form_id']}/{row['token']}" for row in vendor.truth()}
        assert after[1] <= held


ROWS = [{"id": str(number), "at": "2026-06-01T09:00:00Z"} for number in range(4)]


class Acme(Connector):
    """A list of notes, in one answer or in pages."""

    name, origin = "acme", ORIGIN

    @stream("notes", path="/notes", rows="items", page=Single())
    def notes(self, row: Mapping[str, Any]) -> Note:
        """Map one row."""
        return Note(native_id=row["id"], occurred_at=row["at"], text="x")


class Cut(Connector):
    """A list in pages, of which the second one can never be had."""

    name, origin = "cut", ORIGIN

    @stream("notes", path="/notes", rows="items", page=Cursor(next="next"))
    def notes(self, row: Mapping[str, Any]) -> Note:
        """Map one row."""
        return Note(native_id=row["id"], occurred_at=row["at"], text="x")


class Vendor:
    """Serves what it is given."""

    def __init__(self, *answers: object) -> None:
        self.origin, self.answers = "", list(answers)

    def respond(self, request: SimRequest) -> SimResponse:
        """Give the next answer; the last one again and again."""
        assert request.path == "/notes"
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return SimResponse.of(answer) if isinstance(answer, dict) else answer  # type: ignore[return-value]  # ready made


def _source(cls: type[Connector], root: Path, *answers: object, **config: object) -> Any:
    return build(cls, config, _runtime(Vendor(*answers), root))


class TestListing:
    def test_it_is_what_a_whole_read_serves(self, tmp_path: Path) -> None:
        """Ids of all rows."""
        assert _source(Acme, tmp_path, {"items": ROWS}).native_ids("note") == {"0", "1", "2", "3"}

    def test_a_kind_that_no_stream_serves_cannot_be_listed(self, tmp_path: Path) -> None:
        """Nobody knows what is there of it."""
        assert _source(Acme, tmp_path, {"items": ROWS}).native_ids("ticket") is None

    def test_a_part_of_the_source_is_no_list(self, tmp_path: Path) -> None:
        """Where only the newer rows are wanted, the others would look gone."""
        since = datetime.fromisoformat("2026-06-01T00:00+00:00")
        assert _source(Acme, tmp_path, {"items": ROWS}, since=since).native_ids("note") is None

    def test_a_row_that_cannot_be_read_is_there(self, tmp_path: Path) -> None:
        """What is set aside is not gone."""
        odd = {"id": "9", "at": "soon"}
        assert "9" in _source(Acme, tmp_path, {"items": [*ROWS, odd]}).native_ids("note")

    def test_a_row_without_an_id_ends_the_look(self, tmp_path: Path) -> None:
        """It may be any of those that seem to be gone."""
        with pytest.raises(TruncatedAnswer, match="no id that can be read"):
            _source(Acme, tmp_path, {"items": [*ROWS, {"at": "soon"}]}).native_ids("note")

    def test_a_list_that_was_cut_takes_nothing_away(self, store: Store, tmp_path: Path) -> None:
        """A page that is missing makes the look partial, and every record stays."""
        whole = _source(Cut, tmp_path, {"items": ROWS, "next": None})
        pull(store, whole, source="cut:acme", clock=lambda: NOW)
        broken = SimResponse(status=404, headers=(("content-type", "application/json"),))
        cut = _source(Cut, tmp_path, {"items": ROWS[:1], "next": "p2"}, broken)
        receipt = reconcile(store, cut, source="cut:acme", clock=lambda: NOW)
        assert (receipt.deleted, receipt.verdict) == (0, "partial")
        assert _ids(store, "note") == {"0", "1", "2", "3"}

    def test_the_configuration_is_that_of_every_connector(self) -> None:
        """`since` is the setting that makes a list a part."""
        assert "since" in Config.model_fields
