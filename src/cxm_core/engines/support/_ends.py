"""How tickets end: solved, closed without it, abandoned, merged or spam, hour after hour."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
from attrs import evolve

from cxm_core.columns import Ends, Waits, read_waits
from cxm_core.errors import UsageError
from cxm_core.results import Panel
from cxm_core.stats import cumulative_incidence

from ._groups import Grouped, grouped
from ._resolution import Plain
from ._timed import Order
from ._wrap import Asked, curve_shape, group_names, receipt_of

_METRIC = "ticket_ends"
_KIND = "end"
_OVER = Ends(start="occurred_at", end="ended_at", status="")
_KINDS = ("solved", "closed", "abandoned", "merged", "spam")


def ticket_ends(tickets: object, *, by: Any = None, **asked: Unpack[Plain]) -> Panel:
    """Share of the tickets that has ended in each way, hour after hour since they were opened.

    Parameters
    ----------
    tickets : table
        What `tickets` made of a log; or any frame with the instants ``occurred_at`` and
        ``ended_at``, and ``end``, which says how.
    by : column names, sequence, list or mapping
        Groups, such as ``"channel"``.
    **asked
        `clusters`, `until`, `calendar`, `start`, `end`, `tz`, `confidence_level` and `method`, as
        for `resolution_time`.

    Returns
    -------
    Panel
        A Curve for each way to end that occurs, ``"solved"`` first. At each time they add up to the
        share of the tickets that are over. With groups, every way in each of them, with names such
        as ``"chat, solved"``.

    Raises
    ------
    UsageError
        A column is not there, no ticket says how it ended, or as `resolution_time` raises.

    Notes
    -----
    Each way to end stands in the way of the others, so a curve is not what it would be if the
    others could be helped: who is spared a merge need not be solved.

    References
    ----------
    .. [1] Aalen, O. and Johansen, S., 1978, Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
    >>> ended = [at + timedelta(hours=h) for h, at in enumerate(opened, start=1)]
    >>> frame = {"occurred_at": opened, "ended_at": ended, "end": ["solved", "spam"] * 20}
    >>> ends = cx.ticket_ends(frame)
    >>> ends.names, round(ends["spam"].at(20 * 3600).value, 3)
    (('solved', 'spam'), 0.25)
    """
    order = Order.of("resolution_time", "full", by=by, **asked)
    ends = evolve(_OVER, start=order.start or _OVER.start, end=order.end or _OVER.end)
    waits = read_waits(
        tickets,
        ends,
        until=order.until,
        calendar=order.calendar,
        groups=(_KIND, order.by, order.clusters),
        tz=order.tz,
    )
    waits, kinds = _with_kinds(waits)
    told = evolve(order.asked, metric=_METRIC, parameters=order.asked.parameters[1:])
    return _panel(waits, grouped(waits, order.by, order.clusters), told, kinds)


def _with_kinds(waits: Waits) -> tuple[Waits, tuple[str, ...]]:
    """Causes by the way in which each ticket ended."""
    column = waits.table.column(_KIND)
    is_over = (waits.causes == 1) & waits.is_known
    words = np.where(column.is_missing, "", column.values.astype(object)).astype(str)
    kinds = tuple(kind for kind in _order(words[is_over]) if kind)
    if not kinds and is_over.any():
        raise UsageError("No ticket says how it ended.", hint="the column `end`, as in 'solved'")
    places = {kind: place for place, kind in enumerate(kinds, start=1)}
    causes = np.array([places.get(word, 0) for word in words.tolist()], np.int8)
    is_unsaid = is_over & (causes == 0)
    return evolve(
        waits,
        causes=np.where(is_over, causes, 0).astype(np.int8),
        is_known=waits.is_known & ~is_unsaid,
        exclusions=(*waits.exclusions, *_unsaid(int(is_unsaid.sum()))),
    ), kinds


def _unsaid(count: int) -> tuple[tuple[str, int], ...]:
    return (("end not said", count),) if count else ()


def _order(words: Any) -> list[str]:
    """Ways to end: those that we know in their order, then others."""
    found = set(words.tolist())
    return [*(kind for kind in _KINDS if kind in found), *sorted(found - {*_KINDS})]


def _panel(waits: Waits, parts: Grouped, asked: Asked, kinds: tuple[str, ...]) -> Panel:
    receipt = receipt_of(waits, parts, asked)
    receipt = evolve(receipt, method=f"aalen_johansen, {asked.method}")
    made = (waits, parts, asked, receipt)
    curves: dict[str, Any] = {}
    for place, group in enumerate(group_names(parts)):
        for cause, kind in enumerate(kinds or _KINDS[:1], start=1):
            found = cumulative_incidence(parts.tallies[place], cause=cause)
            curve = evolve(curve_shape(found, made, place=place), metric=f"{_METRIC}, {kind}")
            curves[f"{group}, {kind}" if group else kind] = curve
    return Panel(metric=_METRIC, parts=curves, receipt=receipt)
