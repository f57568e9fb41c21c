"""With what a sync opens: the first request of each list, and the instants that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import UsageError

from ._pages import asked_words, data_of, frame_of, leaves, rows_in
from ._replay import is_instant
from ._stage import Fault, Sent, Vendor
from ._subject import Row, Run, Subject

List = tuple[str, str]
_UPPER_BOUND = re.compile(r"(?i)until|before|end|(^|_)to$|max|upper|lt")
_MILLISECONDS = 13


class Named(NamedTuple):
    """An instant in a request, with the parameter that names it."""

    name: str
    text: str
    at: datetime


def forgiving(sent: Sent, vendor: Vendor) -> SimResponse:
    """Fault that lets a cassette say 404 where it has no answer: only the question matters."""
    try:
        return vendor(sent)
    except UsageError:
        return SimResponse(status=404)


def forgiven(fault: Fault) -> Fault:
    """Fault with a vendor that says 404 where a cassette has no answer."""

    def tolerant(sent: Sent, vendor: Vendor) -> SimResponse:
        return fault(sent, lambda asked: forgiving(asked, vendor))

    return tolerant


def lists_of(run: Run) -> set[List]:
    """Method and path of the requests that were answered with rows."""
    return {(sent.method, sent.path) for sent, answer in run.said if rows_in(data_of(answer))}


def openings(
    subject: Subject, stream: str, state: Row | None, *, now: datetime | None = None
) -> dict[List, Sent]:
    """First request of each list that a sync from `state` makes."""
    run = subject.run(subject.stage(fault=forgiving, now=now), stream, state)
    found: dict[List, Sent] = {}
    for sent, _ in run.said:
        found.setdefault((sent.method, sent.path), sent)
    return found


def moved(one: dict[List, Sent], other: dict[List, Sent]) -> list[List]:
    """Lists that two syncs open differently."""
    return [
        key
        for key in one.keys() & other.keys()
        if said_without_bounds(one[key]) != said_without_bounds(other[key])
    ]


def said_without_bounds(sent: Sent) -> str:
    """A request's parameters and body without those that end a window, which the clock may set."""
    query = sorted(pair for pair in sent.query if not _UPPER_BOUND.search(pair[0]))
    return json.dumps([query, _body(sent)], sort_keys=True)


def _body(sent: Sent) -> Any:
    try:
        data = json.loads(sent.body) if sent.body else None
    except ValueError:
        return sent.body.decode("utf-8", "replace")
    return (
        sorted(f"{leaf.path[-1]}={leaf.value}" for leaf in leaves(data) if not _is_bound(leaf))
        if isinstance(data, dict | list)
        else data
    )


def _is_bound(leaf: Any) -> bool:
    home = leaf.home if isinstance(leaf.home, dict) else {}
    return bool(
        _UPPER_BOUND.search(leaf.path[-1]) or str(home.get("operator", "")) in {"LT", "LTE"}
    )


def own_instants(sent: Sent, run: Run) -> list[Named]:
    """Lower bounds in a request that the connector worked out, rather than got from the vendor."""
    given = _given(run)
    return [
        named
        for named in _instants(sent)
        if named.text not in given and not _UPPER_BOUND.search(named.name)
    ]


def _instants(sent: Sent) -> Iterator[Named]:
    found = list(sent.query)
    data = data_of(SimResponse(body=sent.body)) if sent.body else None
    if isinstance(data, dict | list):
        found += [(leaf.path[-1], str(leaf.value)) for leaf in leaves(data) if not _is_bound(leaf)]
    for name, text in found:
        at = instant(text)
        if at is not None:
            yield Named(name, text, at)


def _given(run: Run) -> set[str]:
    """What the vendor's answers say outside their rows, whole or as part of a link."""
    words: set[str] = set()
    for sent, answer in run.said:
        for leaf in frame_of(data_of(answer)):
            words.add(str(leaf.value))
            if "://" in str(leaf.value):
                words |= asked_words(_as_sent(sent, str(leaf.value)))
    return words


def _as_sent(sent: Sent, url: str) -> Sent:
    return Sent(number=0, method="GET", url=url, headers=(), body=b"", at=sent.at)


def instant(value: object) -> datetime | None:
    """Instant of a text or number that is one; a naive one counts as UTC."""
    text = str(value)
    if isinstance(value, bool) or not is_instant(text):
        return None
    if text[0] == "1" and "-" not in text:
        seconds = float(text) / (1_000 if len(text) == _MILLISECONDS else 1)
        return datetime.fromtimestamp(seconds, UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def columns_of(run: Run) -> dict[tuple[str, ...], list[datetime]]:
    """Instants in the rows that were served, by the path of their field."""
    found: dict[tuple[str, ...], list[datetime]] = {}
    for _, answer in run.said:
        for row in rows_in(data_of(answer)):
            for leaf in leaves(row):
                at = instant(leaf.value)
                if at is not None:
                    found.setdefault(leaf.path, []).append(at)
    return found
