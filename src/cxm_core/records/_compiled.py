"""A mapping compiled once: it reads at speed what is surely good, and leaves all else to others.

Nothing is refused here and nothing decided anew: what a column may hold is asked of the record's
own fields. A row of which any part is not plainly in order gives None, and is read the long way,
which has the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from ._cells import Cell
from ._compounds import Compound
from ._converters import (
    Convert,
    _UnsureError,
    attribute_value,
    field_adapter,
    identifier_converter,
    iso_instant,
    or_default,
    remembered,
    sure,
    text_converter,
)
from ._describe import compounds_of
from ._description import Plain
from ._envelope import Record
from ._joining import join
from ._kinds import record_class
from ._lists import read_attributes
from ._mappings import RowMapping
from ._rules import broken_at
from ._texts import cell_text, cell_value, known_text, lookup_of, missing_word, piece

Row: TypeAlias = Mapping[str, str | None]
Aliases: TypeAlias = Mapping[str, tuple[str, ...]]
# Where a text comes from: a column as it is, or something made of the row.
_Origin: TypeAlias = str | Callable[[Row], Any]
_Step: TypeAlias = tuple[str, _Origin, Convert]


def _put(name: str) -> Callable[[Record, Any], None]:
    put: Callable[[Record, Any], None] = vars(BaseModel)[name].__set__
    return put


_put_values, _put_names = _put("__dict__"), _put("__pydantic_fields_set__")
_put_extra, _put_private = _put("__pydantic_extra__"), _put("__pydantic_private__")


class Compiled(NamedTuple):
    """Reads rows by one mapping.

    Attributes
    ----------
    read : callable
        Record of a row, if that is beyond doubt; else None.
    steps : tuple
        Fields that are filled: name, where the text comes from, what becomes of it.
    """

    read: Callable[[Row], Record | None]
    steps: tuple[_Step, ...]

    def doubts(self, row: Row) -> frozenset[str]:
        """Fields of a row that are not beyond doubt, each by itself."""
        return frozenset(
            name for name, origin, convert in self.steps if _is_doubtful(convert, origin, row)
        )


def _reader(
    cls: type[Record], base: dict[str, Any], steps: Iterable[_Step]
) -> Callable[[Row], Record | None]:
    names = {name for name, value in base.items() if value is not None}
    names |= {name for name, _, _ in steps}
    base = _sharing_keys(cls, base)
    columns = [(name, place, convert) for name, place, convert in steps if isinstance(place, str)]
    made = [(name, make, convert) for name, make, convert in steps if not isinstance(make, str)]
    rules, new = cls.rules, object.__new__

    def read(row: Row) -> Record | None:
        values, get = base.copy(), row.get
        try:
            for name, column, convert in columns:
                values[name] = convert(get(column))
            for name, make, convert in made:
                values[name] = convert(make(row))
        except _UnsureError:
            return None
        if rules and any(broken_at(rule, values.get) for rule in rules):
            return None
        record = new(cls)
        # As `built` does, at half of the cost for each of a million rows.
        _put_values(record, values)
        _put_names(record, names)
        _put_extra(record, None)
        _put_private(record, None)
        return record

    return read


def _sharing_keys(cls: type[Record], base: dict[str, Any]) -> dict[str, Any]:
    """The same values, with a place for every field, in a dictionary of a third of the size."""

    class Sharing:
        """Attributes of objects of one class share their names, and so do copies of them."""

    sharing = Sharing()
    for name in cls.model_fields:
        setattr(sharing, name, base.get(name))
    return vars(sharing)


def _is_doubtful(convert: Convert, origin: _Origin, row: Row) -> bool:
    try:
        convert(_text_of(origin, row))
    except _UnsureError:
        return True
    return False


def compiled(mapping: RowMapping, aliases: Aliases) -> Compiled | None:
    """Fast reader of a mapping; None where only the long way can read its rows."""
    try:
        return _compiled(mapping, aliases)
    except (_UnsureError, PydanticCustomError):
        return None


def _compiled(mapping: RowMapping, aliases: Aliases) -> Compiled:
    cls = record_class(mapping.kind)
    base = _base(mapping, cls)
    steps = [*_plain_steps(mapping, cls, aliases), *_joined_steps(mapping, cls, aliases)]
    if "attributes" in cls.model_fields:
        steps.append(_attributes_step(mapping, aliases))
    if mapping.customer:
        steps.append(_customer_step(mapping, aliases))
    open_fields = set(cls.model_fields) - set(base) - {name for name, _, _ in steps}
    if open_fields:
        raise _UnsureError
    return Compiled(_reader(cls, base, steps), tuple(steps))


def _base(mapping: RowMapping, cls: type[Record]) -> dict[str, Any]:
    """Defaults and constants, in the order of the record's fields."""
    constants = dict(mapping.constants)
    base: dict[str, Any] = {}
    for name, info in cls.model_fields.items():
        if constants.get(name) is not None and name not in compounds_of(cls):
            base[name] = field_adapter(info)(constants[name])
        elif not info.is_required() and info.default_factory is None:
            base[name] = info.default
    return base


def _origin(cell: Cell, aliases: Aliases) -> _Origin:
    """Column whose text is the cell's, but for spaces around it; or how the text is made."""
    (is_column, name), *others = cell.parts or ((False, ""),)
    if is_column and not others and name not in aliases:
        return name
    return lambda row: cell_text(cell, lookup_of(row, aliases))


def _plain_steps(mapping: RowMapping, cls: type[Record], aliases: Aliases) -> Iterator[_Step]:
    """Fields that are one column of the record."""
    if mapping.fills_no_answer:
        score = dict(mapping.cells)["score_value"]
        convert = _word_converter(score, field_adapter(cls.model_fields["no_answer"]))
        yield "no_answer", _origin(score, aliases), convert
    parts = {name for prefix, one in compounds_of(cls).items() for name in one.names(prefix)}
    for name, cell in mapping.cells:
        if name not in parts:
            origin = _origin(cell, aliases)
            yield name, origin, _converter(mapping, cls, name, cell)


def _word_converter(score: Cell, adapter: Convert) -> Convert:
    return remembered(lambda text: adapter(missing_word(score, piece(text), "integer")))


def _converter(mapping: RowMapping, cls: type[Record], name: str, cell: Cell) -> Convert:
    column, info = mapping.description.field(name), cls.model_fields[name]
    quick = text_converter(column) if column and not cell.missing else None
    if quick is not None:
        return or_default(info, quick)
    adapter = field_adapter(info)
    is_bare = _is_bare(cell)

    def read(text: str | None) -> Any:
        value = sure(cell_value(column, cell, piece(text) if is_bare else text))
        return None if value is None else adapter(value)

    convert = or_default(info, remembered(read))
    is_iso = column is not None and column.type == "instant" and cell.format in (None, "iso")
    return iso_instant(convert) if is_iso and not cell.missing else convert


def _is_bare(cell: Cell) -> bool:
    return [is_column for is_column, _ in cell.parts] == [True]


def _joined_steps(mapping: RowMapping, cls: type[Record], aliases: Aliases) -> Iterator[_Step]:
    """Fields that take several columns of the record, such as a score."""
    for prefix, compound in compounds_of(cls).items():
        names = compound.names(prefix)
        cells = {name: cell for name, cell in mapping.cells if name in names}
        constants = {name: value for name, value in mapping.constants if name in names}
        read = _joiner(mapping, prefix, compound, cells, constants)
        if len(cells) == 1:
            (cell,) = cells.values()
            yield prefix, _origin(cell, aliases), remembered(_of_one(cell, read))
        elif cells:
            yield prefix, _texts_of(cells, aliases), remembered(read)
        elif constants:
            yield prefix, _as_it_is, _always(read(()))


def _of_one(cell: Cell, read: Callable[[tuple[str | None, ...]], Any]) -> Convert:
    is_bare = _is_bare(cell)
    return lambda text: read((piece(text) if is_bare else text,))


def _texts_of(cells: Mapping[str, Cell], aliases: Aliases) -> Callable[[Row], Any]:
    def texts(row: Row) -> tuple[str | None, ...]:
        lookup = lookup_of(row, aliases)
        return tuple(cell_text(cell, lookup) for cell in cells.values())

    return texts


def _joiner(
    mapping: RowMapping,
    prefix: str,
    compound: Compound,
    cells: Mapping[str, Cell],
    constants: Mapping[str, Plain],
) -> Callable[[tuple[str | None, ...]], Any]:
    field = mapping.description.field

    def read(texts: tuple[str | None, ...]) -> Any:
        pairs = zip(cells.items(), texts, strict=True)
        values = {name: sure(cell_value(field(name), cell, text)) for (name, cell), text in pairs}
        stands = not values or any(value is not None for value in values.values())
        return sure(join(compound, prefix, {**values, **constants} if stands else values))

    return read


def _attributes_step(mapping: RowMapping, aliases: Aliases) -> _Step:
    """All attributes of a record at once."""
    read_attributes({name: "x" for name, _ in mapping.attributes})
    steps = [
        (name, _origin(cell, aliases), remembered(_attribute_of(cell)))
        for name, cell in mapping.attributes
    ]
    if any(not isinstance(origin, str) for _, origin, _ in steps):
        return "attributes", lambda row: row, lambda row: _known_of(steps, row)

    if len(steps) == 1:
        ((name, origin, convert),) = steps
        return "attributes", origin, _named(name, convert)

    def read(row: Row) -> dict[str, Any]:
        get = row.get
        found = {name: convert(get(column)) for name, column, convert in steps}  # type: ignore[arg-type]  # all are columns
        return found if None not in found.values() else _only_known(found)

    return "attributes", _as_it_is, read


def _named(name: str, convert: Convert) -> Convert:
    def read(text: str | None) -> dict[str, Any]:
        value = convert(text)
        return {} if value is None else {name: value}

    return read


def _known_of(steps: list[_Step], row: Row) -> dict[str, Any]:
    return _only_known({name: convert(_text_of(origin, row)) for name, origin, convert in steps})


def _text_of(origin: _Origin, row: Row) -> Any:
    return row.get(origin) if isinstance(origin, str) else origin(row)


def _only_known(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}


def _always(value: Any) -> Convert:
    return lambda _row: value


def _as_it_is(value: Any) -> Any:
    return value


def _attribute_of(cell: Cell) -> Convert:
    is_bare = _is_bare(cell)
    return lambda text: attribute_value(known_text(cell, piece(text) if is_bare else text))


def _customer_step(mapping: RowMapping, aliases: Aliases) -> _Step:
    """All identifiers of a record's customer at once."""
    steps = [
        (kind, _origin(cell, aliases), _identifier_of(kind, cell))
        for kind, cell in mapping.customer
    ]
    if len(steps) == 1:
        ((_, origin, convert),) = steps
        return "customer", origin, convert

    def read(row: Row) -> tuple[Any, ...]:
        found = {one for _, origin, convert in steps for one in convert(_text_of(origin, row))}
        return tuple(sorted(found))

    return "customer", _as_it_is, read


def _identifier_of(kind: str, cell: Cell) -> Convert:
    convert = identifier_converter(kind)
    if not cell.missing:
        return convert
    is_bare = _is_bare(cell)
    return lambda text: convert(known_text(cell, piece(text) if is_bare else text))
