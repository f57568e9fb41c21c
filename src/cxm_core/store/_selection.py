"""Which records are asked for: window, as of when, which values; told as SQL and in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import md5, sha256
from typing import Any

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.records import FieldType, Plain
from cxm_core.vocabulary import CUSTOMER_KEY, Window

from ._protocol import Where
from ._schema import KEYS, columns_of, described, history_of, table_of
from ._sql import json_pointer, name_list, quote_ident, stored_instant
from .tables import when

ORDER = ("occurred_at", "record_id")
_ATTRIBUTES = "attributes."
_PYTHON_TYPES: Mapping[FieldType, tuple[type, ...]] = {
    "text": (str,),
    "json": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "instant": (datetime,),
    "date": (date,),
}
Row = Mapping[str, Plain]
Values = tuple[Plain, ...]


@frozen(kw_only=True)
class Selection:
    """Records that are asked for.

    Attributes
    ----------
    kind : str
        Kind of record.
    window : Window or None
        Only what happened in it.
    as_of : datetime or None
        As the store knew it then; None is now.
    filters : tuple of pairs of str and tuple
        Columns, and the values of which a record must have one; `attributes.x` is a column too.
    """

    kind: str
    window: Window | None = None
    as_of: datetime | None = None
    filters: tuple[tuple[str, Values], ...] = ()

    @classmethod
    def of(
        cls,
        kind: str,
        *,
        window: Window | None = None,
        as_of: datetime | None = None,
        where: Where | None = None,
    ) -> Selection:
        """Selection of checked filters; an error names a column or a value that cannot be."""
        filters = tuple(
            (name, _checked(kind, name, value)) for name, value in (where or {}).items()
        )
        if as_of is not None:
            stored_instant(as_of)
        return cls(kind=kind, window=window, as_of=as_of, filters=filters)

    def from_sql(self, *names: str) -> tuple[str, dict[str, object]]:
        """Query for `names` of the records that are asked for, by alias, and its parameters."""
        columns = ", ".join(f"{column_sql(self.kind, n)} AS {alias_of(n)}" for n in names)
        values: dict[str, object] = {}
        conditions = list(self._conditions(values))
        tail = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {columns} FROM {self._source(values)}{tail}", values

    def ordered_sql(self, names: Sequence[str]) -> tuple[str, dict[str, object]]:
        """The same, and in the order of time and id."""
        source, values = self.from_sql(*dict.fromkeys((*names, *ORDER)))
        return f"FROM ({source}) ORDER BY {name_list(ORDER)}", values

    def _source(self, values: dict[str, object]) -> str:
        if self.as_of is None:
            return table_of(self.kind)
        values["as_of"] = stored_instant(self.as_of)
        columns = name_list(columns_of(self.kind))
        current = f"SELECT {columns} FROM {table_of(self.kind)}"
        past = f"SELECT {columns} FROM {history_of(self.kind)} WHERE superseded_at > $as_of"
        return f"(SELECT * FROM ({current} UNION ALL {past}) WHERE known_at <= $as_of)"

    def _conditions(self, values: dict[str, object]) -> Iterator[str]:
        if self.window is not None:
            values["start"] = stored_instant(self.window.start)
            values["end"] = stored_instant(self.window.end)
            yield "occurred_at >= $start AND occurred_at < $end"
        for place, (name, wanted) in enumerate(self.filters):
            yield _one_of(column_sql(self.kind, name), wanted, f"where{place}", values)

    def keeps(self, row: Row) -> bool:
        """Whether a current record is asked for; `as_of` is the store's own business."""
        at = row["occurred_at"]
        if self.window is not None and not (
            isinstance(at, datetime) and self.window.start <= at < self.window.end
        ):
            return False
        return all(cell_of(row, name) in wanted for name, wanted in self.filters)


def _one_of(column: str, wanted: Values, name: str, values: dict[str, object]) -> str:
    known = {f"{name}_{i}": stored(value) for i, value in enumerate(wanted) if value is not None}
    values.update(known)
    parts = [f"{column} IN ({', '.join('$' + key for key in known)})"] if known else []
    parts += [f"{column} IS NULL"] if None in wanted else []
    return "(" + (" OR ".join(parts) or "false") + ")"


def stored(value: Plain) -> Plain:
    """Value as the tables hold it: an instant in UTC without a zone."""
    return stored_instant(value) if isinstance(value, datetime) else value


def handed_out(value: Plain) -> Plain:
    """Value as callers get it: an instant is aware."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def column_type(kind: str, name: str) -> FieldType:
    """Type of a column of a kind, or of one of its attributes."""
    described(kind)
    if name in KEYS or (is_attribute(name) and "attributes" in columns_of(kind)):
        return "text"
    if name == CUSTOMER_KEY and "customer" in columns_of(kind):
        return "text"
    column = described(kind).field(name)
    if column is None:
        raise UsageError(
            f"A {kind} has no column {name!r}.",
            hint=did_you_mean(name, [*described(kind).names, _ATTRIBUTES + "..."]),
        )
    return column.type


def is_attribute(name: str) -> bool:
    """Whether a name stands for one attribute."""
    return name.startswith(_ATTRIBUTES) and len(name) > len(_ATTRIBUTES)


def column_sql(kind: str, name: str) -> str:
    """SQL for a column of a kind, or for the text of one of its attributes."""
    column_type(kind, name)
    if name == CUSTOMER_KEY:
        is_nobody = "coalesce(customer, '[]') = '[]'"
        return when((is_nobody, "record_id"), otherwise="md5(customer)")
    if not is_attribute(name):
        return quote_ident(name)
    pointer = json_pointer([name.removeprefix(_ATTRIBUTES)])
    text = f"json_extract_string(attributes, {pointer})"
    # As JSON, DuckDB writes a large or small number in another way than Python does.
    is_number = f"json_type(attributes, {pointer}) = 'DOUBLE'"
    return when((is_number, f"{text}::DOUBLE::VARCHAR"), otherwise=text)


def alias_of(name: str) -> str:
    """Quoted name of a column in a query.

    SQL would take two attributes `x` and `X` for one, and has no room for the name of a long one.
    """
    if not is_attribute(name):
        return quote_ident(name)
    return quote_ident(_ATTRIBUTES + sha256(name.encode("utf-8", "surrogatepass")).hexdigest())


def cell_of(row: Row, name: str) -> Plain:
    """Cell of a record's row, or the text of one of its attributes."""
    if name == CUSTOMER_KEY:
        return _customer_key(row)
    if not is_attribute(name):
        return row[name]
    attributes = json.loads(str(row["attributes"] or "{}"))
    return _text(attributes.get(name.removeprefix(_ATTRIBUTES)))


def _customer_key(row: Row) -> str:
    """Whose record it is: a hash of all that the source calls the customer, or the record's id."""
    known = row["customer"] or "[]"
    if known == "[]":
        return str(row["record_id"])
    return md5(str(known).encode(), usedforsecurity=False).hexdigest()


def _text(value: Plain) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _checked(kind: str, name: str, value: Plain | Sequence[Plain]) -> Values:
    wanted = _several(value)
    if is_attribute(name):
        column_type(kind, name)
        return tuple(map(_text, wanted))
    type_ = column_type(kind, name)
    if not all(one is None or _fits(one, type_) for one in wanted):
        raise UsageError(
            f"The filter on {name!r} has a value that is no {type_}.",
            hint="times are aware; integers and truth values stand without quotes",
        )
    return wanted


def _several(value: Plain | Sequence[Plain]) -> Values:
    if isinstance(value, str) or not isinstance(value, Sequence | set | frozenset):
        return (value,)
    return tuple(value)


def _fits(value: Any, type_: FieldType) -> bool:
    if isinstance(value, bool) != (type_ == "boolean"):
        return False
    if isinstance(value, datetime):
        return type_ == "instant" and value.utcoffset() is not None
    return isinstance(value, _PYTHON_TYPES[type_])
