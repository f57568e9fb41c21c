"""What people saw and heard: notes of the front line, sessions of research."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._envelope import Event
from ._lists import Attributes, Names, Quotes
from ._types import (
    ABSENT,
    WORD,
    Amount,
    Count,
    Flag,
    OptionalChannel,
    OptionalId,
    OptionalName,
    OptionalProse,
    Prose,
)

SessionForm = Literal["interview", "usability_task", "diary", "observation", "workshop", "other"]


class Note(Event):
    """What somebody at the front line noticed, in their own words.

    Attributes
    ----------
    text : str
        What they wrote.
    author : str or None
        Native id of the member of staff.
    team, site : str or None
        Where they work.
    channel : Channel or None
        Where they noticed it.
    touchpoint, journey, stage : str or None
        Where on the map it belongs.
    interaction, ticket : str or None
        Native ids of what it is about.
    tags : tuple of str
        Marks on it.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "note"

    text: Prose
    author: OptionalId = None
    team: OptionalName = None
    site: OptionalName = None
    channel: OptionalChannel = ABSENT
    touchpoint: OptionalName = None
    journey: OptionalName = None
    stage: OptionalName = None
    interaction: OptionalId = None
    ticket: OptionalId = None
    tags: Names = ()
    attributes: Attributes = Field(default_factory=dict)


class ResearchSession(Event):
    """One interview, or one task of a usability test, with one participant.

    Attributes
    ----------
    study : str or None
        The study it is part of.
    form : str or None
        `interview`, `usability_task`, `diary`, `observation`, `workshop` or `other`.
    task : str or None
        What the participant was asked to do.
    is_success : bool or None
        Whether they did it.
    time_s : float or None
        Seconds they took.
    errors : int or None
        Wrong turns on the way.
    is_assisted : bool or None
        Whether somebody helped.
    codes : tuple of str
        Themes that the researchers found.
    quotes : tuple of str
        The participant's own words.
    text : str or None
        The researchers' notes.
    researcher : str or None
        Native id of who led it.
    touchpoint, journey, stage : str or None
        Where on the map it belongs.
    attributes : mapping of str to str, int, float or bool
        What else is known of it.
    """

    record_kind: ClassVar[str] = "research_session"

    study: OptionalName = None
    form: Annotated[SessionForm | None, WORD] = None
    task: OptionalName = None
    is_success: Flag | None = None
    time_s: Amount | None = None
    errors: Count | None = None
    is_assisted: Flag | None = None
    codes: Names = ()
    quotes: Quotes = ()
    text: OptionalProse = None
    researcher: OptionalId = None
    touchpoint: OptionalName = None
    journey: OptionalName = None
    stage: OptionalName = None
    attributes: Attributes = Field(default_factory=dict)
