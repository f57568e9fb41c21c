"""Where customers struggle: leaving, lingering, doing it again, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Unpack

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.columns import Answers, Design, EventLog, Frame, open_data, read_answers
from cxm_core.results import Caveat, Ranking, Receipt, check_level
from cxm_core.stats import Composite, Label, RatioRows, composite, state_counts
from cxm_core.vocabulary import Scale

from ._ranked import Measured, check_rankable, ranked
from ._reading import Activity, EventNames, activities, read, seconds

Ints = NDArray[np.int64]


def friction(
    events: object,
    feedback: object = None,
    *,
    goal: Activity | Iterable[Activity] = (),
    scale: str | Scale = "1-5",
    score: str = "score",
    touchpoint: str = "touchpoint",
    until: datetime | None = None,
    confidence_level: float = 0.95,
    **names: Unpack[EventNames],
) -> Ranking:
    """Touchpoints from the hardest to the easiest, with the places that each may really hold.

    Parameters
    ----------
    events : table
        One row an event with its case, time and activity; each activity is a touchpoint.
    feedback : table or None
        One row an answer: `touchpoint`, `score`, and `customer` if it is known.
    goal : activity or list of activities
        What the customers came for: who has got it does not leave in vain.
    scale : str or Scale
        Scale of the answers.
    score, touchpoint : column names
        Of the feedback: the answer, and the activity that it is about.
    until : datetime or None
        End of what is looked at; None for the whole log.
    confidence_level : float in (0, 1)
        Nominal coverage of each touchpoint's places.
    **names : column names
        `case`, `customer`, `at`, `activity` and `order` as in `cases`; `zone` of times without one.

    Returns
    -------
    Ranking
        Place 1 has the most friction, the last place the most ease. The figures of
        `groups_pooled` tell the signs: `leave`, the share of visits with which a case ends short of
        the goal; `dwell_s`, the usual time until the next event; `again`, the share of cases that
        come back; `unhappy`, the share of answers in the bottom levels.

    Raises
    ------
    UsageError
        A column is not there, no event is the goal, the log has fewer than three kinds of
        touchpoints, or fewer than three have a figure with an error.

    Notes
    -----
    Each sign is taken in standard deviations between the touchpoints, and their mean is the
    friction: every sign that a touchpoint has weighs the same. What one customer adds to several
    signs is counted together in the error. Touchpoints are pooled before they are ranked.
    Friction is where to look, not why: a long form may be worth its time.
    A case that is still going on counts as left at its last touchpoint so far, which makes those
    where customers stay for long look worse at the end of a log.

    References
    ----------
    .. [1] Goldstein, H. and Spiegelhalter, D., League tables and their limitations, 1996, Journal
       of the Royal Statistical Society A 159, 385-443.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> import cxm_core as cx
    >>> ways = ["home form form paid", "home form help form", "home paid"]
    >>> rows = [(i, step, datetime(2026, 1, 1) + timedelta(hours=i, minutes=5 * k))
    ...         for i in range(90) for k, step in enumerate(ways[i % 3].split())]
    >>> log = dict(zip(["case", "activity", "occurred_at"], zip(*rows)))
    >>> cx.friction(log, goal="paid").groups
    ('form', 'help', 'home', 'paid')
    """
    check_level(confidence_level)
    log = read(events, names, until=until)
    check_rankable(len(log.activities))
    wanted = activities(goal)
    done = log.codes(wanted, "the goal", is_needed=bool(wanted))
    told = _told(feedback, Scale.parse(scale), (score, touchpoint), log.activities)
    people = _numbers([*_owners(log), *told.owners])
    parts = _parts(log, done, people) | told.rows(people[len(log.cases) :])
    found = composite(list(parts.values()), len(log.activities))
    goals = (("goal", " or ".join(map(str, wanted))),) if wanted else ()
    receipt = Receipt(
        engine="friction",
        counted="cases",
        method="posterior draws",
        confidence_level=confidence_level,
        parameters=(*log.cases.parameters, ("signs", ", ".join(parts)), *goals),
        design=("clusters",),
        steps=(*log.cases.steps, *((("answers", told.place.size),) if told.place.size else ())),
        exclusions=(*log.cases.exclusions, *told.exclusions),
    )
    measured = Measured(
        metric="friction",
        unit="standard deviations",
        axis="touchpoint",
        labels=log.activities,
        value=found.value,
        standard_error=found.standard_error,
        n=np.bincount(parts["again"].group, minlength=len(log.activities)),
        n_all=len(log.cases),
        figures=_figures(found, tuple(parts), told),
    )
    notes = tuple(Caveat.of(code, count=count) for code, count in log.cases.notes)
    return ranked(measured, receipt, notes)


def _figures(found: Composite, parts: tuple[str, ...], told: _Told) -> dict[str, Any]:
    figures: dict[str, Any] = dict(zip(parts, found.parts, strict=True))
    figures["dwell_s"] = np.expm1(figures.pop("dwell"))
    answered = np.bincount(told.place, minlength=found.value.size)
    return {**figures, "n_answers": answered.astype(np.float64)}


def _owners(log: EventLog) -> list[Any]:
    """Customer of each case; None where nobody is known."""
    if log.clusters is None:
        return [None] * len(log.cases)
    column = log.cases.column(log.clusters)
    pairs = zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
    return [None if is_missing else owner for owner, is_missing in pairs]


def _numbers(owners: list[Any]) -> Ints:
    """The same number for the same customer; nobody is a customer of their own."""
    known: dict[Any, int] = {}
    size = len(owners)
    return np.array(
        [
            place if owner is None else known.setdefault(owner, size + len(known))
            for place, owner in enumerate(owners)
        ],
        np.int64,
    )


def _parts(log: EventLog, done: Ints, people: Ints) -> dict[str, RatioRows]:
    """What the events say of each touchpoint."""
    chains = log.chains
    chain = np.repeat(np.arange(len(chains)), chains.lengths)
    states, unit = chains.states.astype(np.int64), people[chain]
    is_last = np.zeros(states.size, np.bool_)
    is_last[chains.starts[1:] - 1] = True
    has_goal = np.zeros(len(chains), np.bool_)
    has_goal[chain[np.isin(states, done)]] = True
    goes_on = np.flatnonzero(~is_last)
    lasted = np.log1p(seconds(log.times[goes_on + 1] - log.times[goes_on]))
    found = state_counts(chains)
    return {
        "leave": RatioRows(is_last & ~has_goal[chain], np.ones(states.size), states, unit),
        "dwell": RatioRows(lasted, np.ones(goes_on.size), states[goes_on], unit[goes_on]),
        "again": RatioRows(found.n > 1, np.ones(found.n.size), found.state, people[found.chain]),
    }


@frozen(kw_only=True, eq=False)
class _Told:
    """Answers about touchpoints of the log."""

    is_bad: NDArray[np.bool_]
    place: Ints
    owners: list[Any]
    exclusions: tuple[tuple[str, int], ...]

    def rows(self, people: Ints) -> dict[str, RatioRows]:
        """The answers as one more ratio, if there are any."""
        if not self.place.size:
            return {}
        ones = np.ones(self.place.size)
        return {"unhappy": RatioRows(self.is_bad, ones, self.place, people)}


def _told(
    feedback: object, scale: Scale, names: tuple[str, str], known: tuple[Label, ...]
) -> _Told:
    """Answers of a table, and which of them are about touchpoints of the log."""
    if feedback is None:
        none = np.zeros(0, np.int64)
        return _Told(is_bad=none > 0, place=none, owners=[], exclusions=())
    score, touchpoint = names
    table = open_data(feedback, "the feedback")
    is_named = isinstance(table, Frame) and "customer" in table.names
    wanted = Design(by=touchpoint, clusters="customer" if is_named else None)
    read_ = read_answers(feedback, score, scale=scale, design=wanted)
    places = {label: place for place, label in enumerate(known)}
    of = np.array([*(places.get(label, -1) for label in read_.axes[0].labels), -1], np.int64)
    place = of[read_.axes[0].codes]
    is_there = (read_.level_codes >= 0) & (place >= 0)
    bad = np.array([level in scale.bottom for level in read_.levels] + [False])
    elsewhere = int(((read_.level_codes >= 0) & (place < 0)).sum())
    left_out = (("answers about no touchpoint of the log", elsewhere),) if elsewhere else ()
    return _Told(
        is_bad=bad[read_.level_codes][is_there],
        place=place[is_there],
        owners=_labels(read_, is_there),
        exclusions=(*read_.exclusions, *left_out),
    )


def _labels(answers: Answers, which: NDArray[np.bool_]) -> list[Any]:
    """Customers of some answers; None where nobody is known."""
    if len(answers.axes) < 2:
        return [None] * int(which.sum())
    axis = answers.axes[1]
    labels = [*axis.labels, None]
    return [labels[code] for code in axis.codes[which].tolist()]
