"""What Typeform serves, as far as it is known; what is not known is kept and counted as drift."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class FormRow(_Payload):
    """A form as it stands in the list of forms, without its questions.

    Typeform developer docs, Retrieve forms, seen 2026-11.
    """

    id: str
    type: str | None = None
    title: str | None = None
    created_at: str | None = None
    last_updated_at: str | None = None
    published_at: str | None = None
    settings: dict[str, Any] | None = None
    self_link: Any = Field(default=None, alias="self")
    theme: Any = None
    workspace: Any = None
    links: Any = Field(default=None, alias="_links")


class ResponseRow(_Payload):
    """A response as it stands in the list of responses of its form.

    Typeform developer docs, Retrieve responses, seen 2026-11. A response that was only started has
    no answers, and a time of submission in the year 1.
    """

    token: str
    landing_id: str | None = None
    response_id: str | None = None
    response_type: str | None = None
    landed_at: str
    submitted_at: str | None = None
    staged_at: str | None = None
    metadata: dict[str, Any] | None = None
    hidden: dict[str, Any] | None = None
    calculated: dict[str, Any] | None = None
    variables: list[Any] | None = None
    answers: list[Any] | None = None
    tags: list[Any] | None = None
    outcome: Any = None
    ending: Any = None
    thankyou_screen_ref: Any = None
