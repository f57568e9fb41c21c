"""A blueprint as a picture: lanes as rows, stages as columns, and the three lines between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from cxm_core.program import LANES, Blueprint
from cxm_core.results import Estimate

from ._better import Better
from ._blueprint_drawing import BlueprintDrawing
from ._map_figures import PlaceFigures, figure_text, figures_at, told_figures
from ._table import Cell, Table, table
from ._words import numbers_of

__all__ = ["BlueprintMap"]


def _figures(figures: Mapping[str, PlaceFigures]) -> Mapping[str, PlaceFigures]:
    return dict(figures)


def _waits(waits: Mapping[tuple[str, str], Estimate]) -> Mapping[tuple[str, str], Estimate]:
    return dict(waits)


@frozen(kw_only=True)
class BlueprintMap:
    """A blueprint with what was measured on it, ready to be drawn.

    Parameters
    ----------
    blueprint : Blueprint
        With its stages: `Program.blueprint` gives them, or `Blueprint.over`.
    figures : mapping of str to PlaceFigures
        What was measured, by name of the step or of its touchpoint.
    waits : mapping of (str, str) to Estimate
        How long it takes from one step to the next, by the names of both.
    feeling : str
        What the feeling is measured by, such as ``Satisfied``.
    reference : float or None
        Value that the feeling at every step is seen against.
    better : {"higher", "lower"}
        Which way is good news.

    Examples
    --------
    >>> from cxm_core.program import Blueprint
    >>> from cxm_core.report import BlueprintMap
    >>> blueprint = Blueprint(name="call", steps=[{"name": "ring", "lane": "customer"}])
    >>> BlueprintMap(blueprint=blueprint).title
    'call: service blueprint'
    """

    blueprint: Blueprint
    figures: Mapping[str, PlaceFigures] = field(factory=dict, converter=_figures)
    waits: Mapping[tuple[str, str], Estimate] = field(factory=dict, converter=_waits)
    feeling: str = "Feeling"
    reference: float | None = None
    better: Better = "higher"

    @property
    def title(self) -> str:
        """What the picture is called."""
        return f"{self.blueprint.label}: service blueprint"

    @property
    def about(self) -> str:
        """The blueprint in words, for whoever does not see it."""
        lanes = (
            f"{title}: {', '.join(s.label for s in self.blueprint.steps if s.lane == lane)}"
            for lane, title in LANES.items()
            if any(step.lane == lane for step in self.blueprint.steps)
        )
        return "; ".join(lanes)

    def svg(self) -> str:
        """The blueprint as a picture.

        Returns
        -------
        str
            SVG without script, style or id; it may stand alone or on a page.
        """
        return BlueprintDrawing(self).drawn()

    def table(self) -> Table:
        """The same as data: one row a step.

        Returns
        -------
        Table
            With lane, stage, role, systems, policies, what follows, and what was measured.
        """
        return table("blueprint", dict.fromkeys(_COLUMNS, "text"), _rows(self))


_COLUMNS = (
    "lane",
    "stage",
    "step",
    "kind",
    "role",
    "systems",
    "policies",
    "leads_to",
    "measured",
)


def _rows(shown: BlueprintMap) -> Iterator[Sequence[Cell]]:
    blueprint = shown.blueprint
    stages = {stage.name: stage.label for stage in blueprint.stages}
    after = _after(shown)
    for step in blueprint.steps:
        place = figures_at(shown.figures, step)
        told = told_figures(place, shown.feeling)
        measured = [f"{figure} ({limits})" if limits else figure for figure, limits in told]
        several = (step.systems, step.policies, after[step.name], measured)
        about = (LANES[step.lane], stages.get(step.stage or "", ""), step.label, step.kind)
        yield (*about, step.role or "", *map("; ".join, several))


def _after(shown: BlueprintMap) -> Mapping[str, list[str]]:
    """Where each step leads, when, and how long it takes."""
    labels = {step.name: step.label for step in shown.blueprint.steps}
    after: dict[str, list[str]] = defaultdict(list)
    for link in shown.blueprint.links:
        wait = shown.waits.get((link.source, link.target))
        taken = [] if wait is None else [", ".join(figure_text(wait, numbers_of([wait])))]
        told = ", ".join([*([link.label] if link.label else []), *taken])
        after[link.source].append(labels[link.target] + (f" ({told})" if told else ""))
    return after
