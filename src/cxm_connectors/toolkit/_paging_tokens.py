"""Pages that a source points to: by a token, by a link, or by a header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from attrs import evolve, field, frozen

from cxm_core.errors import UsageError

from ._calls import Answer, Call
from ._paging import Place, Turn, dig, lacking, truth, with_body, with_param


@frozen(kw_only=True)
class _Stop:
    """The sign by which a source says that there are no more pages."""

    more: str | None = None
    end: str | None = None

    def read(self, answer: Answer) -> bool | None:
        """Whether this is the end; None where the declared sign is not there."""
        if self.end is not None:
            return truth(dig(answer.data, self.end))
        said = truth(dig(answer.data, self.more or ""))
        return None if said is None else not said

    @property
    def path(self) -> str | None:
        return self.more if self.end is None else self.end

    def turn(self, answer: Answer, token: Any, *, kept: Place = None, is_kept: bool) -> Turn:
        """Way on by token and sign; where the two contradict each other the sign is believed."""
        found = token if token not in (None, "", False) else None
        # A source that has nothing new may give no token at all: the last good one stays.
        rest = (kept if found is None else found) if is_kept else None
        if self.path is None:
            return Turn(next=found, is_end=True if found is None else None, rest=rest)
        is_end = self.read(answer)
        if is_end is None:
            return _unsigned(answer, found, self.path, rest)
        if is_end:
            odd = found is not None and self.end is None and not is_kept
            return Turn(is_end=True, rest=rest, flags=("paging:next_after_end",) if odd else ())
        return Turn(next=found, rest=rest) if found is not None else _dead_end()


def _unsigned(answer: Answer, found: Place, path: str, rest: Place) -> Turn:
    if found is None:
        raise lacking(answer, path, "says whether there are more pages")
    return Turn(next=found, rest=rest, flags=(f"paging:no_{path}",))


def _dead_end() -> Turn:
    gap = "The source says that there is more, but not where."
    return Turn(is_end=False, flags=("paging:more_without_next",), gap=gap)


def _one_sign(instance: Cursor | Link, attribute: Any, value: str | None) -> None:
    del attribute
    if value is not None and instance.more is not None:
        raise UsageError("Declare either `more` or `end`.", hint="one sign ends a list")


@frozen(kw_only=True)
class Cursor:
    """A token in each answer asks for the next page.

    Parameters
    ----------
    next : str
        Dotted path of the token in an answer.
    param : str
        Name by which the token is sent; a dotted path if it goes into the body.
    more : str or None
        Dotted path of the sign that there are more pages. Where it is declared, it alone says
        whether the list has ended, and never a missing token.
    end : str or None
        Dotted path of the sign that this is the last page, in place of `more`.
    start : str or None
        Token of the first page, where the source wants one.
    in_body : bool
        Whether the token goes into the JSON body.
    is_kept : bool
        Whether the last token stays good: the next sync goes on behind it.
    drops : tuple of str
        Parameters that only the first page has, such as a start time.
    size : int or None
        Rows wanted in a page, the most that the source allows.
    size_param : str or None
        Parameter that carries the size; a dotted path if the token goes into the body.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Cursor
    >>> Cursor(next="meta.next").call(Call(path="/v1/responses"), "t2").params
    (('cursor', 't2'),)
    """

    next: str
    param: str = "cursor"
    more: str | None = None
    end: str | None = field(default=None, validator=_one_sign)
    start: str | None = None
    in_body: bool = False
    is_kept: bool = False
    drops: tuple[str, ...] = ()
    size: int | None = None
    size_param: str | None = None

    def call(self, base: Call, place: Place) -> Call:
        """Call with the token."""
        token = self.start if place is None else place
        if token is None:
            return base
        if self.in_body:
            return with_body(base, self.param, token)
        dropped = self.drops if place is not None else ()
        kept = tuple(pair for pair in base.params if pair[0] not in dropped)
        return with_param(evolve(base, params=kept), self.param, str(token))

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on by the token and the sign."""
        del rows
        stop, token = _Stop(more=self.more, end=self.end), dig(answer.data, self.next)
        return stop.turn(answer, token, kept=place, is_kept=self.is_kept)


@frozen(kw_only=True)
class Link:
    """A whole address in each answer leads to the next page.

    Where the addresses only count pages, rows that move meanwhile are skipped: then a stream that
    asks for changes is better declared by `TimeWindow`.

    Parameters
    ----------
    next : str
        Dotted path of the address.
    more : str or None
        Dotted path of the sign that there are more pages; it alone says whether there are.
    end : str or None
        Dotted path of the sign that this is the last page, in place of `more`.
    is_ours : bool
        Whether only path and query are taken, and the configured host stays: for a source whose
        links name a host of its own workings. Otherwise a foreign host is refused.
    is_kept : bool
        Whether the last address stays good: the next sync goes on behind it.
    size : int or None
        Rows wanted in a page, the most that the source allows.
    size_param : str or None
        Parameter of the first call that carries the size.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Link
    >>> link = Link(next="links.next", is_ours=True)
    >>> link.call(Call(path="/a"), "https://staging.acme.com/a?page=2").path
    '/a?page=2'
    """

    next: str
    more: str | None = None
    end: str | None = field(default=None, validator=_one_sign)
    is_ours: bool = False
    is_kept: bool = False
    size: int | None = None
    size_param: str | None = None

    def call(self, base: Call, place: Place) -> Call:
        """Call of the address."""
        return _followed(base, place, is_ours=self.is_ours)

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on by the address and the sign."""
        del rows
        stop, link = _Stop(more=self.more, end=self.end), dig(answer.data, self.next)
        return stop.turn(answer, link, kept=place, is_kept=self.is_kept)


@frozen(kw_only=True)
class LinkHeader:
    """The `Link` header leads to the next page (RFC 8288); without one there is none.

    Parameters
    ----------
    rel : str
        Relation of the link that is followed.
    more : str or None
        Dotted path of a sign in the body that there are more pages, where the source has one.
    is_ours : bool
        Whether only path and query are taken, and the configured host stays.
    size : int or None
        Rows wanted in a page, the most that the source allows.
    size_param : str or None
        Parameter of the first call that carries the size.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, LinkHeader
    >>> LinkHeader().call(Call(path="/tickets"), "/tickets?page=2").path
    '/tickets?page=2'
    """

    rel: str = "next"
    more: str | None = None
    is_ours: bool = False
    size: int | None = None
    size_param: str | None = None

    def call(self, base: Call, place: Place) -> Call:
        """Call of the address."""
        return _followed(base, place, is_ours=self.is_ours)

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on by the header."""
        del rows, place
        return _Stop(more=self.more).turn(answer, answer.links.get(self.rel), is_kept=False)


def _followed(base: Call, place: Place, *, is_ours: bool) -> Call:
    if place is None:
        return base
    path = str(place)
    if is_ours:
        parts = urlsplit(path)
        path = urlunsplit(("", "", parts.path, parts.query, ""))
    return evolve(base, path=path, params=())
