"""What the figures would be with other windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypedDict, Unpack, cast

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Estimate, Panel, check_level, joined_recipes
from cxm_core.vocabulary import parse_duration, takes

from ._issues import Issues, issues
from ._looking import Looking
from ._means import Mean, mean_of
from ._returns import first_contact_resolution, repeat_contact
from ._span import shown_span

_WINDOWS: Final = ("1d", "3d", "7d", "14d", "30d")
_AXIS: Final = "window"


class Rule(TypedDict, total=False):
    """Keywords of `issues` other than the window."""

    customer: str
    at: str
    channel: str
    reason: str | None
    text: str | None
    issue: str | None
    reply_to: str | None
    native_id: str | None
    direction: str | None
    overlap: float
    until: Any


@takes(windows="several")
def sensitivity(
    contacts: object,
    *,
    windows: Sequence[str | timedelta] = _WINDOWS,
    confidence_level: float = 0.95,
    **rule: Unpack[Rule],
) -> Panel:
    """What the figures about issues would be if another window were chosen.

    Parameters
    ----------
    contacts : table or list of Issues
        One row a contact, as `issues` takes it; or what `issues` made by several windows.
    windows : sequence of str or timedelta
        Windows to try; each puts contacts together, and looks forward, so far. Issues bring their
        own.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.
    **rule : keywords of `issues`
        Columns and settings, such as ``reason="reason"``.

    Returns
    -------
    Panel
        Breakdowns by window: ``first_contact_resolution``, ``repeat_contact`` and ``contacts``, the
        mean number of contacts of an issue within the window after the first.

    Raises
    ------
    UsageError
        There is no window, one stands there twice, or `issues` refuses the contacts.

    Notes
    -----
    A choice that moves the figure more than its interval is wide should be made by somebody who
    knows the matter, and told beside the figure.

    References
    ----------
    .. [1] Steegen, S. et al., Increasing transparency through a multiverse analysis, 2016,
       Perspectives on Psychological Science 11, 702-712.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> told = {
    ...     "customer": [n % 40 for n in range(200)],
    ...     "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n * (n % 3))
    ...                     for n in range(200)],
    ...     "channel": ["chat"] * 200,
    ... }
    >>> table = cx.sensitivity(told, windows=("1d", "7d"))["first_contact_resolution"]
    >>> table.groups, [round(table[window].value, 2) for window in table.groups]
    (('1d', '7d'), [0.82, 0.63])
    """
    check_level(confidence_level)
    made = _made(contacts, windows, rule)
    spans = [one.within_us for one in made]
    if not spans or len(set(spans)) < len(spans):
        raise UsageError(
            f"{len(spans)} windows are given, of which {len(set(spans))} differ.",
            hint=f"windows={_WINDOWS}",
        )
    asked = {"confidence_level": confidence_level}
    names = [shown_span(span) for span in spans]
    parts: dict[str, Any] = {
        name: _stacked([figure(one, **asked) for one in made], names)
        for name, figure in _FIGURES.items()
    }
    receipt = evolve(
        parts["repeat_contact"].receipt,
        engine="sensitivity",
        parameters=(*_shared(made), ("windows", ", ".join(names))),
    )
    return Panel(metric="sensitivity", parts=parts, receipt=receipt)


def _made(contacts: object, windows: Sequence[str | timedelta], rule: Rule) -> list[Issues]:
    """Issues by each window, those that are given or those that are made now."""
    if isinstance(contacts, list) and contacts and all(isinstance(one, Issues) for one in contacts):
        return contacts
    return [issues(contacts, within=parse_duration(window), **rule) for window in windows]


def _contacts(made: Issues, confidence_level: float) -> Estimate:
    """Contacts of an issue within the window after the first."""
    looking, opened = Looking.of(made, None), made.contacts
    number, at = (opened.column(name).values for name in ("issue", "occurred_at"))
    first = np.flatnonzero(opened.column("place").values == 1)[number]
    near = (at - at[first]).astype(np.int64) <= looking.window_us
    counts = np.bincount(number[near], minlength=len(made)).astype(np.float64)
    mean = Mean(metric="contacts", values=counts, unit="contacts per issue")
    found = mean_of(made, mean, looking, clusters="customer", confidence_level=confidence_level)
    return cast("Estimate", found)  # there are no groups


_FIGURES: Final[Mapping[str, Callable[..., Estimate]]] = {
    "first_contact_resolution": first_contact_resolution,
    "repeat_contact": repeat_contact,
    "contacts": _contacts,
}


def _shared(made: Sequence[Issues]) -> tuple[tuple[str, str], ...]:
    """What the rule says, whatever the window."""
    return tuple(pair for pair in made[0].parameters if pair[0] != "within")


def _stacked(found: Sequence[Estimate], names: Sequence[str]) -> Breakdown:
    """One row for each window; they are about the same contacts, not about groups of them."""
    first = found[0]
    return Breakdown(
        metric=first.metric,
        axes=(_AXIS,),
        labels=tuple((name,) for name in names),
        value=_numbers(found, "value"),
        low=_numbers(found, "low"),
        high=_numbers(found, "high"),
        confidence_level=first.confidence_level,
        method=first.method,
        standard_error=_numbers(found, "standard_error"),
        n=np.array([one.n for one in found]),
        n_all=None,
        effective_n=_numbers(found, "effective_n"),
        unit=first.unit,
        group_caveats=tuple(one.caveats for one in found),
        receipt=evolve(
            first.receipt,
            parameters=(*_without_window(first), ("windows", ", ".join(names))),
            steps=first.receipt.steps[:2],
            exclusions=(),
        ),
        recipe=joined_recipes([one.recipe for one in found]),
    )


def _without_window(first: Estimate) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in first.receipt.parameters if pair[0] not in ("within", _AXIS))


def _numbers(found: Sequence[Estimate], name: str) -> NDArray[np.float64]:
    values = [getattr(one, name) for one in found]
    return np.array([np.nan if value is None else value for value in values], np.float64)
