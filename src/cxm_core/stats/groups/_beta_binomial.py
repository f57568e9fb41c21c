"""Many shares at once: how far they may differ, and each drawn towards the rest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError
from cxm_core.stats._limits import check_part
from cxm_core.stats._sums import Floats

from ._pooling import LEAST_GROUPS, Shrunk, median, spaced

# Nodes for the size of the prior, and for its mean at each size.
_SIZES, _MEANS, _REACH = 64, 17, 5.0
_BLOCK = 1 << 20


class BetaPrior(NamedTuple):
    """Beta distribution that shares of groups are taken to come from.

    Attributes
    ----------
    alpha, beta : float
        Its two parameters; their sum says as how many answers it counts.
    """

    alpha: float
    beta: float


class _Nodes(NamedTuple):
    """Priors on trial, and how likely each of them is."""

    alpha: Floats
    beta: Floats
    chance: Floats


def beta_moments(x: ArrayLike, n: ArrayLike) -> BetaPrior:
    """Beta distribution with the mean and the variance of the groups' shares.

    Parameters
    ----------
    x, n : array of floats (groups,)
        How many count, of how many.

    Returns
    -------
    BetaPrior
        By moments: quick, and too narrow or too wide where groups are small.

    Raises
    ------
    UsageError
        Fewer than three groups, or shares without variance.

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, section 5.1; data of Tarone 1982.

    Examples
    --------
    >>> prior = beta_moments([1, 3, 5, 2], [10, 10, 10, 10])
    >>> round(prior.alpha, 2), round(prior.beta, 2)
    (1.6, 4.23)
    """
    share = _parts(x, n)[2]
    mean, variance = float(share.mean()), float(share.var(ddof=1))
    if not 0.0 < variance < mean * (1.0 - mean):
        raise UsageError(
            f"The shares of {share.size} groups have no variance that a beta distribution can have."
        )
    size = mean * (1.0 - mean) / variance - 1.0
    return BetaPrior(mean * size, (1.0 - mean) * size)


def beta_binomial(x: ArrayLike, n: ArrayLike) -> Shrunk:
    """Each group's share drawn towards the centre, the doubt about the spread counted in.

    Parameters
    ----------
    x, n : array of floats (groups,)
        How many count, of how many; an effective number if they are weighted or clustered. A
        group with `n` of zero has no value.

    Returns
    -------
    Shrunk
        Means and standard deviations of what is believed of each share.

    Raises
    ------
    UsageError
        Fewer than three groups with answers, or `x` lies outside 0 to `n`.

    Notes
    -----
    Shares come from a beta distribution whose parameters are summed over a grid under the prior
    (alpha + beta) to the power of -5/2. Nothing is random.

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 5.3, equation 5.9.

    Examples
    --------
    >>> found = beta_binomial([9, 18, 50, 30], [10, 20, 100, 50])
    >>> found.value.round(2).tolist()
    [0.83, 0.85, 0.51, 0.61]
    """
    counts, sizes, share = _parts(x, n)
    known = np.isfinite(np.asarray(n, np.float64)) & (np.asarray(n, np.float64) > 0)
    nodes = _nodes(counts, sizes)
    total = nodes.alpha + nodes.beta
    moments = np.zeros((3, share.size))
    for alpha, size, chance in zip(nodes.alpha, total, nodes.chance, strict=True):
        mean = (alpha + counts) / (size + sizes)
        second = mean * (alpha + counts + 1.0) / (size + sizes + 1.0)
        moments += chance * np.array([mean, second, size / (size + sizes)])
    value, squares, shrinkage = (spaced(row, known) for row in moments)
    means = nodes.alpha / total
    centre = float(nodes.chance @ means)
    spread = np.sqrt(means * (1.0 - means) / (total + 1.0))
    return Shrunk(
        value=value,
        standard_error=np.sqrt(np.maximum(squares - value**2, 0.0)),
        shrinkage=shrinkage,
        centre=centre,
        centre_error=float(np.sqrt(nodes.chance @ (means - centre) ** 2)),
        spread=median(spread, nodes.chance),
    )


def _parts(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Counts, sizes and shares of the groups that have answers."""
    counts, sizes = (np.asarray(given, np.float64) for given in (x, n))
    known = np.isfinite(sizes) & (sizes > 0)
    if known.sum() < LEAST_GROUPS:
        raise UsageError(
            f"Only {known.sum()} of {sizes.size} groups have answers: "
            "too few to tell how far groups differ.",
            hint=f"pool {LEAST_GROUPS} groups or more",
        )
    counts, sizes = counts[known], sizes[known]
    counts = check_part(counts, sizes, "x")
    return counts, sizes, counts / sizes


def _nodes(counts: Floats, sizes: Floats) -> _Nodes:
    """Grid over the size of the prior and, at each, over its mean on the logistic scale."""
    from scipy.special import expit, logit  # noqa: PLC0415  (SciPy loads on first use)

    share = (counts + 0.5) / (sizes + 1.0)
    size = np.geomspace(0.1, 20.0 * sizes.sum(), _SIZES)[:, None]
    weight = sizes / (1.0 + (sizes - 1.0).clip(0.0) / (size + 1.0))
    centre = (weight @ share / weight.sum(axis=1))[:, None]
    reach = _REACH / np.sqrt(centre * (1.0 - centre) * weight.sum(axis=1)[:, None])
    at = logit(centre) + reach * np.linspace(-1.0, 1.0, _MEANS)
    mean = expit(at)
    alpha, beta = (np.asarray(part * size).ravel() for part in (mean, 1.0 - mean))
    height = _log_likelihood(counts, sizes, alpha, beta)
    # The prior, times what the change to the two scales of the grid costs, times the step.
    height += np.log(alpha) + np.log(beta) - 2.5 * np.log(alpha + beta)
    height += np.broadcast_to(np.log(reach), mean.shape).ravel()
    chance = np.exp(height - height.max())
    return _Nodes(alpha, beta, chance / chance.sum())


def _log_likelihood(counts: Floats, sizes: Floats, alpha: Floats, beta: Floats) -> Floats:
    """Sum over groups of the beta-binomial log likelihood at every node, in blocks of nodes."""
    from scipy.special import gammaln  # noqa: PLC0415

    pairs, times = np.unique(np.stack([counts, sizes]), axis=1, return_counts=True)
    hit, size = pairs
    step = max(_BLOCK // size.size, 1)
    found = np.empty(alpha.size)
    for start in range(0, alpha.size, step):
        a, b = (part[start : start + step, None] for part in (alpha, beta))
        parts = gammaln(a + hit) + gammaln(b + size - hit) - gammaln(a + b + size)
        alone = gammaln(a) + gammaln(b) - gammaln(a + b)
        found[start : start + step] = ((parts - alone) @ times).ravel()
    return found
