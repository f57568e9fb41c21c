"""The declaration of a stream: where its rows are, how its pages go on, what changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from attrs import field, frozen
from pydantic import BaseModel

from cxm_core.errors import UsageError
from cxm_core.plugins import Rejected, StreamInfo
from cxm_core.records import KINDS, Reader, Record

from ._jobs import Job
from ._paging import Paging, Place
from ._paging_numbers import Offset, Page
from ._since import Since

Row: TypeAlias = dict[str, Any]
Made: TypeAlias = Record | Rejected | Iterable[Record | Rejected]
_Method = TypeVar("_Method", bound=Callable[..., Any])

MARK = "_cxm_stream"
_CLASSES: Mapping[type, str] = {cls: kind for kind, cls in KINDS.items()}


@frozen
class Parent:
    """Each row of another stream has a list of its own, such as each form its responses.

    Parameters
    ----------
    stream : str
        Name of the other stream.
    key : str
        Dotted path of what tells its rows apart; each has a state of its own under it.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Parent
    >>> Parent("forms").key
    'id'
    """

    stream: str
    key: str = field(default="id", kw_only=True)


@frozen(kw_only=True)
class Ask:
    """What one call is to ask for, for a method that writes parameters or a body by itself.

    Parameters
    ----------
    since : datetime or None
        Earliest change wanted, look-back included; None for all.
    until : datetime or None
        Latest change wanted, not included.
    place : str, int, mapping or None
        Where in its pages the list stands; None at the beginning.
    size : int or None
        Rows wanted in a page; None leaves it to the source.
    row : mapping
        The parent's row, where there is a parent.
    """

    since: datetime | None = None
    until: datetime | None = None
    place: Place = None
    size: int | None = None
    row: Mapping[str, Any] = field(factory=dict, repr=False)


def _source_of_rows(instance: stream, attribute: Any, value: Paging | None) -> None:
    del attribute
    if (instance.path is None) == (instance.rows_from is None):
        raise UsageError(f"The stream {instance.name!r} needs a path or `rows_from`, one of them.")
    if value is None and instance.path is not None:
        raise UsageError(
            f"The stream {instance.name!r} does not say how its pages go on.",
            hint="page=Single() where the whole list is one answer",
        )
    if isinstance(value, Job) and value.format.format != "json" and instance.rows != "":
        raise UsageError(
            f"The stream {instance.name!r} has rows in a {value.format.format} file, which has no "
            "paths.",
            hint="leave `rows` away",
        )


def _stays_whole(instance: stream, attribute: Any, value: Since | None) -> None:
    del attribute
    page = instance.page
    if value is None or not isinstance(page, Page | Offset):
        return
    if not page.is_steady and not page.is_read_twice:
        raise UsageError(
            f"The stream {instance.name!r} asks for changes in pages by number, and a row that "
            "moves meanwhile would be skipped for good.",
            hint="TimeWindow goes on by the stamp; is_read_twice=True reads until nothing moved",
        )


@frozen
class stream:  # noqa: N801  (it is written as a decorator)
    """Declare that a method makes records of the rows of a stream.

    The method takes a row and returns a record, a `Deletion`, a `Rejected`, several of them, or an
    empty tuple for a row that is none. What it raises because of a row sets that row aside.

    Parameters
    ----------
    name : str
        Name of the stream.
    path : str or None
        Path below the origin; ``{id}`` is filled from the parent's row or from the configuration.
    rows : str or callable
        Dotted path of the list in an answer, or what finds it; an empty text is the whole answer.
    page : Paging or None
        How the list goes on; `Single()` where it does not.
    kinds : tuple of str
        Kinds of record; where none are named, those whose classes the method itself names.
    since : Since or None
        How to ask for what changed; without it each sync reads all.
    key : str
        Dotted path of a row's id.
    method : str
        HTTP method of the call.
    params : mapping, str or None
        Query, or the name of a method ``(self, ask)`` that gives it; a list gives a name several
        times.
    json : mapping, str or None
        Body, or the name of a method ``(self, ask)`` that gives it.
    parent : Parent or None
        Other stream, each row of which has a list of its own.
    total : str or None
        Dotted path of the source's own count of rows.
    payload : type of pydantic.BaseModel or None
        Class that rows are checked by, with ``extra="allow"``; fields it lacks are drift.
    enrich : str or None
        Name of a method ``(self, rows)`` that gives the rows of a page with more to them, by more
        calls; where there is a parent it is ``(self, rows, row)``, with the parent's row.
    scope : str or None
        Permission that the stream needs, as the vendor names it.
    description : str
        One sentence.
    rows_from : Reader or None
        Files in place of calls; the method then takes no row and returns the mappings of a table.

    Raises
    ------
    UsageError
        The paging is not declared or can skip rows, or it is not said where the rows are.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Single, stream
    >>> from cxm_core.records import Note
    >>> @stream("notes", path="/notes", rows="data", page=Single())
    ... def notes(self, row):
    ...     return Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])
    >>> notes._cxm_stream.info(notes).kinds
    ('note',)
    """

    name: str
    path: str | None = field(default=None, kw_only=True)
    rows_from: Reader | None = field(default=None, kw_only=True)
    rows: str | Callable[[Any], list[Any]] = field(default="", kw_only=True)
    page: Paging | None = field(default=None, kw_only=True, validator=_source_of_rows)
    kinds: tuple[str, ...] = field(default=(), kw_only=True)
    since: Since | None = field(default=None, kw_only=True, validator=_stays_whole)
    key: str = field(default="id", kw_only=True)
    method: str = field(default="GET", kw_only=True)
    params: Mapping[str, Any] | str | None = field(default=None, kw_only=True)
    json: Mapping[str, Any] | str | None = field(default=None, kw_only=True)
    parent: Parent | None = field(default=None, kw_only=True)
    total: str | None = field(default=None, kw_only=True)
    payload: type[BaseModel] | None = field(default=None, kw_only=True)
    enrich: str | None = field(default=None, kw_only=True)
    scope: str | None = field(default=None, kw_only=True)
    description: str = field(default="", kw_only=True)

    def __call__(self, method: _Method) -> _Method:
        """Mark the method."""
        setattr(method, MARK, self)
        return method

    def info(self, method: Callable[..., Any]) -> StreamInfo:
        """Describe the stream to the host."""
        kinds = self.kinds or _named_kinds(method)
        return StreamInfo(name=self.name, kinds=kinds, description=self.description)


def _named_kinds(method: Callable[..., Any]) -> tuple[str, ...]:
    """Kinds of the record classes that a method's own code names."""
    code, known = getattr(method, "__code__", None), getattr(method, "__globals__", {})
    names = code.co_names if code is not None else ()
    classes = [known[name] for name in names if isinstance(known.get(name), type)]
    return tuple(dict.fromkeys(_CLASSES[cls] for cls in classes if cls in _CLASSES))
