"""Journeys: the stages customers go through, the touchpoints they meet, and who answers for it."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MinLen

from ._document import Document, Name, Names, Text, Texts


class Touchpoint(Document):
    """One place on the map where a customer meets the organisation.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `touchpoint`.
    title : str or None
        What people call it.
    question : tuple of str
        Native ids of the questions that ask about it; one may stand alone.
    """

    name: Name
    title: Text | None = None
    question: Texts = ()

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name


class Stage(Document):
    """One stage of a journey.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `stage`.
    title : str or None
        What people call it.
    touchpoints : tuple of str
        Names of the touchpoints that customers meet there, in their order.
    """

    name: Name
    title: Text | None = None
    touchpoints: Names = ()


class Journey(Document):
    """What a customer wants to get done, stage by stage.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores; records carry it as their `journey`.
    title : str or None
        What people call it.
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
    owner: Text | None = None
    headline: Name | None = None
    outcome: Text | None = None
    stages: Annotated[tuple[Stage, ...], MinLen(1)]

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """Names of all its touchpoints, each once, in the order in which they are met."""
        return tuple(dict.fromkeys(name for stage in self.stages for name in stage.touchpoints))
