"""Answer a connector's requests from a cassette."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import frozen

from cxm_connectors.simulation import SimRequest, SimResponse
from cxm_core.errors import UsageError

from ._cassettes import Cassette, Exchange
from ._scrubbing import SCRUBBED

Pairs = tuple[tuple[str, str], ...]
_EPOCH = re.compile(r"1\d{9}(\d{3})?(\.\d+)?$")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@frozen(kw_only=True)
class _Asked:
    """What identifies a request: not its host, its headers or the order of its parameters."""

    method: str
    path: str
    query: Pairs
    body: str

    @classmethod
    def of(cls, method: str, target: str, body: bytes) -> _Asked:
        parts = urlsplit(target)
        query = tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))
        return cls(method=method, path=unquote(parts.path), query=query, body=_plain(body))


def _plain(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), sort_keys=True) if body else ""
    except ValueError:
        return body.decode("utf-8", "replace")


class Replay:
    """A vendor that says again what it said when it was recorded.

    A request is known by its method, path, parameters and body.
    The same request asked again gets its next recorded answer, and the last one from then on.
    Only instants may differ, and be added: a later sync asks from a later time, and the vendor
    answers with what it has, which is allowed to be too much.

    Parameters
    ----------
    tape : Cassette
        The recorded conversation.

    Attributes
    ----------
    origin : str
        Scheme and host of the first recorded request; where another is set, links lead there.
    played : set of int
        Places of the exchanges that were played so far.

    Examples
    --------
    >>> from cxm_connectors.simulation import SimRequest
    >>> request = {"method": "GET", "uri": "https://api.acme.com/v1/ping?a=1&b=2"}
    >>> response = {"status": {"code": 200}, "body": {"string": "{}"}}
    >>> tape = Cassette.read({"interactions": [{"request": request, "response": response}]})
    >>> Replay(tape).respond(SimRequest(method="GET", target="/v1/ping?b=2&a=1")).status
    200
    """

    def __init__(self, tape: Cassette) -> None:
        first = urlsplit(tape.exchanges[0].url) if tape.exchanges else urlsplit("")
        self.origin = f"{first.scheme}://{first.netloc}"
        self.played: set[int] = set()
        self._tape = tape
        self._known = [_Asked.of(one.method, one.url, one.request_body) for one in tape.exchanges]

    def respond(self, request: SimRequest) -> SimResponse:
        """Give the recorded answer.

        Parameters
        ----------
        request : SimRequest
            What is asked.

        Returns
        -------
        SimResponse
            The recorded answer.

        Raises
        ------
        UsageError
            Nothing like it was recorded; the message names the path and the parameters, no value.
        """
        asked = _Asked.of(request.method, request.target, request.body)
        place = self._place(list(self._places(asked)), asked)
        self.played.add(place)
        return _at(self.origin, self._tape.exchanges[place])

    def _places(self, asked: _Asked) -> Iterator[int]:
        """Recorded exchanges that answer it: the same ones, else those that differ in time."""
        same = [n for n, one in enumerate(self._known) if _agree(one, asked)]
        alike = (n for n, one in enumerate(self._known) if _differ_in_time(one, asked))
        yield from same or alike

    def _place(self, places: list[int], asked: _Asked) -> int:
        if not places:
            names = ", ".join(dict.fromkeys(name for name, _ in asked.query)) or "none"
            raise UsageError(
                f"{self._tape.name} has no answer to {asked.method} {asked.path} "
                f"(parameters: {names}).",
                hint="record it, or see why the connector asks for it",
            )
        return next((n for n in places if n not in self.played), places[-1])


def _agree(recorded: _Asked, asked: _Asked) -> bool:
    return (
        (recorded.method, recorded.path) == (asked.method, asked.path)
        and _same_body(recorded.body, asked.body)
        and len(recorded.query) == len(asked.query)
        and all(
            mine[0] == theirs[0] and mine[1] in {theirs[1], SCRUBBED}
            for mine, theirs in zip(recorded.query, asked.query, strict=True)
        )
    )


def _same_body(recorded: str, asked: str) -> bool:
    # What was scrubbed cannot be compared; method and path then decide.
    return recorded == asked or SCRUBBED in recorded


def _differ_in_time(recorded: _Asked, asked: _Asked) -> bool:
    if (recorded.method, recorded.path) != (asked.method, asked.path):
        return False
    odd = set(recorded.query) ^ set(asked.query)
    return all(is_instant(value) for _, value in odd) and _same_but_for_times(
        recorded.body, asked.body
    )


def _same_but_for_times(recorded: str, asked: str) -> bool:
    if _same_body(recorded, asked):
        return True
    try:
        return bool(_timeless(json.loads(recorded)) == _timeless(json.loads(asked)))
    except ValueError:
        return False


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_timeless(one) for one in value]
    return "<time>" if is_instant(value) else value


def is_instant(value: object) -> bool:
    """Whether a value is a time: ISO, or seconds or milliseconds of this century."""
    text = str(value)
    if _EPOCH.match(text):
        return True
    if not _ISO.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _at(origin: str, one: Exchange) -> SimResponse:
    """Answer of a vendor who lives at this origin: its links lead there, and not to the old one."""
    parts = urlsplit(one.url)
    before = f"{parts.scheme}://{parts.netloc}/"
    now = f"{origin}/"
    headers = tuple((name, value.replace(before, now)) for name, value in one.headers)
    body = one.body.replace(before.encode(), now.encode())
    return SimResponse(status=one.status, headers=headers, body=body)


def unplayed(tape: Cassette, played: Iterable[int]) -> list[str]:
    """Method and path of each exchange that was not played."""
    heard = set(played)
    return [
        f"{one.method} {urlsplit(one.url).path}"
        for place, one in enumerate(tape.exchanges)
        if place not in heard
    ]
