"""What every record carries: where it comes from, whom it is about, when it happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_after_validator_function

from cxm_core.errors import UsageError

from ._description import Rule
from ._lists import Identifiers
from ._problems import problem_of, refusal
from ._rules import broken_at
from ._types import (
    ABSENT,
    EMPTY,
    Flag,
    Id,
    Instant,
    OptionalId,
    SourceName,
    Stamp,
)

# No identifier holds a control character, so what stands between two of these is one part.
_SEPARATOR = "\x1f"
RecordType = TypeVar("RecordType", bound="Record")
#: Columns that tell where a record comes from rather than what it says; a version differs from
#: another one by the others only.
NOT_CONTENT = ("source", "known_at", "stream", "raw_hash")
put, _new = object.__setattr__, object.__new__


def record_id(*parts: str) -> str:
    """Stable id of a record.

    Parameters
    ----------
    *parts : str
        Kind, source and native id.

    Returns
    -------
    str
        First 32 hexadecimal digits of the SHA-256 of the parts with U+001F between them, so that
        SQL finds the same.

    Examples
    --------
    >>> record_id("response", "acme:eu", "17")
    '04bcc21e57ab97b770abbb8ca133acde'
    """
    return sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:32]


class Record(BaseModel):
    """Something that a source holds; every kind of record is one of these.

    Attributes
    ----------
    source : str or None
        Instance of a source, such as `zendesk:acme`; the sync fills it in.
    native_id : str
        The source's own id; unique for its kind within the source.
    customer : tuple of Identifier
        What the source calls the customer (a person or an account), maybe nothing. Pairs of kind
        and value are read too; a pair without value is left out.
    occurred_at : datetime or None
        When it happened, or when the thing began to exist. Aware, kept in UTC.
    recorded_at : datetime or None
        The source's own stamp of the last change; it decides which version is newer.
    known_at : datetime or None
        When we learnt it; the store fills it in.
    is_deleted : bool
        Whether the source says that it is gone, and still tells what it was.
    stream : str or None
        Stream of the source from whose row it was made, where a connector says so.
    raw_hash : str or None
        `raw_hash` of that row as the source served it: what can be held against a copy of it.

    Raises
    ------
    UsageError
        A field is missing, unknown or wrong; `context` has `kind`, `reason` and `field`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True
    )
    record_kind: ClassVar[str]
    rules: ClassVar[tuple[Rule, ...]] = ()

    source: SourceName = None
    native_id: Id
    customer: Identifiers = EMPTY
    occurred_at: Stamp = ABSENT
    recorded_at: Stamp = ABSENT
    known_at: Stamp = ABSENT
    is_deleted: Flag = False
    stream: OptionalId = None
    raw_hash: OptionalId = None

    def __init__(self, **values: Any) -> None:
        problem = None
        try:
            # What `BaseModel` does, without passing all values on once more.
            self.__pydantic_validator__.validate_python(values, self_instance=self)
        except ValidationError as error:
            problem = problem_of(type(self), error)
        # Raised outside the handler, so that pydantic's error, which holds the values, is let go.
        if problem is not None:
            raise refusal(type(self), problem)

    # pydantic then builds from mappings without calling `__init__`.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # a mark for pydantic

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        # A validator of the model would be called for every record, most of which have no rules.
        return no_info_after_validator_function(_obeying, schema) if cls.rules else schema

    @property
    def record_id(self) -> str:
        """Stable id, the same in every sync; a `UsageError` while the source is not known."""
        return record_id(self.record_kind, self.known_source, self.native_id)

    @property
    def known_source(self) -> str:
        """The source; a `UsageError` while it is not known."""
        if self.source is None:
            raise UsageError(
                f"A {self.record_kind} has no source yet, so it has no id.",
                hint="stamped(source='app')",
            )
        return self.source

    def stamped(self, *, source: str | None = None, known_at: datetime | None = None) -> Self:
        """Return the same record with its source, or the moment we learnt it, filled in."""
        if source is None and known_at is None:
            return self
        values = self.__dict__.copy()
        if source is not None:
            values["source"] = source
        if known_at is not None:
            values["known_at"] = known_at
        changed = {name for name in ("source", "known_at") if values[name] is not None}
        return built(type(self), values, self.model_fields_set | changed)

    def served(self, *, stream: str, raw_hash: str) -> Self:
        """Return the same record with the stream and the row that it was made from filled in."""
        values = self.__dict__.copy()
        values["stream"], values["raw_hash"] = stream, raw_hash
        return built(type(self), values, {*self.model_fields_set, "stream", "raw_hash"})

    def __hash__(self) -> int:
        return hash((self.record_kind, self.source, self.native_id))

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        # Nothing that a person said or is called by: a repr ends up in logs.
        if "source" not in vars(self):
            return  # one that was refused has no fields, and a traceback may show it
        yield "source", self.source
        if self.source is not None:
            yield "record_id", self.record_id
        if self.occurred_at is not None:
            yield "occurred_at", self.occurred_at.isoformat()


def _obeying(record: RecordType) -> RecordType:
    """The record, if none of its rules is broken."""
    for rule in record.rules:
        column = broken_at(rule, record.__getattribute__)
        if column is not None:
            told = {"column": column, "rule": rule}
            raise PydanticCustomError(rule.reason.value, rule.reason.value, told)
    return record


def built(cls: type[RecordType], values: dict[str, Any], names: set[str]) -> RecordType:
    """Record of values that were checked before, which pydantic need not look at again."""
    record = _new(cls)
    put(record, "__dict__", values)
    put(record, "__pydantic_fields_set__", names)
    put(record, "__pydantic_extra__", None)
    put(record, "__pydantic_private__", None)
    return record


class Event(Record):
    """A record of something that happened at one moment, which must be known."""

    occurred_at: Instant
