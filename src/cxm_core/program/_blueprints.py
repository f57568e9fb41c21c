"""Service blueprints: what people see, what is done for them, and what nobody sees."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self, TypeAlias

from annotated_types import MaxLen, MinLen
from pydantic import model_validator

from cxm_core.errors import UsageError, did_you_mean

from ._document import EMPTY, Document, Many, Name, Text, Texts, require
from ._journeys import Journey, Stage
from ._layout import Place, Spot, places

Lane: TypeAlias = Literal["evidence", "customer", "front_stage", "backstage", "support"]
StepKind: TypeAlias = Literal["task", "approval", "wait", "start", "end", "choice", "parallel"]

#: The lanes of a blueprint from top to bottom, with what people call them.
LANES: dict[Lane, str] = {
    "evidence": "Evidence",
    "customer": "Customer",
    "front_stage": "Front stage",
    "backstage": "Backstage",
    "support": "Support",
}
#: More than anyone draws; a file that has more is refused.
MOST_STEPS = 2000


class Step(Document):
    """One step of a blueprint.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    lane : str
        `evidence` (what people see or hold), `customer` (or the colleague whose journey it is),
        `front_stage` (done where they see it), `backstage` (done where they do not) or `support`
        (systems and partners).
    kind : str
        `task`, `approval`, `wait`, `start`, `end`, `choice` (one way goes on) or `parallel` (all
        ways go on).
    stage : str or None
        Stage that it belongs to.
    touchpoint : str or None
        Touchpoint where it happens.
    role : str or None
        Who does it: a role rather than a person.
    systems : tuple of str
        Tools that it needs.
    policies : tuple of str
        Rules that bind it.
    """

    name: Name
    title: Text | None = None
    lane: Lane
    kind: StepKind = "task"
    stage: Name | None = None
    touchpoint: Name | None = None
    role: Text | None = None
    systems: Texts = EMPTY
    policies: Texts = EMPTY

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name


class Link(Document):
    """What leads from one step to the next.

    Attributes
    ----------
    source, target : str
        Names of the two steps.
    label : str or None
        When this way is taken, such as `yes`.
    carries : tuple of str
        Fields that must be known on the other side, so that nobody is asked again.
    """

    source: Name
    target: Name
    label: Text | None = None
    carries: Texts = EMPTY


class Blueprint(Document):
    """How a service is made: steps in lanes, and what leads from one to the next.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    title : str or None
        What people call it.
    journey : str or None
        Name of the journey that it serves.
    actor : str
        Who is served: `customer`, or a role of the own people.
    owner : str or None
        Who answers for it: a role rather than a person.
    stages : tuple of Stage
        Columns, in their order; none are those of the journey.
    steps : tuple of Step
        At least one, at most 2,000.
    links : tuple of Link
        What leads to what.

    Raises
    ------
    ConfigurationError
        A name stands twice, or points to nothing.

    Examples
    --------
    >>> blueprint = Blueprint(
    ...     name="return_a_parcel",
    ...     steps=[
    ...         {"name": "ask", "lane": "customer"},
    ...         {"name": "answer", "lane": "front_stage", "role": "agent"},
    ...         {"name": "refund", "lane": "backstage", "role": "accounts", "kind": "approval"},
    ...     ],
    ...     links=[
    ...         {"source": "ask", "target": "answer"},
    ...         {"source": "answer", "target": "refund", "carries": ["order", "reason"]},
    ...     ],
    ... )
    >>> [(link.source, link.target) for link in blueprint.hand_offs]
    [('ask', 'answer'), ('answer', 'refund')]
    """

    name: Name
    title: Text | None = None
    journey: Name | None = None
    actor: Text = "customer"
    owner: Text | None = None
    stages: Many[Stage] = EMPTY
    steps: Annotated[Many[Step], MinLen(1), MaxLen(MOST_STEPS)]
    links: Annotated[Many[Link], MaxLen(5 * MOST_STEPS)] = EMPTY

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for part, names in (
            ("steps", [step.name for step in self.steps]),
            ("stages", [stage.name for stage in self.stages]),
        ):
            twice = [name for name, count in Counter(names).items() if count > 1]
            require(not twice, f"{part} has {', '.join(twice)} twice.", "names are unique")
        steps = {step.name for step in self.steps}
        ends = {end for link in self.links for end in (link.source, link.target)}
        for end in sorted(ends - steps):
            raise UsageError(
                f"links names {end!r}, which is no step.", hint=did_you_mean(end, steps)
            )
        if self.stages or self.journey is None:
            self.check_stages(tuple(stage.name for stage in self.stages))
        return self

    @property
    def label(self) -> str:
        """What people call it; its name if they have no word for it."""
        return self.title or self.name

    @property
    def hand_offs(self) -> tuple[Link, ...]:
        """Links on which the work goes to another lane, or to another role."""
        steps = {step.name: step for step in self.steps}
        return tuple(x for x in self.links if _is_passed(steps[x.source], steps[x.target]))

    def check_stages(self, known: tuple[str, ...]) -> None:
        """Refuse a step whose stage is none of the known.

        Parameters
        ----------
        known : tuple of str
            Names of the stages.

        Raises
        ------
        UsageError
            A step names another stage.
        """
        named = {step.stage for step in self.steps if step.stage}
        for stage in sorted(named - set(known)):
            raise UsageError(
                f"steps names the stage {stage!r}, which is not defined.",
                hint=did_you_mean(stage, known),
            )

    def over(self, journey: Journey | None) -> Self:
        """Blueprint with stages: its own, or those of the journey that it serves.

        Parameters
        ----------
        journey : Journey or None
            The journey.

        Returns
        -------
        Blueprint
            The same where it has stages of its own.
        """
        if self.stages or journey is None:
            return self
        return self.model_copy(update={"stages": journey.stages})

    def places(self) -> dict[str, Place]:
        """Column, lane and level of each step, for whoever draws it.

        Returns
        -------
        dict of str to Place
            By name of the step; the stages follow each other from left to right.
        """
        spots = [Spot(step.name, step.lane, step.stage) for step in self.steps]
        stages = [stage.name for stage in self.stages]
        # A blueprint that takes its journey's stages may be drawn without them.
        known = stages or list(dict.fromkeys(spot.stage for spot in spots if spot.stage))
        return places(spots, [(link.source, link.target) for link in self.links], known)


def _is_passed(source: Step, target: Step) -> bool:
    return source.lane != target.lane or source.role != target.role
