"""Journeys: the stages people go through, the touchpoints they meet, and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le, MinLen
from pydantic import BeforeValidator, Strict

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Channel

from ._document import EMPTY, Document, Many, Name, Names, Text, Texts

if TYPE_CHECKING:
    from cxm_core.vocabulary import Reads


def _read_channels(value: object) -> object:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)):
        return words
    return tuple(_read_channel(word) for word in words)


def _read_channel(word: object) -> object:
    if not isinstance(word, str):
        return word
    found = Channel.parse(word)
    if found is Channel.OTHER and word != Channel.OTHER:
        near = did_you_mean(word, [str(one) for one in Channel])
        raise UsageError(f"There is no channel {word!r}.", hint=near)
    return found


if TYPE_CHECKING:
    Channels = Reads[Channel | str | Sequence[Channel | str], tuple[Channel, ...]]
else:
    Channels = Annotated[tuple[Channel, ...], BeforeValidator(_read_channels)]
Feeling = Annotated[int, Strict(), Ge(-2), Le(2)]


class Touchpoint(Document):
    """One place on the map where a customer meets the organisation, or a colleague a tool.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `touchpoint`.
    title : str or None
        What people call it.
    question : tuple of str
        Native ids of the questions that ask about it; one may stand alone.
    channels : tuple of Channel
        Ways in which it can be met; one may stand alone.
    activities : tuple of str
        What an event log calls that which happens there; its name counts without being listed.
    goal : str or None
        What people want to get done there.
    feeling : int or None
        How it is thought to feel, from -2 to 2, until it is measured.
    emotions : tuple of str
        Words for that feeling.
    asks : tuple of str
        What people ask themselves there.
    systems : tuple of str
        Tools that are used there.
    owner : str or None
        Who answers for it: a role rather than a person.
    notes : tuple of str
        What else stands on the map there.
    """

    name: Name
    title: Text | None = None
    question: Texts = EMPTY
    channels: Channels = EMPTY
    activities: Texts = EMPTY
    goal: Text | None = None
    feeling: Feeling | None = None
    emotions: Texts = EMPTY
    asks: Texts = EMPTY
    systems: Texts = EMPTY
    owner: Text | None = None
    notes: Texts = EMPTY

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name


class Stage(Document):
    """One stage of a journey or of a blueprint.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `stage`.
    title : str or None
        What people call it.
    goal : str or None
        What people want to have reached when it ends.
    touchpoints : tuple of str
        Names of the touchpoints that customers meet there, in their order.
    """

    name: Name
    title: Text | None = None
    goal: Text | None = None
    touchpoints: Names = EMPTY

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name


class Journey(Document):
    """What a customer, or a colleague, wants to get done, stage by stage.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `journey`.
    title : str or None
        What people call it.
    actor : str
        Who goes this way: `customer`, or a role of the own people for an employee journey.
    goal : str or None
        What they want.
    owner : str or None
        Who answers for it: a role rather than a person.
    headline : str or None
        Name of the one metric by which it is judged.
    outcome : str or None
        What that metric stands for: what customers do when the journey went well.
    stages : tuple of Stage
        In their order, at least one.
    """

    name: Name
    title: Text | None = None
    actor: Text = "customer"
    goal: Text | None = None
    owner: Text | None = None
    headline: Name | None = None
    outcome: Text | None = None
    stages: Annotated[Many[Stage], MinLen(1)]

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """Names of all its touchpoints, each once, in the order in which they are met."""
        return tuple(dict.fromkeys(name for stage in self.stages for name in stage.touchpoints))
