"""The ways that cases take, from the first event to the last."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

import numpy as np
from attrs import evolve

from cxm_core.columns import EventLog
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, check_level
from cxm_core.stats import DistinctChains, distinct_chains
from cxm_core.vocabulary import takes

from ._medians import medians
from ._reading import EventNames, joined, read, seconds, units

#: Label of all ways that are not shown one by one.
OTHER_WAYS = "(other ways)"

# Activities of a way that its label names one by one.
_LONGEST = 12


@takes(most="whole")
def variants(
    events: object,
    *,
    most: int = 20,
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Breakdown:
    """Which ways customers really take, and how many of them each one.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    most : int
        How many ways are told one by one, the commonest first; the others are one group.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Breakdown
        Share of all cases that take each way; figures tell `n_cases` and `duration_s`, their median
        time from the first event to the last. The receipt counts all ways.

    Raises
    ------
    UsageError
        A column is not there, or `most` is below 1.

    Notes
    -----
    Two cases take one way if their activities are the same in the same order; no two ways are ever
    taken for one. Cases of one customer are a cluster.

    References
    ----------
    .. [1] van der Aalst, W., Process Mining, 2nd edition, 2016, section 5.2.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": [1, 1, 2, 2, 3], "activity": ["cart", "paid", "cart", "paid", "cart"],
    ...        "occurred_at": [datetime(2026, 1, 1, hour) for hour in (9, 10, 11, 12, 13)]}
    >>> found = cx.variants(log)
    >>> found.groups, found.figures["n_cases"].tolist()
    (('cart > paid', 'cart'), [2.0, 1.0])
    """
    check_level(confidence_level)
    if most < 1:
        raise UsageError(f"{most} ways are none.", hint="most=20")
    log = read(events, names, until=until)
    ways = distinct_chains(log.chains, most=most)
    shown = min(most, len(ways.n))
    is_cut = shown < len(ways.n)
    told = Told(metric="variants", counted="cases", parameters=(("most", str(most)),))
    clusters = units(log)
    parts = [
        share_of(
            log.cases,
            (ways.codes == code) if code < shown else (ways.codes >= shown),
            told,
            clusters=clusters,
            confidence_level=confidence_level,
        )
        for code in range(max(shown + is_cut, 1))
    ]
    labels = [*labels_of(log, ways, shown), *([OTHER_WAYS] if is_cut or not shown else [])]
    found = joined(parts, "variant", labels)
    return _with_figures(found, log, ways, shown)


def _with_figures(found: Breakdown, log: EventLog, ways: DistinctChains, shown: int) -> Breakdown:
    size = len(found)
    codes = np.minimum(ways.codes, shown).astype(np.min_scalar_type(shown))
    starts = log.chains.starts
    lasted = log.times_at(starts[1:] - 1)
    lasted -= log.times_at(starts[:-1])
    told = np.append(ways.n[:shown], ways.n[shown:].sum())
    figures = {
        "n_cases": told[:size],
        "duration_s": medians(codes, seconds(lasted), max(size, shown + 1))[:size],
    }
    receipt = evolve(
        found.receipt, engine="variants", steps=(*log.cases.steps, ("ways", len(ways.n)))
    )
    return evolve(found, figures=figures, receipt=receipt, n_all=len(log.cases))


def labels_of(log: EventLog, ways: DistinctChains, shown: int) -> list[str]:
    """Names of the commonest ways; long ones are cut, and told apart by their number."""
    labels: list[str] = []
    for chain in ways.examples[:shown].tolist():
        start, end = log.chains.starts[chain : chain + 2].tolist()
        cut = min(end, start + _LONGEST)
        names = [str(log.activities[code]) for code in log.chains.states[start:cut]]
        rest = [f"{end - cut:,} more"] if end > cut else []
        label = " > ".join([*names, *rest])
        labels.append(label if label not in labels else f"{label} ({len(labels) + 1})")
    return labels
