"""What a simulated vendor hears and says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen


@frozen(kw_only=True, slots=False)
class SimRequest:
    """One request that reached the simulator.

    Parameters
    ----------
    method : str
        Upper case.
    target : str
        Path and query, as they were sent.
    headers : mapping of str to str
        Names in lower case.
    body : bytes
        Empty for none.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """Path without the query, decoded."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        """Query, the last of each name."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def json(self) -> Any:
        """Body, read as JSON; None where there is none."""
        return json.loads(self.body) if self.body else None


@frozen(kw_only=True)
class SimResponse:
    """What the simulator answers.

    Parameters
    ----------
    status : int
        Status code.
    headers : sequence of (str, str)
        Without the length, which the server adds.
    body : bytes
        As it goes over the wire.
    cut_at : int or None
        Break the connection after so many bytes of the body, though its whole length was declared.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    cut_at: int | None = None

    @classmethod
    def of(
        cls, data: object, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()
    ) -> SimResponse:
        """Answer with a JSON body."""
        body = json.dumps(data, separators=(",", ":")).encode()
        head = ("content-type", "application/json; charset=utf-8")
        return cls(status=status, headers=(head, *headers), body=body)


class Simulator(Protocol):
    """A vendor on loopback; the same seed gives the same vendor.

    Attributes
    ----------
    origin : str
        Where it is served, such as ``http://127.0.0.1:40123``; `Serving` sets it, so that links in
        answers lead back.
    """

    origin: str

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer one request; called from one thread at a time."""
