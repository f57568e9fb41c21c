"""What a user says of their files: where they are, and which column means what."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from cxm_connectors.mapping import Part, TableConfig, Word

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


Encoding: TypeAlias = Annotated[str, AfterValidator(_known_encoding)]
OneCharacter: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1)]


def _as_file(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class FileSpec(Part):
    """One file, or all that a pattern finds, with what is true of each of its rows."""

    path: Word
    values: dict[Word, str] = Field(default_factory=dict)


class FilesConfig(TableConfig):
    """Configuration of a source of files."""

    files: Annotated[
        tuple[Annotated[FileSpec, BeforeValidator(_as_file)], ...], Field(min_length=1)
    ]
    format: FileFormat | None = None
    encoding: Encoding = "utf-8"
    delimiter: OneCharacter | None = None
    quote: OneCharacter = '"'
    max_cell_bytes: Annotated[int, Field(ge=1, le=1 << 30)] = 4_000_000
