"""What a record may hold, as plain data: the one source of the column check, Arrow schema and SQL.

Nothing is written twice: `describe` reads all of this from the record class.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from attrs import field, frozen

FieldType = Literal["text", "integer", "number", "boolean", "instant", "date", "json"]
Shape = Literal["identifiers", "attributes", "texts", "items", "counts"]
Bound = int | float | datetime | date
Plain = str | int | float | bool | datetime | date | None


class Reason(StrEnum):
    """Why a row is no record; the code under which it is set aside and counted."""

    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    OUT_OF_SCALE = "out_of_scale"
    BAD_DATETIME = "bad_datetime"
    NAIVE_DATETIME = "naive_datetime"
    NON_FINITE = "non_finite"
    TOO_LARGE = "too_large"
    BAD_PATTERN = "bad_pattern"
    UNKNOWN_LEVEL = "unknown_level"
    NEGATIVE_DURATION = "negative_duration"
    BAD_SCALE = "bad_scale"
    BAD_ENCODING = "bad_encoding"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    BAD_ROW = "bad_row"


@frozen
class Problem:
    """What is wrong with one row.

    Attributes
    ----------
    reason : Reason
        Code under which it is counted.
    field : str or None
        Column of the row; None where the whole row is meant.
    message : str
        One sentence, without any of the customer's words.
    """

    reason: Reason
    field: str | None
    message: str


@frozen(kw_only=True)
class FieldDescription:
    """What one column of a record's row may hold.

    Attributes
    ----------
    name : str
        Column; parts of a nested value carry its name in front, as `score_value`.
    type : str
        `text`, `integer`, `number`, `boolean`, `instant`, `date` or `json`.
        Text in which nothing is visible is null, and so is an empty list or mapping.
        Text with a `pattern` also takes a whole number, as its digits: many sources number them.
    is_nullable : bool
        Whether null is a value; where not, null is the `default`, or else `missing_field`.
    default : str, int, float, bool or None
        What null stands for where it is no value.
    minimum, maximum : int, float, datetime, date or None
        Bounds, both included; else `out_of_range`.
    max_length : int or None
        Characters (code points); for JSON, of the longest text in it; else `too_large`.
    pattern : str or None
        Regular expression for the whole text, the same for Python, RE2 and Rust; else
        `bad_pattern`.
    levels : tuple of str
        The only words allowed, if there are any; else `unknown_level`.
    is_prose : bool
        The text is free: a control character or half a surrogate pair in it becomes U+FFFD, where
        other text is refused.
    shape : str or None
        What the JSON text holds.
    """

    name: str
    type: FieldType
    is_nullable: bool
    default: Plain = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    max_length: int | None = None
    pattern: str | None = None
    levels: tuple[str, ...] = ()
    is_prose: bool = False
    shape: Shape | None = None


@frozen
class Within:
    """`value` is not below `low` and not above `high`; else `out_of_scale` on `value`."""

    value: str
    low: str
    high: str
    reason = Reason.OUT_OF_SCALE


@frozen
class Ordered:
    """`second` is not before `first`; else `negative_duration` on `second`."""

    first: str
    second: str
    reason = Reason.NEGATIVE_DURATION


@frozen
class Together:
    """All of `fields` hold a value, or none; else `missing_field` on the first that has none."""

    fields: tuple[str, ...]
    reason = Reason.MISSING_FIELD


@frozen
class Scaled:
    """`code` is a scale that `Scale.parse` reads, from `low` to `high`; else `bad_scale`.

    Few distinct codes occur in a column, so a column lane parses each of them once, in Python.
    """

    code: str
    low: str | None = None
    high: str | None = None
    reason = Reason.BAD_SCALE


@frozen
class Counted:
    """Every level counted in the JSON of `counts` is on the scale; else `out_of_scale`."""

    counts: str
    scale: str
    reason = Reason.OUT_OF_SCALE


Rule = Together | Scaled | Within | Ordered | Counted


@frozen(kw_only=True)
class RecordDescription:
    """All columns of one kind of record, and the rules between them.

    Attributes
    ----------
    kind : str
        Kind of record, such as `response`.
    fields : tuple of FieldDescription
        In the order in which a row is checked.
    rules : tuple of Rule
        Checked in this order once no column by itself is wrong. A null satisfies each rule but
        `Together`.
    """

    kind: str
    fields: tuple[FieldDescription, ...]
    rules: tuple[Rule, ...] = ()
    _by_name: dict[str, FieldDescription] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.fields})

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in their order."""
        return tuple(self._by_name)

    def field(self, name: str) -> FieldDescription | None:
        """Description of the column `name`; None if there is no such column."""
        return self._by_name.get(name)

    def companions(self, name: str) -> tuple[str, ...]:
        """Columns that hold a value only together with `name`, itself among them; maybe none."""
        groups = (rule.fields for rule in self.rules if isinstance(rule, Together))
        return next((group for group in groups if name in group), ())
