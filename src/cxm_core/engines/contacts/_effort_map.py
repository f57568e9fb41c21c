"""From what customers went through to how easy they say it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Panel, check_level
from cxm_core.stats import Monotone, left_out, rising
from cxm_core.vocabulary import Scale, takes

from ._answers import answers_of
from ._burdens import burdens
from ._fitted import Fitted, Folds, answer_of
from ._issues import Issues
from ._jackknifed import Teller
from ._looking import Looking
from ._span import shown_span

Floats = NDArray[np.float64]

_FOLDS: Final = 20
_UNIT: Final = "scale points"
_HOUR: Final = 3_600.0
# What is nobody's burden, or is recorded on a few channels only.
_LEFT_OUT: Final = ("handling", "active", "contacts")


@frozen(kw_only=True, eq=False)
class EffortMap:
    """How easy customers say it was, as far as it follows from what they went through.

    Parameters
    ----------
    panel : Panel
        ``expected`` (mean answer to expect over all issues), ``error`` (mean gap between an answer
        and what was expected of a customer nobody had asked), ``error_of_mean`` (that of the mean
        answer instead), ``gain`` (how much the map is nearer), and ``weights`` of each burden.
    burdens : tuple of str
        What the map takes, in order.
    scale : Scale
        Scale of the answers.
    """

    panel: Panel
    burdens: tuple[str, ...]
    scale: Scale
    _line: Monotone
    _horizon_us: int
    _told_again: float

    def expected(self, issues: Issues) -> Floats:
        """Answer to expect from the customer of each issue.

        Parameters
        ----------
        issues : Issues
            Made from contacts with the same columns.

        Returns
        -------
        float64 array (issues,)
            On the scale of the answers; not a number where a burden is not recorded.

        Raises
        ------
        UsageError
            A burden of the map is not recorded for these issues.
        """
        looking = Looking(window_us=self._horizon_us, since_us=None, until_us=issues.until_us)
        table = _table(burdens(issues, looking, self._told_again), self.burdens)
        known = np.isfinite(table).all(axis=1)
        found = np.full(len(issues), np.nan)
        found[known] = answer_of(self.scale, self._line.at(table[known]))
        return found


@takes(burdens_of="several?", folds="whole", told_again="number")
def effort_map(
    issues: Issues,
    scores: Any,
    *,
    scale: str | Scale,
    burdens_of: tuple[str, ...] | None = None,
    horizon: str | timedelta = "28d",
    told_again: float = 0.5,
    folds: int = _FOLDS,
    confidence_level: float = 0.95,
) -> EffortMap:
    """How easy customers say it was, learned from what those who answered went through.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts.
    scores : column name of the contacts, or sequence
        Answers to a question about effort: a column, of which an issue's last answer counts, or one
        answer for each issue; none where nobody answered.
    scale : str or Scale
        Scale of the answers, such as ``"1-7"``; never guessed from the values.
    burdens_of : tuple of str or None
        What may make it less easy: ``repeats``, ``switches``, ``transfers``,
        ``re_authentications``, ``re_explanations``, ``wait`` and ``active`` (hours). None for those
        that are recorded, without ``active``, which few sources record.
    horizon : str or timedelta
        Contacts count that come within this time after the first one.
    told_again : float in (0, 1]
        As in `effort`.
    folds : int
        Parts into which customers are dealt; each is left out once.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.

    Returns
    -------
    EffortMap
        Its `panel` tells how good it is; ``expected(issues)`` gives the answer to expect of each.

    Raises
    ------
    UsageError
        Nobody answered, so that there is nothing to learn from: then there are raw counts only, in
        `effort`. Or an answer is off the scale, or a burden is not recorded.

    Notes
    -----
    No burden can make an issue easier: weights are least squares that are not negative, and the
    answer falls in steps along their sum. The error is that for customers who were left out.
    Intervals leave each part of the customers out in turn, so that they hold both what the map may
    have learned wrong and which issues there happen to be.
    Those who answered are taken to be like the others with the same burdens.

    References
    ----------
    .. [1] Lawson, C. and Hanson, R., Solving Least Squares Problems, 1974, chapter 23.
    .. [2] Shao, J. and Tu, D., The Jackknife and Bootstrap, 1995, section 2.3.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> told = {
    ...     "customer": [n // 3 if n % 3 else 1000 + n for n in range(300)],
    ...     "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(300)],
    ...     "channel": ["chat", "chat", "phone"] * 100,
    ...     "ease": [6, None, 3] * 100,
    ... }
    >>> found = cx.effort_map(cx.issues(told), "ease", scale="1-7")
    >>> round(found.panel["error"].value, 6), found.panel["error_of_mean"].value > 1
    (0.0, True)
    """
    check_level(confidence_level)
    chosen = Scale.parse(scale)
    looking = Looking.of(issues, horizon)
    counts = burdens(issues, looking, told_again)
    names = tuple(burdens_of if burdens_of is not None else ()) or _usual(counts)
    table = _table(counts, names)
    opened = issues.column("opened_at").values.astype(np.int64)
    is_whole = np.isfinite(table).all(axis=1) & looking.is_over(opened)
    answers = answers_of(issues, scores, chosen)
    fold = Folds.of(issues, folds)
    fitted = Fitted(
        answers=answers, table=table, is_whole=is_whole, fold=fold, scale=chosen, names=names
    )
    line = rising(fitted.burden, fitted.seen)
    without = left_out(fitted.burden, fitted.seen, fitted.seen_fold)
    rule = (*issues.parameters, ("horizon", shown_span(looking.window_us)), ("folds", str(fold.n)))
    teller = Teller(issues=issues, rule=rule, unit=_UNIT, confidence_level=confidence_level)
    return EffortMap(
        panel=fitted.panel(line, without, teller),
        burdens=names,
        scale=chosen,
        line=line,
        horizon_us=looking.window_us,
        told_again=told_again,
    )


def _usual(counts: Mapping[str, Floats]) -> tuple[str, ...]:
    return ("repeats", *(name for name in counts if name not in _LEFT_OUT))


def _table(counts: Mapping[str, Floats], names: tuple[str, ...]) -> Floats:
    """One column for each burden: repeats are contacts but the first, times are hours."""
    known = {**counts, "repeats": counts["contacts"] - 1.0}
    known |= {name: known[name] / _HOUR for name in ("wait", "active") if name in known}
    for name in names:
        if name not in known or name in ("contacts", "handling"):
            raise UsageError(
                f"The burden {name!r} is not recorded.", hint=did_you_mean(str(name), known)
            )
    return np.stack([known[name] for name in names], axis=1)
