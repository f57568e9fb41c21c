"""Whether what was known before a transfer is still known after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.engines.feedback import Told, share_of
from cxm_core.errors import UsageError
from cxm_core.results import Breakdown
from cxm_core.vocabulary import takes

from ._issues import Issues

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_METRIC: Final = "hand_over"
_FIELD: Final = "field"


@frozen(kw_only=True)
class _Fates:
    """Transfers before which a field was known, and what became of it."""

    customers: NDArray[Any]
    is_kept: Mask
    is_lost: Mask


@takes(fields="several", across="several")
def hand_over(
    issues: Issues,
    fields: Sequence[str],
    *,
    across: Sequence[str] = ("channel",),
    clusters: Any = "customer",
    confidence_level: float = 0.95,
    method: str = "auto",
) -> Breakdown:
    """Share of the fields known before a transfer that still stand in the record after it.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    fields : sequence of column names
        Columns of the contacts that should be handed over, such as the order or the product.
    across : sequence of column names
        Columns of the contacts; a transfer is where one of them differs from the contact before,
        such as ``("channel", "team")``.
    clusters : "customer" or None
        What goes together.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    method : str
        Interval of a share, as in `csat`.

    Returns
    -------
    Breakdown
        One group a field: the share that was kept; its figures tell the shares that were ``lost``
        (nothing stands there any more) and ``changed`` (something else does).

    Raises
    ------
    UsageError
        A column is not there, or no field was known before any transfer.

    Notes
    -----
    A field counts as known before a transfer if any earlier contact of the issue has it; the last
    such value is what should be handed over. Capitals and blanks around a text do not matter. Where
    a customer corrects a field, the change counts as one all the same.

    References
    ----------
    .. [1] Dixon, M., Toman, N. and DeLisi, R., The Effortless Experience, 2013, chapter 3 (having
       to repeat information).

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> told = {
    ...     "customer": [n // 2 for n in range(200)],
    ...     "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(200)],
    ...     "channel": ["chat", "phone"] * 100,
    ...     "order": ["A7", "A7", "B2", None] * 50,
    ... }
    >>> kept = cx.hand_over(cx.issues(told), ["order"])
    >>> kept["order"].value, kept.figures["lost"].tolist()
    (0.5, [0.5])
    """
    contacts = _checked(issues, across).contacts
    moved = np.flatnonzero(_is_transfer(contacts, across))
    if not len(fields):
        raise UsageError("The fields are a list of names.", hint="fields=['order']")
    fates = {name: _fate(contacts, contacts.column(name), moved) for name in fields}
    table, is_kept = _long(fates)
    if not len(table):
        raise UsageError(
            f"None of the {len(fields)} fields was known before any of {moved.size:,} transfers.",
            hint="across= names the columns in which a transfer shows",
        )
    told = Told(
        metric=_METRIC,
        counted="fields known before a transfer",
        parameters=(*issues.parameters, ("across", ", ".join(across))),
    )
    found = share_of(
        table,
        is_kept,
        told,
        by=_FIELD,
        clusters=clusters,
        confidence_level=confidence_level,
        method=method,
    )
    return _with_figures(found, fates, issues)


def _checked(issues: Issues, across: Sequence[str]) -> Issues:
    if not isinstance(issues, Issues):
        raise UsageError(
            f"Issues are needed, and this is of the type {type(issues).__name__}.",
            hint="cx.issues(contacts, ...)",
        )
    if not len(across):
        raise UsageError("across= is a list of names.", hint="across=['channel']")
    return issues


def _is_transfer(contacts: LogTable, across: Sequence[str]) -> Mask:
    """Contacts in which one of the columns differs from the contact before in the issue."""
    place = contacts.column("place").values
    found = np.zeros(place.size, bool)
    for name in across:
        column = contacts.column(name)
        known = ~column.is_missing
        differs = np.asarray(column.values[1:] != column.values[:-1], bool)
        found[1:] |= differs & known[1:] & known[:-1] & (place[1:] > 1)
    return found


def _fate(contacts: LogTable, column: Column, moved: Ints) -> _Fates:
    """What became of a field at each transfer before which it was known."""
    rows, known = np.arange(len(column)), ~column.is_missing
    first = rows - contacts.column("place").values + 1
    last = np.maximum.accumulate(np.where(known, rows, -1))
    before = np.append(-1, last[:-1])
    at = moved[before[moved] >= first[moved]]
    words = _plain(column)
    return _Fates(
        customers=contacts.column("customer").values[at],
        is_kept=known[at] & np.asarray(words[at] == words[before[at]], bool),
        is_lost=~known[at],
    )


def _plain(column: Column) -> NDArray[Any]:
    """Values to compare: texts without what does not matter."""
    if column.values.dtype != object:
        return column.values
    told = [v.strip().casefold() if isinstance(v, str) else v for v in column.values.tolist()]
    plain = np.empty(len(told), object)
    plain[:] = told
    return plain


def _long(fates: dict[str, _Fates]) -> tuple[LogTable, Mask]:
    """One row for each field and transfer."""
    names = np.repeat(np.array(list(fates), object), [one.is_kept.size for one in fates.values()])
    customers = np.concatenate([one.customers for one in fates.values()])
    there = np.zeros(names.size, bool)
    columns = {_FIELD: names, "customer": customers}
    table = LogTable(
        columns={name: Column(values=v, is_missing=there) for name, v in columns.items()}
    )
    return table, np.concatenate([one.is_kept for one in fates.values()])


def _with_figures(found: Any, fates: dict[str, _Fates], issues: Issues) -> Breakdown:
    """The shares with what became of the rest, and with the receipt of the issues."""
    shares = {
        "lost": [fates[name].is_lost.mean() for name in found.groups],
        "changed": [(~fates[name].is_lost & ~fates[name].is_kept).mean() for name in found.groups],
    }
    receipt = evolve(
        found.receipt,
        steps=(*issues.steps, *found.receipt.steps),
        exclusions=(*issues.exclusions, *found.receipt.exclusions),
    )
    told: Breakdown = evolve(found, figures=shares, receipt=receipt)
    return told
