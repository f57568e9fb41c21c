"""What the webhook brings, and that it is Zendesk's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cxm_core.errors import AuthError
from cxm_core.plugins import Rejected, WebhookSource
from cxm_core.records import NOT_CONTENT, Deletion
from cxm_core.store import open_journal, open_store
from cxm_core.sync import WebhookReceiver


def _parsed(desk: Any, verb: str, key: int, event: dict[str, Any] | None = None) -> list[Any]:
    """Records of one delivery that happens now."""
    delivery = desk.vendor.push(verb, key, event)
    connector = desk.connector()
    connector.verify(delivery)
    return list(connector.parse(delivery))


class TestSignature:
    """Who is let in."""

    def test_a_delivery_of_zendesk_is_accepted(self, bench: Callable[..., Any]) -> None:
        """What the vendor signed is accepted, with an empty body too."""
        desk = bench()
        connector = desk.connector()
        assert isinstance(connector, WebhookSource)
        connector.verify(desk.vendor.push("ticket.created", 1))

    @pytest.mark.parametrize("change", ["body", "secret", "time", "signature"])
    def test_anything_else_is_refused(self, bench: Callable[..., Any], change: str) -> None:
        """One byte, another secret, five minutes or no signature: none of it gets in."""
        desk = bench()
        delivery = desk.vendor.push("ticket.created", 1)
        if change == "body":
            delivery = evolve(delivery, body=delivery.body + b" ")
        elif change == "secret":
            delivery = desk.vendor.push("ticket.created", 1, secret="another")  # noqa: S106
        elif change == "time":
            desk.later(seconds=301)
        else:
            delivery = evolve(delivery, headers={})
        with pytest.raises(AuthError):
            desk.connector().verify(delivery)

    def test_without_a_secret_nothing_is_accepted(self, bench: Callable[..., Any]) -> None:
        """A webhook that nobody set up is closed."""
        desk = bench()
        delivery = desk.vendor.push("ticket.created", 1)
        del desk.secrets["ZENDESK_WEBHOOK_SECRET"]
        with pytest.raises(AuthError):
            desk.connector().verify(delivery)

    def test_two_secrets_hold_while_one_is_exchanged(self, bench: Callable[..., Any]) -> None:
        """The old secret and the new one are both good for a time."""
        desk = bench(config={"webhook_secrets": ["old-secret", "new-secret"]})
        for secret in ("old-secret", "new-secret"):
            desk.connector().verify(desk.vendor.push("ticket.created", 1, secret=secret))


class TestRecords:
    """What a delivery says."""

    def test_a_ticket_comes_at_once(self, bench: Callable[..., Any]) -> None:
        """A change of status brings the ticket as it stands, in our words."""
        desk = bench()
        desk.vendor.change("tickets", 1, status="hold")
        (ticket,) = _parsed(desk, "ticket.status_changed", 1, {"current": "HOLD"})
        assert (ticket.native_id, ticket.status) == ("1", "on_hold")

    def test_it_is_told_as_the_export_tells_it(self, bench: Callable[..., Any]) -> None:
        """The ticket that an event is about is read, so that nothing of it is missing."""
        desk = bench()
        desk.sync("tickets")
        (ticket,) = _parsed(desk, "ticket.tags_changed", 1)
        assert ticket.attributes == desk.kept("ticket")["1"].attributes
        assert ticket.recorded_at == desk.kept("ticket")["1"].recorded_at

    def test_where_it_cannot_be_read_the_event_speaks(self, bench: Callable[..., Any]) -> None:
        """Without the vendor an event is not lost; the next sync brings what it leaves out."""
        desk = bench(forbidden=("/api/v2/tickets/",))
        desk.sync("tickets")
        desk.later(hours=1)
        desk.vendor.change("tickets", 1, status="open")
        (ticket,) = _parsed(desk, "ticket.status_changed", 1, {"current": "OPEN"})
        assert ticket.status == "open"
        assert ticket.recorded_at < desk.clock()
        _keep(desk, [ticket])
        desk.later(minutes=5)
        desk.sync("tickets")
        assert desk.kept_so()["tickets"] == desk.held()["tickets"]

    def test_a_comment_comes_with_it(self, bench: Callable[..., Any]) -> None:
        """A comment has the id that the export will give it."""
        desk = bench()
        author = desk.vendor.tickets[1]["requester_id"]
        number = desk.vendor.reply(1, "Thanks!", author=author)
        said = {"id": str(number), "body": "Thanks!", "is_public": True}
        event = {"comment": said | {"author": {"id": str(author), "is_staff": False}}}
        _, told = _parsed(desk, "ticket.comment_added", 1, event)
        assert (told.native_id, told.text, told.actor) == (str(number), "Thanks!", "customer")

    @pytest.mark.parametrize("verb", ["soft_deleted", "permanently_deleted", "marked_as_spam"])
    def test_a_removed_ticket_is_gone_at_once(self, bench: Callable[..., Any], verb: str) -> None:
        """Whoever asked to be forgotten does not wait for the next sync."""
        (gone,) = _parsed(bench(), f"ticket.{verb}", 1)
        assert isinstance(gone, Deletion)
        assert (gone.kind, gone.native_id) == ("ticket", "1")

    def test_a_merge_names_the_ticket_that_goes_on(self, bench: Callable[..., Any]) -> None:
        """The same event as the export's, whichever comes first."""
        _, merge = _parsed(bench(), "ticket.merged", 1, {"target_ticket_id": "4"})
        assert (merge.native_id, merge.ticket, merge.new) == ("merge:1:4", "1", "4")

    def test_people_and_organisations_that_are_new_or_gone(self, bench: Callable[..., Any]) -> None:
        """Users and organisations are told when they begin and when they end."""
        desk = bench()
        user = next(key for key, row in desk.vendor.users.items() if row["role"] == "end-user")
        organisation = next(iter(desk.vendor.organizations))
        (customer,) = _parsed(desk, "user.created", user)
        (account,) = _parsed(desk, "organization.created", organisation)
        assert (customer.record_kind, account.record_kind) == ("customer", "account")
        assert isinstance(_parsed(desk, "user.deleted", user)[0], Deletion)

    @pytest.mark.parametrize("verb", ["user.merged", "user.notes_changed"])
    def test_what_tells_too_little_waits_for_the_sync(
        self, bench: Callable[..., Any], verb: str
    ) -> None:
        """A poorer row never replaces a richer one."""
        desk = bench()
        assert not _parsed(desk, verb, next(iter(desk.vendor.users)))

    def test_no_event_is_set_aside(self, bench: Callable[..., Any]) -> None:
        """A body that is no event is neither believed nor fatal; an empty one is nothing."""
        delivery = bench().vendor.push("ticket.created", 1)
        connector = bench().connector()
        (found,) = connector.parse(evolve(delivery, body=b"[1, 2"))
        assert isinstance(found, Rejected)
        assert not list(connector.parse(evolve(delivery, body=b"")))

    def test_pushed_and_polled_is_as_polled(self, bench: Callable[..., Any]) -> None:
        """Whatever was pushed, before or after, the store ends with what the export tells."""
        polled, both = bench(), bench()
        for desk in (polled, both):
            desk.sync()
            desk.later(hours=1)
            desk.vendor.change("tickets", 1, status="open", priority="low")
            author = desk.vendor.tickets[1]["requester_id"]
            number = desk.vendor.reply(1, "Still broken", author=author)
            said = {"id": str(number), "body": "Still broken", "is_public": True}
            event = {"comment": said | {"author": {"id": str(author), "is_staff": False}}}
            found = _parsed(desk, "ticket.comment_added", 1, event)
            if desk is both:
                _keep(desk, found)
                assert desk.kept("ticket")["1"].status == "open"
            desk.later(minutes=5)
            desk.sync()
            if desk is both:
                _keep(desk, found)
        for kind in ("ticket", "ticket_event"):
            assert _fields(both, kind) == _fields(polled, kind)


class TestReceived:
    """Through the receiver, into the store."""

    def test_a_ticket_is_there_at_once_and_once(
        self, bench: Callable[..., Any], tmp_path: Path
    ) -> None:
        """What was pushed is kept before the vendor is answered, without a call, and only once."""
        desk = bench(forbidden=("/api/v2/",))
        delivery, path = desk.vendor.push("ticket.created", 1), tmp_path / "cxm.duckdb"
        journal = open_journal(path, clock=desk.clock)
        receiver = WebhookReceiver(
            desk.connector(), journal, source="zendesk:acme", clock=desk.clock
        )
        for _ in range(2):
            ack = receiver.handle("POST", delivery.url, delivery.headers, delivery.body)
            assert ack.status == 200
        forged = receiver.handle("POST", delivery.url, delivery.headers, delivery.body + b" ")
        assert forged.status == 401
        journal.close()
        store = open_store(path, clock=desk.clock)
        assert [one.native_id for one in store.records("ticket")] == ["1"]
        store.close()


def _keep(desk: Any, records: list[Any]) -> None:
    with desk.store.transaction() as transaction:
        transaction.apply(records, source="zendesk:acme")


def _fields(desk: Any, kind: str) -> dict[str, Any]:
    return {key: one.model_dump(exclude=set(NOT_CONTENT)) for key, one in desk.kept(kind).items()}
