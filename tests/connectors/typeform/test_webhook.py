"""What Typeform pushes: only what it signed, and the same records that polling gives."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from connectors.typeform.stand import BEGIN, FORM, NOW, TOKEN, Stand, edited, submissions, whole
from cxm_connectors.simulation import Company, SimQuestion
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import Quirks
from cxm_core.errors import AuthError, RetryableError, SchemaChanged
from cxm_core.plugins import Delivery, ReadRequest, WebhookSource
from cxm_core.records import NOT_CONTENT, Record, Response
from cxm_core.vocabulary import Scale

SECRETS = {"TYPEFORM_TOKEN": TOKEN, "TYPEFORM_WEBHOOK_SECRET": TOKEN}
KEYS = {"completed": range(1, 10), "partial": range(30, 34)}


def polled(connector: Typeform, stream: str) -> dict[tuple[str, str], Record]:
    """Records that polling gives."""
    items = connector.read(stream, None, ReadRequest())
    return _by_id(item for item in items if isinstance(item, Record))


def pushed(connector: Typeform, stand: Stand, keys: Any) -> dict[tuple[str, str], Record]:
    """Records of what the webhook sends of these submissions."""
    parsed = (item for key in keys for item in connector.parse(stand.sim.delivery(key)))
    return _by_id(item for item in parsed if isinstance(item, Record))


def _by_id(records: Any) -> dict[tuple[str, str], Record]:
    return {(one.record_kind, one.native_id): one for one in records}


class TestVerify:
    """Nothing is accepted that Typeform did not sign."""

    def test_connector_has_the_face_of_a_webhook(self) -> None:
        """The host finds that this source can be pushed."""
        assert isinstance(Stand().connector(), WebhookSource)

    def test_a_signed_delivery_is_accepted(self) -> None:
        """What the simulator signed with the host's secret passes."""
        stand = Stand(secrets=SECRETS)
        assert stand.connector().verify(stand.sim.delivery(1)) is None

    @pytest.mark.parametrize(
        "secrets", [{"TYPEFORM_TOKEN": TOKEN}, {"TYPEFORM_WEBHOOK_SECRET": ""}]
    )
    def test_without_a_secret_nothing_is_accepted(self, secrets: dict[str, str]) -> None:
        """Where no secret is set even a good delivery is refused."""
        stand = Stand(secrets=secrets)
        with pytest.raises(AuthError, match="TYPEFORM_WEBHOOK_SECRET"):
            stand.connector().verify(stand.sim.delivery(1))

    def test_a_re_encoded_body_is_refused(self) -> None:
        """The same JSON in other bytes is not what was signed."""
        stand = Stand(secrets=SECRETS)
        delivery = stand.sim.delivery(1)
        other = evolve(delivery, body=json.dumps(json.loads(delivery.body)).encode())
        assert other.body != delivery.body
        with pytest.raises(AuthError):
            stand.connector().verify(other)

    def test_two_secrets_are_valid_while_they_are_exchanged(self) -> None:
        """The configuration may name the old and the new secret; it goes before the host's."""
        stand = Stand(secrets=SECRETS, webhook_secrets=["new", TOKEN])
        assert stand.connector().verify(stand.sim.delivery(1)) is None
        only_new = Stand(secrets=SECRETS, webhook_secrets=["new"])
        with pytest.raises(AuthError):
            only_new.connector().verify(only_new.sim.delivery(1))


def said(record: Record) -> dict[str, Any]:
    """All that a record says, wherever it came from."""
    return record.model_dump(exclude=set(NOT_CONTENT))


class TestParse:
    """Polling and pushing give the same."""

    @pytest.mark.parametrize("quirks", [Quirks(), Quirks(bare_events=True)])
    @pytest.mark.parametrize(
        ("stream", "kind"), [("responses", "completed"), ("partial", "partial")]
    )
    def test_push_gives_what_polling_gives(self, stream: str, kind: str, quirks: Quirks) -> None:
        """Each record of an event equals the polled one, also where the event tells no scale."""
        stand = Stand(quirks=quirks)
        asked = polled(stand.connector(), stream)
        got = pushed(stand.connector(), stand, KEYS[kind])
        assert got
        assert {key: said(one) for key, one in got.items()} == {
            key: said(asked[key]) for key in got
        }

    def test_an_event_with_its_scales_asks_nobody(self) -> None:
        """Where the definition in the event tells all scales no call is made."""
        stand = Stand()
        assert pushed(stand.connector(), stand, KEYS["completed"])
        assert not stand.carrier.log

    def test_one_look_at_a_form_serves_all_that_came_before(self) -> None:
        """Bare events cost one call for each form, until one comes that is newer than the look."""
        stand = Stand(quirks=Quirks(bare_events=True))
        connector = stand.connector()
        pushed(connector, stand, [*KEYS["completed"], *range(20, 25)])
        assert len(stand.carrier.log) == 2
        list(connector.parse(stand.sim.delivery(1, at=NOW + timedelta(hours=1))))
        assert len(stand.carrier.log) == 3

    def test_the_definition_of_the_event_is_the_one_that_was_seen(self) -> None:
        """A response from before an edit has the scale and the version of its own definition."""
        wider = SimQuestion(key="effort", text="How easy was it?", scale=Scale(1, 7))
        form = edited(FORM, BEGIN + timedelta(days=5), wider)
        stand = Stand(Company(now=NOW, forms=(form,), submissions=submissions()[:9]))
        stand.sim.add(evolve(whole(90, at=NOW, effort=7), form_version=2))
        got = pushed(stand.connector(), stand, [1, 90])
        scales = {
            one.score.scale.high
            for one in got.values()
            if isinstance(one, Response) and one.score and str(one.question).endswith("effort")
        }
        assert scales == {5, 7}

    def test_other_events_are_nothing(self) -> None:
        """An event that is no response serves no record."""
        stand = Stand()
        event = {"event_id": "1", "event_type": "form_published", "form": {}}
        assert list(stand.connector().parse(_with(stand, event))) == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"event_type":"form_response"}', b"\xff"])
    def test_what_is_no_event_is_told_without_its_words(self, body: bytes) -> None:
        """A body that is not what Typeform documents is an error that tells nothing of it."""
        stand = Stand()
        with pytest.raises(SchemaChanged, match="no event of Typeform"):
            list(stand.connector().parse(evolve(stand.sim.delivery(1), body=body)))

    def test_the_id_of_a_form_is_no_path(self) -> None:
        """An id with slashes and dots in it leads to no other address of the vendor."""
        stand = Stand(quirks=Quirks(bare_events=True))
        event = json.loads(stand.sim.delivery(1).body)
        event["form_response"]["form_id"] = "../me?a=1"
        list(stand.connector().parse(_with(stand, event)))
        assert [one.request.target for one in stand.carrier.log] == ["/forms/..%2Fme%3Fa%3D1"]

    def test_a_bare_event_waits_where_the_form_cannot_be_read(self) -> None:
        """Without the scales, and while Typeform is not there, the event is read again later."""
        stand = Stand(quirks=Quirks(bare_events=True, html=1))
        with pytest.raises(RetryableError):
            list(stand.connector().parse(stand.sim.delivery(1)))


def _with(stand: Stand, event: dict[str, Any]) -> Delivery:
    return evolve(stand.sim.delivery(1), body=json.dumps(event).encode())
