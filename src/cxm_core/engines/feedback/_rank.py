"""Which group is first: an order, or the reason why there is none."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Caveat, Ranking
from cxm_core.stats import rank_groups
from cxm_core.vocabulary import takes

from ._pool import pool
from ._rng import Rng, seed_of

_METHOD = "posterior draws"
_SEED = 0
# Caveats of the groups that are about their order.
_TOLD = ("few_groups",)


@takes(n_resamples="whole")
def rank(
    breakdown: Breakdown,
    *,
    confidence_level: float | None = None,
    n_resamples: int = 4000,
    rng: Rng = None,
) -> Ranking:
    """Order of groups, with the places that each may hold, and no order where there is none.

    A sorted list of scores is read as a ranking, though most neighbours in it differ by chance,
    and the smallest groups stand at both ends. Here groups are pooled first, each gets the places
    that fit the data, and a group whose places span more than half of all gets none.

    Parameters
    ----------
    breakdown : Breakdown
        A metric over groups, such as ``cx.nps(scores, by=shops)``, or what `pool` made of it.
    confidence_level : float in (0, 1) or None
        Nominal coverage of each group's places; None for that of the breakdown.
    n_resamples : int
        Draws of all groups.
    rng : int, numpy.random.Generator or None
        Where the draws come from; None for a fixed seed, so that equal data rank equally.

    Returns
    -------
    Ranking
        `order`, `best` and `worst` are None where the data do not tell; the caveat ``unrankable``
        says that no group has a place.

    Raises
    ------
    UsageError
        Fewer than three groups have answers, or a setting is wrong.

    Notes
    -----
    Draws are from what is believed of each group after pooling, as if groups did not depend on
    each other. A place's limits hold for one group at a time.

    References
    ----------
    .. [1] Goldstein, H. and Spiegelhalter, D., League tables and their limitations, 1996, Journal
       of the Royal Statistical Society A 159, 385-443.

    Examples
    --------
    >>> import cxm_core as cx
    >>> answers = [10, 9, 10, 9, 8, 3] * 20
    >>> ranking = cx.rank(cx.nps(answers, by=["a", "b", "c", "c", "b", "a"] * 20))
    >>> ranking.best, ranking.worst, ranking["b"]
    ('c', 'a', Places(first=2, last=2))
    """
    pooled = _pooled(breakdown, confidence_level)
    if n_resamples < 100:
        raise UsageError(f"{n_resamples} draws are too few for a place.", hint="n_resamples=4000")
    given = seed_of(rng)
    seed = _SEED if given is None else given
    found = rank_groups(
        pooled.value,
        pooled.standard_error,
        rng=np.random.default_rng(seed),
        confidence_level=pooled.confidence_level,
        n_resamples=n_resamples,
    )
    ranking = Ranking(
        groups_pooled=pooled,
        place=found.place,
        first_place=found.low,
        last_place=found.high,
        chance_first=found.first,
        chance_last=found.last,
        confidence_level=pooled.confidence_level,
        method=_METHOD,
        caveats=tuple(Caveat.of(caveat.code) for caveat in pooled.caveats if caveat.code in _TOLD),
        receipt=evolve(
            pooled.receipt,
            engine="rank",
            method=_METHOD,
            parameters=(*pooled.receipt.parameters, ("draws", str(n_resamples))),
            seed=seed,
        ),
    )
    if ranking.order is not None:
        return ranking
    return evolve(ranking, caveats=(*ranking.caveats, Caveat.of("unrankable")))


def _pooled(breakdown: Breakdown, confidence_level: float | None) -> Breakdown:
    if not isinstance(breakdown, Breakdown):
        raise UsageError(
            f"rank() takes a breakdown, and this is of the type {type(breakdown).__name__}.",
            hint="cx.rank(cx.nps(scores, by=shops))",
        )
    if breakdown.receipt.engine != "pool":
        return pool(breakdown, confidence_level=confidence_level)
    if confidence_level is None:
        return breakdown
    return breakdown.at_level(confidence_level)
