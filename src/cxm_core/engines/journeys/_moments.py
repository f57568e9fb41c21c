"""Moments that matter: where effort is common and goes along with a worse outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from cxm_core.results import Caveat, Ranking, Receipt, check_level
from cxm_core.stats import StateCounts, least_squares, state_counts

from ._case_outcomes import outcomes_of
from ._ranked import Measured, ranked
from ._reading import EventNames, units

_FEWEST = 10


def moments_that_matter(
    events: object,
    *,
    outcome: Any,
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Ranking:
    """Where effort costs most: touchpoints by the outcomes that go along with doing it again.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity; each activity is a touchpoint.
    outcome : column name, sequence, or mapping of case to yes or no
        True or 1 where it ended badly, such as churn or a bad answer; a column counts with its
        value at the case's first event.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each touchpoint's places.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Ranking
        Volume times effort times slope: how many more cases ended badly than would have if each had
        come once. Figures of `groups_pooled`: `n_cases` through the touchpoint; `effort`, visits
        beyond the first of a case, on average; `slope`, by how much each raises the share that ends
        badly.

    Raises
    ------
    UsageError
        The outcome is no yes or no, a column is not there, or fewer than three touchpoints have
        cases with and without a second visit.

    Notes
    -----
    The slope is that of a straight line through the cases of a touchpoint, its error by clusters of
    customers; volume and effort are those of this log and have none. It is a slope, not an effect:
    a hard case may cause both the visits and the outcome.

    References
    ----------
    .. [1] Liang, K. and Zeger, S., Longitudinal data analysis using generalized linear models,
       1986, Biometrika 73, 13-22, for the clustered error.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> import cxm_core as cx
    >>> rng = __import__("numpy").random.default_rng(1)
    >>> rows, lost = [], {}
    >>> for i in range(300):
    ...     steps = ["home"] * rng.integers(1, 3) + ["form"] * rng.integers(1, 4)
    ...     steps += ["help"] * rng.integers(1, 3)
    ...     lost[i] = bool(rng.random() < 0.3 * (steps.count("form") - 1))
    ...     rows += [(i, s, datetime(2026, 1, 1) + timedelta(minutes=k))
    ...              for k, s in enumerate(steps)]
    >>> log = dict(zip(["case", "activity", "occurred_at"], zip(*rows)))
    >>> cx.moments_that_matter(log, outcome=lost).best
    'form'
    """
    check_level(confidence_level)
    log, bad, is_known = outcomes_of(events, outcome, names, until=until)
    counts = state_counts(log.chains)
    people = units(log)
    told = np.where(is_known, bad, np.nan)
    found = [_slope(counts, code, told, people) for code in range(len(log.activities))]
    n, effort, slope, error = np.array(found, np.float64).T
    measured = Measured(
        metric="moments that matter",
        unit="cases that end badly",
        axis="touchpoint",
        labels=log.activities,
        value=n * effort * slope,
        standard_error=n * effort * error,
        n=n.astype(np.int64),
        n_all=int(is_known.sum()),
        figures={"n_cases": n, "effort": effort, "slope": slope, "slope_error": error},
    )
    receipt = Receipt(
        engine="moments_that_matter",
        counted="cases",
        method="posterior draws",
        confidence_level=confidence_level,
        parameters=(*log.cases.parameters, ("effort", "visits beyond the first of a case")),
        design=() if people is None else ("clusters",),
        steps=(*log.cases.steps, ("outcome known", int(is_known.sum()))),
        exclusions=log.cases.exclusions,
    )
    notes = tuple(Caveat.of(code, count=count) for code, count in log.cases.notes)
    return ranked(measured, receipt, notes)


def _slope(
    counts: StateCounts, code: int, told: NDArray[np.float64], people: NDArray[np.int64] | None
) -> tuple[float, float, float, float]:
    """Cases through a touchpoint, their mean effort there, its slope and the slope's error."""
    which = counts.state == code
    case, visits = counts.chain[which], counts.n[which] - 1.0
    is_known = np.isfinite(told[case])
    case, visits = case[is_known], visits[is_known]
    effort = float(visits.mean()) if case.size else 0.0
    if min((visits > 0).sum(), (visits == 0).sum()) < _FEWEST:
        return case.size, effort, np.nan, np.nan
    clusters = case if people is None else people[case]
    line = least_squares(told[case], visits, clusters=clusters)
    return case.size, effort, float(line.coefficients[1]), float(line.standard_errors[1])
