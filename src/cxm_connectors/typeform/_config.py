"""What a user may set for Typeform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from cxm_connectors.toolkit import Config
from cxm_core.vocabulary import Scale

Construct = Literal["recommendation", "satisfaction", "effort", "trust", "value", "other"]
IdentifierName = Literal["email", "phone", "account", "device", "external"]
ResponseType = Literal["completed", "partial", "started"]

# Names that hidden fields usually have.
_IDENTIFIERS: Mapping[str, IdentifierName] = {
    "customer": "external",
    "customer_id": "external",
    "email": "email",
    "phone": "phone",
    "user_id": "external",
}


def _known_scale(code: str) -> str:
    return Scale.parse(code).code


class Hint(BaseModel):
    """What Typeform does not tell of a question.

    Parameters
    ----------
    measures : str or None
        What it is meant to measure: `recommendation`, `satisfaction`, `effort`, `trust`, `value`
        or `other`.
    touchpoint : str or None
        The touchpoint that it asks about.
    scale : str or None
        Another scale than the form's own, such as ``"1-5 reversed"`` where less is better.

    Examples
    --------
    >>> Hint(measures="effort", scale="1-7 reversed").scale
    '1-7 reversed'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    measures: Construct | None = None
    touchpoint: str | None = None
    scale: Annotated[str, AfterValidator(_known_scale)] | None = None


class TypeformConfig(Config):
    """Configuration of an account, as it stands under ``[sources.config]``.

    Parameters
    ----------
    workspace : str or None
        Only forms of this workspace; None for all that the token reaches.
    response_types : tuple of str
        What is read: `completed`, `partial` (some questions answered), `started` (only opened).
    identifiers : mapping of str to str
        Hidden fields, and questions by their reference or id, that tell who answered, and what
        kind of identifier they hold.
    questions : mapping of str to Hint
        What Typeform does not tell of a question: by its id with the form's id before it, its id
        or its reference.
    webhook_secrets : tuple of SecretStr
        Secrets that sign what the webhook sends: two while one is exchanged. Without it the host
        is asked for `TYPEFORM_WEBHOOK_SECRET`.

    Examples
    --------
    >>> config = TypeformConfig(base_url="https://api.eu.typeform.com")
    >>> config.identifiers["user_id"], config.response_types
    ('external', ('completed', 'partial', 'started'))
    """

    workspace: str | None = None
    response_types: tuple[ResponseType, ...] = ("completed", "partial", "started")
    identifiers: Mapping[str, IdentifierName] = Field(default_factory=lambda: dict(_IDENTIFIERS))
    questions: Mapping[str, Hint] = Field(default_factory=dict)
    webhook_secrets: tuple[SecretStr, ...] = ()
