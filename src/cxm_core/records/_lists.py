"""Fields whose column is JSON text: lists and mappings, each of a known shape.

Their readers take what pages of vendors hold, and give the canonical form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from cxm_core.vocabulary import Identifier, IdentifierKind, identifier_maker

from ._description import Reason
from ._text import clean, has_half_character, is_blank, is_plain
from ._types import (
    ID_LENGTH,
    INTEGER_LIMIT,
    NAME_LENGTH,
    PROSE_LENGTH,
    Shape,
    read_id,
    refuse,
)

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads

_IDENTIFIER_KINDS = tuple(IdentifierKind)
_MAKERS = {kind.value: identifier_maker(kind) for kind in IdentifierKind}


def read_identifiers(value: object) -> tuple[Identifier, ...]:
    """Distinct identifiers in order, from identifiers, pairs of kind and value, or texts."""
    items = _listed(value)
    found = [_identifier(item) for item in items]
    if len(found) == 1:
        return () if found[0] is None else (found[0],)
    return tuple(sorted({item for item in found if item is not None}))


def _identifier(item: object) -> Identifier | None:
    kind, value = _kind_and_value(item)
    maker = _MAKERS.get(kind) if type(kind) is str else None
    if maker and type(value) is str and _is_clear(value, ID_LENGTH) and value[-1] != " ":
        return maker(value)
    return _any_identifier(kind, value)


def _any_identifier(kind: object, value: object) -> Identifier | None:
    if value is None or (isinstance(value, str) and is_blank(value)):
        return None
    if kind not in _IDENTIFIER_KINDS:
        refuse(Reason.UNKNOWN_LEVEL)
    text = read_id(value)
    if not isinstance(text, str):
        refuse(Reason.WRONG_TYPE)
    return Identifier.of(str(kind), _plain(text, ID_LENGTH))


def _kind_and_value(item: object) -> tuple[object, object]:
    if isinstance(item, Identifier):
        return item.kind, item.value
    if isinstance(item, str):
        kind, _, value = item.partition(":")
        return kind, value
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return item[0], item[1]
    return refuse(Reason.WRONG_TYPE)


def _plain(text: str, max_length: int) -> str:
    if len(text) > max_length:
        refuse(Reason.TOO_LARGE)
    if has_half_character(text):
        refuse(Reason.BAD_ENCODING)
    return text if is_plain(text) else refuse(Reason.BAD_PATTERN)


def _listed(value: object) -> Iterable[object]:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(value.items())
    return value if isinstance(value, (tuple, list)) else refuse(Reason.WRONG_TYPE)


def _mapped(value: object) -> Mapping[object, object]:
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else refuse(Reason.WRONG_TYPE)


Attribute = str | int | float | bool


def read_attributes(value: object) -> dict[str, Attribute]:
    """Named plain values; one that is null, or shows nothing, is left out."""
    mapping = _mapped(value)
    return _clear_attributes(mapping) or _any_attributes(mapping)


def _any_attributes(mapping: Mapping[object, object]) -> dict[str, Attribute]:
    pairs = ((_key(key), read_attribute(item)) for key, item in mapping.items())
    return {key: item for key, item in pairs if item is not None}


def _clear_attributes(mapping: Mapping[object, object]) -> dict[str, Attribute] | None:
    """The same where all names and values are texts that are read as they stand, as most are."""
    clear: dict[str, Attribute] = {}
    for key, item in mapping.items():
        if type(key) is not str or type(item) is not str:
            return None
        if not (_is_clear(key, NAME_LENGTH) and _is_clear(item, PROSE_LENGTH)):
            return None
        clear[key] = item
    return clear


def _is_clear(text: str, max_length: int) -> bool:
    """Whether a text is not too long, all ASCII that can be seen, and begins with no blank."""
    return text.isascii() and text.isprintable() and text[:1] > " " and len(text) <= max_length


def _key(key: object) -> str:
    if not isinstance(key, str):
        refuse(Reason.WRONG_TYPE)
    return refuse(Reason.BAD_PATTERN) if is_blank(key) else _plain(key, NAME_LENGTH)


def read_attribute(value: object) -> Attribute | None:
    """Plain value of an attribute; a text that shows nothing is null."""
    if isinstance(value, str):
        return _short(value, PROSE_LENGTH)
    if isinstance(value, int):
        return value if abs(value) <= INTEGER_LIMIT else refuse(Reason.OUT_OF_RANGE)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else refuse(Reason.NON_FINITE)
    return None if value is None else refuse(Reason.WRONG_TYPE)


def _short(text: str, max_length: int) -> str | None:
    if is_blank(text):
        return None
    return clean(text) if len(text) <= max_length else refuse(Reason.TOO_LARGE)


def read_names(value: object) -> tuple[str, ...]:
    """List of short texts; one that shows nothing is left out."""
    return _texts(value, NAME_LENGTH)


def read_quotes(value: object) -> tuple[str, ...]:
    """List of long texts; one that shows nothing is left out."""
    return _texts(value, PROSE_LENGTH)


def _texts(value: object, max_length: int) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        refuse(Reason.WRONG_TYPE)
    found = (
        _short(item, max_length) if isinstance(item, str) else refuse(Reason.WRONG_TYPE)
        for item in _listed(value)
    )
    return tuple(item for item in found if item is not None)


def read_counts(value: object) -> tuple[tuple[int, int], ...]:
    """How often each level was given, from a mapping or pairs of level and count."""
    pairs = tuple(sorted(_pair(item) for item in _listed(value)))
    distinct = len({level for level, _ in pairs}) == len(pairs)
    return pairs if distinct else refuse(Reason.BAD_ROW)


def _pair(item: object) -> tuple[int, int]:
    level, count = item if isinstance(item, (tuple, list)) and len(item) == 2 else (None, None)
    if type(level) is not int or type(count) is not int:
        refuse(Reason.WRONG_TYPE)
    within = abs(level) <= INTEGER_LIMIT and 0 <= count <= INTEGER_LIMIT
    return (level, count) if within else refuse(Reason.OUT_OF_RANGE)


def read_list(value: object) -> object:
    """List whose items pydantic checks; null is an empty one."""
    return () if value is None else value


def _texts_of(identifiers: Iterable[Identifier]) -> list[str]:
    return [identifier.text for identifier in identifiers]


def _as_dict(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return dict(attributes)


def _as_lists(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    return [list(pair) for pair in pairs]


_KINDS = "|".join(IdentifierKind)
_TEXTS_SCHEMA = WithJsonSchema({"type": "array", "items": {"type": "string"}})

if TYPE_CHECKING:
    Identifiers = Reads[Any, tuple[Identifier, ...]]
else:
    Identifiers = Annotated[
        tuple[Identifier, ...],
        Shape("identifiers", ID_LENGTH),
        PlainValidator(read_identifiers),
        PlainSerializer(_texts_of, when_used="json"),
        WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": f"^({_KINDS}):"}}),
    ]
Attributes = Annotated[
    Mapping[str, Attribute],
    Shape("attributes", PROSE_LENGTH),
    PlainValidator(read_attributes),
    PlainSerializer(_as_dict, when_used="json"),
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
    ),
]
Names = Annotated[
    tuple[str, ...],
    Shape("texts", NAME_LENGTH),
    PlainValidator(read_names),
    PlainSerializer(list, when_used="json"),
    _TEXTS_SCHEMA,
]
Quotes = Annotated[
    tuple[str, ...],
    Shape("texts", PROSE_LENGTH),
    PlainValidator(read_quotes),
    PlainSerializer(list, when_used="json"),
    _TEXTS_SCHEMA,
]
Counts = Annotated[
    tuple[tuple[int, int], ...],
    Shape("counts", NAME_LENGTH),
    PlainValidator(read_counts),
    PlainSerializer(_as_lists, when_used="json"),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "integer", "minimum": 0}],
                "minItems": 2,
                "maxItems": 2,
            },
        }
    ),
]
