"""What was measured at the places of a map, and how it reads there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from cxm_core.program import Step
from cxm_core.results import Estimate

from ._better import Better
from ._map_svg import Tone
from ._words import Numbers, numbers_of

__all__ = ["PlaceFigures", "figure_text", "figures_at", "numbers_by_row", "told_figures", "tone_of"]


def _dict(figures: Mapping[str, Estimate]) -> Mapping[str, Estimate]:
    return dict(figures)


@frozen(kw_only=True)
class PlaceFigures:
    """What was measured at one place of a map: a touchpoint, or a step of a blueprint.

    Parameters
    ----------
    feeling : Estimate or None
        How it felt: the score that the map's curve shows.
    volume : Estimate, int or None
        How many come there: a share, or a count of all.
    theme : str
        What is said of it most.
    quote : str
        What one customer said, in their own words; no `repr` shows them.
    more : mapping of str to Estimate
        Further figures by what people call them, such as ``{"Drop-off": ...}``; each is a row.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from cxm_core.report import PlaceFigures
    >>> PlaceFigures(feeling=cx.nps([10, 9, 3] * 20), volume=60).feeling.value
    33.33333333333333
    """

    feeling: Estimate | None = None
    volume: Estimate | int | None = None
    theme: str = ""
    quote: str = field(default="", repr=False)
    more: Mapping[str, Estimate] = field(factory=dict, converter=_dict)


def numbers_by_row(places: Iterable[PlaceFigures]) -> dict[str, Numbers]:
    """How each row of further figures is written: the same unit and decimals in a row."""
    rows: dict[str, list[Estimate]] = {}
    for place in places:
        for title, estimate in place.more.items():
            rows.setdefault(title, []).append(estimate)
    return {title: numbers_of(estimates) for title, estimates in rows.items()}


def figures_at(figures: Mapping[str, PlaceFigures], step: Step) -> PlaceFigures:
    """What was measured at a step, or at the touchpoint where it happens."""
    return figures.get(step.name) or figures.get(step.touchpoint or "") or PlaceFigures()


def told_figures(place: PlaceFigures, feeling: str) -> Iterator[tuple[str, str]]:
    """Every figure of a place with its name, and its interval; a count of all has none."""
    if isinstance(place.volume, int):
        yield f"Volume {place.volume:,}", ""
    named = {feeling: place.feeling, "Volume": place.volume, **place.more}
    for title, estimate in named.items():
        if isinstance(estimate, Estimate):
            value, limits = figure_text(estimate, numbers_of([estimate]))
            yield f"{title} {value}", limits


def tone_of(estimate: Estimate, reference: float | None, better: Better) -> Tone:
    """Good or bad where the whole interval lies on one side of the reference."""
    if reference is None or estimate.low is None or estimate.high is None:
        return "unclear"
    if estimate.low > reference:
        return "good" if better == "higher" else "bad"
    if estimate.high < reference:
        return "bad" if better == "higher" else "good"
    return "unclear"


def figure_text(estimate: Estimate, show: Numbers) -> tuple[str, str]:
    """A figure with its unit, and its interval."""
    value = f"{show.large(estimate.value)} {show.word}".rstrip()
    return value, show.to(estimate.low, estimate.high)
