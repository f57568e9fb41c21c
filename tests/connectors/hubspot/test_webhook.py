"""What the webhook pushes: proved by its signature, and the same records as polling."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._events import OLD_SIGNATURE, SIGNATURE
from cxm_connectors.simulation import Company
from cxm_core.errors import AuthError, RetryableError
from cxm_core.plugins import Checkpoint, Delivery, Rejected, build
from cxm_core.records import NOT_CONTENT, Deletion, Record
from cxm_core.store import open_journal, open_store
from cxm_core.sync import WebhookReceiver, take_in

URL = "https://cx.example/hooks/hubspot?account=acme%2Feu"


def told(desk: Any, delivery: Delivery) -> list[Any]:
    """Records of a delivery, verified first."""
    connector = desk.connector()
    connector.verify(delivery)
    return list(connector.parse(delivery))


def events(*rows: dict[str, object]) -> bytes:
    """Body of a delivery."""
    base = {"occurredAt": 1_782_864_000_000, "portalId": 4242}
    return json.dumps([{**base, **row} for row in rows]).encode()


def plain(record: Record) -> dict[str, Any]:
    """All that a record says, wherever it came from."""
    return record.model_dump(mode="json", exclude=set(NOT_CONTENT))


class TestSignature:
    """Only what the vendor sent is accepted."""

    def test_what_the_vendor_signed_is_accepted(self, desk: Any) -> None:
        """Also where the address holds coded characters."""
        one = desk()
        one.vendor.add("contacts", email="ann@example.com")
        assert told(one, one.vendor.deliver(URL))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda d: evolve(d, body=d.body + b" "),
            lambda d: evolve(d, url=d.url + "&x=1"),
            lambda d: evolve(d, method="PUT"),
            lambda d: evolve(d, headers={}),
            lambda d: evolve(d, headers={**d.headers, SIGNATURE.header: ""}),
            lambda d: evolve(d, headers={**d.headers, SIGNATURE.header: "AAAA"}),
            lambda d: evolve(d, headers={**d.headers, "x-hubspot-request-timestamp": "1"}),
        ],
    )
    def test_whatever_differs_is_refused(
        self, desk: Any, spoil: Callable[[Delivery], Delivery]
    ) -> None:
        """One byte, another address, another method, no signature, or another time."""
        one = desk()
        one.vendor.add("contacts", email="ann@example.com")
        with pytest.raises(AuthError):
            one.connector().verify(spoil(one.vendor.deliver(URL)))

    @pytest.mark.parametrize("seconds", [301, -301])
    def test_other_times_are_refused(self, desk: Any, seconds: int) -> None:
        """Five minutes in both directions."""
        one = desk()
        one.vendor.add("contacts", email="ann@example.com")
        delivery = one.vendor.deliver(URL)
        one.clock.sleep(seconds)
        with pytest.raises(AuthError):
            one.connector().verify(delivery)

    def test_several_secrets_are_valid_while_one_is_exchanged(self, desk: Any) -> None:
        """The new one and the old one, in any order."""
        one = desk(webhook_secrets=["new", "pat-eu1-simulated"])
        one.vendor.add("contacts", email="ann@example.com")
        one.connector().verify(one.vendor.deliver(URL))

    def test_without_a_secret_nothing_is_accepted(self, desk: Any) -> None:
        """No secret, no delivery, even if it is signed with an empty one."""
        one = desk()
        one.vendor.add("contacts", email="ann@example.com")
        one.runtime = evolve(one.runtime, secrets=lambda name: None)
        with pytest.raises(AuthError):
            one.connector().verify(one.vendor.deliver(URL))

    def test_the_old_signature_is_only_accepted_where_that_is_set(self, desk: Any) -> None:
        """It has no time in it, so that it is off by default."""
        one = desk()
        one.vendor.add("contacts", email="ann@example.com")
        delivery = one.vendor.deliver(URL)
        kept = {k: v for k, v in delivery.headers.items() if k != SIGNATURE.header}
        old = evolve(delivery, headers=kept)
        with pytest.raises(AuthError):
            one.connector().verify(old)
        one.config["accepts_v1"] = True
        one.connector().verify(old)

    def test_the_new_signature_goes_before_the_old_one(self, desk: Any) -> None:
        """A wrong new signature is not saved by a good old one."""
        one = desk(accepts_v1=True)
        one.vendor.add("contacts", email="ann@example.com")
        delivery = one.vendor.deliver(URL)
        with pytest.raises(AuthError):
            one.connector().verify(
                evolve(delivery, headers={**delivery.headers, SIGNATURE.header: "AAAA"})
            )

    def test_the_old_signature_is_the_published_one(self) -> None:
        """HubSpot developer docs, Validating requests (v1), example, seen 2026-11."""
        body = (
            b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
            b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,'
            b'"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
        )
        secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"  # noqa: S105
        bare = Delivery(method="POST", url=URL, headers={}, body=body, received_at=None)  # type: ignore[arg-type]
        signed = OLD_SIGNATURE.sign(bare, secret)["x-hubspot-signature"]
        assert signed == "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"


class TestRecords:
    """Thin events lead to the objects themselves."""

    @pytest.mark.parametrize("kind", ["contacts", "companies", "deals", "tickets"])
    def test_pushed_is_as_polled(self, desk: Any, kind: str) -> None:
        """A change that is pushed gives the very record that the next sync gives."""
        one = desk(Company.made(customers=60), quirks=())
        row = one.vendor.truth()[kind][0]
        one.clock.sleep(3600)
        one.vendor.change(kind, row["id"], subject="new", dealname="new", name="new")
        pushed = told(one, one.vendor.deliver(URL))
        one.clock.sleep(60)
        polled = [i for i in one.items(kind) if not isinstance(i, Checkpoint)]
        assert [plain(record) for record in pushed] == [
            plain(record) for record in polled if re.split("[-:]", record.native_id)[0] == row["id"]
        ]

    def test_many_events_are_few_calls(self, desk: Any) -> None:
        """A hundred objects are one call; an object with ten events is fetched once."""
        one = desk(Company.made(customers=150))
        for row in one.vendor.truth()["companies"] + one.vendor.truth()["contacts"][:120]:
            kind = "contacts" if "email" in row else "companies"
            for number in range(10):
                one.vendor.change(kind, str(row["id"]), country=f"X{number}")
        told(one, one.vendor.deliver(URL))
        assert sum("batch/read" in path for path in one.paths()) == 1 + 2 + 2

    @pytest.mark.parametrize("what", ["delete", "forget"])
    def test_what_is_gone_is_deleted(self, desk: Any, kept: Any, same: Any, what: str) -> None:
        """Also what is deleted for privacy, of which polling sees nothing."""
        one = desk()
        number = one.vendor.add("contacts", email="ann@example.com")
        one.sync(kept)
        one.vendor.deliver(URL)
        one.clock.sleep(60)
        getattr(one.vendor, what)("contacts", number)
        for record in told(one, one.vendor.deliver(URL)):
            kept.take(record)
        same(kept, one.vendor)
        assert not kept.of("customer")

    def test_a_merge_deletes_the_loser(self, desk: Any, kept: Any, same: Any) -> None:
        """The winner is fetched as it is now."""
        one = desk()
        ids = [one.vendor.add("contacts", email=f"{i}@example.com") for i in range(2)]
        one.sync(kept)
        one.clock.sleep(60)
        one.vendor.merge("contacts", ids[0], ids[1])
        for record in told(one, one.vendor.deliver(URL)):
            kept.take(record)
        same(kept, one.vendor)

    def test_a_merge_into_a_new_object_deletes_both(self, desk: Any) -> None:
        """Where the vendor makes a third object, neither of the two is left."""
        one = desk()
        new = one.vendor.add("companies", name="both")
        body = events(
            {
                "subscriptionType": "company.merge",
                "objectId": 1,
                "primaryObjectId": 1,
                "mergedObjectIds": [2],
                "newObjectId": int(new),
            }
        )
        made = told(one, signed(one, body))
        gone = {record.native_id for record in made if isinstance(record, Deletion)}
        assert gone == {"1", "2"}
        assert [r.native_id for r in made if r.record_kind == "account"] == [new]

    def test_associations_that_come_and_go(self, desk: Any, kept: Any, same: Any) -> None:
        """No stamp moves with them, so that only the webhook tells."""
        one = desk()
        contact = one.vendor.add("contacts", email="ann@example.com")
        companies = [one.vendor.add("companies", name=str(i)) for i in range(2)]
        one.sync(kept)
        one.vendor.deliver(URL)
        one.clock.sleep(60)
        for company in companies:
            one.vendor.associate(("contacts", contact), ("companies", company))
        for record in told(one, one.vendor.deliver(URL)):
            kept.take(record)
        same(kept, one.vendor)
        one.vendor.dissociate(("contacts", contact), ("companies", companies[0]))
        one.clock.sleep(60)
        for record in told(one, one.vendor.deliver(URL)):
            kept.take(record)
        assert set(kept.of("membership")) == {f"{contact}-{companies[1]}"}

    def test_generic_events_name_their_type_by_number(self, desk: Any) -> None:
        """`object.propertyChange` with an object type id is the same news."""
        one = desk()
        number = one.vendor.add("tickets", subject="printer")
        body = events(
            {
                "subscriptionType": "object.propertyChange",
                "objectTypeId": "0-5",
                "objectId": int(number),
            }
        )
        assert [record.native_id for record in told(one, signed(one, body))] == [number]

    def test_other_accounts_events_are_left_alone(self, desk: Any) -> None:
        """One app serves all accounts that installed it, and only one of them is this source."""
        one = desk()
        body = events(
            {"subscriptionType": "contact.deletion", "objectId": 1, "portalId": 7},
            {"subscriptionType": "contact.deletion", "objectId": 2},
        )
        assert [record.native_id for record in told(one, signed(one, body))] == ["2"]

    def test_what_is_gone_needs_no_call_where_the_account_is_known(self, desk: Any) -> None:
        """A deletion is told by the event alone."""
        one = desk(portal="4242")
        body = events({"subscriptionType": "contact.deletion", "objectId": 2})
        assert [record.native_id for record in told(one, signed(one, body))] == ["2"]
        assert one.paths() == []

    def test_events_of_other_things_are_left_alone(self, desk: Any) -> None:
        """A conversation is no object of this source."""
        one = desk()
        body = events({"subscriptionType": "conversation.newMessage", "objectId": 1})
        assert told(one, signed(one, body)) == []

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[1]", b'[{"subscriptionType": 7}]', b'{"a": 1}', b"\xff" * 9]
    )
    def test_what_is_no_event_is_set_aside(self, desk: Any, body: bytes) -> None:
        """A signed body of another shape is counted and shown, not dropped, and raises nothing."""
        one = desk()
        made = told(one, signed(one, body))
        assert [type(item) for item in made] == [Rejected]

    def test_objects_that_are_there_no_more_give_nothing(self, desk: Any) -> None:
        """The event of their end comes by itself."""
        one = desk()
        body = events({"subscriptionType": "contact.creation", "objectId": 12345})
        assert told(one, signed(one, body)) == []


def signed(desk: Any, body: bytes) -> Delivery:
    """A delivery with this body, as the vendor signs it."""
    bare = Delivery(method="POST", url=URL, headers={}, body=body, received_at=desk.clock())
    return evolve(bare, headers=SIGNATURE.sign(bare, desk.vendor.secret))


class NoCalls:
    """A transport that carries nothing, as the host has it while the vendor waits."""

    def send(self, request: Any) -> Any:
        """Refuse."""
        raise RetryableError("No call goes out while a vendor waits for its answer.")

    def close(self) -> None:
        """Let nothing go."""


class TestReceived:
    """The whole way: acknowledged, kept, fetched, and a record."""

    def test_a_change_is_acknowledged_first_and_fetched_later(
        self, desk: Any, clock: Any, tmp_path: Path
    ) -> None:
        """Nothing is asked of the vendor while it waits; a replay changes nothing."""
        one = desk()
        number = one.vendor.add("contacts", email="ann@example.com")
        delivery = one.vendor.deliver(URL)
        path, facts = tmp_path / "cxm.duckdb", {"source": "hubspot:acme", "clock": clock}
        silent = build(HubSpot, one.config, evolve(one.runtime, transport=NoCalls()))
        journal = open_journal(path, clock=clock)
        receiver = WebhookReceiver(silent, journal, **facts)
        for _ in range(2):
            ack = receiver.handle("POST", URL, delivery.headers, delivery.body)
            assert ack.status == 200
        assert receiver.handle("POST", URL, {}, delivery.body).status == 401
        journal.close()
        assert one.paths() == []
        store = open_store(path, clock=clock)
        take_in(store, one.connector(), **facts)
        take_in(store, one.connector(), **facts)
        assert [record.native_id for record in store.records("customer")] == [number]
        store.close()
