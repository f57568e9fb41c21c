"""What all parts of a program share: strictness, names, and a canonical form to hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from annotated_types import Ge, MinLen
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    ValidationError,
)

from cxm_core.errors import UsageError

from ._mistakes import Mistake, configuration_error, mistakes_in

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads


class Document(BaseModel):
    """A part of a program: frozen, and nothing in it that is not known."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True
    )

    def __init__(self, **values: Any) -> None:
        mistakes = self._fill(values)
        # Raised outside the handler, so that pydantic's error, which holds the values, is let go.
        if mistakes:
            raise configuration_error(mistakes)

    # pydantic then builds from mappings without calling `__init__`.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # a mark for pydantic

    def _fill(self, values: dict[str, Any]) -> list[Mistake]:
        try:
            super().__init__(**values)
        except ValidationError as error:
            return mistakes_in(type(self), error)
        return []

    def __repr_args__(self) -> Iterable[tuple[str, Any]]:
        # A configuration may hold what nobody should read in a log.
        return [("name", self.name)] if hasattr(self, "name") else []


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


#: One word may stand alone where a list of them is wanted.
LISTED = BeforeValidator(_listed)

Text = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=1000)]
Name = Annotated[
    str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", min_length=1, max_length=100)
]
Flag = Annotated[bool, Strict()]
Positive = Annotated[int, Strict(), Ge(1)]
# A default may not be of the type of a field that takes more than it holds.
EMPTY: Any = ()
_Item = TypeVar("_Item")
if TYPE_CHECKING:
    Many: TypeAlias = Reads[Sequence[_Item], tuple[_Item, ...]]
    Texts = Reads[str | Sequence[str], tuple[str, ...]]
    SomeTexts = Reads[str | Sequence[str], tuple[str, ...]]
    Names = Reads[str | Sequence[str], tuple[str, ...]]
else:
    Many = tuple[_Item, ...]
    Texts = Annotated[tuple[Text, ...], LISTED]
    SomeTexts = Annotated[tuple[Text, ...], MinLen(1), LISTED]
    Names = Annotated[tuple[Name, ...], LISTED]


def fingerprint(value: object) -> str:
    """First 12 hexadecimal digits of the SHA-256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:12]


def require(holds: object, message: str, hint: str | None = None) -> None:
    """Refuse a document in which something does not hold."""
    if not holds:
        raise UsageError(message, hint=hint)
