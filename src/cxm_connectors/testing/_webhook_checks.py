"""Checks of the webhook face: only what was signed is read, and it says what polling says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve, frozen

from cxm_core.errors import AuthError
from cxm_core.plugins import Delivery, WebhookSource

from ._laws import Check, difference, fail, require
from ._subject import Key, Row, Subject, kept, told

_NO_FACE = "it has no webhook face"
_NO_DELIVERIES = "no `deliveries` were given"
_NOT_COMPARED = {"recorded_at"}  # a delivery and a list may be stamped apart


def signed_deliveries_are_read(subject: Subject) -> str | None:
    """Each delivery that is signed with the secret is accepted and gives valid items."""
    reason = _missing(subject)
    if reason:
        return reason
    for number, one in enumerate(subject.expect.deliveries, 1):
        face = _face(subject, one)
        try:
            face.verify(one)
        except AuthError as error:
            fail(f"Delivery {number} is refused: {told(error)}")
        require([*face.parse(one)], f"Delivery {number} gives nothing.")
    return None


def _missing(subject: Subject) -> str | None:
    if not isinstance(subject.connector(subject.stage()), WebhookSource):
        return _NO_FACE
    return None if subject.expect.deliveries else _NO_DELIVERIES


def _face(subject: Subject, one: Delivery) -> WebhookSource:
    """The connector at the time when a delivery came."""
    found = subject.connector(subject.stage(now=one.received_at))
    if not isinstance(found, WebhookSource):
        fail(_NO_FACE)
    return found


def a_changed_delivery_is_refused(subject: Subject) -> str | None:
    """Any other byte, a missing or empty signature, or the same JSON written anew is refused."""
    reason = _missing(subject)
    if reason:
        return reason
    for one in subject.expect.deliveries:
        for what, changed in _changed(one):
            _require_refused(subject, changed, what)
    return None


def _changed(one: Delivery) -> Iterator[tuple[str, Delivery]]:
    for place in range(0, len(one.body), max(1, len(one.body) // 14)):
        flipped = one.body[:place] + bytes([one.body[place] ^ 1]) + one.body[place + 1 :]
        yield f"with byte {place} changed", evolve(one, body=flipped)
    anew = json.dumps(json.loads(one.body or b"null"), indent=1).encode()
    if one.body and anew != one.body:
        yield "with its JSON written anew", evolve(one, body=anew)
    yield "with a byte more", evolve(one, body=one.body + b" ")
    yield "without headers", evolve(one, headers={})
    yield "with empty headers", evolve(one, headers=dict.fromkeys(one.headers, ""))
    nonsense = {name: f"{value}0" for name, value in one.headers.items()}
    yield "with longer headers", evolve(one, headers=nonsense)


def _require_refused(subject: Subject, one: Delivery, what: str) -> None:
    face = _face(subject, one)
    try:
        face.verify(one)
    except AuthError:
        return
    except Exception as error:  # noqa: BLE001  (whatever else it is, it is wrong)
        fail(f"A delivery {what} ends with {told(error)}, not with AuthError.")
    fail(f"A delivery {what} is accepted.")


def another_secret_or_none_is_refused(subject: Subject) -> str | None:
    """Without the right secret nothing is accepted: it fails closed."""
    reason = _missing(subject)
    if reason:
        return reason
    other = evolve(subject, secrets=dict.fromkeys(subject.secrets, "cxm-kit-another-secret"))
    none = _Silent(cls=subject.cls, config=subject.config, now=subject.now)
    for what, one in (("with another secret", other), ("without a secret", none)):
        for delivery in subject.expect.deliveries:
            _require_refused(one, delivery, what)
    return None


@frozen(kw_only=True)
class _Silent(Subject):
    """A subject whose host knows no secret."""

    def secret(self, name: str) -> str:
        del name
        return ""


def an_old_delivery_is_refused(subject: Subject) -> str | None:
    """What was signed ten minutes before it came, or after it, is refused: nobody replays it."""
    reason = _missing(subject)
    if reason or not subject.expect.signs_time:
        return reason or "the vendor does not sign the time"
    for one in subject.expect.deliveries:
        for minutes in (10, -10):
            at = one.received_at + timedelta(minutes=minutes)
            _require_refused(subject, evolve(one, received_at=at), f"{minutes} minutes off")
    return None


def a_delivery_says_what_the_list_says(subject: Subject) -> str | None:
    """A record that is pushed and polled has one id and one content."""
    reason = _missing(subject)
    if reason:
        return reason
    pushed = kept(
        [item for one in subject.expect.deliveries for item in _face(subject, one).parse(one)]
    )
    polled = {
        key: row for name in subject.streams() for key, row in subject.whole(name).kept.items()
    }
    both = pushed.keys() & polled.keys()
    if not both:
        return "no delivery is about something that the vendor's lists hold"
    mine, theirs = _cut(pushed, both), _cut(polled, both)
    require(mine == theirs, f"Pushed and polled differ: {difference(mine, theirs)}.")
    return None


def _cut(found: dict[Key, Row], keys: set[Key]) -> dict[Key, Row]:
    return {
        key: {name: one for name, one in found[key].items() if name not in _NOT_COMPARED}
        for key in keys
    }


CHECKS: tuple[Check, ...] = (
    signed_deliveries_are_read,
    a_changed_delivery_is_refused,
    another_secret_or_none_is_refused,
    an_old_delivery_is_refused,
    a_delivery_says_what_the_list_says,
)
