"""What a webhook's thin events ask for: objects to fetch, and what is gone for good."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from cxm_connectors.toolkit import Signature
from cxm_core.plugins import Rejected
from cxm_core.records import Deletion, Problem, Reason

from ._mapping import KINDS
from ._payloads import SINGULAR, Event

#: HubSpot developer docs, Validating requests, seen 2026-11.
SIGNATURE = Signature(
    "X-HubSpot-Signature-v3",
    message="method+url+body+time",
    time_header="X-HubSpot-Request-Timestamp",
    time_unit="ms",
)
OLD_SIGNATURE = Signature("X-HubSpot-Signature", message="secret+body", encoding="hex")
# HubSpot developer docs, Understanding the CRM (object type ids), seen 2026-11.
_BY_TYPE = {
    "0-1": "contacts",
    "0-2": "companies",
    "0-3": "deals",
    "0-5": "tickets",
    "0-19": "feedback_submissions",
}
_BY_WORD = {word: kind for kind, word in SINGULAR.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class News:
    """What the events of one delivery come to.

    Attributes
    ----------
    wanted : dict of str to dict
        Ids of objects to fetch, by kind and in their order.
    gone : list of Deletion
        What is there no more.
    rejected : list of Rejected
        Events that could not be read.
    """

    def __init__(self) -> None:
        self.wanted: dict[str, dict[str, None]] = {}
        self.gone: list[Deletion] = []
        self.rejected: list[Rejected] = []

    def want(self, kind: str | None, number: int | None) -> None:
        """Fetch an object."""
        if kind is not None and number is not None:
            self.wanted.setdefault(kind, {})[str(number)] = None


def read_events(body: bytes, *, portal: str | None) -> News:
    """Read the array of events of a delivery; other accounts' events are left alone."""
    news = News()
    for row in _rows(body):
        try:
            event = Event.model_validate(row)
        except ValidationError:
            news.rejected.append(_unreadable(row))
            continue
        if portal is None or str(row.get("portalId", portal)) == portal:
            _sort(event, news)
    return news


def _rows(body: bytes) -> Iterable[Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return [{"body": len(body)}]
    return told if isinstance(told, list) else [told]


def _unreadable(row: object) -> Rejected:
    raw = row if isinstance(row, dict) else {"value": row}
    problem = Problem(Reason.BAD_ROW, None, "An event of the webhook has not the shape of one.")
    return Rejected(kind="interaction", raw=raw, problem=problem)


def _sort(event: Event, news: News) -> None:
    word, _, what = event.subscriptionType.partition(".")
    kind = _BY_TYPE.get(event.objectTypeId or "") if word == "object" else _BY_WORD.get(word)
    if what in ("deletion", "privacyDeletion") and kind and event.objectId is not None:
        news.gone.append(_gone(kind, event.objectId, event))
    elif what == "merge":
        _merge(kind, event, news)
    elif what == "associationChange":
        _relink(event, news)
    else:
        # Creation, change of a property, return from the archive: the event does not tell enough.
        news.want(kind, event.objectId)


def _gone(kind: str, number: int, event: Event) -> Deletion:
    at = _EPOCH + timedelta(milliseconds=event.occurredAt)
    return Deletion(kind=KINDS[kind], native_id=str(number), occurred_at=at, recorded_at=at)


def _merge(kind: str | None, event: Event, news: News) -> None:
    if kind is None:
        return
    winner = event.newObjectId or event.primaryObjectId or event.objectId
    losers = {*event.mergedObjectIds, event.primaryObjectId} - {winner, None}
    news.gone.extend(_gone(kind, number, event) for number in sorted(filter(None, losers)))
    news.want(kind, winner)


def _relink(event: Event, news: News) -> None:
    ends = dict(zip(_kinds(event), (event.fromObjectId, event.toObjectId), strict=False))
    for kind, number in ends.items():
        news.want(kind, number)
    contact, company = ends.get("contacts"), ends.get("companies")
    if event.associationRemoved and contact is not None and company is not None:
        at = _EPOCH + timedelta(milliseconds=event.occurredAt)
        news.gone.append(
            Deletion(
                kind="membership",
                native_id=f"{contact}-{company}",
                occurred_at=at,
                recorded_at=at,
            )
        )


def _kinds(event: Event) -> Iterator[str | None]:
    """Kinds of both ends of an association."""
    if event.fromObjectTypeId is not None:
        yield _BY_TYPE.get(event.fromObjectTypeId)
        yield _BY_TYPE.get(event.toObjectTypeId or "")
    else:
        for word in (event.associationType or "").lower().split("_to_"):
            yield _BY_WORD.get(word)
