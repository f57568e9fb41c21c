"""Weights that make up for who answers more often than others."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import read_crossed, read_features, read_numbers
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Receipt, Weighting
from cxm_core.stats import class_rates, logistic, response_classes
from cxm_core.vocabulary import takes

_HIGH_COST = 2.0
_ROUNDING = 1e-9
# Parts of the asked that nobody may speak for before it is told.
_MANY, _SOME = 0.1, 0.01
# Answers that were to be expected of them, below which their silence is no chance.
_HARDLY_ONE = 0.05


@takes(known="names")
def weigh_response(
    asked: object,
    answered: object,
    *,
    known: str | Sequence[str],
    weights: Any = None,
    classes: int | None = 5,
) -> Weighting:
    """Weights by which those who answered also speak for those like them who did not.

    Parameters
    ----------
    asked : table
        One row for each who was asked, whether they answered or not.
    answered : column name or sequence of booleans
        Whether they answered.
    known : column name or list of column names
        What is known of everybody: tickets, spend, tenure, plan. Numbers count as they are, texts
        as groups; a missing number is a group of its own.
    weights : column name, sequence or None
        Weights of the drawing; equal ones if None.
    classes : int or None
        Classes of about the same chance to answer, in each of which all who answered get the same
        weight; None takes each row's own chance, which is less steady.

    Returns
    -------
    Weighting
        For the rows of `asked`: those who did not answer have the weight zero.

    Raises
    ------
    UsageError
        Everybody or nobody answered, nothing is known, a column is not there, a weight is not above
        zero, or there is no class.

    Notes
    -----
    The chance to answer is that of a logistic regression on `known`. The weights take out the part
    of the bias that `known` explains, and none of what it does not: `response_bounds` tells how far
    that could go.
    Where a kind of customer never answered, nobody can speak for it: a caveat counts those who were
    less likely to answer than anybody who did.
    The intervals take the weights as given, which is cautious as a rule.

    References
    ----------
    .. [1] Little, R., Survey nonresponse adjustments for estimates of means, 1986, International
       Statistical Review 54, 139-157.

    Examples
    --------
    >>> import cxm_core as cx
    >>> asked = {"tickets": [0, 0, 3, 3] * 30, "score": [9, 10, 2, None] * 30}
    >>> said = [score is not None for score in asked["score"]]
    >>> weighting = cx.weigh_response(asked, said, known="tickets")
    >>> plain, weighted = cx.nps(asked, "score"), cx.nps(asked, "score", weights=weighting)
    >>> round(plain.value, 1), round(weighted.value, 1)
    (33.3, 0.0)
    """
    _check_classes(classes)
    names = [known] if isinstance(known, str) else list(known)
    features, of = read_features(asked, names, what="known")
    said = _said(asked, answered, len(features))
    base = _base(asked, weights, len(features))
    found = logistic(features, said, weights=base)
    chance = _chance(found.probabilities, said, base, classes)
    factors = np.where(said, 1.0 / np.where(said, chance, 1.0), 0.0)
    weighting = Weighting(
        weights=base * factors,
        factors=factors,
        method=_named(classes),
        receipt=Receipt(
            engine="weigh_response",
            method=_named(classes),
            confidence_level=0.95,
            parameters=[("known", ", ".join(names)), ("features", str(len(of)))],
            steps={"asked": len(said), "answered": int(said.sum())},
        ),
    )
    unheard = _unheard(found.probabilities, said, base)
    told = {
        "not_converged": not found.is_converged,
        "unheard": unheard > 0,
        "design_effect": weighting.design_effect > _HIGH_COST,
    }
    caveats = (Caveat.of(code, count=unheard) for code, holds in told.items() if holds)
    return evolve(weighting, caveats=tuple(caveats))


def _check_classes(classes: Any) -> None:
    is_whole = isinstance(classes, Integral) and not isinstance(classes, bool)
    if classes is not None and not (is_whole and classes >= 1):
        raise UsageError(
            f"classes={classes!r} is no number of classes.",
            hint="classes=5, or None for each row's own chance",
        )


def _unheard(
    chance: NDArray[np.float64], said: NDArray[np.bool_], base: NDArray[np.float64]
) -> int:
    """Rows less likely to answer than anybody who did, for whom nobody like them speaks.

    A few are chance: they count if they are many, or if none of them was to be expected to answer.
    """
    below = chance < chance[said].min() * (1.0 - _ROUNDING)
    share = base[below].sum() / base.sum()
    is_never = share >= _SOME and chance[below].sum() < _HARDLY_ONE
    return int(below.sum()) if share >= _MANY or is_never else 0


def _said(asked: object, answered: object, rows: int) -> NDArray[np.bool_]:
    """Whether each row answered; a missing yes is a no."""
    table = asked if isinstance(answered, str) else {"answered": answered}
    name = answered if isinstance(answered, str) else "answered"
    (found,) = read_crossed(table, [(name,)], what="answered")
    labels = [one[0] for one in found.labels]
    if len(found.codes) != rows or not set(labels) <= {True, False, None}:
        raise UsageError(
            f"answered has {len(found.codes):,} rows of {len(labels)} different values, where "
            f"{rows:,} of true and false are needed.",
            hint="such as df['score'].notna()",
        )
    said = np.array([label is not None and bool(label) for label in labels], np.bool_)
    return np.asarray(said[found.codes])


def _base(asked: object, weights: object, rows: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(rows)
    found = read_numbers(asked, weights, what="weights=")
    wrong = int(np.count_nonzero(~((found > 0) & (found < np.inf))))
    if wrong or len(found) != rows:
        raise UsageError(
            f"{wrong:,} of {len(found):,} weights of {rows:,} rows are not above zero.",
            hint="one weight for each row that was asked",
        )
    return found


def _chance(
    probabilities: NDArray[np.float64],
    said: NDArray[np.bool_],
    base: NDArray[np.float64],
    classes: int | None,
) -> NDArray[np.float64]:
    """Chance by which each row's weight is divided."""
    if classes is None:
        return probabilities
    groups = response_classes(probabilities, said, classes=classes, weights=base)
    return class_rates(groups, said, base)


def _named(classes: int | None) -> str:
    return "response propensity" + ("" if classes is None else f", {classes} classes")
