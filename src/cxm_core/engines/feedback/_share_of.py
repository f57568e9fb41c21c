"""Share of yes among the rows of a table that was made from a log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, Design, LogTable, Measures, read_measures
from cxm_core.results import Caveat, Estimate
from cxm_core.stats import Tally
from cxm_core.vocabulary import Scale

from ._engine import TOP_BOX
from ._order import Order
from ._tally import Counted
from ._wrap import Result, wrap

_YES_OR_NO = Scale(low=0, high=1, top=(1,))
_COLUMN = "@is_met"
_WORDS = {"no_answers": "nothing_counted"}


@frozen(kw_only=True)
class Told:
    """What a figure about a log says of itself.

    Parameters
    ----------
    metric : str
        Name of the metric.
    counted : str
        What is counted, in the plural, such as ``issues``.
    why_left_out : str
        Why rows with neither yes nor no are not in the figure.
    parameters : iterable of (str, str)
        What the engine was told, behind the rule of the table.
    """

    metric: str
    counted: str
    why_left_out: str = "missing"
    parameters: tuple[tuple[str, str], ...] = ()


def share_of(
    table: LogTable,
    is_met: NDArray[Any],
    told: Told,
    *,
    is_known: NDArray[Any] | None = None,
    by: Any = None,
    clusters: Any = None,
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Result:
    """Share of the rows of a table for which something holds, each customer a cluster.

    Parameters
    ----------
    table : LogTable
        The rows, with the columns that `by` and `clusters` name.
    is_met : boolean array (rows,)
        Whether it holds.
    told : Told
        What the figure is called, and what it counts.
    is_known : boolean array (rows,) or None
        Rows of which it can be said; the others are left out and counted. None for all.
    by, clusters : column names, sequence, list or mapping
        Groups, and what ties rows together, such as the customer.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval.
    method : str
        Interval of a share; "auto" is that of `csat`.

    Returns
    -------
    Estimate or Breakdown
        Share from 0 to 1; a Breakdown if there are groups.

    Raises
    ------
    UsageError
        A column is not there, lengths differ, or the method is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> met = np.array([True] * 60 + [False] * 20)
    >>> table = LogTable(columns={"met": Column(values=met, is_missing=np.zeros(80, bool))})
    >>> share_of(table, met, Told(metric="kept", counted="promises"))
    Estimate(kept 75.0%, 95% interval 64.7% to 83.6%, n=80)
    """
    order = Order.of(TOP_BOX, _YES_OR_NO, None, method=method, confidence_level=confidence_level)
    order = evolve(order, engine=evolve(TOP_BOX, name=told.metric))
    gone = np.zeros(len(table), bool) if is_known is None else ~is_known
    if by is None and clusters is None:
        counted = _of_all(is_met, gone, told)
    else:
        column = Column(values=is_met.astype(np.int64), is_missing=gone)
        whole = table.with_column(_COLUMN, column)
        read = read_measures(whole, _COLUMN, design=Design(by=by, clusters=clusters))
        counted = _counted(read, told)
    return _told(wrap(order, counted, order.ratio(counted.tally)), table, told)


def _of_all(is_met: NDArray[Any], gone: NDArray[np.bool_], told: Told) -> Counted:
    """Of rows without groups, which need nothing but to be counted."""
    left_out = int(np.count_nonzero(gone))
    met = np.count_nonzero(np.asarray(is_met, np.bool_) & ~gone)
    counts = np.array([gone.size - left_out - met, met])
    there = np.flatnonzero(counts)
    return Counted(
        tally=Tally.from_counts(levels=(0, 1), level_codes=there, n=counts[there]),
        rows=gone.size,
        exclusions=((told.why_left_out, left_out),) if left_out else (),
    )


def _counted(read: Measures, told: Told) -> Counted:
    tally = Tally.from_codes(
        levels=(0, 1), level_codes=read.values[0].astype(np.int64), axes=read.axes, weights=None
    )
    left_out = tuple((told.why_left_out, count) for _, count in read.exclusions)
    return Counted(tally=tally, rows=read.rows, exclusions=left_out)


def _told(result: Result, table: LogTable, told: Told) -> Result:
    """The result with the rule of the table, and what its rows were made of, in the receipt."""
    receipt = evolve(
        result.receipt,
        counted=told.counted,
        parameters=(*table.parameters, *told.parameters),
        steps=(*table.steps, (told.counted, len(table)), ("counted", _total(result))),
        exclusions=(*table.exclusions, *result.receipt.exclusions),
    )
    return _noted(evolve(result, receipt=receipt), table.notes)


def _total(result: Result) -> int:
    return int(np.sum(result.n))


def _noted(result: Result, notes: Iterable[tuple[str, int]]) -> Result:
    extra = tuple(Caveat.of(code, count=count) for code, count in notes)
    if isinstance(result, Estimate):
        return evolve(result, caveats=(*_worded(result.caveats), *extra))
    each = tuple((*_worded(caveats), *extra) for caveats in result.group_caveats)
    return evolve(result, group_caveats=each)


def _worded(caveats: Iterable[Caveat]) -> tuple[Caveat, ...]:
    """Caveats in words that fit whatever was counted."""
    return tuple(Caveat.of(_WORDS[c.code]) if c.code in _WORDS else c for c in caveats)
