"""What a metric of answers is: which levels count, out of which, and the interval that fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Scale

Family: TypeAlias = Literal["balance", "share", "mean"]
Counts: TypeAlias = Callable[[Scale, Collection[int]], Mapping[int, float]]


@frozen(kw_only=True)
class Engine:
    """One metric of answers: a sum over counted levels divided by a number of answers.

    Parameters
    ----------
    name : str
        Name of the function, and of the metric in a program.
    title : str
        What it is, in a few words.
    unit : str
        Unit of the value.
    family : {"balance", "share", "mean"}
        Which intervals fit.
    counts : callable
        From a scale and the chosen levels to the coefficient of each level.
    chosen : {"top", "bottom"} or None
        Levels of the scale that are chosen where the caller names none.
    of_asked : bool
        Whether answers "does not apply" count below the line.
    scale : str or None
        The one scale that the metric is defined on.
    factor : float
        From a share or difference of shares to `unit`.
    """

    name: str
    title: str
    unit: str
    family: Family
    counts: Counts
    chosen: Literal["top", "bottom"] | None = None
    of_asked: bool = False
    scale: str | None = None
    factor: float = 1.0


def _nps_counts(scale: Scale, _: Collection[int]) -> Mapping[int, float]:
    return {level: float((level >= 9) - (level <= 6)) for level in scale.levels}


def _net_counts(scale: Scale, _: Collection[int]) -> Mapping[int, float]:
    top, bottom = set(scale.top), set(scale.bottom)
    return {level: float((level in top) - (level in bottom)) for level in scale.levels}


def _chosen_counts(scale: Scale, chosen: Collection[int]) -> Mapping[int, float]:
    return {level: float(level in chosen) for level in scale.levels}


def _value_counts(scale: Scale, _: Collection[int]) -> Mapping[int, float]:
    return {level: float(level) for level in scale.levels}


def _used_counts(scale: Scale, _: Collection[int]) -> Mapping[int, float]:
    return dict.fromkeys(scale.levels, 1.0)


def _share(
    name: str, title: str, chosen: Literal["top", "bottom"], *, of_asked: bool = False
) -> Engine:
    return Engine(
        name=name,
        title=title,
        unit="share",
        family="share",
        counts=_chosen_counts,
        chosen=chosen,
        of_asked=of_asked,
    )


NPS = Engine(
    name="nps",
    title="Net Promoter Score",
    unit="points",
    family="balance",
    counts=_nps_counts,
    scale="0-10",
    factor=100.0,
)
CSAT = _share("csat", "Share of satisfied customers", "top")
CES = _share("ces", "Share who found it easy", "top")
TOP_BOX = _share("top_box", "Share in the top levels", "top")
BOTTOM_BOX = _share("bottom_box", "Share in the bottom levels", "bottom")
BOTTOM_BOX_OF_ASKED = _share(
    "bottom_box_of_asked",
    "Share in the bottom levels, of those who answered or said that it does not apply",
    "bottom",
    of_asked=True,
)
USAGE = Engine(
    name="usage",
    title="Share to whom it applied, of those who answered or said that it does not",
    unit="share",
    family="share",
    counts=_used_counts,
    of_asked=True,
)
MEAN_SCORE = Engine(
    name="mean_score",
    title="Mean score",
    unit="scale points",
    family="mean",
    counts=_value_counts,
)
NET_BOX = Engine(
    name="net_box",
    title="Share in the top levels less share in the bottom levels",
    unit="points",
    family="balance",
    counts=_net_counts,
    factor=100.0,
)

MENTIONS = _share("mentions", "Share who mention it, of those who wrote something", "top")

#: Every metric of answers by its name.
ENGINES: Mapping[str, Engine] = MappingProxyType(
    {
        engine.name: engine
        for engine in (
            NPS,
            CSAT,
            CES,
            TOP_BOX,
            BOTTOM_BOX,
            BOTTOM_BOX_OF_ASKED,
            USAGE,
            MEAN_SCORE,
            NET_BOX,
            MENTIONS,
        )
    }
)

#: Families that are taken for a metric, and the metrics of it that are meant.
_FAMILIES = {
    "share": "a share is planned and measured as 'top_box' or 'csat'",
    "mean": "a mean is planned and measured as 'mean_score'",
}


def engine_named(name: str) -> Engine:
    """Metric of answers by its name.

    Parameters
    ----------
    name : str
        One of `ENGINES`, such as ``"nps"``.

    Returns
    -------
    Engine
        What the metric counts, its unit and its intervals.

    Raises
    ------
    UsageError
        There is no such metric.

    Examples
    --------
    >>> engine_named("nps").title
    'Net Promoter Score'
    """
    if not isinstance(name, str):
        raise UsageError(
            f"A metric is a name or a definition, and a {type(name).__name__} is neither.",
            hint="metric='nps', or cx.definition('net_easy')",
        )
    if name not in ENGINES:
        hint = _FAMILIES.get(name) or did_you_mean(name, ENGINES)
        raise UsageError(f"There is no metric {name!r}.", hint=hint)
    return ENGINES[name]
