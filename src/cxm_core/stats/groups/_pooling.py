"""Many groups at once: how far each may differ from the rest, and each drawn towards it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.stats._limits import Limits
from cxm_core.stats._quantiles import upper_tail
from cxm_core.stats._sums import Floats, divide, read_only

# Fewer groups than this leave nothing to learn their spread from.
LEAST_GROUPS = 3
_STEPS = 200
_NEAR = 1e-12
_NODES = 160
# Nodes at which the density is below its peak by more than this add nothing.
_FAR = 40.0
_BLOCK = 1 << 20


@frozen(kw_only=True)
class RandomEffects:
    """Common centre of groups that differ among themselves, and how much they do.

    Parameters
    ----------
    centre : float
        Mean of the groups' true values.
    standard_error : float
        Of `centre`.
    tau2 : float
        Variance of the groups' true values; 0 where the differences look like chance.
    q : float
        Cochran's Q: squared distances from the common value, each over its variance.
    df : int
        Groups less one.
    method : str
        How `tau2` was found.
    """

    centre: float
    standard_error: float
    tau2: float
    q: float
    df: int
    method: str


@frozen(kw_only=True, eq=False)
class Shrunk:
    """Values of groups drawn towards their centre; arrays have one entry a group.

    Parameters
    ----------
    value : float64 array
        Between the group's own value and the centre; not a number where the group has none.
    standard_error : float64 array
        Of `value`, as a guess of the group's true value.
    shrinkage : float64 array
        Share of the way to the centre, from 0 to 1.
    centre : float
        Mean of the groups' true values.
    centre_error : float
        Standard error of `centre`.
    spread : float
        Standard deviation of the groups' true values; the median of what is believed of it, where
        that is summed over.
    """

    value: Floats = field(converter=read_only)
    standard_error: Floats = field(converter=read_only)
    shrinkage: Floats = field(converter=read_only)
    centre: float
    centre_error: float
    spread: float


class _Groups(NamedTuple):
    """Groups that have a value, and which of all they are."""

    y: Floats
    v: Floats
    known: NDArray[np.bool_]


def random_effects(
    value: ArrayLike, variance: ArrayLike, *, method: str = "reml", knapp_hartung: bool = False
) -> RandomEffects:
    """Centre of groups that differ by more than chance, and the variance between them.

    Parameters
    ----------
    value, variance : array of floats (groups,)
        Each group's estimate and the square of its standard error; not a number for no estimate.
    method : {"reml", "dl", "pm"}
        Restricted likelihood, the moments of DerSimonian and Laird, or those of Paule and Mandel.
    knapp_hartung : bool
        Take the error of the centre from how far the groups lie from it, for Student's t with `df`
        degrees of freedom; holds better with few groups.

    Returns
    -------
    RandomEffects
        Centre, its error, and the variance between groups.

    Raises
    ------
    UsageError
        Fewer than three groups, a variance of zero or below, or no such method.

    References
    ----------
    .. [1] DerSimonian & Laird 1986, Control. Clin. Trials 7:177-188.
    .. [2] Paule & Mandel 1982, J. Res. Natl. Bur. Stand. 87:377-385.
    .. [3] Hartung & Knapp 2001, Stat. Med. 20:3875-3889.
    .. [4] Viechtbauer 2005, J. Educ. Behav. Stat. 30:261-293, for the restricted likelihood.

    Examples
    --------
    >>> found = random_effects([28, 8, -3, 7, -1, 1, 18, 12],
    ...     [225, 100, 256, 121, 81, 121, 100, 324], method="dl")
    >>> round(found.centre, 2), round(found.standard_error, 2), found.tau2
    (7.69, 4.07, 0.0)
    """
    if method not in TAU_METHODS:
        raise UsageError(
            f"There is no way {method!r} to find the variance between groups.",
            hint=did_you_mean(str(method), TAU_METHODS),
        )
    groups = _groups(value, variance)
    tau2 = TAU_METHODS[method](groups)
    weight, centre = _centre(groups, tau2)
    df = groups.y.size - 1
    common, mean = _centre(groups, 0.0)
    error2 = 1.0 / weight.sum()
    if knapp_hartung:
        error2 *= float((weight * (groups.y - centre) ** 2).sum()) / df
    return RandomEffects(
        centre=centre,
        standard_error=float(np.sqrt(error2)),
        tau2=tau2,
        q=float((common * (groups.y - mean) ** 2).sum()),
        df=df,
        method=method,
    )


def _groups(value: ArrayLike, variance: ArrayLike) -> _Groups:
    y, v = np.broadcast_arrays(np.asarray(value, np.float64), np.asarray(variance, np.float64))
    known = np.isfinite(y) & np.isfinite(v)
    if known.sum() < LEAST_GROUPS:
        raise UsageError(
            f"Only {known.sum()} of {y.size} groups have a value with an error: "
            "too few to tell how far groups differ.",
            hint=f"pool {LEAST_GROUPS} groups or more",
        )
    if (v[known] <= 0).any():
        raise UsageError(
            f"{np.count_nonzero(v[known] <= 0)} groups have a variance of zero or below.",
            hint="take the variance from the interval, which is never without width",
        )
    return _Groups(y[known], v[known], known)


def _centre(groups: _Groups, tau2: float) -> tuple[Floats, float]:
    weight = 1.0 / (groups.v + tau2)
    return weight, float((weight * groups.y).sum() / weight.sum())


def _dl(groups: _Groups) -> float:
    weight, mean = _centre(groups, 0.0)
    q = float((weight * (groups.y - mean) ** 2).sum())
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    if scale <= _NEAR * weight.sum():  # one group has all the weight: nothing differs from it
        return 0.0
    return max(0.0, float((q - groups.y.size + 1) / scale))


def _pm(groups: _Groups) -> float:
    """Where Q at the variance on trial has its expected value; steps from below, so never past."""
    tau2 = 0.0
    for _ in range(_STEPS):
        weight, centre = _centre(groups, tau2)
        excess = float((weight * (groups.y - centre) ** 2).sum()) - groups.y.size + 1
        slope = float((weight**2 * (groups.y - centre) ** 2).sum())
        if excess <= 0 or slope == 0:
            break
        tau2 += excess / slope
        if excess <= _NEAR * groups.y.size:
            break
    return tau2


def _reml(groups: _Groups) -> float:
    """Fisher scoring on the restricted likelihood."""
    tau2 = _dl(groups)
    for _ in range(_STEPS):
        weight, centre = _centre(groups, tau2)
        w1, w2, w3 = (float((weight**power).sum()) for power in (1, 2, 3))
        slope = float((weight**2 * (groups.y - centre) ** 2).sum()) - w1 + w2 / w1
        curve = w2 - 2.0 * w3 / w1 + (w2 / w1) ** 2
        if curve <= _NEAR * w2:  # one group has all the weight
            return tau2
        moved = max(tau2 + slope / curve, 0.0)
        if abs(moved - tau2) <= _NEAR * (moved + float(groups.v.min())):
            return moved
        tau2 = moved
    return tau2


#: Ways to find the variance between groups.
TAU_METHODS: Mapping[str, Callable[[_Groups], float]] = MappingProxyType(
    {"reml": _reml, "dl": _dl, "pm": _pm}
)


def shrink(value: ArrayLike, variance: ArrayLike, effects: RandomEffects) -> Shrunk:
    """Each group's value drawn towards the centre, as far as its own doubt is the larger part.

    Parameters
    ----------
    value, variance : array of floats (groups,)
        As for `random_effects`.
    effects : RandomEffects
        What `random_effects` found, taken as if known: with few groups the errors are too small,
        and with `tau2` at 0 much too small. `hierarchical` counts that doubt in.

    Returns
    -------
    Shrunk
        Best linear unbiased predictions.

    References
    ----------
    .. [1] Robinson 1991, That BLUP is a good thing, Stat. Sci. 6:15-32.
    .. [2] Morris 1983, J. Am. Stat. Assoc. 78:47-55.

    Examples
    --------
    >>> y, v = [10.0, 20.0, 60.0], [100.0, 100.0, 100.0]
    >>> shrink(y, v, random_effects(y, v)).value.round(1).tolist()
    [12.9, 21.4, 55.7]
    """
    y, v = np.broadcast_arrays(np.asarray(value, np.float64), np.asarray(variance, np.float64))
    kept = divide(np.full(v.shape, effects.tau2), v + effects.tau2)
    error2 = kept * v + (1.0 - kept) ** 2 * effects.standard_error**2
    return Shrunk(
        value=kept * y + (1.0 - kept) * effects.centre,
        standard_error=np.sqrt(error2),
        shrinkage=1.0 - kept,
        centre=effects.centre,
        centre_error=effects.standard_error,
        spread=float(np.sqrt(effects.tau2)),
    )


def hierarchical(value: ArrayLike, variance: ArrayLike) -> Shrunk:
    """Each group's value drawn towards the centre, the doubt about the spread counted in.

    Parameters
    ----------
    value, variance : array of floats (groups,)
        As for `random_effects`.

    Returns
    -------
    Shrunk
        Means and standard deviations of what is believed of each group.

    Raises
    ------
    UsageError
        Fewer than three groups, or a variance of zero or below.

    Notes
    -----
    Groups are normal about a common centre; centre and spread start from flat beliefs. The spread
    is summed over a grid, so nothing is random and a spread estimated at zero does not pretend
    that all groups are alike.

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 5.4, equations 5.17 to 5.21.

    Examples
    --------
    >>> found = hierarchical([28, 8, -3, 7, -1, 1, 18, 12],
    ...     [225, 100, 256, 121, 81, 121, 100, 324])
    >>> found.value.round(0).tolist()
    [11.0, 8.0, 6.0, 8.0, 5.0, 6.0, 11.0, 8.0]
    """
    groups = _groups(value, variance)
    spread, chance = _spreads(groups)
    moments, sums = np.zeros((3, groups.y.size)), np.zeros(2)
    for at, weight, mean in _centres(groups, spread):
        kept = spread[at, None] ** 2 * weight
        doubt = 1.0 / weight.sum(axis=1)
        drawn = kept * groups.y + (1.0 - kept) * mean[:, None]
        error2 = kept * groups.v + (1.0 - kept) ** 2 * doubt[:, None]
        moments += [chance[at] @ part for part in (drawn, drawn**2 + error2, 1.0 - kept)]
        sums += [chance[at] @ mean, chance[at] @ (mean**2 + doubt)]
    centre, square = sums.tolist()
    value, squares, shrinkage = (spaced(row, groups.known) for row in moments)
    return Shrunk(
        value=value,
        standard_error=np.sqrt(np.maximum(squares - value**2, 0.0)),
        shrinkage=shrinkage,
        centre=centre,
        centre_error=float(np.sqrt(max(square - centre**2, 0.0))),
        spread=median(spread, chance),
    )


def _centres(groups: _Groups, spread: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Weights of the groups and their centre at each spread, in blocks of spreads."""
    step = max(_BLOCK // groups.y.size, 1)
    for start in range(0, spread.size, step):
        at = slice(start, start + step)
        weight = 1.0 / (groups.v + spread[at, None] ** 2)
        yield at, weight, (weight @ groups.y) / weight.sum(axis=1)


def median(values: Floats, chance: Floats) -> float:
    """Value with as much chance below it as above."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(chance[order])
    return float(values[order][np.searchsorted(below, 0.5 * below[-1])])


def spaced(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """The values at their places among all groups."""
    found = np.full(known.shape, np.nan)
    found[known] = values
    return found


def _spreads(groups: _Groups) -> tuple[Floats, Floats]:
    """Grid of the standard deviation between groups, and how likely each of its nodes is."""
    scale = float(np.sqrt(_dl(groups) + np.median(groups.v)))
    unit = (np.arange(_NODES) + 0.5) / _NODES
    coarse = scale * unit / (1.0 - unit)
    height = _log_density(groups, coarse)
    near = np.flatnonzero(height >= height.max() - _FAR)
    start = 0.0 if near[0] == 0 else coarse[near[0] - 1]
    end = coarse[min(near[-1] + 1, _NODES - 1)]
    peak = coarse[int(height.argmax())]
    # A long tail is cut where it adds nothing; nodes are dense about the peak.
    knee = min(end, max(4.0 * peak, 4.0 * scale))
    parts = [np.linspace(start, knee, 2 * _NODES + 1)]
    if end > knee:
        parts.append(np.geomspace(knee, end, _NODES)[1:])
    nodes = np.concatenate(parts)
    chance = np.exp(_log_density(groups, nodes) - height.max())
    # By the rule of trapezia.
    steps = np.diff(nodes)
    chance[1:-1] *= (steps[1:] + steps[:-1]) / 2.0
    chance[[0, -1]] *= steps[[0, -1]] / 2.0
    return nodes, chance / chance.sum()


def _log_density(groups: _Groups, spread: Floats) -> Floats:
    """Log density of the spread, centre summed out, up to a constant."""
    found = np.empty(spread.shape)
    for at, weight, mean in _centres(groups, spread):
        distance = (weight * (groups.y - mean[:, None]) ** 2).sum(axis=1)
        found[at] = np.log(weight).sum(axis=1) - np.log(weight.sum(axis=1)) - distance
    return found / 2.0


class JamesStein(NamedTuple):
    """Values of equally well known groups drawn towards their mean.

    Attributes
    ----------
    value : float64 array (groups,)
        The drawn values.
    centre : float
        Plain mean of the groups.
    factor : float
        Share of the distance from the mean that is kept, from 0 to 1.
    """

    value: Floats
    centre: float
    factor: float


def james_stein(value: ArrayLike, variance: float) -> JamesStein:
    """Values of groups of one size, drawn towards their plain mean.

    Parameters
    ----------
    value : array of floats (groups,)
        Estimates that are all known equally well.
    variance : float
        Square of their common standard error.

    Returns
    -------
    JamesStein
        Drawn values, the mean, and the share of the distance that was kept.

    Raises
    ------
    UsageError
        Fewer than four groups.

    References
    ----------
    .. [1] Efron & Morris 1977, Sci. Am. 236(5):119-127.

    Examples
    --------
    >>> found = james_stein([0.6, 0.4, 0.2, 0.0], 0.02)
    >>> round(found.factor, 2), found.value.round(2).tolist()
    (0.9, [0.57, 0.39, 0.21, 0.03])
    """
    y = np.asarray(value, dtype=np.float64)
    if y.size <= LEAST_GROUPS:
        raise UsageError(f"{y.size} groups are too few to draw together.", hint="give four or more")
    centre = float(y.mean())
    total = float(((y - centre) ** 2).sum())
    factor = max(0.0, 1.0 - (y.size - 3) * variance / total) if total > 0 else 0.0
    drawn = centre + factor * (y - centre)
    drawn.flags.writeable = False
    return JamesStein(drawn, centre, factor)


def bounded_limits(
    value: ArrayLike,
    standard_error: ArrayLike,
    bounds: tuple[float, float] | None = None,
    *,
    confidence_level: float = 0.95,
) -> Limits:
    """Limits of what is believed of values with a known range, from their means and errors.

    Parameters
    ----------
    value, standard_error : array of floats (groups,)
        Mean and standard deviation of the belief.
    bounds : (float, float) or None
        Least and largest value that there can be; None for no bounds.
    confidence_level : float in (0, 1)
        Nominal coverage.

    Returns
    -------
    Limits
        Within the bounds: quantiles of the beta distribution with this mean and standard
        deviation; of the normal one without bounds; and the wider of both at an end.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    Examples
    --------
    >>> low, high = bounded_limits([0.95], [0.04], (0.0, 1.0))
    >>> low.round(2).item(), high.round(3).item()
    (0.85, 0.997)
    """
    from scipy.special import betaincinv, ndtri  # noqa: PLC0415

    tail = 1.0 - upper_tail(confidence_level)
    mean, error = np.asarray(value, np.float64), np.asarray(standard_error, np.float64)
    half = -float(ndtri(tail)) * error
    if bounds is None:
        return Limits(read_only(mean - half), read_only(mean + half))
    start, width = bounds[0], bounds[1] - bounds[0]
    m, s2 = (mean - start) / width, (error / width) ** 2
    total = divide(m * (1.0 - m), s2) - 1.0
    # A mean at an end, or more doubt than the range can hold, has no such beta distribution.
    known = (m > 0) & (m < 1) & (total > 0)
    a, b = np.where(known, m * total, 1.0), np.where(known, (1.0 - m) * total, 1.0)
    shaped = (start + width * betaincinv(a, b, part) for part in (tail, 1.0 - tail))
    plain = (np.clip(mean + sign * half, *bounds) for sign in (-1, 1))
    # A belief that is piled up at an end has its mean outside of its own quantiles.
    is_hill = known & (a >= 1.0) & (b >= 1.0)
    found = (
        np.where(is_hill, one, np.where(known, outer(one, other), other))
        for one, other, outer in zip(shaped, plain, (np.minimum, np.maximum), strict=True)
    )
    return Limits(*(read_only(end) for end in found))
