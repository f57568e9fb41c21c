"""What those who are missing may change: rates, bounds, and weights for those who are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._sums import Floats, Ints, divide, read_only

#: What can become of a unit that was asked, in the words of the standard definitions.
OUTCOMES = (
    "complete",
    "partial",
    "refusal",
    "non_contact",
    "other",
    "unknown_eligibility",
    "not_eligible",
)
_RATES = ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6")
_MOST_STEPS = 60
_NEAR = 1e-10
# A slope beyond this has no end: the column tells who is missing without a doubt.
_STEEPEST = 30.0


class Rate(NamedTuple):
    """A rate, and what it was divided from.

    Attributes
    ----------
    value : float
        Not a number where nobody was eligible.
    answered, eligible : float
        Above and below the line.
    eligible_share : float
        Share of those of unknown eligibility that was taken for eligible.
    """

    value: float
    answered: float
    eligible: float
    eligible_share: float


class Logistic(NamedTuple):
    """Chance of a yes by what is known of each row.

    Attributes
    ----------
    coefficients : float64 array (columns + 1,)
        In logits, the constant first.
    probabilities : float64 array (rows,)
        Chance of each row.
    is_converged : bool
        False where a column tells the answers apart without a doubt.
    """

    coefficients: Floats
    probabilities: Floats
    is_converged: bool


class Bounds(NamedTuple):
    """Between what a mean lies, whatever the missing would have said.

    Attributes
    ----------
    low, high : float
        All of the missing at the lowest, and all of them at the highest value.
    """

    low: float
    high: float


def outcome_rate(
    counts: Mapping[str, float], *, kind: str = "RR2", eligible_share: float | None = None
) -> Rate:
    """Rate of answers among those who were eligible, by one of the six standard definitions.

    Parameters
    ----------
    counts : mapping of str to number
        How many had each of `OUTCOMES`; what is not named is zero.
    kind : {"RR1", "RR2", "RR3", "RR4", "RR5", "RR6"}
        Even numbers count partial answers as answers. RR1 and RR2 take all of unknown eligibility
        for eligible, RR5 and RR6 none, RR3 and RR4 the share `eligible_share`.
    eligible_share : float in [0, 1] or None
        For RR3 and RR4; None takes the share among those whose eligibility is known.

    Returns
    -------
    Rate
        The rate with its two sides.

    Raises
    ------
    UsageError
        An outcome or kind is unknown, a count is negative, or the share is outside 0 to 1.

    References
    ----------
    .. [1] AAPOR 2023, Standard Definitions, 10th edition, response rates 1 to 6.

    Examples
    --------
    >>> found = outcome_rate({"complete": 60, "partial": 10, "refusal": 30}, kind="RR1")
    >>> found.value
    0.6
    """
    unknown = [name for name in counts if name not in OUTCOMES]
    if unknown:
        raise UsageError(
            f"There is no outcome {unknown[0]!r}.", hint=did_you_mean(str(unknown[0]), OUTCOMES)
        )
    if kind not in _RATES:
        raise UsageError(f"There is no rate {kind!r}.", hint=did_you_mean(str(kind), _RATES))
    known = {name: float(counts.get(name, 0)) for name in OUTCOMES}
    if not all(0 <= count < np.inf for count in known.values()):
        raise UsageError("A count of outcomes is negative or endless.")
    share = _share(known, kind, eligible_share)
    answered = known["complete"] + (known["partial"] if int(kind[2]) % 2 == 0 else 0.0)
    eligible = _eligible(known) + share * known["unknown_eligibility"]
    value = answered / eligible if eligible > 0 else float("nan")
    return Rate(value, answered, eligible, share)


def _eligible(counts: Mapping[str, float]) -> float:
    return sum(counts[name] for name in OUTCOMES[:5])


def _share(counts: Mapping[str, float], kind: str, given: float | None) -> float:
    if kind in ("RR1", "RR2"):
        return 1.0
    if kind in ("RR5", "RR6"):
        return 0.0
    if given is None:
        known = _eligible(counts) + counts["not_eligible"]
        return _eligible(counts) / known if known > 0 else 1.0
    if not 0.0 <= given <= 1.0:
        raise UsageError(f"The share {given} lies outside 0 to 1.", hint="0.8 for four in five")
    return float(given)


def mean_bounds(value: float, answered: float, limits: tuple[float, float]) -> Bounds:
    """Between what a mean lies when a share is missing, and could have said anything.

    Parameters
    ----------
    value : float
        Mean of those who answered.
    answered : float in [0, 1]
        Their share.
    limits : tuple of two floats
        Lowest and highest value that an answer can have.

    Returns
    -------
    Bounds
        As far apart as the missing share allows; no sample size makes them narrower.

    Raises
    ------
    UsageError
        The share is outside 0 to 1, or the value outside its limits.

    References
    ----------
    .. [1] Manski 1990, Am. Econ. Rev. 80:319-323.

    Examples
    --------
    >>> low, high = mean_bounds(0.8, 0.25, (0.0, 1.0))
    >>> round(low, 2), round(high, 2)
    (0.2, 0.95)
    """
    least, most = limits
    if not 0.0 <= answered <= 1.0:
        raise UsageError(f"The share of answers is {answered}, and lies between 0 and 1.")
    if not least <= value <= most:
        raise UsageError(f"The mean {value:g} lies outside {least:g} to {most:g}.")
    rest = 1.0 - answered
    return Bounds(answered * value + rest * least, answered * value + rest * most)


def overturning_mean(limit: float, answered: float, against: float) -> float:
    """Mean of the missing at which a limit of everybody's mean comes to lie at `against`.

    Parameters
    ----------
    limit : float
        Limit of the mean of those who answered: the one on the side of `against`.
    answered : float in (0, 1)
        Their share.
    against : float
        What the mean was found to differ from.

    Returns
    -------
    float
        It may lie beyond what an answer can be: then no silence overturns the finding.

    Raises
    ------
    UsageError
        The share is not between 0 and 1.

    Examples
    --------
    >>> overturning_mean(20.0, 0.5, 0.0)
    -20.0
    """
    if not 0.0 < answered < 1.0:
        raise UsageError(f"The share of answers is {answered}, and must lie between 0 and 1.")
    return (against - answered * limit) / (1.0 - answered)


def logistic(x: ArrayLike, y: ArrayLike, *, weights: ArrayLike | None = None) -> Logistic:
    """Chance of a yes by maximum likelihood, from what is known of each row.

    Parameters
    ----------
    x : float array (rows, columns)
        What is known.
    y : boolean array (rows,)
        Yes or no.
    weights : float array (rows,) or None
        Weight of each row.

    Returns
    -------
    Logistic
        Slopes and chances; a column that tells the answers apart without a doubt has an endless
        slope, at which the search stops.

    Raises
    ------
    UsageError
        Lengths differ, a number is missing, or all rows say the same.

    Notes
    -----
    Newton's method with halved steps. Columns that others make up change nothing: their slopes are
    the smallest that fit.

    References
    ----------
    .. [1] McCullagh & Nelder 1989, Generalized Linear Models, section 4.4.

    Examples
    --------
    >>> found = logistic([[0.0], [0.0], [1.0], [1.0]], [True, False, True, True])
    >>> found.probabilities.round(2).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    matrix, target, w = _rows_of(x, y, weights)
    b = np.zeros(matrix.shape[1])
    b[0] = np.log(np.average(target, weights=w) / np.average(1.0 - target, weights=w))
    loss = _loss(matrix @ b, target, w)
    for _ in range(_MOST_STEPS):
        p = _sigmoid(matrix @ b)
        slope = matrix.T @ (w * (target - p))
        curve = (matrix * (w * p * (1.0 - p))[:, None]).T @ matrix
        step = np.asarray(np.linalg.lstsq(curve, slope, rcond=1e-12)[0], np.float64)
        b, loss, gain = _moved(matrix, target, w, b, step, loss)
        if gain <= _NEAR * max(loss, 1.0) or np.abs(b).max() > _STEEPEST:
            break
    is_converged = bool(np.abs(b).max() <= _STEEPEST and gain <= _NEAR * max(loss, 1.0))
    return Logistic(read_only(b), read_only(_sigmoid(matrix @ b)), is_converged)


def _moved(
    matrix: Floats, y: Floats, w: Floats, b: Floats, step: Floats, loss: float
) -> tuple[Floats, float, float]:
    """The step, halved until it does not go uphill."""
    for _ in range(30):
        after = _loss(matrix @ (b + step), y, w)
        if after <= loss:
            return b + step, after, loss - after
        step = step / 2.0
    return b, loss, 0.0


def _loss(logits: Floats, y: Floats, w: Floats) -> float:
    return float((w * (np.logaddexp(0.0, logits) - y * logits)).sum())


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)))


def _rows_of(
    x: ArrayLike, y: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    columns, target = np.asarray(x, np.float64), np.asarray(y, np.float64)
    w = np.ones(target.size) if weights is None else np.asarray(weights, np.float64)
    if columns.ndim != 2 or columns.shape[0] != target.size or w.shape != target.shape:
        raise UsageError(f"There are {len(columns)} rows for {target.size} answers.")
    if not (np.isfinite(columns).all() and np.isin(target, (0.0, 1.0)).all()):
        raise UsageError("A number of the regression is missing or endless, or no yes or no.")
    share = np.average(target, weights=w)
    if not 0.0 < share < 1.0:
        raise UsageError("All rows say the same, so that nothing tells them apart.")
    return np.column_stack([np.ones(target.size), columns]), target, w


def response_classes(
    probabilities: ArrayLike,
    answered: ArrayLike,
    *,
    classes: int = 5,
    least: int = 5,
    weights: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """Classes of rows with about the same chance, in each of which enough have answered.

    Parameters
    ----------
    probabilities : float array (rows,)
        Chance that each row answers.
    answered : boolean array (rows,)
        Whether it did.
    classes : int
        How many classes of equal size to begin with.
    least : int
        Answers that each class needs; one with fewer is joined to the next.
    weights : float array (rows,) or None
        Weight of each row, for the sizes of the classes.

    Returns
    -------
    int64 array (rows,)
        Class of each row, from the lowest chance up.

    Raises
    ------
    UsageError
        There are fewer answers than one class needs.

    References
    ----------
    .. [1] Little 1986, Int. Stat. Rev. 54:139-157.

    Examples
    --------
    >>> chances, answered = [0.1, 0.1, 0.8, 0.9], [False, True, True, True]
    >>> response_classes(chances, answered, classes=2, least=1).tolist()
    [0, 0, 1, 1]
    """
    p, said = np.asarray(probabilities, np.float64), np.asarray(answered, bool)
    if said.sum() < least:
        raise UsageError(f"{int(said.sum())} rows have an answer, and {least} are needed.")
    w = np.ones(p.size) if weights is None else np.asarray(weights, np.float64)
    place = np.unique(p, return_inverse=True)[1]
    size = np.bincount(place, weights=w)
    # Rows of one chance stay together: half of them lie below the middle of their share.
    middle = (np.cumsum(size) - size / 2) / size.sum()
    first = np.minimum((middle * classes).astype(np.int64), classes - 1)
    counts = np.bincount(first[place][said], minlength=classes)
    return np.asarray(_joined(counts, least)[first][place], np.int64)


def _joined(counts: Ints, least: int) -> NDArray[np.int64]:
    """New number of each class: one with too few answers goes on into the next."""
    numbers, current, held = [], 0, 0
    for count in counts.tolist():
        numbers.append(current)
        held += count
        if held >= least:
            current, held = current + 1, 0
    # What is left at the end joins the last full class.
    return np.minimum(np.array(numbers, np.int64), max(current - 1, 0))


def class_rates(classes: NDArray[np.int64], answered: NDArray[np.bool_], weights: Floats) -> Floats:
    """Share of the weight in each row's class that answered.

    Parameters
    ----------
    classes : int64 array (rows,)
        Class of each row, from 0 on.
    answered : boolean array (rows,)
        Whether it answered.
    weights : float64 array (rows,)
        Weight of each row.

    Returns
    -------
    float64 array (rows,)
        The same for all rows of a class.

    Examples
    --------
    >>> said = np.array([True, False, True])
    >>> class_rates(np.array([0, 0, 1]), said, np.ones(3)).tolist()
    [0.5, 0.5, 1.0]
    """
    asked = np.bincount(classes, weights=weights)
    said = np.bincount(classes, weights=weights * answered)
    return divide(said, asked)[classes]
