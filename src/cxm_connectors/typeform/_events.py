"""What a Typeform webhook sends, read as the list of responses has it."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from cxm_core.errors import SchemaChanged

from ._forms import Json

# Typeform developer docs, Webhooks, seen 2026-11; the second is sent for partial responses.
_TYPES = {"form_response": "completed", "form_response_partial": "partial"}


@frozen
class Event:
    """One response that was pushed, and the form as its respondent saw it."""

    form: str
    row: Json
    definition: Json


def read_event(body: bytes) -> Event | None:
    """Read an event; None for one that is no response.

    Raises
    ------
    SchemaChanged
        The body is not what Typeform documents.
    """
    try:
        told: Any = json.loads(body)
        kind = _TYPES.get(told["event_type"])
        if kind is None:
            return None
        response = told["form_response"]
        row = {**response, "response_id": response["token"], "response_type": kind}
        definition = row.pop("definition", None) or {}
        return Event(str(row.pop("form_id")), row, definition)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        problem = type(error).__name__
    raise SchemaChanged(f"The delivery is no event of Typeform ({problem}).")
