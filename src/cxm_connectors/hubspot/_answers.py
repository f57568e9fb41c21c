"""How a simulated HubSpot account words its answers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from ._index import OPERATORS
from ._payloads import STAMPS
from ._portal import Held, Link, Portal, stamp

Json = dict[str, Any]

_MOST_SEARCHED, _MOST_LISTED, _MOST_OWNERS = 200, 100, 500
_MOST_READ, _MOST_WITH_HISTORY, _MOST_ASSOCIATED = 100, 50, 1000
# HubSpot knowledge base, Property history, seen 2026-11: 20 values, and 45 of a contact.
_MOST_FORMER = 20
_MOST_GROUPS = 6


@frozen(kw_only=True)
class Asked:
    """What a search asks for."""

    groups: list[Json]
    properties: tuple[str, ...]
    limit: int
    after: int


def search_body(body: Any, *, window: int = 10_000) -> Asked | None:
    """Read what a search asks for; None where it must be refused."""
    # HubSpot's OpenAPI description of search names these as required, seen 2026-11.
    required = {"after", "filterGroups", "limit", "properties", "sorts"}
    if not isinstance(body, dict) or not required <= body.keys():
        return None
    asked = Asked(
        groups=list(body["filterGroups"]),
        properties=tuple(body["properties"]),
        limit=int(body["limit"]),
        after=int(body["after"] or 0),
    )
    tests = [test for group in asked.groups for test in group.get("filters", ())]
    is_understood = (
        len(asked.groups) <= _MOST_GROUPS
        and 0 < asked.limit <= _MOST_SEARCHED
        and all(test.get("operator") in OPERATORS for test in tests)
    )
    # airbyte issue 23630, tap-hubspot issue 34: nothing is served behind the window's end.
    is_within = asked.after + asked.limit <= max(window, asked.limit)
    return asked if is_understood and is_within else None


def row_of(one: Held, kind: str, properties: Iterable[str]) -> Json:
    """Row of an object: what was asked for by name, null where it is not set, and the defaults."""
    values = one.valued(kind)
    names = {**dict.fromkeys(properties), "hs_object_id": None, **dict.fromkeys(STAMPS[kind])}
    row: Json = {
        "id": str(one.id),
        "properties": {name: values.get(name) for name in names},
        "createdAt": stamp(one.created_at),
        "updatedAt": stamp(one.updated_at),
        "archived": one.archived_at is not None,
    }
    if one.archived_at is not None:
        row["archivedAt"] = stamp(one.archived_at)
    return row


def listed(
    portal: Portal,
    kind: str,
    query: Mapping[str, str],
    *,
    link: str = "",
    most_linked: int = 100,
) -> Json:
    """One page of a list, by id; `link` is what was asked for."""
    is_archived = query.get("archived", "false") == "true"
    limit = min(int(query.get("limit", "10")), _MOST_LISTED)
    shelf = portal.shelves[kind]
    start = bisect_left(shelf.ids, int(query.get("after", "0")))
    ones = (shelf.held[number] for number in islice(shelf.ids, start, None))
    found = list(islice((o for o in ones if (o.archived_at is not None) == is_archived), limit + 1))
    properties = [name for name in query.get("properties", "").split(",") if name]
    others = [name for name in query.get("associations", "").split(",") if name]
    rows = [row_of(one, kind, properties) for one in found[:limit]]
    for one, row in zip(found, rows, strict=False):
        if others:
            row["associations"] = _inline(portal, kind, one.id, others, most_linked)
    page: Json = {"results": rows}
    if len(found) > limit:
        after = str(found[limit].id)
        # Recorded: the link leads to a path that nobody asked for.
        wrong = link.replace("/crm/v3/objects/", "/crm/objects/v3/")
        page["paging"] = {"next": {"after": after, "link": f"{wrong}?limit={limit}&after={after}"}}
    return page


def _inline(
    portal: Portal, kind: str, number: int, others: Iterable[str], most: int
) -> Mapping[str, Json]:
    """Associations within a listed row: at most so many, and where to go on."""
    found = {other: portal.linked(kind, number, other) for other in others}
    return {
        other: {
            "results": [{"id": str(link.to), "type": f"{kind}_to_{other}"} for link in links[:most]]
        }
        | ({"paging": {"next": {"after": str(links[most].to)}}} if len(links) > most else {})
        for other, links in found.items()
        if links
    }


def batch_of(portal: Portal, kind: str, body: Any) -> Json | None:
    """Objects by id, and errors for those that are not there; None where it must be refused."""
    inputs, historic = body["inputs"], body.get("propertiesWithHistory") or ()
    if len(inputs) > (_MOST_WITH_HISTORY if historic else _MOST_READ):
        return None
    held = portal.shelves[kind].held
    numbers = [int(one["id"]) for one in inputs]
    found = [n for n in dict.fromkeys(numbers) if n in held and held[n].archived_at is None]
    rows = [row_of(held[number], kind, body.get("properties", ())) for number in found]
    for row in rows if historic else ():
        row["propertiesWithHistory"] = {n: _former(portal, kind, row["id"], n) for n in historic}
    lost = [str(number) for number in numbers if number not in found]
    return _with_errors({"status": "COMPLETE", "results": rows}, lost, "OBJECT_NOT_FOUND")


def _former(portal: Portal, kind: str, number: str, name: str) -> list[Json]:
    """Values of a property, the newest first, and no more of them than the vendor keeps."""
    values = portal.history.get((kind, int(number), name), [])[-_MOST_FORMER:]
    return [
        {"value": value, "timestamp": stamp(at), "sourceType": "CRM_UI", "updatedByUserId": 501}
        for at, value in reversed(values)
    ]


def associations_of(
    portal: Portal,
    kinds: tuple[str, str],
    body: Any,
    *,
    is_dated: bool = True,
    most_linked: int = 100,
) -> Json | None:
    """Associations of many objects; each list has an end of its own to go on from."""
    inputs = body["inputs"]
    if len(inputs) > _MOST_ASSOCIATED:
        return None
    results, without = list[Json](), list[str]()
    for one in inputs:
        links = portal.linked(kinds[0], int(one["id"]), kinds[1])
        rest = links[int(one.get("after") or 0) :]
        if not rest:
            without.append(str(one["id"]))
            continue
        result: Json = {
            "from": {"id": str(one["id"])},
            "to": [_target(link, is_dated=is_dated) for link in rest[:most_linked]],
        }
        if len(rest) > most_linked:
            reached = len(links) - len(rest) + most_linked
            result["paging"] = {"next": {"after": str(reached), "link": "?"}}
        results.append(result)
    page = {"status": "COMPLETE", "results": results}
    return _with_errors(page, without, "NO_ASSOCIATIONS_FOUND")


def _target(link: Link, *, is_dated: bool) -> Json:
    # HubSpot developer docs, Associations, seen 2026-11: a number in v4, a text since 2026-03.
    return {
        "toObjectId": str(link.to) if is_dated else link.to,
        "associationTypes": [
            {"category": "HUBSPOT_DEFINED", "typeId": link.type_id, "label": link.label}
        ],
    }


def _with_errors(page: Json, ids: list[str], category: str) -> Json:
    if not ids:
        return page
    errors = [{"status": "error", "category": category, "context": {"ids": ids}}]
    return {**page, "numErrors": len(errors), "errors": errors}


def owner_page(owners: Mapping[int, Mapping[str, object]], query: Mapping[str, str]) -> Json:
    """One page of owners, by id."""
    is_archived = query.get("archived", "false") == "true"
    limit = min(int(query.get("limit", "100")), _MOST_OWNERS)
    ids = sorted(n for n in owners if n >= int(query.get("after", "0")))
    found = [n for n in ids if owners[n].get("archived", False) is is_archived]
    page: Json = {"results": [dict(owners[number]) for number in found[:limit]]}
    if len(found) > limit:
        page["paging"] = {"next": {"after": str(found[limit]), "link": "?"}}
    return page


def truth_of(portal: Portal) -> dict[str, list[dict[str, object]]]:
    """Rows of all that is there, associations included."""
    rows: dict[str, list[dict[str, object]]] = {
        kind: [_whole(portal, kind, one) for one in portal.present(kind)] for kind in STAMPS
    }
    return {**rows, "owners": [dict(portal.owners[number]) for number in sorted(portal.owners)]}


def _whole(portal: Portal, kind: str, one: Held) -> dict[str, object]:
    links = {other: portal.linked(kind, one.id, other) for other in STAMPS}
    return {
        "id": str(one.id),
        **one.valued(kind),
        **{
            f"@{other}": [str(link.to) for link in found] for other, found in links.items() if found
        },
    }
