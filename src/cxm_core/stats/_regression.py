"""Least squares, with errors that hold when rows of one cluster go together."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._sums import Floats, Ints, read_only

Errors: TypeAlias = Literal["plain", "robust", "clustered"]


class Regression(NamedTuple):
    """Coefficients of a regression, and how well they are known.

    Attributes
    ----------
    coefficients : float64 array (columns,)
        The intercept first, if one was added.
    covariance : float64 array (columns, columns)
        Of the coefficients.
    standard_errors : float64 array (columns,)
        Square roots of its diagonal.
    df : int
        Degrees of freedom: clusters less one, or rows less columns.
    errors : {"plain", "robust", "clustered"}
        How the covariance was found.
    """

    coefficients: Floats
    covariance: Floats
    standard_errors: Floats
    df: int
    errors: Errors


def least_squares(
    y: ArrayLike,
    x: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    errors: Errors | None = None,
    intercept: bool = True,
) -> Regression:
    """Straight line through rows, with the error that the rows' clusters call for.

    Parameters
    ----------
    y : float array (rows,)
        What is to be explained.
    x : float array (rows,) or (rows, columns)
        What explains it.
    clusters : array (rows,) or None
        Cluster of each row; None if each row is one of its own.
    errors : {"plain", "robust", "clustered"} or None
        "plain" takes one spread for all rows, "robust" lets it differ (HC1), "clustered" lets rows
        of a cluster go together (CR1). None is "clustered" if there are clusters, else "robust".
    intercept : bool
        Whether a constant is added.

    Returns
    -------
    Regression
        Coefficients and their covariance.

    Raises
    ------
    UsageError
        Lengths differ, a number is missing, columns say the same thing, or there is one cluster.

    References
    ----------
    .. [1] Liang & Zeger 1986, Biometrika 73:13-22.
    .. [2] Petersen 2009, Rev. Financ. Stud. 22:435-480.

    Examples
    --------
    >>> found = least_squares([1.0, 2.0, 4.0, 5.0], [0, 1, 2, 3])
    >>> found.coefficients.round(3).tolist()
    [0.9, 1.4]
    """
    target, matrix = _checked(y, x, intercept=intercept)
    bread = np.asarray(np.linalg.inv(matrix.T @ matrix), np.float64)
    coefficients = bread @ (matrix.T @ target)
    residuals = target - matrix @ coefficients
    n, k = matrix.shape
    kind = errors or ("robust" if clusters is None else "clustered")
    if kind == "plain":
        covariance, df = bread * (residuals @ residuals) / (n - k), n - k
    elif kind == "robust":
        scores = matrix * residuals[:, None]
        covariance, df = n / (n - k) * (bread @ (scores.T @ scores) @ bread), n - k
    else:
        covariance, df = _clustered(matrix * residuals[:, None], bread, clusters)
    return Regression(
        read_only(coefficients),
        read_only(covariance),
        read_only(np.sqrt(np.diag(covariance))),
        df,
        kind,
    )


def _clustered(scores: Floats, bread: Floats, clusters: ArrayLike | None) -> tuple[Floats, int]:
    n, k = scores.shape
    if clusters is None:
        raise UsageError("Clustered errors need the cluster of each row.", hint="clusters=")
    labels, place = np.unique(np.asarray(clusters), return_inverse=True)
    if place.shape != (n,) or len(labels) < 2:
        raise UsageError(
            f"There are {len(labels)} clusters of {place.size} rows, where {n} rows of at least "
            "two clusters are needed.",
            hint="one label a row",
        )
    sums = _sum_by(place, len(labels), scores)
    g = len(labels)
    factor = g / (g - 1) * (n - 1) / (n - k)
    return factor * (bread @ (sums.T @ sums) @ bread), g - 1


def _sum_by(place: Ints, size: int, scores: Floats) -> Floats:
    columns = [np.bincount(place, weights=column, minlength=size) for column in scores.T]
    return np.stack(columns, axis=1)


def _checked(y: ArrayLike, x: ArrayLike, *, intercept: bool) -> tuple[Floats, Floats]:
    target = np.asarray(y, np.float64)
    columns = np.asarray(x, np.float64)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if target.ndim != 1 or columns.shape[0] != target.size:
        raise UsageError(f"There are {columns.shape[0]} rows for {target.size} values.")
    if not (np.isfinite(target).all() and np.isfinite(columns).all()):
        raise UsageError("A number of the regression is missing or endless.")
    if intercept:
        columns = np.column_stack([np.ones(len(target)), columns])
    if columns.shape[0] <= columns.shape[1] or np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise UsageError(
            f"{columns.shape[0]} rows cannot tell {columns.shape[1]} columns apart.",
            hint="leave out columns that others make up",
        )
    return target, columns
