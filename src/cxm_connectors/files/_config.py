"""What a user says of their files: where they are, and which column means what."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, Self, TypeAlias

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

FileFormat: TypeAlias = Literal["csv", "jsonl", "parquet", "arrow"]

# Endings in lower case; `.gz` behind one of the text formats is allowed.
ENDINGS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}


def _known_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError("is no encoding, such as 'utf-8', 'cp1252' or 'utf-16'") from None


def _known_scale(name: str) -> str:
    return Scale.parse(name).code


def _known_kind(kind: str) -> str:
    return record_class(kind).record_kind


Word: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Encoding: TypeAlias = Annotated[str, AfterValidator(_known_encoding)]
ScaleCode: TypeAlias = Annotated[str, AfterValidator(_known_scale)]
OneCharacter: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1)]


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


def _as_file(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


Column: TypeAlias = Annotated[ColumnSpec, BeforeValidator(_as_column)]


class FileSpec(Part):
    """One file, or all that a pattern finds, with what is true of each of its rows."""

    path: Word
    values: dict[Word, str] = {}


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


class FilesConfig(Part):
    """Configuration of a source of files."""

    files: Annotated[
        tuple[Annotated[FileSpec, BeforeValidator(_as_file)], ...], Field(min_length=1)
    ]
    format: FileFormat | None = None
    encoding: Encoding = "utf-8"
    delimiter: OneCharacter | None = None
    quote: OneCharacter = '"'
    max_cell_bytes: Annotated[int, Field(ge=1, le=1 << 30)] = 4_000_000
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
