"""From the text of a cell to a value that is surely good, at speed; doubt is raised, not decided.

Texts that come again are looked up: what a column holds is asked of pydantic once a text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from cxm_core.vocabulary import Identifier, identifier_maker

from ._description import FieldDescription, Reason
from ._lists import read_attribute
from ._text import ASCII_SPACES, clean, is_blank, is_rounded
from ._times import FIRST_YEAR, LAST_YEAR
from ._types import ID_LENGTH, PLAIN_PATTERN

Convert: TypeAlias = Callable[[Any], Any]
_KEPT, _LONGEST_KEPT = 4096, 64
_FIRST, _LAST = str(FIRST_YEAR), str(LAST_YEAR)


class _UnsureError(Exception):
    """The long way has to read this row."""


class Memo(dict[Any, Any]):
    """What texts became, as long as they are short and not too many."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert
        self._doubted: set[Any] = set()

    def __missing__(self, key: Any) -> Any:
        if key in self._doubted:
            raise _UnsureError
        try:
            value = self._convert(key)
        except _UnsureError:
            self._keep(key, self._doubted.add)
            raise
        self._keep(key, lambda text: self.__setitem__(text, value))
        return value

    def _keep(self, key: Any, keep: Callable[[Any], object]) -> None:
        if key is not None and len(key) > _LONGEST_KEPT:
            return
        if len(self) + len(self._doubted) >= _KEPT:
            self.clear()
            self._doubted.clear()
        keep(key)


def remembered(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Do the same, but ask about a text that comes again only once."""
    return Memo(convert).__getitem__


def sure(value: Any) -> Any:
    """Pass a value on, unless it is a reason against it."""
    if isinstance(value, Reason):
        raise _UnsureError
    return value


def field_adapter(info: FieldInfo) -> Callable[[Any], Any]:
    """What pydantic makes of a value of this field alone."""
    # A field without any constraint has nothing to be annotated with.
    type_ = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    adapter: TypeAdapter[Any] = TypeAdapter(type_)  # type: ignore[arg-type]  # made at run time

    def read(value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError:
            raise _UnsureError from None

    return read


def or_default(info: FieldInfo | None, convert: Convert) -> Convert:
    """Do the same, but give the default of a field where there is nothing."""
    if info is not None and (info.is_required() or info.default_factory is not None):
        return _required(convert)
    default = None if info is None else info.default
    if default is None:
        return convert

    def read(text: str | None) -> Any:
        value = convert(text)
        return default if value is None else value

    return read


def _required(convert: Convert) -> Convert:
    def read(text: str | None) -> Any:
        value = convert(text)
        if value is None:
            raise _UnsureError
        return value

    return read


def text_converter(column: FieldDescription) -> Convert | None:
    """How free text, an id or a time in ISO is read at speed; None for any other column."""
    if column.is_prose and column.max_length is not None:
        return _prose(column.max_length)
    if column.pattern == PLAIN_PATTERN and column.max_length is not None:
        return _plain(column.max_length)
    return None


def _prose(longest: int) -> Convert:
    def read(text: str | None) -> str | None:
        if text is None:
            return None
        if text.isascii() and text.isprintable():
            text = text.strip(" ")
        elif is_blank(text):
            return None
        else:
            text = clean(text.strip(ASCII_SPACES))
        if len(text) > longest:
            raise _UnsureError
        return text or None

    return read


def _plain(longest: int) -> Convert:
    def read(text: str | None) -> str | None:
        if text is None:
            return None
        if not text.isprintable():
            raise _UnsureError
        text = text.strip(" ")
        if len(text) > longest or is_rounded(text):
            raise _UnsureError
        return text if text and (text.isascii() or not is_blank(text)) else None

    return read


def iso_instant(otherwise: Convert) -> Convert:
    """Read the one form of time that most sources write without a regular expression."""

    def read(text: str | None) -> datetime | None:
        if text is None or len(text) != 20 or text[4:17:3] != "--T::" or text[19] != "Z":
            return otherwise(text)  # type: ignore[no-any-return]  # a converter of instants
        # Later versions of Python read 24:00 as the next day.
        if not _FIRST <= text < _LAST or text[11:13] >= "24":
            raise _UnsureError
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _UnsureError from None

    return read


def identifier_converter(kind: str) -> Convert:
    """How the text of an identifier of this kind becomes none or one."""
    make = identifier_maker(kind)

    def read(text: str | None) -> tuple[Identifier, ...]:
        if text is None:
            return ()
        if not (text.isascii() and text.isprintable()) or len(text) > ID_LENGTH:
            raise _UnsureError
        text = text.strip(" ")
        if is_rounded(text):
            raise _UnsureError
        return (make(text),) if text else ()

    return read


def attribute_value(text: str | None) -> Any:
    """Value of an attribute."""
    try:
        return read_attribute(text)
    except PydanticCustomError:
        raise _UnsureError from None
