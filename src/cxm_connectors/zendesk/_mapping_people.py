"""Users as customers or staff, and organisations as accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from cxm_core.records import Account, Customer, Deletion, Membership, Record, Staff

from ._mapping import STAFF_ROLES, Identifiers, Row, organisation, person, plain

Fields: TypeAlias = Mapping[str, str]
_CUSTOMER_OWN = ("country", "lifecycle", "region", "segment")
_ACCOUNT_OWN = ("country", "industry", "segment", "size")


def user_of(row: Row, fields: Fields) -> Customer | Staff | Deletion:
    """Customer or member of staff, or that the user is gone.

    A user who was deleted, or taken in by another one, is served once more and is not active.
    Staff must be made customers before they can be deleted.
    """
    if row.get("role") in STAFF_ROLES:
        return _staff_of(row)
    return _gone("customer", row) if row.get("active") is False else _customer_of(row, fields)


def people_of(row: Row, fields: Fields, *, is_first: bool) -> Iterator[Record]:
    """All that a row of the user export says of a person.

    Parameters
    ----------
    row : mapping
        The user.
    fields : mapping of str to str
        Keys of user fields by the name that they get.
    is_first : bool
        Whether nothing was read before, so that nothing can have ended.

    Yields
    ------
    Customer, Staff, Membership or Deletion
        The membership is the one that Zendesk takes for granted; a user has one at a time.
    """
    found = user_of(row, fields)
    yield found
    if isinstance(found, Customer) and row.get("organization_id"):
        yield _membership_of(row)
    elif not is_first:
        yield _gone("membership", row)
        if isinstance(found, Staff):
            yield _gone("customer", row)


def _membership_of(row: Row) -> Membership:
    return Membership(
        native_id=row.get("id"),
        customer=person(row.get("id")),
        recorded_at=row.get("updated_at"),
        account=row.get("organization_id"),
        member=row.get("id"),
        is_primary=True,
    )


def _gone(kind: str, row: Row) -> Deletion:
    at = row.get("deleted_at") or row.get("updated_at")
    return Deletion(
        kind=kind, native_id=row.get("id"), occurred_at=at, recorded_at=row.get("updated_at") or at
    )


def _staff_of(row: Row) -> Staff:
    return Staff(
        native_id=row.get("id"),
        occurred_at=row.get("created_at"),
        recorded_at=row.get("updated_at"),
        name=row.get("name"),
        email=row.get("email"),
        role=row.get("role"),
        is_active=bool(row.get("active", True)) and not row.get("suspended"),
        languages=[row["locale"]] if row.get("locale") else [],
        attributes=plain({"default_group_id": row.get("default_group_id")}),
    )


def _customer_of(row: Row, fields: Fields) -> Customer:
    own = _own(row.get("user_fields"), fields)
    kept = plain({name: row.get(name) for name in ("organization_id", "suspended", "verified")})
    return Customer(
        native_id=row.get("id"),
        customer=_names_of(row),
        occurred_at=row.get("created_at"),
        recorded_at=row.get("updated_at"),
        name=row.get("name"),
        language=row.get("locale"),
        zone=row.get("iana_time_zone") or row.get("time_zone"),
        tags=row.get("tags"),
        attributes=kept | {name: own[name] for name in own if name not in _CUSTOMER_OWN},
        **{name: str(value) for name, value in own.items() if name in _CUSTOMER_OWN},
    )


def _names_of(row: Row) -> Identifiers:
    known = {
        "email": row.get("email"),
        "phone": row.get("phone"),
        "external": row.get("external_id"),
    }
    return person(row.get("id")) + [(kind, str(value)) for kind, value in known.items() if value]


def account_of(row: Row, fields: Fields) -> Account | Deletion:
    """Account of an organisation, or that it is gone."""
    if row.get("deleted_at"):
        return _gone("account", row)
    own = _own(row.get("organization_fields"), fields)
    external = [("external", str(row["external_id"]))] if row.get("external_id") else []
    domains = ", ".join(row.get("domain_names") or ())
    kept = {"domains": domains} if domains else {}
    return Account(
        native_id=row.get("id"),
        customer=organisation(row.get("id")) + external,
        occurred_at=row.get("created_at"),
        recorded_at=row.get("updated_at"),
        name=row.get("name"),
        tags=row.get("tags"),
        attributes=kept | {name: own[name] for name in own if name not in _ACCOUNT_OWN},
        **{name: str(value) for name, value in own.items() if name in _ACCOUNT_OWN},
    )


def _own(values: object, fields: Fields) -> dict[str, str | int | float | bool]:
    held = values if isinstance(values, Mapping) else {}
    return plain({name: held.get(key) for name, key in fields.items()})
