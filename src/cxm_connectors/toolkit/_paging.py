"""How a list goes on from one page to the next: declared, and never guessed.

Nothing here sends anything: a kind of paging says which call asks for a place, and reads off the
answer where the list goes on. A place is plain JSON, so that a run that was killed goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from attrs import evolve, field, frozen

from cxm_core.errors import SchemaChanged

from ._calls import Answer, Call

Place: TypeAlias = str | int | Mapping[str, Any] | None
"""Where in its pages a list stands, as plain JSON; None is the beginning."""

_WORDS = {"true": True, "false": False, "1": True, "0": False}


@frozen(kw_only=True)
class Turn:
    """What an answer says of the way on.

    Parameters
    ----------
    next : str, int, mapping or None
        Place of the next page; None for none.
    is_end : bool or None
        Whether the source itself says that this is the end.
    rest : str, int, mapping or None
        Place at which the next sync may go on, where a cursor stays good after the end.
    wait_s : float
        Seconds to wait before the next call.
    total : int or None
        How many rows there are by the source's own count.
    flags : tuple of str
        Contradictions in the answer, counted as drift.
    gap : str
        What is known to be missing, a sentence; the next sync asks for this page again.
    is_lost : bool
        Whether the next sync asks for all again instead.
    """

    next: Place = None
    is_end: bool | None = None
    rest: Place = None
    wait_s: float = 0.0
    total: int | None = None
    flags: tuple[str, ...] = ()
    gap: str = ""
    is_lost: bool = False


class Paging(Protocol):
    """One kind of paging."""

    @property
    def size(self) -> int | None:
        """Rows wanted in a page, the most that the source allows."""

    @property
    def size_param(self) -> str | None:
        """Name of the parameter that carries the size."""

    def call(self, base: Call, place: Place) -> Call:
        """Call that asks for the page at a place."""

    def holds_rows(self, place: Place) -> bool:
        """Whether the answer for a place has rows at all."""

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Read off an answer, and its rows, where the list goes on."""


@frozen
class Single:
    """The whole list is one answer; there is no second page.

    Parameters
    ----------
    size : int or None
        Rows wanted, where the source has to be told.
    size_param : str or None
        Parameter that carries the size.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Single
    >>> Single().call(Call(path="/forms"), None).method
    'GET'
    """

    size: int | None = field(default=None, kw_only=True)
    size_param: str | None = field(default=None, kw_only=True)

    def call(self, base: Call, place: Place) -> Call:
        """Call that asks for the list."""
        del place
        return base

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """End."""
        del answer, rows, place
        return Turn(is_end=True)


def dig(data: object, path: str) -> Any:
    """Value at a dotted path; None where there is none."""
    if path in ("", None):
        return data
    for name in path.split("."):
        if not isinstance(data, Mapping):
            return None
        data = data.get(name)
    return data


def has(data: object, path: str) -> bool:
    """Whether there is something at a dotted path, be it null."""
    above, _, name = path.rpartition(".")
    holder = dig(data, above)
    return isinstance(holder, Mapping) and name in holder


def truth(value: object) -> bool | None:
    """Truth of a stop sign; None where it says nothing."""
    if isinstance(value, bool | int):
        return bool(value)
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def count(value: object) -> int | None:
    """Whole number that an answer gives, also as a text; None for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        value = int(value)
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None  # type: ignore[return-value]  # narrowed by the line above


def with_param(call: Call, name: str, value: str) -> Call:
    """Return the same call with one parameter of its query set."""
    others = tuple(pair for pair in call.params if pair[0] != name)
    return evolve(call, params=(*others, (name, value)))


def with_body(call: Call, path: str, value: object) -> Call:
    """Return the same call with one value of its JSON body set, at a dotted path."""
    return evolve(call, json=_put(call.json or {}, path.split("."), value))


def _put(body: Mapping[str, Any], names: list[str], value: object) -> dict[str, Any]:
    name, *below = names
    return {**body, name: _put(body.get(name) or {}, below, value) if below else value}


def lacking(answer: Answer, path: str, what: str) -> SchemaChanged:
    """Error for an answer without something that was declared."""
    return SchemaChanged(
        f"An answer has no {path!r}, which {what}.",
        hint="the source has changed its answers, or the path is declared wrongly",
        request_id=answer.request_id,
        status=answer.status,
        field=path,
    )
