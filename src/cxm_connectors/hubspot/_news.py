"""What the webhook of a simulated HubSpot account sends: an array of thin events, signed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve

from cxm_core.plugins import Delivery

from ._events import OLD_SIGNATURE, SIGNATURE
from ._payloads import SINGULAR


def delivery_of(events: Sequence[Mapping[str, object]], bare: Delivery, secret: str) -> Delivery:
    """One request with all events in an array, signed in both ways."""
    at = bare.received_at
    told = [_told(event, number, at) for number, event in enumerate(events)]
    plain = evolve(
        bare,
        headers={"content-type": "application/json", "x-hubspot-signature-version": "v1"},
        body=json.dumps(told).encode(),
    )
    headers = {**SIGNATURE.sign(plain, secret), **OLD_SIGNATURE.sign(plain, secret)}
    return evolve(plain, headers=headers)


def _told(event: Mapping[str, object], number: int, at: datetime) -> dict[str, object]:
    facts = {name: value for name, value in event.items() if name not in ("kind", "what")}
    return {
        "eventId": number,
        "subscriptionId": 1,
        "portalId": 4242,
        "appId": 7,
        "occurredAt": int(at.timestamp() * 1000),
        "attemptNumber": 0,
        "subscriptionType": f"{SINGULAR[str(event['kind'])]}.{event['what']}",
        **facts,
    }
