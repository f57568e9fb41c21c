"""The vendor's shapes: rows of objects, associations, owners, pipelines, events of a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

# Names of the stamps in the properties of each object. supaglue issue 478 and amp-labs/connectors
# pull request 45: contacts have `lastmodifieddate`, everything else `hs_lastmodifieddate`.
STAMPS: Mapping[str, tuple[str, str]] = {
    "contacts": ("createdate", "lastmodifieddate"),
    "companies": ("createdate", "hs_lastmodifieddate"),
    "deals": ("createdate", "hs_lastmodifieddate"),
    "tickets": ("createdate", "hs_lastmodifieddate"),
    "feedback_submissions": ("hs_createdate", "hs_lastmodifieddate"),
}

SINGULAR: Mapping[str, str] = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "tickets": "ticket",
    "feedback_submissions": "feedback_submission",
}


class _Payload(BaseModel):
    # What the vendor adds one day is kept, and counted as drift.
    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


class ObjectRow(_Payload):
    """An object of any kind; `properties` holds what was asked for, null where it is not set."""

    id: str
    properties: dict[str, str | None]
    createdAt: str  # noqa: N815  (the vendor's word, as all below)
    updatedAt: str  # noqa: N815
    archived: bool = False
    archivedAt: str | None = None  # noqa: N815
    url: str | None = None
    objectWriteTraceId: str | None = None  # noqa: N815
    associations: dict[str, Any] | None = None
    propertiesWithHistory: dict[str, Any] | None = None  # noqa: N815
    # What we add to it: an own key and stamp for rows of the archive, and associations.
    key: str | None = None
    stamp: str | None = None
    linked: dict[str, Any] | None = None


class OwnerRow(_Payload):
    """Somebody to whom objects can be assigned."""

    id: str
    email: str | None = None
    type: str | None = None
    firstName: str | None = None  # noqa: N815
    lastName: str | None = None  # noqa: N815
    userId: int | None = None  # noqa: N815
    userIdIncludingInactive: int | None = None  # noqa: N815
    createdAt: str | None = None  # noqa: N815
    updatedAt: str | None = None  # noqa: N815
    archived: bool = False
    teams: list[dict[str, Any]] | None = None


class Event(_Payload):
    """One thin event of a webhook: that something happened to an object, not what it is now."""

    subscriptionType: str  # noqa: N815
    occurredAt: int  # noqa: N815
    objectId: int | None = None  # noqa: N815
    objectTypeId: str | None = None  # noqa: N815
    eventId: int | None = None  # noqa: N815
    fromObjectId: int | None = None  # noqa: N815
    toObjectId: int | None = None  # noqa: N815
    fromObjectTypeId: str | None = None  # noqa: N815
    toObjectTypeId: str | None = None  # noqa: N815
    associationType: str | None = None  # noqa: N815
    associationRemoved: bool | None = None  # noqa: N815
    primaryObjectId: int | None = None  # noqa: N815
    mergedObjectIds: list[int] = []  # noqa: N815
    newObjectId: int | None = None  # noqa: N815
