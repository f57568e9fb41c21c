"""How a user says, in a program file, which column of a table means what."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from cxm_core.records import record_class
from cxm_core.vocabulary import Scale


def _known_scale(name: str) -> str:
    return Scale.parse(name).code


def _known_kind(kind: str) -> str:
    return record_class(kind).record_kind


Word: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ScaleCode: TypeAlias = Annotated[str, AfterValidator(_known_scale)]


class Part(BaseModel):
    """Base of all parts: nothing unknown, no value in an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_max_length=10_000
    )


class ColumnSpec(Part):
    """Where a value comes from, when a name alone does not say enough."""

    column: Word | None = None
    constant: str | None = None
    format: Word | None = None
    zone: Word | None = None
    missing: dict[str, Word] = {}

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("needs either a column or a constant")
        return self


def _as_column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Column: TypeAlias = Annotated[ColumnSpec, BeforeValidator(_as_column)]


class RowSpec(Part):
    """What every record of a row shares."""

    id: Column
    customer: dict[Word, Column] = {}
    occurred_at: Column
    recorded_at: Column | None = None
    weight: Column | None = None
    stratum: Column | None = None
    cluster: Column | None = None
    touchpoint: Column | None = None
    channel: Column | None = None
    journey: Column | None = None
    stage: Column | None = None
    interaction: Column | None = None
    invitation: Column | None = None
    language: Column | None = None
    attributes: dict[Word, Column] = {}


class QuestionSpec(Part):
    """One question: a score on a scale, free words, or both."""

    id: Word
    text: str | None = None
    version: Annotated[int, Field(ge=1)] = 1
    scale: ScaleCode | None = None
    column: Column | None = None
    verbatim: Column | None = None
    missing: dict[str, Word] = {}
    touchpoint: Word | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _is_answerable(self) -> Self:
        if self.column is None and self.verbatim is None:
            raise ValueError("needs a column, a verbatim or both")
        if self.column is not None and self.scale is None:
            raise ValueError("has a column of scores, so it needs its scale, such as '0-10'")
        return self


class RecordSpec(Part):
    """Any other record that a row holds, such as a ticket or an order."""

    kind: Annotated[str, AfterValidator(_known_kind)]
    id: Column | None = None
    customer: dict[Word, Column] | None = None
    occurred_at: Column | None = None
    recorded_at: Column | None = None
    fields: dict[Word, Column] = {}
    attributes: dict[Word, Column] = {}
    optional: bool = False


class TableConfig(Part):
    """What each row of a table becomes: questions and their answers, or other records.

    Attributes
    ----------
    aliases : mapping of str to tuple of str
        A column as it is named here, and the names that it has elsewhere.
    row : RowSpec
        What all records of a row share.
    questions : tuple of QuestionSpec
        Questions whose answers stand in the row, one column each.
    records : tuple of RecordSpec
        Other records that the row holds.

    Examples
    --------
    >>> config = TableConfig.model_validate({
    ...     "row": {"id": "ID", "occurred_at": {"column": "DAY", "zone": "Europe/Berlin"}},
    ...     "questions": [{"id": "recommend", "scale": "0-10", "column": "RECOMMEND"}],
    ... })
    >>> config.questions[0].scale
    '0-10'
    """

    aliases: dict[Word, tuple[Word, ...]] = {}
    row: RowSpec
    questions: tuple[QuestionSpec, ...] = ()
    records: tuple[RecordSpec, ...] = ()

    @model_validator(mode="after")
    def _says_something_once(self) -> Self:
        if not self.questions and not self.records:
            raise ValueError("names neither questions nor records")
        ids = [question.id for question in self.questions]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"has the question {twice[0]!r} twice")
        return self
