"""How well a rule puts contacts together, where it is known what they were about."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import read_crossed
from cxm_core.engines.feedback import top_box
from cxm_core.errors import UsageError
from cxm_core.results import Estimate, Panel, Receipt, Recipe, check_level
from cxm_core.stats import CLUSTER, CodedAxis, Tally
from cxm_core.vocabulary import Scale, takes

from ._issues import Issues
from ._looking import Looking, came_within, stamps

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_YES_OR_NO: Final = Scale(low=0, high=1, top=(1,))
_FCR: Final = "first_contact_resolution"
_NEVER: Final = np.iinfo(np.int64).max


@takes(truth="text")
def threading_quality(issues: Issues, truth: str, *, confidence_level: float = 0.95) -> Panel:
    """How often contacts that were put together belong together, and what that does to the figure.

    Parameters
    ----------
    issues : Issues
        What `cx.issues` made of contacts by a rule.
    truth : str
        Column of the contacts with the true issue; contacts without one are left out. It may be a
        sample of customers that somebody has looked through.
    confidence_level : float in (0, 1)
        Nominal coverage of each interval.

    Returns
    -------
    Panel
        ``precision`` (share of the pairs put together that belong together) and ``recall`` (share
        of the pairs that belong together which were put together), over pairs of contacts of one
        customer; ``first_contact_resolution`` by the rule and by the truth (``..._true``); and
        ``bias``, the first less the second.

    Raises
    ------
    UsageError
        There is no such column, or it tells of fewer than two customers.

    Notes
    -----
    An issue of many contacts has many pairs, and weighs accordingly. Customers are clusters. The
    error of the bias is that of a difference between two ratios on the same customers.

    References
    ----------
    .. [1] Menestrina, D., Whang, S. and Garcia-Molina, H., Evaluating entity resolution results,
       2010, Proceedings of the VLDB Endowment 3, 208-219 (pairwise measures).
    .. [2] Cochran, W., Sampling Techniques, 1977, section 6.

    Examples
    --------
    >>> import cxm_core as cx
    >>> from datetime import UTC, datetime, timedelta
    >>> told = {
    ...     "customer": [n // 2 for n in range(200)],
    ...     "occurred_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n) for n in range(200)],
    ...     "channel": ["chat", "phone"] * 100,
    ...     "matter": [n // 2 if n % 8 else -1 - n for n in range(200)],
    ... }
    >>> found = cx.threading_quality(cx.issues(told), "matter")
    >>> found["precision"].value, found["recall"].value, round(found["bias"].value, 2)
    (0.75, 1.0, -0.4)
    """
    check_level(confidence_level)
    looking = Looking.of(issues, None)
    rows = _audited(issues, truth)
    told, guess = rows.pairs(rows.true), rows.pairs(rows.number)
    both = rows.pairs(rows.number, rows.true)
    receipt = _receipt(issues, rows, confidence_level)
    parts: dict[str, Any] = {
        "precision": _share("precision", both, guess, receipt),
        "recall": _share("recall", both, told, receipt),
    }
    by_rule, by_truth = (rows.solved(number, looking) for number in (rows.number, rows.true))
    parts[_FCR] = _share(_FCR, *by_rule, _of_issues(receipt, by_rule[1]))
    parts[f"{_FCR}_true"] = _share(_FCR, *by_truth, _of_issues(receipt, by_truth[1]))
    parts["bias"] = _bias(by_rule, by_truth, receipt)
    return Panel(metric="threading_quality", parts=parts, receipt=receipt)


@frozen(kw_only=True, eq=False)
class _Rows:
    """Contacts whose true issue is known, in the order of time within an issue."""

    who: Ints
    at: Ints
    number: Ints
    true: Ints

    def pairs(self, *keys: Ints) -> Floats:
        """Pairs of contacts with the same keys, for each customer."""
        cells, n = np.unique(np.stack([self.who, *keys]), axis=1, return_counts=True)
        pairs = n * (n - 1) / 2.0
        each = np.bincount(cells[0], pairs, int(self.who.max(initial=-1)) + 1)
        return each.astype(np.float64)

    def solved(self, number: Ints, looking: Looking) -> tuple[Floats, Floats]:
        """For each customer, issues that one contact solved, and those whose window is over."""
        order = np.lexsort([self.at, number])
        number, at, who = number[order], self.at[order], self.who[order]
        is_first = np.append(True, number[1:] != number[:-1])
        following = np.where(np.append(is_first[1:], True), _NEVER, np.append(at[1:], _NEVER))
        counted = is_first & looking.is_over(at)
        met = counted & ~came_within(at, following, looking.window_us)
        size = int(self.who.max(initial=-1)) + 1
        yes, of = (np.bincount(who[part], minlength=size) for part in (met, counted))
        return yes.astype(np.float64), of.astype(np.float64)


def _audited(issues: Issues, truth: str) -> _Rows:
    contacts = issues.contacts
    name = f"{truth}_told" if truth == "issue" else truth
    (crossed,) = read_crossed({name: contacts.column(name)}, [(name,)], what="the truth")
    keep = ~contacts.column(name).is_missing
    _, who = np.unique(issues.who[keep], return_inverse=True)
    if int(who.max(initial=-1)) < 1:
        raise UsageError(
            f"The truth is known for {int(keep.sum()):,} contacts of fewer than two customers."
        )
    return _Rows(
        who=who,
        at=stamps(contacts.column("occurred_at"))[keep],
        number=contacts.column("issue").values[keep],
        true=crossed.codes[keep],
    )


def _share(metric: str, met: Floats, of: Floats, receipt: Receipt) -> Estimate:
    """Share of what was counted for each customer, customers being clusters."""
    who = np.arange(of.size)
    axis = CodedAxis(
        name=CLUSTER, labels=tuple(who.tolist()), codes=np.tile(who, 2), role="cluster"
    )
    tally = Tally.from_counts(
        levels=(0, 1),
        level_codes=np.repeat([1, 0], of.size),
        axes=[axis],
        n=np.concatenate([met, of - met]).astype(np.int64),
    )
    found = top_box(tally, scale=_YES_OR_NO, confidence_level=receipt.confidence_level)
    told = evolve(receipt, engine=metric, method=found.receipt.method)
    return evolve(found, metric=metric, receipt=told)  # type: ignore[return-value]  # a tally without groups


def _bias(
    by_rule: tuple[Floats, Floats], by_truth: tuple[Floats, Floats], receipt: Receipt
) -> Estimate:
    """Share by the rule less share by the truth, on the same customers."""
    shares = [met.sum() / of.sum() for met, of in (by_rule, by_truth)]
    parts = [
        (met - share * of) / of.sum()
        for (met, of), share in zip((by_rule, by_truth), shares, strict=True)
    ]
    n = by_rule[0].size
    error = np.sqrt(n / (n - 1) * np.sum((parts[0] - parts[1]) ** 2))
    told = {"value": shares[0] - shares[1], "standard_error": error, "df": n - 1, "n": np.nan}
    inputs = {name: np.array([number], np.float64) for name, number in told.items()}
    recipe = Recipe(method="t", inputs=inputs)
    low, high = recipe.interval(receipt.confidence_level)
    return Estimate(
        metric=f"{_FCR}_bias",
        value=shares[0] - shares[1],
        low=low[0],
        high=high[0],
        confidence_level=receipt.confidence_level,
        method="t",
        standard_error=float(error),
        n=int(by_rule[1].sum()),
        unit="share",
        receipt=evolve(receipt, engine=f"{_FCR}_bias", method="t", counted="issues"),
        recipe=recipe,
    )


def _receipt(issues: Issues, rows: _Rows, confidence_level: float) -> Receipt:
    n = rows.number.size
    left_out = len(issues.contacts) - n
    return Receipt(
        engine="threading_quality",
        method="mid_p",
        confidence_level=confidence_level,
        parameters=issues.parameters,
        design=("clusters",),
        steps=(*issues.steps, ("contacts whose issue is known", n)),
        exclusions=(*issues.exclusions, *((("issue not known", left_out),) if left_out else ())),
        counted="pairs of contacts",
    )


def _of_issues(receipt: Receipt, of: Floats) -> Receipt:
    return evolve(receipt, counted="issues", steps=(*receipt.steps, ("counted", int(of.sum()))))
