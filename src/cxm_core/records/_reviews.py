"""Feedback in public: reviews with their replies, and ratings known only as counts."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ._description import Counted, Ordered, Rule
from ._envelope import Event
from ._lists import Attributes, Counts
from ._scores import OptionalScale, OptionalScore
from ._types import (
    ABSENT,
    Flag,
    OptionalChannel,
    OptionalId,
    OptionalInstant,
    OptionalName,
    OptionalProse,
)


class Review(Event):
    """A public review, with the organisation's reply if there is one.

    Attributes
    ----------
    place : str or None
        What is reviewed: a location, an app, a product.
    channel : Channel or None
        Where it stands.
    score : Score or None
        Stars, or whatever the place uses.
    title, text : str or None
        The customer's own words.
    reply : str or None
        The organisation's answer.
    replied_at : datetime or None
        When it answered.
    is_verified : bool or None
        Whether the place vouches that the author was a customer.
    url : str or None
        Where it can be read.
    language : str or None
        Language of the words.
    version : str or None
        Version of the product or app that is reviewed.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "review"
    rules: ClassVar[tuple[Rule, ...]] = (Ordered("occurred_at", "replied_at"),)

    place: OptionalName = None
    channel: OptionalChannel = ABSENT
    score: OptionalScore = None
    title: OptionalName = None
    text: OptionalProse = None
    reply: OptionalProse = None
    replied_at: OptionalInstant = ABSENT
    is_verified: Flag | None = None
    url: OptionalName = None
    language: OptionalName = None
    version: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)


class RatingSummary(Event):
    """How often each number of stars was given, known only as counts, as of `occurred_at`.

    Attributes
    ----------
    place : str or None
        What is rated: a location, an app, a product.
    channel : Channel or None
        Where the ratings stand.
    question : str or None
        Native id of the question, if the source has one.
    scale : Scale or None
        The scale of the levels counted.
    counts : tuple of pairs of int
        Level and how often it was given; read from a mapping too. A level that is not listed was
        not told.
    is_cumulative : bool
        Whether the counts hold all ratings so far, and not those of one period.
    started_at : datetime or None
        Where the period begins, if they do not.
    """

    record_kind: ClassVar[str] = "rating_summary"
    rules: ClassVar[tuple[Rule, ...]] = (
        Counted("counts", "scale"),
        Ordered("started_at", "occurred_at"),
    )

    place: OptionalName = None
    channel: OptionalChannel = ABSENT
    question: OptionalId = None
    scale: OptionalScale = ABSENT
    counts: Counts = ()
    is_cumulative: Flag = True
    started_at: OptionalInstant = ABSENT
