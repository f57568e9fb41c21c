"""Pages that are asked for by a number: of the page, or of the first row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from ._calls import Answer, Call
from ._paging import Place, Turn, count, dig, lacking, with_param
from ._passes import Pass

_UNSTEADY = "The list was another at each reading; rows may be missing until the next sync."


@frozen(kw_only=True)
class _Numbered:
    """What pages by number have in common.

    A page that is shorter than asked for is not the last one: many sources cap the size.
    """

    size: int | None = None
    size_param: str | None = None
    total: str | None = None
    is_steady: bool = False
    is_read_twice: bool = False

    def holds_rows(self, place: Place) -> bool:
        """Always."""
        del place
        return True

    def _number(self, place: Place) -> int:
        return int(place["at"]) if isinstance(place, Mapping) else self._first

    @property
    def _first(self) -> int:
        raise NotImplementedError

    def _turn(self, answer: Answer, rows: Sequence[Any], place: Place, following: int) -> Turn:
        told = Pass.of(place) if isinstance(place, Mapping) else Pass()
        done = told.plus(rows) if self.is_read_twice else evolve(told, seen=told.seen + len(rows))
        total = self._total(answer)
        end, flags = self._end(answer, rows, place, done.seen)
        if not end:
            return Turn(next={"at": following, **done.plain}, total=total, flags=flags)
        if self.is_read_twice and not done.is_same:
            return self._again(done, total)
        return Turn(is_end=None if flags else True, total=total, flags=flags)

    def _again(self, done: Pass, total: int | None) -> Turn:
        following = done.next()
        if following is None:
            flags = ("paging:unsteady",)
            return Turn(is_end=False, total=total, flags=flags, gap=_UNSTEADY, is_lost=True)
        return Turn(next={"at": self._first, **following.plain}, total=total)

    def _total(self, answer: Answer) -> int | None:
        if self.total is None:
            return None
        total = count(dig(answer.data, self.total))
        if total is None:
            raise lacking(answer, self.total, "says how many rows there are")
        return total

    def _end(
        self, answer: Answer, rows: Sequence[Any], place: Place, seen: int
    ) -> tuple[bool, tuple[str, ...]]:
        """Whether a page is the last one, and what is odd about that."""
        del place
        total = self._total(answer)
        if total is None or rows:
            return (not rows if total is None else seen >= total), ()
        # A source that counts more than it serves would otherwise be asked for ever.
        return True, ("paging:fewer_than_total",) if seen < total else ()


@frozen(kw_only=True)
class Page(_Numbered):
    """Pages are asked for by their number.

    Parameters
    ----------
    param : str
        Parameter that carries the number.
    first : int
        Number of the first page.
    pages : str or None
        Dotted path, in an answer, of the number of pages.
    size, size_param
        Rows wanted in a page, the most that the source allows, and the parameter for it.
    total : str or None
        Dotted path of the number of rows; without it and `pages`, an empty page is the end.
    is_steady : bool
        Whether it is certain that no row moves to another page while the list is read.
    is_read_twice : bool
        Whether to read the list until two passes agree. A stream that asks only for what changed
        needs one of the two, for a row that moved before a page that is still to come is skipped.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Page
    >>> Page(size=200, size_param="page_size").call(Call(path="/forms"), None).params
    (('page', '1'),)
    """

    param: str = "page"
    first: int = 1
    pages: str | None = None

    def call(self, base: Call, place: Place) -> Call:
        """Call with the number."""
        return with_param(base, self.param, str(self._number(place)))

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on by the number of pages or of rows, or until a page is empty."""
        return self._turn(answer, rows, place, self._number(place) + 1)

    @property
    def _first(self) -> int:
        return self.first

    def _end(
        self, answer: Answer, rows: Sequence[Any], place: Place, seen: int
    ) -> tuple[bool, tuple[str, ...]]:
        if self.pages is None:
            return super()._end(answer, rows, place, seen)
        pages = count(dig(answer.data, self.pages))
        if pages is None:
            raise lacking(answer, self.pages, "says how many pages there are")
        return self._number(place) - self.first + 1 >= pages, ()


@frozen(kw_only=True)
class Offset(_Numbered):
    """Pages are asked for by the number of rows before them.

    Parameters
    ----------
    param : str
        Parameter that carries the number.
    first : int
        Number of the first row.
    size, size_param
        Rows wanted in a page, the most that the source allows, and the parameter for it.
    total : str or None
        Dotted path of the number of rows; without it, an empty page is the end.
    is_steady : bool
        Whether it is certain that no row moves to another page while the list is read.
    is_read_twice : bool
        Whether to read the list until two passes agree. A stream that asks only for what changed
        needs one of the two, for a row that moved before a page that is still to come is skipped.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Call, Offset
    >>> Offset().call(Call(path="/surveys"), {"at": 50, "seen": 50}).params
    (('offset', '50'),)
    """

    param: str = "offset"
    first: int = 0

    def call(self, base: Call, place: Place) -> Call:
        """Call with the number."""
        return with_param(base, self.param, str(self._number(place)))

    def turn(self, answer: Answer, rows: Sequence[Any], place: Place) -> Turn:
        """Way on behind the rows that were really served."""
        return self._turn(answer, rows, place, self._number(place) + len(rows))

    @property
    def _first(self) -> int:
        return self.first
