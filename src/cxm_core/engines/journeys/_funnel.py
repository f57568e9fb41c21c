"""How many of those who begin get to each further stage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, Unpack

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import EventLog, read_crossed
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Receipt, check_level
from cxm_core.stats import stages_reached
from cxm_core.vocabulary import parse_duration, takes

from ._medians import medians
from ._reading import (
    EventNames,
    Stages,
    joined,
    named_stages,
    noting_absent,
    read,
    seconds,
    units,
)

Of = Literal["start", "previous"]

_STAGE = "stage"


@takes(of="text", is_ordered="flag")
def funnel(
    events: object,
    stages: Stages,
    *,
    of: Of = "start",
    within: str | timedelta | None = None,
    until: datetime | None = None,
    is_ordered: bool = True,
    by: Any = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Breakdown:
    """Share of cases that get to each stage: of those who began, or of those at the stage before.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity, such as what `cases` gives.
    stages : sequence of activities, or mapping of name to activities
        The stages in order; one may be several activities, of which any counts.
    of : {"start", "previous"}
        Below the line: cases at the first stage, or at the stage before.
    within : str, timedelta or None
        Time after the first stage in which a stage has to be reached, such as ``"7d"``.
    until : datetime or None
        End of what was observed; None for the last event of the log.
    is_ordered : bool
        Whether a stage counts only after the one before it.
    by : column name, list of names, or mapping of name to sequence
        Groups: the value at the first event of each case.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Breakdown
        A group for each stage after the first, in order; figures tell `n_reached`, how many got
        there, and `wait_s`, their median time since the first or previous stage. With `within`,
        cases that began less than that before `until` are left out, whether they got there or not.

    Raises
    ------
    UsageError
        Fewer than two stages, no event has any of them, or a column is not there.

    Notes
    -----
    A stage that no event has may be misspelt, or nobody has got so far: a caveat counts such.
    Cases of one customer are a cluster. Leaving out only the unfinished cases that did not get
    there would raise the share: those who began late and were quick would count, the slow not.

    References
    ----------
    .. [1] Lancaster, H., Significance tests in discrete distributions, 1961, Journal of the
       American Statistical Association 56, 223-234, for the mid-P interval.

    Examples
    --------
    >>> from datetime import datetime
    >>> import cxm_core as cx
    >>> at = [datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 9, 5), datetime(2026, 1, 2)] * 40
    >>> log = {"case": [c for i in range(40) for c in (f"{i}a", f"{i}a", f"{i}b")],
    ...        "activity": ["cart", "paid", "cart"] * 40, "occurred_at": at}
    >>> cx.funnel(log, ["cart", "paid"])["paid"]
    Estimate(funnel stage=paid 50.0%, 95% interval 39.1% to 60.9%, n=80)
    """
    check_level(confidence_level)
    wanted = named_stages(stages)
    if of not in ("start", "previous"):
        raise UsageError(f"A funnel has no shares of {of!r}.", hint="of='start' or of='previous'")
    length = None if within is None else parse_duration(within)
    rule = _Rule(of=of, within=length, is_ordered=is_ordered)
    log = read(events, names, by=by, until=until)
    log.codes(sum(wanted.values(), ()), "a stage")
    codes = [log.codes(part, "a stage", is_needed=False) for part in wanted.values()]
    log = noting_absent(log, codes)
    rows = stages_reached(log.chains, codes, is_ordered=is_ordered)
    ways = _ways(log, rows, rule)
    settings = (("stages", " > ".join(wanted)), *rule.settings)
    told = Told(metric="funnel", counted="cases", parameters=settings)
    clusters = units(log)
    opened = (("open_windows", ways.open),) if ways.open else ()
    cases = evolve(log.cases, notes=(*log.cases.notes, *opened))
    parts = [
        share_of(
            cases,
            is_met,
            told,
            is_known=is_known,
            by=list(log.axes) or None,
            clusters=clusters,
            confidence_level=confidence_level,
        )
        for is_met, is_known in zip(ways.is_met, ways.is_known, strict=True)
    ]
    found = joined(parts, _STAGE, tuple(wanted)[1:])
    n_all = int(ways.is_known.any(axis=0).sum())
    told_all = evolve(found, figures=_figures(found, log, ways, tuple(wanted)), n_all=n_all)
    return evolve(told_all, receipt=_receipt(found.receipt, log, ways, tuple(wanted)))


@frozen(kw_only=True)
class _Rule:
    """What counts as reaching a stage, and below the line."""

    of: Of
    within: timedelta | None
    is_ordered: bool

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        """For the receipt."""
        return (
            ("of", self.of),
            ("within", "no limit" if self.within is None else str(self.within)),
            ("is_ordered", str(self.is_ordered)),
        )


@frozen(kw_only=True, eq=False)
class _Ways:
    """Which case reached which stage after the first: stages in rows, cases in columns."""

    is_met: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    rows: NDArray[Any]
    before: NDArray[Any] | None
    counts: tuple[int, ...]
    open: int


def _ways(log: EventLog, rows: NDArray[Any], rule: _Rule) -> _Ways:
    rows = rows.T
    is_there = rows >= 0
    is_over = is_there[0]
    if rule.within is not None:
        most = rule.within // timedelta(microseconds=1)
        times = log.times_at(np.maximum(rows, 0))
        is_there = is_there & (times - times[0] <= most)
        is_over = is_over & (times[0] + most <= log.until)
    before = slice(0, 1) if rule.of == "start" else slice(None, -1)
    return _Ways(
        is_met=is_there[1:],
        is_known=np.broadcast_to(is_over & is_there[before], is_there[1:].shape),
        # In no order, a stage may come before the one that it is counted from.
        rows=rows[1:],
        before=np.broadcast_to(rows[before], rows[1:].shape) if rule.is_ordered else None,
        counts=tuple(int(part.sum()) for part in is_there & is_over),
        open=int((is_there[0] & ~is_over).sum()),
    )


def _figures(
    found: Breakdown, log: EventLog, ways: _Ways, names: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """How many got to each stage, and how long it took the middle one of them."""
    of_case, groups = _groups(log)
    places = {labels: place for place, labels in enumerate(groups)}
    stages: dict[Any, int] = {name: place for place, name in enumerate(names[1:])}
    wanted = [stages[labels[0]] * len(places) + places[labels[1:]] for labels in found.labels]
    told = [_of_stage(log, ways, stage, of_case, len(places)) for stage in range(len(ways.is_met))]
    reached, waits = (np.concatenate(part)[wanted] for part in zip(*told, strict=True))
    figures = {"n_reached": reached.astype(np.float64)}
    return figures if ways.before is None else figures | {"wait_s": waits}


def _of_stage(
    log: EventLog, ways: _Ways, stage: int, of_case: NDArray[np.integer[Any]], groups: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many cases of each group got to a stage, and their median wait for it."""
    which = np.flatnonzero(ways.is_met[stage] & ways.is_known[stage])
    codes = of_case[which]
    reached = np.bincount(codes, minlength=groups)
    if ways.before is None:
        return reached, np.full(groups, np.nan)
    waits = log.times_at(ways.rows[stage, which])
    waits -= log.times_at(ways.before[stage, which])
    return reached, medians(codes, seconds(waits), groups)


def _groups(log: EventLog) -> tuple[NDArray[np.integer[Any]], tuple[tuple[Any, ...], ...]]:
    """Group of each case, and the groups."""
    if not log.axes:
        return np.zeros(len(log.cases), np.int8), ((),)
    (crossed,) = read_crossed(log.cases, [log.axes], what="the cases")
    return crossed.codes, crossed.labels


def _receipt(receipt: Receipt, log: EventLog, ways: _Ways, names: tuple[str, ...]) -> Receipt:
    elsewhere = len(log.cases) - ways.counts[0] - ways.open
    reasons = {"first stage not reached": elsewhere, "window is not over yet": ways.open}
    return evolve(
        receipt,
        engine="funnel",
        steps=(*log.cases.steps, *zip(names, ways.counts, strict=True)),
        exclusions=(*log.cases.exclusions, *((why, n) for why, n in reasons.items() if n)),
    )
