"""A score: the number a customer gave, never without its scale."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import TYPE_CHECKING, Annotated, SupportsIndex

from attrs import field, frozen
from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Money, Scale

from ._description import Reason
from ._types import INTEGER_LIMIT, refuse

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads


def _whole_number(value: object) -> int:
    if type(value) is int:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        return index(value)
    raise UsageError(
        "A score is not a whole number.",
        hint="leave the score out where there is no answer",
        reason=Reason.WRONG_TYPE.value,
    )


def _scale_of(scale: Scale | str) -> Scale:
    return Scale.parse(scale)


@frozen
class Score:
    """The number that a customer gave, on its scale.

    Parameters
    ----------
    value : int
        A level of the scale.
    scale : Scale or str
        The scale, or its code.

    Raises
    ------
    UsageError
        The value is no whole number or not on the scale; `context["reason"]` says which.

    Examples
    --------
    >>> Score(9, Scale.named("0-10")).is_top
    True
    """

    value: int = field(converter=_whole_number)
    scale: Scale = field(converter=_scale_of)

    def __attrs_post_init__(self) -> None:
        if not self.scale.contains(self.value):
            raise UsageError(
                f"A score is not on its scale of {self.scale.low} to {self.scale.high}.",
                hint="declare the codes that mean no answer as missing",
                reason=Reason.OUT_OF_SCALE.value,
            )

    @property
    def is_top(self) -> bool:
        """Whether the score is one of the scale's top levels."""
        return self.value in self.scale.top

    @property
    def is_bottom(self) -> bool:
        """Whether the score is one of the scale's bottom levels."""
        return self.value in self.scale.bottom


def read_score(value: object) -> Score | None:
    """Score, from one or from a mapping of `value` and `scale`."""
    if value is None or isinstance(value, Score):
        return value
    if not isinstance(value, Mapping) or set(value) != {"value", "scale"}:
        refuse(Reason.WRONG_TYPE)
    scale = read_scale(value["scale"])
    if scale is None:
        refuse(Reason.MISSING_FIELD)
    try:
        return Score(value["value"], scale)
    except UsageError as error:
        refuse(Reason(str(error.context["reason"])))


def read_scale(value: object) -> Scale | None:
    """Scale, from one or from its code."""
    if value is None or isinstance(value, Scale):
        return value
    if not isinstance(value, str):
        refuse(Reason.WRONG_TYPE)
    try:
        return Scale.parse(value)
    except UsageError:
        refuse(Reason.BAD_SCALE)


def read_money(value: object) -> Money | None:
    """Money, from an amount or from a mapping of `amount_minor` and `currency`."""
    if isinstance(value, Mapping) and set(value) == {"amount_minor", "currency"}:
        try:
            value = Money(value["amount_minor"], value["currency"])
        except UsageError:
            refuse(Reason.WRONG_TYPE)
    if value is not None and not isinstance(value, Money):
        refuse(Reason.WRONG_TYPE)
    if value is not None and abs(value.amount_minor) > INTEGER_LIMIT:
        refuse(Reason.OUT_OF_RANGE)
    return value


def _score_parts(score: Score | None) -> dict[str, object] | None:
    return None if score is None else {"value": score.value, "scale": score.scale.code}


def _scale_code(scale: Scale | None) -> str | None:
    return None if scale is None else scale.code


def _money_parts(money: Money | None) -> dict[str, object] | None:
    if money is None:
        return None
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def _object_schema(**properties: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {name: {"type": kind} for name, kind in properties.items()},
                    "required": list(properties),
                    "additionalProperties": False,
                },
                {"type": "null"},
            ]
        }
    )


OptionalScore = Annotated[
    Score | None,
    PlainValidator(read_score),
    PlainSerializer(_score_parts, when_used="json"),
    _object_schema(value="integer", scale="string"),
]
if TYPE_CHECKING:
    OptionalScale = Reads[Scale | str | None, Scale | None]
else:
    OptionalScale = Annotated[
        Scale | None,
        PlainValidator(read_scale),
        PlainSerializer(_scale_code, when_used="json"),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ]
OptionalMoney = Annotated[
    Money | None,
    PlainValidator(read_money),
    PlainSerializer(_money_parts, when_used="json"),
    _object_schema(amount_minor="integer", currency="string"),
]
