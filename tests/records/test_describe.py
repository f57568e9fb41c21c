"""Descriptions are read from the classes, and say all that a class can say no to."""

from __future__ import annotations

import inspect

import pytest
from annotated_types import Ge, Le
from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from cxm_core.records import (
    KINDS,
    FieldDescription,
    Ordered,
    OrderItem,
    RatingSummary,
    RecordDescription,
    Response,
    Scaled,
    Subscription,
    Together,
    Within,
    describe,
)
from cxm_core.records import _lists as lists
from cxm_core.records import _scores as scores
from cxm_core.records import _types as types
from cxm_core.records._compounds import COMPOUNDS
from cxm_core.records._describe import opened
from cxm_core.records._envelope import Record
from cxm_core.vocabulary import Channel

SILENT = (Strict, Ge, Le, AllowInfNan, StringConstraints, types.Shape)
OUTPUT = (PlainSerializer, WithJsonSchema)
READERS = {
    types.read_id,
    types.read_prose,
    types.read_word,
    types.read_number,
    types.read_instant,
    types.read_date,
    lists.read_identifiers,
    lists.read_attributes,
    lists.read_names,
    lists.read_quotes,
    lists.read_counts,
    lists.read_list,
    scores.read_score,
    scores.read_scale,
    scores.read_money,
}
MODELS: tuple[type[BaseModel], ...] = (*KINDS.values(), OrderItem)


@pytest.mark.parametrize("cls", MODELS)
def test_no_free_validators(cls: type[BaseModel]) -> None:
    """Each mark on a field is one of the closed list, so the column lane can repeat it."""
    for info in cls.model_fields.values():
        for mark in opened(info).marks:
            reads = isinstance(mark, (BeforeValidator, PlainValidator))
            assert mark.func in READERS if reads else isinstance(mark, SILENT + OUTPUT)


@pytest.mark.parametrize("cls", MODELS)
def test_no_validators_in_classes(cls: type[BaseModel]) -> None:
    """No class has a validator of its own; the only one obeys the rules that are data."""
    decorators = cls.__pydantic_decorators__
    assert not {**decorators.validators, **decorators.field_validators}
    assert not decorators.root_validators
    assert set(decorators.model_validators) <= {"_obey_rules"}
    assert "model_post_init" not in vars(cls)


@pytest.mark.parametrize("cls", KINDS.values())
def test_every_column_is_a_field(cls: type[Record]) -> None:
    """Columns come from the fields in their order, and each name stands once."""
    names = describe(cls).names
    fields = [name for name in names for field in cls.model_fields if belongs(name, field, cls)]
    assert fields == list(names)
    assert len(set(names)) == len(names)
    assert names[:2] == ("source", "native_id")


def belongs(column: str, field: str, cls: type[Record]) -> bool:
    """Whether a column is one of a field's."""
    compound = COMPOUNDS.get(opened(cls.model_fields[field]).bare)
    return column in compound.names(field) if compound else column == field


@pytest.mark.parametrize("cls", KINDS.values())
def test_compound_fields_are_nullable(cls: type[Record]) -> None:
    """A value of several columns may be missing: then all of its columns are null."""
    for info in cls.model_fields.values():
        annotation = opened(info)
        assert annotation.bare not in COMPOUNDS or annotation.is_nullable


@pytest.mark.parametrize("cls", KINDS.values())
def test_rules_name_columns(cls: type[Record]) -> None:
    """Every rule is between columns that exist."""
    description = describe(cls)
    for rule in description.rules:
        named = [value for value in vars_of(rule) if isinstance(value, (str, tuple))]
        flat = [name for value in named for name in ([value] if isinstance(value, str) else value)]
        assert set(flat) <= set(description.names)


def vars_of(rule: object) -> list[object]:
    """Values of a rule's fields."""
    return [getattr(rule, name) for name in type(rule).__slots__ if name != "__weakref__"]


@pytest.mark.parametrize("cls", KINDS.values())
def test_every_field_is_explained(cls: type[Record]) -> None:
    """The docstring of a class says what each of its own fields means."""
    doc = inspect.cleandoc(cls.__doc__ or "")
    told = {
        name.strip()
        for line in doc.splitlines()
        if " : " in line and not line.startswith(" ")
        for name in line.split(" : ")[0].split(",")
    }
    inherited = set(Record.model_fields)
    assert told - inherited == set(cls.model_fields) - inherited


def test_score_takes_four_columns() -> None:
    """A score is flattened with its scale, and three rules hold its columns together."""
    description = describe(Response)
    score = ("score_value", "score_low", "score_high", "score_scale")
    assert [name for name in description.names if name.startswith("score")] == list(score)
    assert description.rules == (
        Together(score),
        Scaled("score_scale", "score_low", "score_high"),
        Within("score_value", "score_low", "score_high"),
    )
    assert description.companions("score_low") == score
    assert description.companions("verbatim") == ()


def test_money_takes_two_columns() -> None:
    """Money is flattened to minor units and currency."""
    description = describe(Subscription)
    assert description.companions("price_minor") == ("price_minor", "price_currency")
    assert description.rules[-1] == Ordered("occurred_at", "ended_at")
    assert description.field("renews_on") is not None
    assert description.field("price") is None


def test_scale_alone_takes_one_column() -> None:
    """A scale without a score is its code."""
    assert Scaled("scale") in describe(RatingSummary).rules


def test_bounds_levels_lengths() -> None:
    """What the annotations say stands in the description."""
    description = describe(Response)
    assert description.field("weight") == FieldDescription(
        name="weight", type="number", is_nullable=True, minimum=0.0
    )
    assert description.field("channel") == FieldDescription(
        name="channel", type="text", is_nullable=True, levels=tuple(Channel)
    )
    assert description.field("verbatim") == FieldDescription(
        name="verbatim", type="text", is_nullable=True, max_length=1_000_000, is_prose=True
    )
    assert description.field("occurred_at") == FieldDescription(
        name="occurred_at",
        type="instant",
        is_nullable=False,
        minimum=types.FIRST_INSTANT,
        maximum=types.LAST_INSTANT,
    )


def test_deletion_names_all_other_kinds() -> None:
    """A deletion can tell of every kind of record but itself."""
    kind = describe(KINDS["deletion"]).field("kind")
    assert kind is not None
    assert set(kind.levels) == set(KINDS) - {"deletion"}


def test_reason_of_unknown_column() -> None:
    """A column that is not there has no description."""
    assert describe(Response).field("stranger") is None


def test_descriptions_are_equal_by_value() -> None:
    """Two descriptions of the same columns are equal."""
    one = describe(Response)
    again = RecordDescription(kind=one.kind, fields=one.fields, rules=one.rules)
    assert again == one
