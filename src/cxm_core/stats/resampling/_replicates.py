"""Replicate weights: the error of any statistic, from how it moves when clusters come and go."""

from __future__ import annotations

from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError
from cxm_core.stats._sums import Floats, Ints, read_only, row_keys


@frozen(kw_only=True, eq=False)
class Replicates:
    """Weights of a sample as if it had been drawn again, many times.

    Parameters
    ----------
    kind : {"jackknife", "rao_wu"}
        How the replicates are made.
    units : int64 array (rows,)
        Place of each row's cluster.
    stratum : int64 array (clusters,)
        Place of each cluster's stratum.
    scales : float64 array (replicates,)
        What the squared distance of each replicate counts in the variance.
    drawn : int32 array (replicates, clusters) or None
        How often each cluster was drawn; None for the jackknife, which leaves out one at a time.
    """

    kind: Literal["jackknife", "rao_wu"]
    units: Ints = field(converter=read_only)
    stratum: Ints = field(converter=read_only)
    scales: Floats = field(converter=read_only)
    drawn: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.scales)

    def factors(self, replicate: int) -> Floats:
        """By what the weight of each row is multiplied in one replicate.

        Parameters
        ----------
        replicate : int
            From 0 up to the number of replicates.

        Returns
        -------
        float64 array (rows,)
            Zero where the row's cluster is left out.
        """
        m = np.bincount(self.stratum)[self.stratum]
        grown = m / np.maximum(m - 1, 1)
        if self.drawn is not None:
            return np.asarray((self.drawn[replicate] * np.where(m > 1, grown, 1.0))[self.units])
        place = self._left_out[replicate]
        kept = np.where(self.stratum == self.stratum[place], grown, 1.0)
        kept[place] = 0.0
        return np.asarray(kept[self.units])

    @property
    def _left_out(self) -> Ints:
        """Clusters that have others beside them in their stratum."""
        return np.flatnonzero(np.bincount(self.stratum)[self.stratum] > 1)

    def variance(self, values: ArrayLike, value: ArrayLike) -> Floats:
        """Variance of a statistic from its replicates.

        Parameters
        ----------
        values : float array (replicates, ...)
            The statistic, with the weights of each replicate.
        value : float array (...)
            The statistic with the sample's own weights.

        Returns
        -------
        float64 array (...)
            Sum of squared distances from `value`, each times its scale.

        Raises
        ------
        UsageError
            There is not one value for each replicate.
        """
        given = np.asarray(values, np.float64)
        if given.shape[:1] != self.scales.shape:
            raise UsageError(f"There are {given.shape[:1]} values for {len(self)} replicates.")
        apart = given - np.asarray(value, np.float64)
        return np.asarray(np.tensordot(self.scales, apart**2, axes=1))


def jackknife(clusters: ArrayLike, *, strata: ArrayLike | None = None) -> Replicates:
    """Replicates that leave out one cluster at a time: JK1, or JKn within strata.

    Parameters
    ----------
    clusters : array (rows,)
        Cluster of each row; a number of its own for each where rows are drawn one by one.
    strata : array (rows,) or None
        Stratum of each row.

    Returns
    -------
    Replicates
        One for each cluster that is not alone in its stratum.

    Raises
    ------
    UsageError
        Lengths differ, or every cluster is alone.

    Notes
    -----
    Good for means, shares, ratios and calibrated weights; not for quantiles, whose replicates do
    not spread as the quantile does: take `rao_wu` there.

    References
    ----------
    .. [1] Wolter 2007, Introduction to Variance Estimation, section 4.5.

    Examples
    --------
    >>> import numpy as np
    >>> y, drawn = np.array([1.0, 2.0, 4.0, 5.0]), jackknife([1, 1, 2, 3])
    >>> means = [np.average(y, weights=drawn.factors(r)) for r in range(len(drawn))]
    >>> drawn.variance(means, y.mean()).round(3).item()
    1.87
    """
    units, stratum = _units(clusters, strata)
    m = np.bincount(stratum)
    alone = m[stratum] < 2
    if alone.all():
        raise UsageError(
            f"All of {len(stratum)} clusters are alone in their stratum.",
            hint="merge strata, or leave them out",
        )
    scales = ((m - 1) / m)[stratum[~alone]]
    return Replicates(kind="jackknife", units=units, stratum=stratum, scales=scales)


def rao_wu(
    clusters: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    n_resamples: int = 500,
    rng: np.random.Generator,
) -> Replicates:
    """Replicates that draw one cluster fewer than there are, with replacement, in each stratum.

    Parameters
    ----------
    clusters : array (rows,)
        Cluster of each row; a number of its own for each where rows are drawn one by one.
    strata : array (rows,) or None
        Stratum of each row.
    n_resamples : int
        How many replicates.
    rng : numpy Generator
        Where chance comes from.

    Returns
    -------
    Replicates
        Each with the scale one over their number; a cluster alone in its stratum always stays.

    Raises
    ------
    UsageError
        Lengths differ, or there is no replicate.

    References
    ----------
    .. [1] Rao & Wu 1988, J. Am. Stat. Assoc. 83:231-241.
    .. [2] Rao, Wu & Yue 1992, Survey Methodology 18:209-217.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = rao_wu([1, 1, 2, 3, 4], n_resamples=100, rng=np.random.default_rng(7))
    >>> len(drawn), round(float(drawn.factors(0).min()), 2)
    (100, 0.0)
    """
    if n_resamples < 1:
        raise UsageError(f"There are {n_resamples} replicates.", hint="500 are usual")
    units, stratum = _units(clusters, strata)
    drawn = np.ones((n_resamples, len(stratum)), np.int32)
    for place in range(int(stratum.max()) + 1):
        members = np.flatnonzero(stratum == place)
        if len(members) > 1:
            even = np.full(len(members), 1.0 / len(members))
            drawn[:, members] = rng.multinomial(len(members) - 1, even, size=n_resamples)
    scales = np.full(n_resamples, 1.0 / n_resamples)
    return Replicates(kind="rao_wu", units=units, stratum=stratum, scales=scales, drawn=drawn)


def _units(clusters: ArrayLike, strata: ArrayLike | None) -> tuple[Ints, Ints]:
    """Place of each row's cluster, clusters told apart within strata, and their strata."""
    _, cluster = np.unique(np.asarray(clusters), return_inverse=True)
    if strata is None:
        stratum = np.zeros(len(cluster), np.int64)
    else:
        stratum = np.unique(np.asarray(strata), return_inverse=True)[1].astype(np.int64)
    if not len(cluster) or stratum.shape != cluster.shape:
        raise UsageError(f"There are {stratum.size} strata for {cluster.size} rows.")
    sizes = [int(stratum.max()) + 1, int(cluster.max()) + 1]
    keys = row_keys([stratum, cluster], sizes, len(cluster))
    _, first, units = np.unique(keys, return_index=True, return_inverse=True)
    return units.astype(np.int64), stratum[first]
