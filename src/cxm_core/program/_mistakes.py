"""From what pydantic says of a program to a sentence that names the key and the nearest cure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from attrs import frozen
from pydantic import BaseModel, ValidationError

from cxm_core.errors import ConfigurationError, CxmError, did_you_mean

_SENTENCES = {
    "missing": "is missing",
    "string_type": "is no text",
    "string_too_short": "is empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "has a form that is not allowed",
    "int_type": "is no whole number",
    "float_type": "is no number",
    "finite_number": "is no finite number",
    "bool_type": "is neither true nor false",
    "date_type": "is no date",
    "dict_type": "is no table",
    "model_type": "is no table",
    "tuple_type": "is no list",
    "greater_than_equal": "is too small",
    "too_short": "names nothing",
}

_HINTS = {
    "string_pattern_mismatch": "it must match {pattern}",
    "tuple_type": "a list of tables is written as [[{key}]]",
}


@frozen
class Mistake:
    """One mistake in a program: where, what, and the nearest cure."""

    path: str
    what: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


def configuration_error(
    mistakes: Sequence[Mistake], *, path: str | None = None
) -> ConfigurationError:
    """Error that tells the first mistake and counts the others."""
    first, *others = mistakes
    more = f" (and {len(others)} more: {', '.join(one.path or 'a' for one in others)})"
    return ConfigurationError(
        (f"{path}: " if path else "") + str(first) + (more if others else ""),
        hint=first.hint,
        path=path,
        key=first.path,
    )


def mistakes_in(cls: type[BaseModel], error: ValidationError) -> list[Mistake]:
    """Mistakes that pydantic found in a document of this class."""
    details = error.errors(include_url=False)
    # A key that is misspelt is also missing, and its spelling is the cure of both.
    details.sort(key=lambda detail: detail["type"] != "extra_forbidden")
    return [_mistake(cls, detail) for detail in details]


def _mistake(cls: type[BaseModel], detail: Mapping[str, Any]) -> Mistake:
    loc, kind, facts = tuple(detail["loc"]), str(detail["type"]), detail.get("ctx", {})
    cause = facts.get("error")
    if isinstance(cause, CxmError):
        return Mistake(_path(loc), cause.message, cause.hint)
    if kind == "extra_forbidden":
        known = _model_at(cls, loc[:-1]).model_fields
        return Mistake(_path(loc), "there is no such key", did_you_mean(str(loc[-1]), known))
    if kind == "literal_error":
        words = re.findall("'([^']*)'", str(facts["expected"]))
        near = did_you_mean(str(detail["input"]), words)
        return Mistake(_path(loc), "is none of the words known there", near)
    hint = _HINTS.get(kind, "").format(key=loc[-1] if loc else "", **facts)
    return Mistake(_path(loc), _SENTENCES.get(kind, "is not what belongs there"), hint or None)


def _path(loc: Sequence[object]) -> str:
    named = (part for part in loc if part != "[key]")
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in named)
    return "".join(parts).lstrip(".")


def _model_at(cls: type[BaseModel], loc: Sequence[object]) -> type[BaseModel]:
    for part in loc:
        if isinstance(part, str) and part in cls.model_fields:
            cls = next(_models_in(cls.model_fields[part].annotation), cls)
    return cls


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
