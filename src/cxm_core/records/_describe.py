"""From a record class to its description: read from the annotations, never written twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Le
from attrs import frozen
from pydantic import BaseModel, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo

from ._compounds import COMPOUNDS, Compound
from ._description import FieldDescription, FieldType, Plain, RecordDescription, Rule
from ._types import PROSE, Shape

T = TypeVar("T")

_TYPES: dict[object, FieldType] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    datetime: "instant",
    date: "date",
}


@frozen
class Annotation:
    """An annotation laid open: the bare class, all marks on it, and whether it may be null."""

    bare: Any
    marks: tuple[object, ...]
    is_nullable: bool

    def mark(self, kind: type[T]) -> T | None:
        return next((mark for mark in self.marks if isinstance(mark, kind)), None)


def _open(annotation: Any, marks: tuple[object, ...] = ()) -> Annotation:
    origin: object = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return _open(args[0], marks + args[1:])
    if origin in (Union, UnionType) and NoneType in args:
        bare = [arg for arg in args if arg is not NoneType]
        inner = _open(bare[0], marks)
        return Annotation(inner.bare, inner.marks, is_nullable=True)
    return Annotation(annotation, marks, is_nullable=False)


def _field(name: str, annotation: Annotation, default: Plain = None) -> FieldDescription:
    shape, text = annotation.mark(Shape), annotation.mark(StringConstraints)
    low, high = annotation.mark(Ge), annotation.mark(Le)
    levels = _levels(annotation.bare)
    before = annotation.mark(BeforeValidator)
    return FieldDescription(
        name=name,
        type="json" if shape else "text" if levels else _TYPES[annotation.bare],
        # A shape has its own empty value, which is null in the row.
        is_nullable=annotation.is_nullable or shape is not None,
        default=None if annotation.is_nullable or shape else default,
        minimum=low.ge if low else None,  # type: ignore[arg-type]  # a number or a time
        maximum=high.le if high else None,  # type: ignore[arg-type]  # a number or a time
        max_length=shape.max_length if shape else text.max_length if text else None,
        pattern=str(text.pattern) if text and text.pattern else None,
        levels=levels,
        is_prose=before == PROSE,
        shape=shape.name if shape else None,
    )


def _levels(type_: Any) -> tuple[str, ...]:
    origin: object = get_origin(type_)
    if origin is Literal:
        return get_args(type_)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return tuple(member.value for member in type_)
    return ()


def opened(info: FieldInfo) -> Annotation:
    """Annotation of a model's field, laid open."""
    return _open(info.annotation, tuple(info.metadata))


@lru_cache(maxsize=64)
def compounds_of(cls: type[BaseModel]) -> Mapping[str, Compound]:
    """Fields of the class that take several columns."""
    return MappingProxyType(dict(_compounds(cls)))


def _compounds(cls: type[BaseModel]) -> Iterator[tuple[str, Compound]]:
    for name, info in cls.model_fields.items():
        compound = COMPOUNDS.get(opened(info).bare)
        if compound is not None:
            yield name, compound


def _fields(name: str, info: FieldInfo) -> Iterator[FieldDescription]:
    annotation = opened(info)
    compound = COMPOUNDS.get(annotation.bare)
    if compound is None:
        yield _field(name, annotation, None if info.is_required() else info.default)
        return
    for suffix, kind in compound.columns.items():
        yield _field(name + suffix, _open(kind))


@lru_cache(maxsize=64)
def describe(cls: type[BaseModel]) -> RecordDescription:
    """Columns of a kind of record and the rules between them, as plain data.

    Parameters
    ----------
    cls : type
        A record class.

    Returns
    -------
    RecordDescription
        From this the store derives its schema and its check of whole columns.

    Examples
    --------
    >>> from cxm_core.records import Response, describe
    >>> describe(Response).field("score_value").type
    'integer'
    """
    compounds = compounds_of(cls)
    own: tuple[Rule, ...] = getattr(cls, "rules", ())
    return RecordDescription(
        kind=getattr(cls, "record_kind", cls.__name__),
        fields=tuple(
            column for name, info in cls.model_fields.items() for column in _fields(name, info)
        ),
        rules=tuple(rule for name, compound in compounds.items() for rule in compound.rules(name))
        + own,
    )
