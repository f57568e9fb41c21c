"""Tests whether groups take equally long, whatever is not over yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._sums import Floats, Ints, divide

from ._durations import DurationTally
from ._influence import Watched
from ._survival import at_risk, risk_table

LOG_RANK_WEIGHTS = ("log-rank", "wilcoxon", "tarone-ware", "peto", "fleming-harrington")


class LogRank(NamedTuple):
    """What the test found.

    Attributes
    ----------
    statistic : float
        Chi-squared; not a number if there is nothing to compare.
    df : int
        One less than the groups in which anything could be told.
    p_value : float
        How often such data, or data farther off, come about if all groups take equally long.
    observed, expected : float64 arrays (groups,)
        Ends in each group, and those that it would have if all took equally long; weighted as the
        test is.
    """

    statistic: float
    df: int
    p_value: float
    observed: Floats
    expected: Floats


class _Steps(NamedTuple):
    """At each time of any end: watched and ended, of all and by group, and the test's weight."""

    times: Floats
    at_risk: Floats
    ended: Floats
    group_at_risk: Floats
    group_ended: Floats
    weight: Floats


def log_rank(
    tallies: Sequence[DurationTally],
    *,
    weighting: str = "log-rank",
    powers: tuple[float, float] = (0.0, 0.0),
) -> LogRank:
    """Whether groups take equally long until the end.

    Parameters
    ----------
    tallies : sequence of DurationTally
        One for each group, at least two. All ways to end count as the event.
    weighting : {"log-rank", "wilcoxon", "tarone-ware", "peto", "fleming-harrington"}
        How much each time counts: all alike; by those watched, so that early times count more; by
        the root of that; by the share that still waits; or by powers of it.
    powers : tuple of float
        For Fleming and Harrington: of the share that still waits, and of the share that ended.

    Returns
    -------
    LogRank
        With clusters or weights of rows, the statistic is the score over its robust variance.

    Raises
    ------
    UsageError
        There are fewer than two groups, a power is negative, or there is no such weighting.

    Notes
    -----
    Curves that cross can be far apart without this test seeing it: look at them.

    References
    ----------
    .. [1] Mantel 1966, Cancer Chemother. Rep. 50:163-170.
    .. [2] Klein & Moeschberger 2003, Survival Analysis, section 7.3.
    .. [3] Lin & Wei 1989, J. Am. Stat. Assoc. 84:1074-1078, for clusters.

    Examples
    --------
    >>> slow, quick = DurationTally.of([6, 7, 10, 13, 16]), DurationTally.of([1, 2, 3, 4, 8])
    >>> round(log_rank([slow, quick]).p_value, 4)
    0.0198
    """
    _check(tallies, weighting, powers)
    steps = _steps(tallies, weighting, powers)
    share = steps.group_at_risk / steps.at_risk
    observed = (steps.group_ended * steps.weight).sum(axis=1)
    expected = (share * steps.ended * steps.weight).sum(axis=1)
    is_plain = all(tally.cluster is None and tally.weights is None for tally in tallies)
    covariance = _covariance(steps, share) if is_plain else _robust(tallies, steps, share)
    statistic, df, p_value = _chi_squared(observed - expected, covariance)
    return LogRank(statistic, df, p_value, observed, expected)


def _steps(tallies: Sequence[DurationTally], weighting: str, powers: tuple[float, float]) -> _Steps:
    tables = [risk_table(tally) for tally in tallies]
    times = np.unique(np.concatenate([table.times for table in tables]))
    watched = np.array([at_risk(tally, times) for tally in tallies])
    ended = np.zeros_like(watched)
    for row, table in zip(ended, tables, strict=True):
        row[np.searchsorted(times, table.times)] = table.ended
    together = watched.sum(axis=0), ended.sum(axis=0)
    return _Steps(times, *together, watched, ended, _weights(weighting, *together, powers))


def _weights(weighting: str, watched: Floats, ended: Floats, powers: tuple[float, float]) -> Floats:
    """How much each time counts."""
    before = np.append(1.0, np.cumprod(1.0 - ended / watched))[:-1]
    return {
        "log-rank": np.ones_like(watched),
        "wilcoxon": watched,
        "tarone-ware": np.sqrt(watched),
        "peto": np.cumprod(1.0 - ended / (watched + 1.0)),
        "fleming-harrington": before ** powers[0] * (1.0 - before) ** powers[1],
    }[weighting]


def _covariance(steps: _Steps, share: Floats) -> Floats:
    """Of the ends of the groups at each time, drawn without putting back."""
    spread = divide(steps.ended * (steps.at_risk - steps.ended), steps.at_risk - 1.0)
    # Where one is left there is nothing to draw.
    spread = np.where(steps.at_risk > 1.0, spread, 0.0) * steps.weight**2
    return np.asarray(np.diag(share @ spread) - (share * spread) @ share.T)


def _robust(tallies: Sequence[DurationTally], steps: _Steps, share: Floats) -> Floats:
    """Sum of squares of what each cluster adds to the score, over all groups that it is in."""
    scores, clusters = [], []
    for group, tally in enumerate(tallies):
        watched = Watched.of(tally, steps.times)
        scores.append(_scores(watched, steps, share, group) * watched.weight[:, None])
        clusters.append(watched.cluster)
    code = _common_codes(tallies, clusters)
    size = int(code.max(initial=0)) + 1
    stretch = 1.0 if tallies[0].cluster is None else size / max(size - 1, 1)
    stacked = np.concatenate(scores)
    sums = np.array([np.bincount(code, weights=column, minlength=size) for column in stacked.T])
    return np.asarray(sums @ sums.T) * stretch


def _scores(watched: Watched, steps: _Steps, share: Floats, group: int) -> Floats:
    """What each cell of a group adds: its end, less the hazard while it was watched."""
    hazard = steps.weight * steps.ended / steps.at_risk
    apart = (np.arange(len(share)) == group)[:, None] - share
    sums = np.pad(np.cumsum(apart * hazard, axis=1), ((0, 0), (1, 0)))
    end = watched.last
    ended = np.where(watched.ended > 0, steps.weight[end], 0.0)
    return np.asarray((apart[:, end] * ended - sums[:, end + 1] + sums[:, watched.entered]).T)


def _common_codes(tallies: Sequence[DurationTally], clusters: list[Ints]) -> Ints:
    """One code for each cluster, the same in all groups; rows without clusters are one each."""
    if tallies[0].cluster is None:
        return np.arange(sum(part.size for part in clusters))
    keys = [
        np.unique(tally.cluster)[part] if tally.cluster is not None else part
        for tally, part in zip(tallies, clusters, strict=True)
    ]
    return np.unique(np.concatenate(keys), return_inverse=True)[1].astype(np.int64)


def _chi_squared(moved: Floats, covariance: Floats) -> tuple[float, int, float]:
    from scipy.special import chdtrc  # noqa: PLC0415  (SciPy loads on first use)

    values, vectors = np.linalg.eigh(covariance)
    known = values > 1e-10 * max(values.max(initial=0.0), 1e-300)
    df = int(np.count_nonzero(known))
    if not df:
        return np.nan, 0, np.nan
    along = vectors[:, known].T @ moved
    statistic = float((along**2 / values[known]).sum())
    return statistic, df, float(chdtrc(df, statistic))


def _check(tallies: Sequence[DurationTally], weighting: str, powers: tuple[float, float]) -> None:
    if len(tallies) < 2:
        raise UsageError(
            f"There are {len(tallies)} groups to compare.", hint="give at least two tallies"
        )
    if weighting not in LOG_RANK_WEIGHTS:
        raise UsageError(
            f"There is no weighting {weighting!r}.", hint=did_you_mean(weighting, LOG_RANK_WEIGHTS)
        )
    if min(powers) < 0:
        raise UsageError("A power of the weights is negative.", hint="0 weighs all times alike")
    if len({(tally.cluster is None, tally.weights is None) for tally in tallies}) > 1:
        raise UsageError(
            "Only some of the tallies have clusters or weights.",
            hint="count all groups with the same columns",
        )
