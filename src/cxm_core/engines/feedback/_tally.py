"""From data to counts: the tally that every metric of answers is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from attrs import frozen

from cxm_core.columns import (
    Answers,
    Design,
    Missing,
    checked_population,
    read_answers,
    tally_of_bytes,
)
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Weighting
from cxm_core.stats import Population, Tally
from cxm_core.vocabulary import Scale

from ._order import ScaleLike
from ._rng import Rng
from ._silent import unanswered


class Common(TypedDict, total=False):
    """Keywords that every metric of answers has."""

    weights: Any
    strata: Any
    clusters: Any
    population: Any
    missing: Missing
    confidence_level: float
    method: str
    rng: Rng


@frozen(kw_only=True)
class Counted:
    """A tally, and what became of the rows behind it as far as that is known.

    Groups of which some rows have no answer are `silent`, each with their number, for a tally knows
    nothing of them; None if nobody does.
    """

    tally: Tally
    rows: int | None = None
    exclusions: tuple[tuple[str, int], ...] = ()
    population: Population | None = None
    weighting: Weighting | None = None
    silent: Mapping[tuple[Any, ...], int] | None = None

    @classmethod
    def of_answers(cls, answers: Answers) -> Counted:
        """Count answers."""
        return cls(
            tally=answers.tally(),
            rows=len(answers),
            exclusions=answers.exclusions,
            population=answers.population,
            weighting=answers.weighting,
            silent=unanswered(answers),
        )

    @classmethod
    def of_tally(cls, tally: Tally, population: object = None) -> Counted:
        """Take what is counted already; its rows are all that were asked."""
        known = None if population is None else checked_population(population)
        return cls(tally=tally, rows=int(tally.n.sum()), population=known, silent={})


def count(
    data: object,
    column: str | None = None,
    *,
    scale: Scale,
    missing: Missing = (),
    design: Design | None = None,
    starts: Sequence[int] = (),
) -> Counted:
    """Tally of the data, whatever it is; a tally is taken as it is, rolled up to `by`.

    Levels that begin at one of `starts` count alike, so that they need not be told apart.
    """
    design = design or Design()
    if not isinstance(data, Tally):
        is_bare = column is None and isinstance(missing, tuple) and not missing
        if starts and is_bare and design.is_plain:
            quick = tally_of_bytes(data, scale=scale, starts=starts)
            if quick is not None:
                return Counted.of_tally(quick)
        answers = read_answers(data, column, scale=scale, missing=missing, design=design)
        return Counted.of_answers(answers)
    given = {
        "the column": column,
        "weights": design.weights,
        "strata": design.strata,
        "clusters": design.clusters,
    }
    for what, value in given.items():
        if value is not None:
            raise UsageError(
                f"{what} cannot be named for a tally: it is counted already.",
                hint="name it when the tally is made",
            )
    return Counted.of_tally(rolled_up(data, design.by), design.population)


def rolled_up(tally: Tally, by: object) -> Tally:
    """Tally with those groups only that `by` names; with all of them if it is None."""
    if by is None:
        return tally
    groups, names = group_axes(tally), [by] if isinstance(by, str) else by
    if not isinstance(names, list | tuple):
        raise UsageError(
            "The groups of a tally are named by its axes.", hint="by='region', or a list of names"
        )
    for name in names:
        if name not in groups:
            raise UsageError(
                f"The tally has no groups by {name!r}.", hint=did_you_mean(str(name), groups)
            )
    for axis in groups:
        tally = tally if axis in names else tally.roll_up(axis)
    return tally


def group_axes(tally: Tally) -> tuple[str, ...]:
    """Names of the axes that are groups rather than design."""
    return tuple(a for a, role in zip(tally.axes, tally.roles, strict=True) if role == "by")


def tally(
    data: object,
    column: str | None = None,
    *,
    scale: ScaleLike,
    by: Any = None,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    missing: Missing = (),
) -> Tally:
    """Counts of answers that any metric can be made of, and that add up exactly.

    Parameters
    ----------
    data : sequence or table
        Answers: a list, an array, a Series, an Arrow column; or a table with `column`.
    column : str or None
        Column of the answers, if the data is a table.
    scale : str or Scale
        Scale of the answers, such as ``"0-10"``.
    by : sequence, list of sequences, mapping of name to sequence, or column names
        Groups; rows without a label are a group of their own.
    weights, strata, clusters : sequence or column name
        Weight of each answer, or a Weighting, and the design of the sample; rows match by
        position, not index.
    missing : codes, or mapping of code to reason
        Codes that mean no answer; the reason ``not_applicable`` is counted on as a level.

    Returns
    -------
    Tally
        ``a + b`` merges, ``a - b`` takes back, `roll_up` and `select` reduce the groups.

    Raises
    ------
    UsageError
        A value is off the scale or no number, a weight is negative, endless or not there, lengths
        differ, or a column is not there; and from ``a + b``, if the scales differ or a count would
        be too large for 64 bits.

    References
    ----------
    .. [1] Gray, J. et al., Data Cube, 1997, Data Mining and Knowledge Discovery 1, 29-53
       (distributive and algebraic functions).

    Examples
    --------
    >>> import cxm_core as cx
    >>> monday = cx.tally([10, 9, 3], scale="0-10")
    >>> tuesday = cx.tally([8, 7, 10], scale="0-10")
    >>> cx.nps(monday + tuesday).value == cx.nps([10, 9, 3, 8, 7, 10]).value
    True
    """
    design = Design(by=by, weights=weights, strata=strata, clusters=clusters)
    counted = count(data, column, scale=Scale.parse(scale), missing=missing, design=design)
    return counted.tally
