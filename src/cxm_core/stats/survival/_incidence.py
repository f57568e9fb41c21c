"""Aalen and Johansen's share that has ended in one way, where there are several ways to end."""

from __future__ import annotations

import numpy as np

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, divide

from ._durations import DurationTally
from ._influence import Watched, spread_of
from ._survival import RiskTable, risk_table
from ._time_curve import TimeCurve


def cumulative_incidence(tally: DurationTally, *, cause: int = 1) -> TimeCurve:
    """Share that has ended in one way by each time, where other ends stand in its way.

    Parameters
    ----------
    tally : DurationTally
        With ends coded from 1 up, and 0 for ends that were not seen.
    cause : int
        Code of the end in question.

    Returns
    -------
    TimeCurve
        The shares of all ways to end, and of what has not ended, add up to one at each time. The
        variance is that of the infinitesimal jackknife, by clusters if there are any.

    Raises
    ------
    UsageError
        The code is below 1.

    Notes
    -----
    One less Kaplan and Meier's share, with other ends taken as not seen, is larger than this: it
    tells what would be if nothing could end in those ways.

    References
    ----------
    .. [1] Aalen & Johansen 1978, Scand. J. Stat. 5:141-150.
    .. [2] Kalbfleisch & Prentice 2002, The Statistical Analysis of Failure Time Data, 8.2.

    Examples
    --------
    >>> tally = DurationTally.of([1, 2, 3, 4, 5], event_observed=[1, 2, 1, 0, 1])
    >>> cumulative_incidence(tally, cause=2).value.round(3).tolist()
    [0.0, 0.2, 0.2, 0.2]
    """
    if cause < 1:
        raise UsageError(
            f"The code of an end is {cause}, but must be 1 or more.",
            hint="0 stands for ends that were not seen",
        )
    table = risk_table(tally)
    ended = np.zeros_like(table.ended)
    if cause <= table.by_cause.shape[1]:
        ended = table.by_cause[:, cause - 1]
    before = np.append(1.0, table.survival)[:-1]
    rises = before * ended / table.at_risk
    return TimeCurve(
        kind="incidence", times=table.times, value=np.cumsum(rises),
        variance=_variance(tally, table, rises, cause), at_risk=table.at_risk, events=ended,
        n=tally.total, n_clusters=tally.n_clusters, last=tally.last, is_over=table.is_over,
    )  # fmt: skip


def _variance(tally: DurationTally, table: RiskTable, rises: Floats, cause: int) -> Floats:
    """Sum of the squares of what each cluster adds, as derivatives by its weight."""
    watched = Watched.of(tally, table.times)
    share, hazard = np.cumsum(rises), np.cumsum(table.hazard_variance)
    before = np.append(1.0, table.survival)[:-1]
    # What a row adds while it is watched: it lowers each rise, and has kept up the share before.
    held = np.cumsum(rises * (np.append(0.0, hazard)[:-1] - 1.0 / table.at_risk))
    start = [np.append(0.0, column)[watched.entered] for column in (held, share, hazard)]
    ones = np.ones(watched.weight.size)
    comes = np.column_stack([start[2] * start[1] - start[0], -start[2], ones])
    left = table.at_risk - table.ended
    gone = np.where(left > 0, divide(np.ones_like(left), left), 0.0)
    end = watched.last
    slope = hazard[end] - np.where(watched.ended > 0, gone[end], 0.0)
    jump = np.where(watched.ended == cause, (before / table.at_risk)[end], 0.0)
    goes = np.column_stack([held[end] + jump - share[end] * slope, slope, -ones])
    basis = np.column_stack([np.ones_like(share), share, held])
    return spread_of(watched, (comes, goes), basis)
