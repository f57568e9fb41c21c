"""One number of a program, of answers or of a log: what is asked for, and where it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from cxm_core.results import Breakdown, Curve, Estimate, Matrix, Panel, Ranking
from cxm_core.vocabulary import Window

from ._inquiry import Where, axes_of, filters_of, guesses_of, instant_of, names_of
from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._log_maps import map_metric
from ._log_measure import log_metric, measure_log, received
from ._log_promises import PROMISED, measure_promise, promise_named
from ._measure import Inquiry, measure, statuses
from ._unfinished import incomplete

if TYPE_CHECKING:
    from cxm_core.program import Metric, Program
    from cxm_core.store import Store

__all__ = ["Asked", "Measured", "measured"]

Measured: TypeAlias = Estimate | Breakdown | Curve | Matrix | Panel | Ranking


@frozen(kw_only=True)
class Asked:
    """What a caller asks for, in the caller's words.

    Parameters
    ----------
    name : str
        Name of the metric.
    now : datetime
        The present instant.
    by : str, sequence of str or None
        Columns or attributes to group by.
    every : str or None
        Calendar period to group by, too.
    where : mapping or None
        Which rows.
    as_of : datetime, str or None
        State of knowledge.
    window : Window or None
        What it is about.
    is_map : bool
        Whether the name is that of a map, to be held against the log.
    """

    name: str
    now: datetime
    by: str | Sequence[str] | None = None
    every: str | None = None
    where: Where | None = None
    as_of: datetime | str | None = None
    window: Window | None = None
    is_map: bool = False


def measured(program: Program, store: Store, asked: Asked) -> Any:
    """Measure a metric or a promise of a program, or an engine of logs by its own name."""
    as_of = instant_of(asked.as_of)
    sources = statuses(store.receipts(), as_of=as_of)
    facts = {"sources": sources, "program_hash": program.hash}
    promised = None if asked.is_map else promise_named(program, asked.name)
    metric = _metric(program, asked) if promised is None else PROMISED
    if metric.topic is None:
        inquiry = _of_answers(program, metric, asked, as_of)
        found = measure(store, inquiry, now=asked.now)
        return incomplete(found.with_receipt(**facts), sources)
    log = _of_a_log(program, store, metric, asked)
    made = measure_log(log) if promised is None else measure_promise(log, promised)
    return incomplete(received(made, **facts), sources)


def _metric(program: Program, asked: Asked) -> Metric:
    return map_metric(program, asked.name) if asked.is_map else log_metric(program, asked.name)


def _of_a_log(program: Program, store: Store, metric: Metric, asked: Asked) -> LogInquiry:
    groups = Groups.of(
        str(metric.topic),
        names_of(asked.by),
        zone=program.zone,
        where=asked.where,
        every=asked.every,
    )
    return LogInquiry(
        program=program,
        store=store,
        metric=metric,
        groups=groups,
        now=asked.now,
        window=asked.window,
        as_of=instant_of(asked.as_of),
    )


def _of_answers(program: Program, metric: Metric, asked: Asked, as_of: datetime | None) -> Inquiry:
    return Inquiry(
        metric=metric,
        engine=metric.engine,
        question=metric.question,
        window=asked.window,
        by=axes_of(asked.by, asked.every, program.zone),
        where=filters_of(asked.where),
        as_of=as_of,
        guessed=guesses_of((*names_of(asked.by), *(asked.where or ()))),
    )
