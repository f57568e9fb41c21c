"""How lists of this vendor go on: by token, or by search behind the last id, archive included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve, frozen

from cxm_connectors.toolkit import Answer, Ask, Call, Place, Turn

from ._links import is_sound
from ._mapping import MERGED

_MOST_LISTED, _MOST_SEARCHED = 100, 200
# airbyte's source cuts lists of properties at 15,000 characters; a search has them in its body.
_LONGEST_QUERY = 12_000
_SEARCH = "/search"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def keyed_rows(data: Any) -> Any:
    """Rows of an answer; one of the archive has a key and a stamp of its own.

    An archived row comes with the stamp that it had while it was alive (airbyte issue 19838), so
    that it would pass for a row that was served before.
    """
    rows = data.get("results") if isinstance(data, dict) else None
    return [_keyed(row) for row in rows] if isinstance(rows, list) else rows


def _keyed(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    number = row.get("id")
    if not row.get("archived"):
        return {**row, "key": number, "stamp": row.get("updatedAt")}
    at = row.get("archivedAt") or row.get("updatedAt")
    return {**row, "key": number and f"{number} archived", "stamp": at}


@frozen
class ObjectPages:
    """All objects by list at the first sync, then those that changed by search, then the archive.

    A list reads what is stored; search reads an index that lags behind, serves no more than 10,000
    rows, and nothing of the archive. So each page of a search begins behind the last id.
    """

    size: int | None = None
    size_param: str | None = None

    def call(self, base: Call, place: Place) -> Call:
        """Call for a page; `base` is the search for what changed."""
        leg, token = _leg(place) or _first_leg(base), _token(place)
        if leg == "search":
            return _searching(base, token)
        return _listing(base, token, is_archived=leg == "archived")

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on within the leg, or to the next one."""
        is_search = answer.url.partition("?")[0].endswith(_SEARCH)
        leg = _leg(place) or ("search" if is_search else "list")
        # Never by the link beside the token: its path is not the one that was asked for.
        token = _after(answer)
        if leg == "search":
            total = answer.data.get("total") if place is None else None
            return evolve(_behind(rows, token), total=total)
        if token is not None:
            return Turn(next={"leg": leg, "token": token})
        return Turn(is_end=True)


@frozen
class OwnerPages:
    """Owners that are there, then those that have left."""

    size: int | None = 100
    size_param: str | None = "limit"

    def call(self, base: Call, place: Place) -> Call:
        """Call for a page."""
        is_archived = _leg(place) == "archived"
        return evolve(base, params=(*base.params, *_params(_token(place), is_archived=is_archived)))

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on within the leg, or to those that have left."""
        del rows
        leg, token = _leg(place) or "list", _after(answer)
        if token is not None:
            return Turn(next={"leg": leg, "token": token})
        return Turn(is_end=True) if leg == "archived" else Turn(next={"leg": "archived"})


def _leg(place: Place) -> str | None:
    return str(place["leg"]) if isinstance(place, Mapping) else None


def _token(place: Place) -> str | None:
    return place.get("token") if isinstance(place, Mapping) else None


def _first_leg(base: Call) -> str:
    is_all = not base.json["filterGroups"]
    return "list" if is_all and len(_names(base)) < _LONGEST_QUERY else "search"


def _names(base: Call) -> str:
    return ",".join(base.json["properties"])


def _listing(base: Call, token: str | None, *, is_archived: bool) -> Call:
    limit = str(min(base.json["limit"], _MOST_LISTED))
    # Of an object in the archive nothing is wanted but its id, and what had gone on in it.
    names = MERGED if is_archived else _names(base)
    params = (("limit", limit), ("properties", names), *_params(token, is_archived=is_archived))
    path = base.path.removesuffix(_SEARCH)
    return evolve(base, method="GET", path=path, json=None, params=params)


def _params(token: str | None, *, is_archived: bool) -> tuple[tuple[str, str], ...]:
    after = (("after", token),) if token is not None else ()
    return (("archived", "true" if is_archived else "false"), *after)


def _searching(base: Call, token: str | None) -> Call:
    if token is None:
        return base
    behind = {"propertyName": "hs_object_id", "operator": "GT", "value": token}
    groups = base.json["filterGroups"] or [{"filters": []}]
    cut = [{"filters": [*group["filters"], behind]} for group in groups]
    return evolve(base, json={**base.json, "filterGroups": cut})


def _behind(rows: Sequence[Any], token: str | None) -> Turn:
    if token is None:
        return Turn(next={"leg": "archived"})
    ids = [row["id"] for row in rows if is_sound(row)]
    if not ids:
        gap = "The search says that there is more, but serves nothing."
        return Turn(is_end=False, flags=("paging:empty_before_end",), gap=gap)
    return Turn(next={"leg": "search", "token": max(ids, key=int)})


def _after(answer: Answer) -> str | None:
    following = (answer.data.get("paging") or {}).get("next") or {}
    return following.get("after") or None


def search_for(properties: Sequence[str], *, stamp: str, ask: Ask) -> dict[str, Any]:
    """Body of a search for what changed; its order is by id, which no edit changes."""
    bounds = (("GTE", ask.since), ("LT", ask.until))
    filters = [
        {"propertyName": stamp, "operator": operator, "value": _millis(at)}
        for operator, at in bounds
        if at is not None
    ]
    return {
        "filterGroups": [{"filters": filters}] if filters else [],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": min(ask.size or _MOST_SEARCHED, _MOST_SEARCHED),
        "after": "0",
    }


def _millis(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(milliseconds=1))
