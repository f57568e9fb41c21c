"""From a metric's definition to its number: the spec goes to the store, the tally to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import frozen

from cxm_core.engines import estimate, spec
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.program import Metric
from cxm_core.results import Caveat, SourceStatus, SyncReceipt, show_values
from cxm_core.stats import CLUSTER, Axis, Filter, Tally, TallySpec
from cxm_core.store import Store
from cxm_core.vocabulary import Window

from ._kept import attribute_names
from ._unfinished import Result, flagged, with_caveat

__all__ = ["Inquiry", "Result", "last_receipts", "measure", "statuses"]

# So many answers are looked through for customers who answered more than once.
MOST_ANSWERS = 100_000
# Columns of a response that are worth grouping by, to be named in a hint.
# The stream under which a fold tells of what was pushed.
_PUSHED = "webhooks"
_COLUMNS = ("channel", "journey", "language", "stage", "touchpoint")


@frozen(kw_only=True)
class Inquiry:
    """One number that is wanted.

    Parameters
    ----------
    metric : Metric
        Its definition.
    engine : str
        Engine that turns the tally into the number; usually the metric's own.
    question : tuple of str
        Native ids of the questions; usually the metric's own.
    window : Window or None
        Half-open window of time; None for all there is.
    by : tuple of Axis
        Groups.
    where : tuple of Filter
        Which answers.
    as_of : datetime or None
        State of knowledge; None for the newest.
    guessed : tuple of str
        Words of the caller that are no column, and so are taken for attributes.
    """

    metric: Metric
    engine: str
    question: tuple[str, ...]
    window: Window | None = None
    by: tuple[Axis, ...] = ()
    where: tuple[Filter, ...] = ()
    as_of: datetime | None = None
    guessed: tuple[str, ...] = ()

    @property
    def spec(self) -> TallySpec:
        """What the store counts."""
        return self._spec(_design(self.metric))

    @property
    def by_customer(self) -> TallySpec | None:
        """The same with customers for clusters; None if the metric says what its clusters are."""
        if "clustered" in self.metric.model_fields_set:
            return None
        return self._spec((*_design(self.metric), "customer"))

    def _spec(self, design: tuple[str, ...]) -> TallySpec:
        return spec(
            self.engine,
            question=self.question,
            scale=self.metric.scale,
            by=self.by,
            where=self.where,
            design=design,
        )

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What was selected, for the receipt."""
        chosen = [("question", self.question), *((one.column, one.values) for one in self.where)]
        return [(column, show_values(values)) for column, values in chosen]


def _design(metric: Metric) -> tuple[str, ...]:
    used = {"weight": metric.weighted, "stratum": metric.stratified, "cluster": metric.clustered}
    return tuple(name for name, is_used in used.items() if is_used)


def measure(store: Store, inquiry: Inquiry, *, now: datetime) -> Result:
    """Count in the store, estimate in the engine, and say in the receipt what was counted."""
    metric = inquiry.metric
    tally = store.tally(inquiry.spec, window=inquiry.window, as_of=inquiry.as_of)
    _check_guesses(store, inquiry, tally)
    clustered = _clustered(store, inquiry, tally)
    tally = tally if clustered is None else clustered
    result = estimate(inquiry.engine, tally, scale=metric.scale, top=metric.top, of=metric.of)
    told = flagged(result, now=inquiry.as_of or now, by=inquiry.by, window=inquiry.window)
    told = with_caveat(told, Caveat.of("repeats_unread")) if clustered is None else told
    return told.with_receipt(
        definition=metric.name,
        version=metric.version,
        definition_hash=metric.definition_hash,
        filters=inquiry.filters,
        window=inquiry.window,
        as_of=inquiry.as_of,
        measured_at=now,
    )


def _clustered(store: Store, inquiry: Inquiry, tally: Tally) -> Tally | None:
    """The tally by customer if one of them answered more than once, else as it is.

    Without that, each answer is a unit of its own, and clusters would only cost time.
    None if there are too many answers to look.
    """
    wanted, answers = inquiry.by_customer, int(tally.n.sum())
    if wanted is None or answers < 2:
        return tally
    if answers > MOST_ANSWERS:
        return None
    found = store.tally(wanted, window=inquiry.window, as_of=inquiry.as_of)
    customers = len(found.labels[found.axes.index(CLUSTER)])
    return found if customers < answers else tally


def _check_guesses(store: Store, inquiry: Inquiry, tally: Tally) -> None:
    """Refuse a word that no answer has as an attribute: it is more likely misspelt than rare."""
    suspects = [name for name in inquiry.guessed if _is_unseen(name, tally)]
    known = attribute_names(store, inquiry.question) if suspects else None
    for name in suspects:
        if known is not None and name not in known:
            raise UsageError(
                f"{name!r} is no column of a response, and no answer to the question "
                f"{', '.join(map(repr, inquiry.question))} has an attribute of that name.",
                hint=did_you_mean(name, {*known, *_COLUMNS}),
            )


def _is_unseen(name: str, tally: Tally) -> bool:
    if name not in tally.axes:
        return not tally.n.any()
    return set(tally.labels[tally.axes.index(name)]) <= {None}


def last_receipts(receipts: Iterable[SyncReceipt]) -> list[SyncReceipt]:
    """Receipt of the last sync of each stream; of pushes, while no sync has come after them."""
    last = {(receipt.source, receipt.stream): receipt for receipt in receipts}
    return [one for _, one in sorted(last.items()) if not _is_reconciled(one, last.values())]


def _is_reconciled(pushed: SyncReceipt, others: Iterable[SyncReceipt]) -> bool:
    """Whether all that could have been pushed was pulled since then."""
    pulled = [one for one in others if one.source == pushed.source and one.stream != _PUSHED]
    return (
        pushed.stream == _PUSHED
        and bool(pulled)
        and all(one.verdict == "complete" and one.started_at >= pushed.ended_at for one in pulled)
    )


def statuses(
    receipts: Sequence[SyncReceipt], *, as_of: datetime | None = None
) -> tuple[SourceStatus, ...]:
    """How complete each stream was at its last sync, or at the last one until `as_of`."""
    known = [one for one in receipts if as_of is None or one.ended_at <= as_of]
    return tuple(
        SourceStatus(
            source=one.source,
            stream=one.stream,
            is_complete=None if one.verdict == "unknown" else one.is_complete,
            ended_at=one.ended_at,
            verdict=one.verdict,
            reason=one.reason,
        )
        for one in last_receipts(known)
    )
