"""What a customer allows us to do."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ._envelope import Event
from ._types import (
    ABSENT,
    WORD,
    Name,
    OptionalChannel,
    OptionalInstant,
    OptionalName,
    OptionalProse,
)

Decision = Literal["granted", "withdrawn"]
Basis = Literal[
    "consent",
    "contract",
    "legal_obligation",
    "vital_interest",
    "public_task",
    "legitimate_interest",
    "other",
]


class Consent(Event):
    """A customer allows a use of one channel for one purpose, or takes that back.

    Attributes
    ----------
    purpose : str
        What for: `survey`, `marketing`, `research`.
    channel : Channel or None
        By which channel; None is any.
    decision : str
        `granted` or `withdrawn`.
    basis : str or None
        Ground on which data are used, in the words of article 6 of the GDPR: `consent`,
        `contract`, `legal_obligation`, `vital_interest`, `public_task`, `legitimate_interest` or
        `other`.
    proof : str or None
        How we know: the form, the wording, the recording.
    wording_version : str or None
        Version of the text that the customer saw.
    expires_at : datetime or None
        Until when it holds.
    """

    record_kind: ClassVar[str] = "consent"

    purpose: Name
    channel: OptionalChannel = ABSENT
    decision: Annotated[Decision, WORD]
    basis: Annotated[Basis | None, WORD] = None
    proof: OptionalProse = None
    wording_version: OptionalName = None
    expires_at: OptionalInstant = ABSENT
