"""A journey as a picture: stages as columns, and what was measured in rows below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from cxm_core.program import Journey, Touchpoint
from cxm_core.results import Estimate

from ._better import Better
from ._journey_drawing import JourneyDrawing
from ._map_figures import PlaceFigures, figure_text
from ._table import Cell, ColumnType, Table, table
from ._words import numbers_of

__all__ = ["JourneyMap"]


def _known(touchpoints: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    return tuple(touchpoints)


def _figures(figures: Mapping[str, PlaceFigures]) -> Mapping[str, PlaceFigures]:
    return dict(figures)


@frozen(kw_only=True)
class JourneyMap:
    """A journey with what was measured on it, ready to be drawn.

    Parameters
    ----------
    journey : Journey
        Its stages become columns.
    touchpoints : tuple of Touchpoint
        Touchpoints of the program; those of the journey are looked up in them.
    figures : mapping of str to PlaceFigures
        What was measured, by name of the touchpoint.
    feeling : str
        What the curve shows, such as ``Satisfied``; the row carries it.
    reference : float or None
        Value that every touchpoint is seen against, in the unit of the curve.
    better : {"higher", "lower"}
        Which way is good news.

    Notes
    -----
    A touchpoint is drawn as good or bad where its whole interval lies on one side of the
    reference; by colour and by shape. Where nothing was measured, the curve shows how it is
    thought to feel, as a broken line, and says so.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from cxm_core.program import Journey, Touchpoint
    >>> from cxm_core.report import JourneyMap, PlaceFigures
    >>> journey = Journey(name="buy", stages=[{"name": "choose", "touchpoints": ["shop"]}])
    >>> shown = JourneyMap(
    ...     journey=journey,
    ...     touchpoints=[Touchpoint(name="shop", title="In the shop")],
    ...     figures={"shop": PlaceFigures(feeling=cx.nps([10, 9, 3] * 20), volume=60)},
    ... )
    >>> "In the shop" in shown.svg()
    True
    """

    journey: Journey
    touchpoints: tuple[Touchpoint, ...] = field(default=(), converter=_known)
    figures: Mapping[str, PlaceFigures] = field(factory=dict, converter=_figures)
    feeling: str = "Feeling"
    reference: float | None = None
    better: Better = "higher"

    @property
    def title(self) -> str:
        """What the picture is called."""
        return f"{self.journey.label}: journey map"

    @property
    def about(self) -> str:
        """The map in words, for whoever does not see it."""
        stages = ", ".join(stage.label for stage in self.journey.stages)
        return f"Stages: {stages}. {'; '.join(_told(self))}"

    def svg(self) -> str:
        """The map as a picture.

        Returns
        -------
        str
            SVG without script, style or id; it may stand alone or on a page.
        """
        return JourneyDrawing(self).drawn()

    def table(self) -> Table:
        """The same as data: one row a touchpoint and figure.

        Returns
        -------
        Table
            With stage, touchpoint, figure, value, limits and number of answers.
        """
        return table("journey_map", _TYPES, _rows(self))


_TYPES: Mapping[str, ColumnType] = {
    "stage": "text",
    "touchpoint": "text",
    "figure": "text",
    "value": "number",
    "low": "number",
    "high": "number",
    "unit": "text",
    "n": "integer",
}


def _rows(shown: JourneyMap) -> Iterator[Sequence[Cell]]:
    for stage in shown.journey.stages:
        for name in stage.touchpoints:
            for title, figure in _named(shown, name):
                place = (stage.label, _label(shown, name), title)
                if isinstance(figure, int):
                    yield (*place, float(figure), None, None, "count", figure)
                else:
                    limits = (figure.value, figure.low, figure.high)
                    yield (*place, *limits, figure.unit, figure.n)


def _named(shown: JourneyMap, name: str) -> Iterator[tuple[str, Estimate | int]]:
    place = shown.figures.get(name, PlaceFigures())
    if place.feeling is not None:
        yield shown.feeling, place.feeling
    if place.volume is not None:
        yield "Volume", place.volume
    yield from place.more.items()


def _label(shown: JourneyMap, name: str) -> str:
    return next((one.label for one in shown.touchpoints if one.name == name), name)


def _told(shown: JourneyMap) -> Iterator[str]:
    estimates = [p.feeling for p in shown.figures.values() if p.feeling is not None]
    show = numbers_of(estimates)
    for name in shown.journey.touchpoints:
        feeling = shown.figures.get(name, PlaceFigures()).feeling
        if feeling is not None:
            yield f"{_label(shown, name)}: {' ('.join(figure_text(feeling, show))})"
        else:
            yield _label(shown, name)
