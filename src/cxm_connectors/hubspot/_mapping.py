"""From the vendor's rows to our records; nothing here asks or remembers anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cxm_core.errors import UsageError
from cxm_core.records import (
    Account,
    Customer,
    Deal,
    Deletion,
    Membership,
    Record,
    Staff,
    Ticket,
    parse_text,
)
from cxm_core.vocabulary import Channel, Money

Row = Mapping[str, Any]
Attributes = Mapping[str, str | None]

KINDS: Mapping[str, str] = {
    "contacts": "customer",
    "companies": "account",
    "deals": "deal",
    "tickets": "ticket",
    "feedback_submissions": "response",
}
#: Streams by the kinds of record that come of their rows.
STREAM_OF: Mapping[str, str] = {
    **{kind: stream for stream, kind in KINDS.items()},
    "membership": "contacts",
    "question": "feedback_submissions",
    "staff": "owners",
    "ticket_event": "tickets",
}
# fivetran/dbt_hubspot issue 172: it also holds those of merges before the last.
MERGED = "hs_merged_object_ids"
#: Properties that the records are made of; the vendor gives only those that are asked for.
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "contacts": (
        "email",
        "hs_additional_emails",
        "firstname",
        "lastname",
        "phone",
        "mobilephone",
        "hs_language",
        "country",
        "state",
        "lifecyclestage",
        "hubspot_owner_id",
        "createdate",
        "lastmodifieddate",
        MERGED,
    ),
    "companies": (
        "name",
        "domain",
        "industry",
        "country",
        "numberofemployees",
        "hs_parent_company_id",
        "hubspot_owner_id",
        "lifecyclestage",
        "createdate",
        "hs_lastmodifieddate",
        MERGED,
    ),
    "deals": (
        "dealname",
        "pipeline",
        "dealstage",
        "amount",
        "deal_currency_code",
        "closedate",
        "hs_is_closed",
        "hs_is_closed_won",
        "closed_won_reason",
        "closed_lost_reason",
        "hubspot_owner_id",
        "createdate",
        "hs_lastmodifieddate",
        MERGED,
    ),
    "tickets": (
        "subject",
        "content",
        "hs_ticket_category",
        "hs_ticket_priority",
        "source_type",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hubspot_owner_id",
        "first_agent_reply_date",
        "closed_date",
        "createdate",
        "hs_lastmodifieddate",
        MERGED,
    ),
    "feedback_submissions": (
        "hs_survey_id",
        "hs_survey_name",
        "hs_survey_type",
        "hs_survey_channel",
        "hs_value",
        "hs_content",
        "hs_response_group",
        "hs_submission_timestamp",
        "hs_contact_id",
        "hs_ticket_id",
        "hs_createdate",
        "hs_lastmodifieddate",
    ),
}
# HubSpot developer docs, Associations, seen 2026-11: the type tells the primary company, since
# labels may be renamed (changelog of February 2024).
_PRIMARY_TYPES = frozenset({1, 5, 26})

_PRIORITIES = {"LOW": "low", "MEDIUM": "normal", "HIGH": "high", "URGENT": "urgent"}
_CHANNELS = {"FORM": "web", "WEB_PAGE": "web", "PAGE": "web", "CONVERSATIONS": "chat"}


def moment(value: str | None) -> str | datetime | None:
    """Time as the vendor writes it: ISO, or milliseconds since 1970 in older properties."""
    if value is None or not value.lstrip("-").isdecimal():
        return value
    found = parse_text("instant", value, format="epoch_ms")
    if isinstance(found, datetime):
        return found
    raise UsageError("A time of a row is out of range.")


def primary(linked: Row | None, kind: str) -> str | None:
    """Id of the one object of a kind that a row belongs to: the primary one, else the oldest."""
    found = (linked or {}).get(kind) or ()
    best = [one["id"] for one in found if _PRIMARY_TYPES & set(one["types"])]
    ids = best or [one["id"] for one in found]
    return min(ids, key=lambda number: (len(number), number)) if ids else None


def gone(row: Row, kind: str) -> Iterator[Deletion]:
    """That an object lies in the archive, and all that had gone on in it."""
    at = row.get("archivedAt")
    yield Deletion(kind=KINDS[kind], native_id=row["id"], occurred_at=at, recorded_at=at)
    yield from merged(row, kind)


def merged(row: Row, kind: str) -> Iterator[Deletion]:
    """That other objects went on in this one; the vendor serves them no more, nor says when."""
    for number in (row["properties"].get(MERGED) or "").split(";"):
        if number.strip():
            # Not before this one's last change, which is later than any of theirs.
            yield Deletion(kind=KINDS[kind], native_id=number.strip(), recorded_at=row["updatedAt"])


def customer(row: Row, *, attributes: Attributes, segment: str | None = None) -> Iterator[Record]:
    """A contact, and to which companies it belongs."""
    of = row["properties"]
    yield Customer(
        native_id=row["id"],
        customer=[("external", row["id"]), *_addresses(of)],
        occurred_at=moment(of.get("createdate")) or row["createdAt"],
        recorded_at=row["updatedAt"],
        name=_full_name(of.get("firstname"), of.get("lastname")),
        given_name=of.get("firstname"),
        family_name=of.get("lastname"),
        language=of.get("hs_language"),
        country=of.get("country"),
        region=of.get("state"),
        segment=segment,
        lifecycle=of.get("lifecyclestage"),
        attributes={**attributes, "owner": of.get("hubspot_owner_id")},
    )
    yield from merged(row, "contacts")
    yield from _memberships(row)


def _addresses(of: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    yield "email", of.get("email")
    for email in (of.get("hs_additional_emails") or "").split(";"):
        yield "email", email
    yield "phone", of.get("phone")
    yield "phone", of.get("mobilephone")


def _full_name(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _memberships(row: Row) -> Iterator[Membership]:
    for company in (row.get("linked") or {}).get("companies") or ():
        yield Membership(
            native_id=f"{row['id']}-{company['id']}",
            account=company["id"],
            member=row["id"],
            customer=[("external", row["id"])],
            is_primary=bool(_PRIMARY_TYPES & set(company["types"])),
            role=company["label"],
            recorded_at=row["updatedAt"],
        )


def account(row: Row, *, attributes: Attributes) -> Iterator[Record]:
    """A company."""
    of = row["properties"]
    yield Account(
        native_id=row["id"],
        customer=[("account", row["id"])],
        occurred_at=moment(of.get("createdate")) or row["createdAt"],
        recorded_at=row["updatedAt"],
        name=of.get("name"),
        parent=of.get("hs_parent_company_id"),
        industry=of.get("industry"),
        country=of.get("country"),
        size=of.get("numberofemployees"),
        owner=of.get("hubspot_owner_id"),
        attributes={
            **attributes,
            "domain": of.get("domain"),
            "lifecycle": of.get("lifecyclestage"),
        },
    )
    yield from merged(row, "companies")


def ticket(row: Row, *, attributes: Attributes, status: str | None) -> Iterator[Record]:
    """A ticket as it stands; `status` is what its stage means."""
    of, contact = row["properties"], primary(row.get("linked"), "contacts")
    is_done = status in ("solved", "closed")
    closed_at = moment(of.get("closed_date")) if is_done else None
    yield Ticket(
        native_id=row["id"],
        customer=[("external", contact)],
        occurred_at=moment(of.get("createdate")) or row["createdAt"],
        recorded_at=row["updatedAt"],
        subject=of.get("subject"),
        text=of.get("content"),
        reason=of.get("hs_ticket_category"),
        channel=channel_of(of.get("source_type")),
        status=status,
        priority=_word(_PRIORITIES, of.get("hs_ticket_priority")),
        owner=of.get("hubspot_owner_id"),
        account=primary(row.get("linked"), "companies"),
        first_replied_at=moment(of.get("first_agent_reply_date")),
        solved_at=closed_at,
        closed_at=closed_at,
        attributes={
            **attributes,
            "pipeline": of.get("hs_pipeline"),
            "stage": of.get("hs_pipeline_stage"),
            "source_type": of.get("source_type"),
        },
    )
    yield from merged(row, "tickets")


def deal(row: Row, *, attributes: Attributes, currency: str | None) -> Iterator[Record]:
    """A deal; `currency` is the account's own, for amounts that name none."""
    of, linked = row["properties"], row.get("linked")
    is_closed, is_won = of.get("hs_is_closed") == "true", of.get("hs_is_closed_won") == "true"
    created, until = (
        _instant(of.get("createdate") or row["createdAt"]),
        _instant(of.get("closedate")),
    )
    # A deal that was entered after it had ended was opened by then at the latest.
    is_late = is_closed and until is not None and created is not None and until < created
    yield Deal(
        native_id=row["id"],
        customer=[("external", primary(linked, "contacts"))],
        occurred_at=until if is_late else created,
        recorded_at=row["updatedAt"],
        name=of.get("dealname"),
        pipeline=of.get("pipeline"),
        stage=of.get("dealstage"),
        amount=_money(of.get("amount"), of.get("deal_currency_code") or currency),
        account=primary(linked, "companies"),
        owner=of.get("hubspot_owner_id"),
        is_won=is_won if is_closed else None,
        closed_at=until if is_closed else None,
        expected_on=until.date() if until and not is_closed else None,
        reason=of.get("closed_won_reason" if is_won else "closed_lost_reason"),
        attributes=dict(attributes),
    )
    yield from merged(row, "deals")


def _instant(value: str | None) -> datetime | None:
    found = moment(value)
    if isinstance(found, str):
        read = parse_text("instant", found)
        if read is not None and not isinstance(read, datetime):
            raise UsageError("A time of a deal cannot be read.")
        return read
    return found


def _money(amount: str | None, currency: str | None) -> Money | None:
    if not amount:
        return None
    if not currency:
        raise UsageError("An amount has no currency.", hint="let the token read the account's")
    return Money.of(amount, currency)


def owner(row: Row) -> Staff:
    """Somebody to whom objects can be assigned."""
    teams: Sequence[Row] = row.get("teams") or ()
    first = min(teams, key=lambda team: not team.get("primary"), default={})
    return Staff(
        native_id=row["id"],
        occurred_at=row.get("createdAt"),
        recorded_at=row.get("updatedAt"),
        name=_full_name(row.get("firstName"), row.get("lastName")),
        email=row.get("email"),
        team=first.get("name"),
        is_active=not row.get("archived", False),
        attributes={"type": row.get("type"), "user": row.get("userId")},
    )


def channel_of(word: str | None) -> Channel | None:
    """Channel behind the vendor's word."""
    return None if not word else Channel.parse(_CHANNELS.get(word.upper(), word))


def _word(words: Mapping[str, str], word: str | None) -> str | None:
    return None if not word else words.get(word.upper(), "other")
