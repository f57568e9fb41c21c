"""A call of a vendor's API and its whole answer: what paging and mapping work on, no socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import IO, Any

from attrs import field, frozen

from cxm_core.errors import TruncatedAnswer
from cxm_core.records import parse_json


@frozen(kw_only=True)
class Call:
    """One request, as a connector means it; credentials are added when it is sent.

    Parameters
    ----------
    path : str
        Path below the origin, or a whole address that a vendor gave as its next page.
    method : str
        Upper case.
    params : tuple of (str, str)
        Query, in order; added to what `path` has.
    json : object
        Body, sent as JSON; None for none.
    form : mapping of str to str or None
        Body, sent as a form; None for none.
    headers : tuple of (str, str)
        More headers, without credentials.
    accept : str
        Media type that the answer must have; an empty text takes any.
    is_anonymous : bool
        Send no credentials.
    file_bytes : int
        Keep the body in a file, unpacked and at most so large; nought keeps it in memory.
    """

    path: str = field(repr=False)
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    accept: str = "application/json"
    is_anonymous: bool = False
    file_bytes: int = 0


@frozen(kw_only=True, slots=False)
class Answer:
    """The whole answer to a call: it was not cut, and is of the type that was asked for.

    Parameters
    ----------
    status : int
        200 to 299.
    headers : mapping of str to str
        Names in lower case; the last of several.
    body : bytes
        Unpacked.
    url : str
        Where it came from, without credentials.
    request_id : str or None
        What the vendor calls this request, for its support.
    received_at : datetime
        When it came, by the host's clock.
    links : mapping of str to str
        Targets of the `Link` header by their relation.
    skew_s : float
        Seconds that the source's clock is ahead of the host's, if that is more than five minutes.
    notes : tuple of str
        What is odd though nothing is wrong, to be counted: ``"clock_skew"``, ``"charset"``.
    file : file or None
        Body of a call that asked to keep it in a file; whoever takes it closes it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    received_at: datetime
    request_id: str | None = None
    links: Mapping[str, str] = field(factory=dict, repr=False)
    skew_s: float = 0.0
    notes: tuple[str, ...] = ()
    file: IO[bytes] | None = field(default=None, repr=False)

    @cached_property
    def data(self) -> Any:
        """The body, read as JSON: UTF-8 by rule, and no NaN.

        Raises
        ------
        TruncatedAnswer
            It is no whole JSON; the text says where it ended, never what it holds.
        """
        with suppress(ValueError):
            return parse_json(self.body)
        # What the quick reader refuses may be JSON all the same, such as half a character.
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            problem = type(error).__name__
        raise TruncatedAnswer(
            f"The answer of {len(self.body):,} bytes is no whole JSON ({problem}).",
            hint="the sync goes on from the last page that was kept",
            request_id=self.request_id,
        )


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
