"""Which ways end well: an outcome by the way that a case takes, and by what it goes through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Literal, Unpack, cast

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import EventLog, LogTable
from cxm_core.engines.feedback import Told, against_rest, share_of
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Caveat, Estimate, check_level
from cxm_core.stats import P_METHODS, adjust_p, distinct_chains, state_counts
from cxm_core.vocabulary import Scale, takes

from ._case_outcomes import outcomes_of
from ._reading import EventNames, joined, units
from ._variants import labels_of

Path = Literal["activity", "way"]

_YES_OR_NO = Scale(low=0, high=1, top=(1,))
_FEWEST = 5


@takes(path="text", adjust="text", most="whole")
def outcome_by_path(
    events: object,
    *,
    outcome: Any,
    path: Path = "activity",
    most: int = 20,
    adjust: str = "holm",
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Breakdown:
    """How often it ends well on each way, and on which ways really more or less often.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    outcome : column name, sequence, or mapping of case to yes or no
        True or 1 where it ended well; a column counts with its value at the case's first event.
    path : {"activity", "way"}
        Cases that go through each activity; or cases that take each whole way.
    most : int
        How many activities or ways are looked at, the commonest first, each of five cases or more.
    adjust : {"holm", "bh", "by", "hommel", "bonferroni", "none"}
        How p-values pay for looking at many: "holm" for decisions, "bh" for a list to look into.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Breakdown
        Share that ended well, a group for each activity or way. Figures: `rest`, the share of all
        other cases, `difference`, `p_value` and `p_adjusted`.

    Raises
    ------
    UsageError
        The outcome is no yes or no, every case took the same way, or a column is not there.

    Notes
    -----
    A way does not cause its outcome: who gets far meets more activities. Cases of one customer are
    a cluster, and those on both sides tie the two together.

    References
    ----------
    .. [1] Holm, S., A simple sequentially rejective multiple test procedure, 1979, Scandinavian
       Journal of Statistics 6, 65-70.
    .. [2] Zou, G., Toward using confidence intervals to compare correlations, 2007, Psychological
       Methods 12, 399-413.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> log = {"case": [i for i in range(60) for _ in "ab"],
    ...        "activity": ["home", "help"] * 30 + ["home", "cart"] * 30,
    ...        "occurred_at": [datetime(2026, 1, 1, 9, m) for m in (0, 1)] * 60}
    >>> found = cx.outcome_by_path(log, outcome={i: i >= 25 for i in range(60)})
    >>> found["help"].value, bool(found.figures["p_adjusted"][1] < 0.05)
    (0.16666666666666666, True)
    """
    check_level(confidence_level)
    _check(path, adjust)
    log, yes, is_known = outcomes_of(events, outcome, names, until=until)
    asked = _Asked(yes=yes, is_known=is_known, clusters=units(log), level=confidence_level)
    told = Told(metric="outcome", counted="cases", parameters=(("path", path), ("adjust", adjust)))
    sides = _through(log) if path == "activity" else _ways(log)
    sides = islice((side for side in sides if _is_enough(side[1], is_known)), most)
    labels, parts, figures = [], [], []
    is_shown = np.zeros(len(log.cases), np.bool_)
    for label, is_in in sides:
        labels.append(label)
        parts.append(asked.share(log.cases, is_in, told))
        figures.append(asked.against_rest(is_in))
        is_shown |= is_in & is_known
    if not parts:
        raise UsageError(
            f"No {path} has {_FEWEST} cases that take it and {_FEWEST} that do not.",
            hint="path='activity' compares what cases go through",
        )
    found = joined(parts, path, labels)
    unknown = int((~is_known).sum())
    receipt = evolve(
        found.receipt,
        engine="outcome_by_path",
        parameters=(*found.receipt.parameters, ("tests", str(len(parts)))),
        steps=(*log.cases.steps, ("outcome known", int(is_known.sum()))),
        exclusions=(
            *log.cases.exclusions,
            *((("outcome is not known", unknown),) if unknown else ()),
        ),
    )
    return _adjusted(
        evolve(found, receipt=receipt, n_all=int(is_shown.sum())), np.array(figures), adjust
    )


def _adjusted(found: Breakdown, figures: NDArray[np.float64], adjust: str) -> Breakdown:
    """The result beside the other cases, with p-values that pay for their number."""
    columns = dict(zip(("rest", "difference", "p_value"), figures.T, strict=True))
    p = columns["p_value"]
    one_by_one = (Caveat.of("one_by_one"),) if len(p) > 1 else ()
    return evolve(
        found,
        figures={**columns, "p_adjusted": p if adjust == "none" else adjust_p(p, method=adjust)},
        group_caveats=tuple((*caveats, *one_by_one) for caveats in found.group_caveats),
    )


def _check(path: str, adjust: str) -> None:
    for what, given, known in (
        ("path", path, ("activity", "way")),
        ("way to adjust", adjust, ("none", *P_METHODS)),
    ):
        if given not in known:
            raise UsageError(f"There is no {what} {given!r}.", hint=did_you_mean(str(given), known))


def _through(log: EventLog) -> Iterator[tuple[Any, NDArray[np.bool_]]]:
    """Activities by how many cases go through them, and which do."""
    found = state_counts(log.chains)
    n = np.bincount(found.state, minlength=len(log.activities))
    for code in np.lexsort((np.arange(n.size), -n)).tolist():
        is_in = np.zeros(len(log.chains), np.bool_)
        is_in[found.chain[found.state == code]] = True
        yield log.activities[code], is_in


def _ways(log: EventLog) -> Iterator[tuple[Any, NDArray[np.bool_]]]:
    ways = distinct_chains(log.chains)
    shown = int((ways.n >= _FEWEST).sum())
    for code, label in enumerate(labels_of(log, ways, shown)):
        yield label, ways.codes == code


def _is_enough(is_in: NDArray[np.bool_], is_known: NDArray[np.bool_]) -> bool:
    inside, known = int((is_in & is_known).sum()), int(is_known.sum())
    return min(inside, known - inside) >= _FEWEST


@frozen(kw_only=True, eq=False)
class _Asked:
    """Outcomes of all cases, and how they are told."""

    yes: NDArray[np.int64]
    is_known: NDArray[np.bool_]
    clusters: NDArray[np.int64] | None
    level: float

    def share(self, cases: LogTable, is_in: NDArray[np.bool_], told: Told) -> Estimate:
        """Share of some cases that ended well."""
        found = share_of(
            cases,
            self.yes == 1,
            told,
            is_known=self.is_known & is_in,
            clusters=self.clusters,
            confidence_level=self.level,
        )
        return cast("Estimate", found)

    def against_rest(self, is_in: NDArray[np.bool_]) -> tuple[float, float, float]:
        """Share of all the others, the difference from it, and its p-value."""
        known = self.is_known
        found = against_rest(
            self.yes[known],
            metric="top_box",
            scale=_YES_OR_NO,
            by=is_in[known].astype(np.int64),
            clusters=None if self.clusters is None else self.clusters[known],
            adjust="none",
            confidence_level=self.level,
        )
        place = found.labels.index((1,))
        figures = found.figures
        return (
            float(figures["rest"][place]),
            float(found.value[place]),
            float(figures["p_value"][place]),
        )
