"""Find and change what a vendor's answer holds, without knowing the vendor: rows, tokens, ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from cxm_connectors.simulation import SimResponse

from ._stage import Fault, Sent, Vendor

_NEXT = re.compile(r"(?i)next|after|cursor|continuation|scroll|link|token|end_time|page_?key")
_END = re.compile(r"(?i)^(has_?more|more|hasNextPage|end_of_stream|done|is_?last|last_page)$")
_OVER_WHEN_TRUE = re.compile(r"(?i)end_of_stream|done|last")
_ROW_TOKEN = re.compile(r"(?i)(id|token|cursor)$")
_SHORTEST_TOKEN = 3
_NOT_NEXT = re.compile(r"(?i)before|prev")


class Leaf(NamedTuple):
    """A plain value in an answer, where it stands, and the keys that lead there."""

    home: Any
    key: Any
    value: Any
    path: tuple[str, ...]


def data_of(answer: SimResponse) -> Any:
    """The answer's JSON, to be changed freely; None if it is none."""
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def with_data(answer: SimResponse, data: object) -> SimResponse:
    """The same answer with other JSON."""
    return evolve(answer, body=json.dumps(data, ensure_ascii=False).encode())


def rows_in(data: object) -> list[dict[str, Any]]:
    """The list of rows that an answer holds: the longest of those nearest to the top."""
    level = [data]
    while level:
        found = [one for one in level if _is_rows(one)]
        if found:
            return max(found, key=len)  # type: ignore[arg-type]  # all are lists
        level = [part for one in level if isinstance(one, dict) for part in one.values()]
    return []


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every plain value below a dict or list."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in pairs:
        deeper = (*path, str(key))
        if isinstance(one, dict | list):
            yield from leaves(one, deeper)
        else:
            yield Leaf(value, key, one, deeper)


def frame_of(data: Any) -> list[Leaf]:
    """Plain values of an answer outside its rows."""
    rows = rows_in(data)
    inside = {id(home) for home, *_ in leaves(rows)} if rows else set()
    if not isinstance(data, dict):
        return []
    return [leaf for leaf in leaves(data) if id(leaf.home) not in inside]


def next_leaves(data: Any) -> list[Leaf]:
    """Values outside the rows that may lead to the next page."""
    return [leaf for leaf in frame_of(data) if _leads(leaf.path)]


def _leads(path: tuple[str, ...]) -> bool:
    whole = ".".join(path)
    return bool(_NEXT.search(whole)) and not _NOT_NEXT.search(whole) and not _END.match(path[-1])


def end_leaves(data: Any) -> list[Leaf]:
    """Flags outside the rows that say whether this is the end."""
    return [
        leaf
        for leaf in frame_of(data)
        if isinstance(leaf.value, bool) and _END.match(leaf.path[-1])
    ]


def says_end(leaf: Leaf) -> bool:
    """Whether a flag says that nothing follows."""
    return bool(_OVER_WHEN_TRUE.search(leaf.path[-1])) == bool(leaf.value)


def asked_words(sent: Sent) -> set[str]:
    """Values of a request that may be tokens: of its query and its body."""
    found = {value for _, value in sent.query} | {sent.url}
    try:
        body = json.loads(sent.body) if sent.body else {}
    except ValueError:
        body = dict(parse_qsl(sent.body.decode("utf-8", "replace")))
    return found | {str(leaf.value) for leaf in leaves(body)}


def follows(answer: SimResponse, sent: Sent) -> bool:
    """Whether a request asks for the page to which an answer leads by a token or a link."""
    data = data_of(answer)
    words = asked_words(sent)
    given = {str(leaf.value) for leaf in next_leaves(data) if leaf.value not in (None, "", True)}
    given |= {word for one in given if "://" in one for word in _query_words(one)}
    by_header = any(name == "link" and sent.url in value for name, value in answer.headers)
    return by_header or bool(given & words)


def _query_words(url: str) -> list[str]:
    return [value for _, value in parse_qsl(urlsplit(url).query)]


class Step(NamedTuple):
    """Two requests of one run, of which the second asks for the page after the first."""

    before: int
    after: int
    token: str


def steps(said: list[tuple[Sent, SimResponse]]) -> list[Step]:
    """Where a run went from one page to the next by a token or a link that the vendor gave."""
    return [Step(place, heir, "") for place, heir in _heirs(said, follows)]


def row_steps(said: list[tuple[Sent, SimResponse]]) -> list[Step]:
    """Where a run went from one page to the next by an id or a token of the page's last row."""
    found = _heirs(said, lambda answer, sent: bool(_row_token(answer, sent)))
    return [
        Step(place, heir, _row_token(said[place][1], said[heir][0]))
        for place, heir in found
        if said[place][0].path == said[heir][0].path
    ]


def _heirs(
    said: list[tuple[Sent, SimResponse]], leads: Callable[[SimResponse, Sent], bool]
) -> Iterator[tuple[int, int]]:
    for place, (asked, answer) in enumerate(said):
        if not rows_in(data_of(answer)):
            continue
        later = (n for n, (one, _) in enumerate(said) if n > place and _alike(asked, one))
        heir = next((n for n in later if leads(answer, said[n][0])), None)
        if heir is not None:
            yield place, heir


def _row_token(answer: SimResponse, sent: Sent) -> str:
    """Id or token of the last row by which a request of the same list asks for what follows it."""
    words = asked_words(sent) - {sent.url}
    last = rows_in(data_of(answer))[-1]
    found = (
        str(leaf.value)
        for leaf in leaves(last)
        if _ROW_TOKEN.search(leaf.path[-1]) and isinstance(leaf.value, str)
    )
    return next((one for one in found if len(one) > _SHORTEST_TOKEN and one in words), "")


def _alike(one: Sent, other: Sent) -> bool:
    return one.method == other.method and one.identity != other.identity


def page_numbers(said: list[tuple[Sent, SimResponse]]) -> list[int]:
    """Requests whose answers hold rows."""
    return [n for n, (_, answer) in enumerate(said) if rows_in(data_of(answer))]


Change = Callable[[Any], Any]


def on(number: int, change: Callable[[SimResponse], SimResponse]) -> Fault:
    """Change the answer to one request, counted from nought."""

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        answer = vendor(sent)
        return change(answer) if sent.number == number else answer

    return fault


def on_same(like: Sent, change: Callable[[SimResponse], SimResponse]) -> Fault:
    """Change the answer to a certain request, whenever it is asked."""

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        answer = vendor(sent)
        return change(answer) if sent.identity == like.identity else answer

    return fault


def instead(number: int, answer: Callable[[], SimResponse], *, times: int = 1) -> Fault:
    """Answer a request, and what is asked right after it, with something else so many times."""

    def fault(sent: Sent, vendor: Vendor) -> SimResponse:
        return answer() if number <= sent.number < number + times else vendor(sent)

    return fault


def edited(change: Change) -> Callable[[SimResponse], SimResponse]:
    """Change of an answer by a change of its JSON; what is no JSON stays."""

    def whole(answer: SimResponse) -> SimResponse:
        data = data_of(answer)
        return answer if data is None else with_data(answer, change(data))

    return whole


def emptied(data: Any) -> Any:
    """The page without its rows."""
    rows_in(data).clear()
    return data


def each_row(change: Callable[[dict[str, Any]], None], *, only: int | None = None) -> Change:
    """Change every row of a page, or one of them."""

    def whole(data: Any) -> Any:
        rows = rows_in(data)
        for row in rows if only is None else rows[only : only + 1]:
            change(row)
        return data

    return whole


def copied(value: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of a row."""
    return dict(deepcopy(value))
