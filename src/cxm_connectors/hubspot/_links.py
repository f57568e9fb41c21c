"""What rows lack when they are served: associations, former values. A search serves neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from attrs import field, frozen

from cxm_core.errors import LoopingPages, SchemaChanged

Row: TypeAlias = dict[str, Any]
Post: TypeAlias = Callable[[str, Any], Any]
_Item = TypeVar("_Item")
_Targets: TypeAlias = dict[str, list[dict[str, Any]]]

#: Kinds to which an object may belong (airbyte issue 14390: they are not in the row).
LINKED: Mapping[str, tuple[str, ...]] = {
    "contacts": ("companies",),
    "deals": ("contacts", "companies"),
    "tickets": ("contacts", "companies"),
    "feedback_submissions": ("contacts", "tickets"),
}
#: Properties of a ticket whose former values are read.
HISTORIC = ("hs_pipeline_stage", "hubspot_owner_id")
# What a submission itself may say of it.
_SAID = {"contacts": "hs_contact_id", "tickets": "hs_ticket_id"}
# HubSpot developer docs, Associations and Objects (batch read), seen 2026-11.
_MOST_INPUTS, _MOST_READ, _MOST_WITH_HISTORY = 1000, 100, 50


@frozen
class Further:
    """Asks for what rows lack.

    Parameters
    ----------
    post : callable
        Sends a body to a path, and gives the answer's JSON.
    paths : mapping of str to str
        Path of each family of calls.
    """

    post: Post = field(repr=False)
    paths: Mapping[str, str]

    def with_links(self, rows: Sequence[Row], kind: str) -> list[Row]:
        """Add to each row of a page what it belongs to; the archive is left as it is."""
        copies = [{**row, "linked": {}} for row in rows]
        for other in LINKED.get(kind, ()):
            asked = [row for row in copies if not _is_known(row, kind, other)]
            path = f"{self.paths['associations']}/{kind}/{other}/batch/read"
            found = _targets([row["id"] for row in asked], path, self.post)
            for row in asked:
                row["linked"][other] = found.get(row["id"], [])
        return copies

    def with_history(self, rows: Sequence[Row]) -> list[Row]:
        """Add to each ticket of a page how its stage and its owner changed."""
        present = [row["id"] for row in rows if is_sound(row) and not row.get("archived")]
        found: dict[str, Any] = {}
        for batch in _batches(present, _MOST_WITH_HISTORY):
            body = {**_inputs(batch), "properties": [], "propertiesWithHistory": list(HISTORIC)}
            for one in self._read("tickets", body):
                found[one["id"]] = one.get("propertiesWithHistory") or {}
        return [
            {**row, "propertiesWithHistory": found.get(row["id"], {})} if is_sound(row) else row
            for row in rows
        ]

    def objects(
        self, kind: str, ids: Sequence[str], *, properties: Sequence[str] = ()
    ) -> Iterator[list[Row]]:
        """Rows of the objects that are there, page by page; others are in the archive, or gone."""
        for batch in _batches(ids, _MOST_READ):
            yield self._read(kind, {**_inputs(batch), "properties": list(properties)})

    def _read(self, kind: str, body: Row) -> list[Row]:
        answer = self.post(f"{self.paths['objects']}/{kind}/batch/read", body)
        return _sound_results(answer, is_sound)


def _inputs(ids: Sequence[str]) -> Row:
    return {"inputs": [{"id": number} for number in ids]}


def is_sound(row: Any) -> bool:
    """Whether a row has what every row has; any other is set aside by itself."""
    number = row.get("id") if isinstance(row, dict) else None
    is_id = isinstance(number, str) and number.isascii() and number.isdecimal()
    return is_id and isinstance(row.get("properties"), dict)


def _sound_results(answer: Any, is_good: Callable[[Any], bool]) -> list[Row]:
    """Results of an answer that can be read; an error where there are others only."""
    results = answer.get("results") if isinstance(answer, dict) else None
    good = [one for one in results if is_good(one)] if isinstance(results, list) else []
    if not isinstance(results, list) or (results and not good):
        raise SchemaChanged(
            "What was asked for beside the rows of a page came in another shape than ever.",
            hint="look whether HubSpot has ended the configured version of its interface",
        )
    return good


def _is_list_of_links(result: Any) -> bool:
    try:
        return str(result["from"]["id"]).isdecimal() and all(
            "toObjectId" in o for o in result["to"]
        )
    except (LookupError, TypeError):
        return False


def _is_known(row: Row, kind: str, other: str) -> bool:
    """Whether there is no need to ask, or no sense in it."""
    if row.get("archived") or not is_sound(row):
        return True
    return kind == "feedback_submissions" and bool(row["properties"].get(_SAID[other]))


def _targets(ids: Sequence[str], path: str, post: Post) -> _Targets:
    found: _Targets = {}
    asked: list[dict[str, str]] = [{"id": number} for number in ids]
    while asked:
        further: list[dict[str, str]] = []
        for inputs in _batches(asked, _MOST_INPUTS):
            for result in _sound_results(post(path, {"inputs": inputs}), _is_list_of_links):
                number = str(result["from"]["id"])
                found.setdefault(number, []).extend(map(_target, result["to"]))
                further.extend(_more(result, number))
        _check_moved(asked, further)
        asked = further
    return found


def _batches(inputs: Iterable[_Item], most: int) -> Iterator[list[_Item]]:
    rest = iter(inputs)
    while batch := list(islice(rest, most)):
        yield batch


def _target(one: Mapping[str, Any]) -> dict[str, Any]:
    types = one.get("associationTypes") or ()
    labels = [kind["label"] for kind in types if kind.get("label")]
    return {
        "id": str(one["toObjectId"]),
        "types": [kind.get("typeId") for kind in types],
        "label": next(iter(labels), None),
    }


def _more(result: Mapping[str, Any], number: str) -> Iterator[dict[str, str]]:
    """An object with many associations: where its own list goes on."""
    following = (result.get("paging") or {}).get("next") or {}
    if following.get("after"):
        yield {"id": number, "after": following["after"]}


def _check_moved(asked: Sequence[dict[str, str]], further: Sequence[dict[str, str]]) -> None:
    before = {one["id"]: one.get("after") for one in asked}
    if any(before.get(one["id"]) == one["after"] for one in further):
        raise LoopingPages("The associations of an object go on where they stood already.")
