"""Feedback that was asked for and given: questions, invitations, responses."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._envelope import Event, Record
from ._lists import Attributes
from ._scores import OptionalScale, OptionalScore
from ._types import (
    ABSENT,
    WORD,
    Amount,
    Count,
    OptionalChannel,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
    Version,
)

Form = Literal["scale", "choice", "choices", "open", "number", "date", "other"]
Construct = Literal["recommendation", "satisfaction", "effort", "trust", "value", "other"]
Outcome = Literal[
    "complete",
    "partial",
    "refusal",
    "non_contact",
    "other",
    "unknown_eligibility",
    "not_eligible",
]


class Question(Record):
    """A question as customers saw it, with the scale that gives its numbers their meaning.

    Attributes
    ----------
    text : str or None
        The wording.
    version : int
        Counts up whenever wording or scale change; answers to two versions are not the same.
    scale : Scale or None
        The scale of a numeric answer.
    form : str or None
        How it is answered: `scale`, `choice` (one), `choices` (several), `open`, `number`, `date`
        or `other`.
    measures : str or None
        What it is meant to measure: `recommendation`, `satisfaction`, `effort`, `trust`, `value`
        or `other`.
    survey : str or None
        The questionnaire to which it belongs.
    touchpoint : str or None
        The touchpoint that it asks about.
    language : str or None
        Language of this wording.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "question"

    text: OptionalProse = None
    version: Version = 1
    scale: OptionalScale = ABSENT
    form: Annotated[Form | None, WORD] = None
    measures: Annotated[Construct | None, WORD] = None
    survey: OptionalName = None
    touchpoint: OptionalName = None
    language: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)


class Invitation(Event):
    """An invitation to answer, and what became of it; `occurred_at` is when it was sent.

    Attributes
    ----------
    survey : str or None
        The questionnaire.
    channel : Channel or None
        How it was sent.
    outcome : str or None
        Last known outcome in AAPOR's terms: `complete`, `partial`, `refusal`, `non_contact`,
        `other`, `unknown_eligibility` or `not_eligible`.
    outcome_at : datetime or None
        When the outcome was known.
    reminders : int
        How many reminders followed.
    expires_at : datetime or None
        Until when an answer is taken.
    touchpoint, interaction : str or None
        What it asks about: the touchpoint, and the native id of the interaction.
    because : str or None
        Why this customer was asked: the rule or the sample.
    language : str or None
        Language of the questionnaire.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "invitation"

    survey: OptionalName = None
    channel: OptionalChannel = ABSENT
    outcome: Annotated[Outcome | None, WORD] = None
    outcome_at: OptionalInstant = ABSENT
    reminders: Count = 0
    expires_at: OptionalInstant = ABSENT
    touchpoint: OptionalName = None
    interaction: OptionalId = None
    because: OptionalProse = None
    language: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)


class Response(Event):
    """One answer of one customer to one question: a score, words, or both.

    Attributes
    ----------
    question : str or None
        Native id of the question.
    question_version : int or None
        Version of the question that was seen.
    score : Score or None
        The number with its scale; None where none was given.
    no_answer : str or None
        Why there is no score, such as `no_answer`, `not_applicable` or `refused`.
    verbatim : str or None
        The customer's own words.
    weight : float or None
        Weight of the respondent in the sample, not negative.
    stratum, cluster : str or None
        Stratum and cluster (first stage) of the sample.
    touchpoint, journey, stage : str or None
        Where on the map the answer belongs.
    channel : Channel or None
        How the answer came in.
    interaction, invitation : str or None
        Native ids of the interaction it is about and of the invitation it follows.
    language : str or None
        Language of the answer.
    attributes : mapping of str to str, int, float or bool
        What else is known of the answer, to group by: region, product, segment.
    """

    record_kind: ClassVar[str] = "response"

    question: OptionalId = None
    question_version: Version | None = None
    score: OptionalScore = None
    no_answer: OptionalName = None
    verbatim: OptionalProse = None
    weight: Amount | None = None
    stratum: OptionalId = None
    cluster: OptionalId = None
    touchpoint: OptionalName = None
    journey: OptionalName = None
    stage: OptionalName = None
    channel: OptionalChannel = ABSENT
    interaction: OptionalId = None
    invitation: OptionalId = None
    language: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)
