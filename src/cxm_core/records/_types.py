"""The annotations from which record fields are made: a closed list, read again by `describe`.

Each says what a value may be, in words that the column lane can repeat: type, bounds, length,
pattern, levels. What is more than a plain column carries a `Shape`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, cast

from annotated_types import Ge, Le
from attrs import frozen
from pydantic import (
    AllowInfNan,
    BeforeValidator,
    Strict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from cxm_core.errors import UsageError
from cxm_core.vocabulary import CURRENCY, Channel, in_utc

from . import _description
from ._description import Reason
from ._text import PLAIN_TEXT, clean, has_half_character, is_blank, parse_text, whole_text
from ._times import FIRST_DATE, FIRST_INSTANT, LAST_DATE, LAST_INSTANT, quick_instant

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads

# A default may not be of the type of a field that takes more than it holds.
ABSENT: Any = None
EMPTY: Any = ()
INTEGER_LIMIT = 10**18 - 1
ID_LENGTH, NAME_LENGTH, CODE_LENGTH, PROSE_LENGTH = 512, 1_000, 10_000, 1_000_000


@frozen
class Shape:
    """Mark of a field whose column is JSON text: what it holds, and its longest text."""

    name: _description.Shape
    max_length: int


def refuse(reason: Reason) -> NoReturn:
    """Leave a pydantic validator with a reason code of ours."""
    raise PydanticCustomError(cast("Any", reason.value), cast("Any", reason.value))


def read_id(value: object) -> object:
    """Text of an identifier: a whole number as its digits; nothing visible is null."""
    if isinstance(value, float):
        return whole_text(value) or refuse(Reason.WRONG_TYPE)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) <= INTEGER_LIMIT else refuse(Reason.TOO_LARGE)
    return None if isinstance(value, str) and is_blank(value) else value


def read_prose(value: object) -> object:
    """Free text without control characters; nothing visible is null."""
    if not isinstance(value, str):
        return value
    return None if is_blank(value) else clean(value)


def read_word(value: object) -> object:
    """Word of a closed list; nothing visible is null."""
    if value is not None and not isinstance(value, str):
        refuse(Reason.WRONG_TYPE)
    if value is None or is_blank(value):
        return None
    return refuse(Reason.BAD_ENCODING) if has_half_character(value) else value


def read_number(value: object) -> object:
    """Number of Python's own; pydantic would take whatever can be turned into one."""
    return value if isinstance(value, (int, float)) else refuse(Reason.WRONG_TYPE)


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


PLAIN_PATTERN = _whole(PLAIN_TEXT)

ID = BeforeValidator(read_id)
PROSE = BeforeValidator(read_prose)
WORD = BeforeValidator(read_word)
NUMBER = BeforeValidator(read_number)

_IdText = Annotated[str, Strict(), StringConstraints(max_length=ID_LENGTH, pattern=PLAIN_PATTERN)]
_SourceText = Annotated[
    str,
    Strict(),
    StringConstraints(max_length=ID_LENGTH, pattern=_whole("[a-z][a-z0-9_-]*(?::[a-z0-9._-]+)?")),
]
_NameText = Annotated[str, Strict(), StringConstraints(max_length=NAME_LENGTH)]
_LongText = Annotated[str, Strict(), StringConstraints(max_length=PROSE_LENGTH)]
_CodeText = Annotated[
    str, Strict(), StringConstraints(max_length=CODE_LENGTH, pattern=PLAIN_PATTERN)
]
_CurrencyText = Annotated[str, Strict(), StringConstraints(max_length=3, pattern=_whole(CURRENCY))]

Id = Annotated[_IdText, ID]
OptionalId = Annotated[_IdText | None, ID]
SourceName = Annotated[_SourceText | None, ID]
Name = Annotated[_NameText, PROSE]
OptionalName = Annotated[_NameText | None, PROSE]
Prose = Annotated[_LongText, PROSE]
OptionalProse = Annotated[_LongText | None, PROSE]
OptionalCode = Annotated[_CodeText | None, ID]
OptionalCurrency = Annotated[_CurrencyText | None, ID]
if TYPE_CHECKING:
    OptionalChannel = Reads[Channel | str | None, Channel | None]
else:
    OptionalChannel = Annotated[Channel | None, WORD]

Actor = Literal["human", "bot", "self_service", "customer", "other"]
OptionalActor = Annotated[Actor | None, WORD]


_FINITE = AllowInfNan(allow_inf_nan=False)

Flag = Annotated[bool, Strict()]
Integer = Annotated[int, Strict(), Ge(-INTEGER_LIMIT), Le(INTEGER_LIMIT)]
Count = Annotated[int, Strict(), Ge(0), Le(INTEGER_LIMIT)]
Version = Annotated[int, Strict(), Ge(1), Le(INTEGER_LIMIT)]
Amount = Annotated[float, Strict(), _FINITE, Ge(0.0), NUMBER]
Share = Annotated[float, Strict(), _FINITE, Ge(0.0), Le(1.0), NUMBER]


def read_instant(value: object) -> object:
    """Instant in UTC, from an aware time or an ISO text; never from a number."""
    if isinstance(value, str):
        return quick_instant(value) or _or_refuse(parse_text("instant", value))
    if not isinstance(value, datetime):
        return value
    if value.utcoffset() is None:
        refuse(Reason.NAIVE_DATETIME)
    try:
        at = in_utc(value)
    except UsageError:
        refuse(Reason.OUT_OF_RANGE)
    # A subclass, such as pandas' Timestamp, loses what is finer than a microsecond.
    return datetime.combine(at.date(), at.timetz()) if type(at) is not datetime else at


def read_date(value: object) -> object:
    """Day, from a date or an ISO text; never from a number or a time."""
    if isinstance(value, str):
        return _or_refuse(parse_text("date", value))
    return refuse(Reason.WRONG_TYPE) if isinstance(value, datetime) else value


def _or_refuse(value: object) -> object:
    return refuse(value) if isinstance(value, Reason) else value


INSTANT = BeforeValidator(read_instant)
DATE = BeforeValidator(read_date)
_Instant = Annotated[datetime, Strict(), Ge(FIRST_INSTANT), Le(LAST_INSTANT)]
_Date = Annotated[date, Strict(), Ge(FIRST_DATE), Le(LAST_DATE)]
if TYPE_CHECKING:
    # Pydantic's plugin reads a field of a base class as what it is given, so these take anything.
    Instant = Reads[Any, datetime]
    Stamp = Reads[Any, datetime | None]
    OptionalInstant = Reads[datetime | str | None, datetime | None]
    OptionalDate = Reads[date | str | None, date | None]
else:
    Instant = Annotated[_Instant, INSTANT]
    Stamp = OptionalInstant = Annotated[_Instant | None, INSTANT]
    OptionalDate = Annotated[_Date | None, DATE]
