"""How many plain answers a weighted or clustered sample is worth."""

from __future__ import annotations

from cxm_core.stats._quantiles import t_quantile
from cxm_core.stats._sums import Floats, Ints, divide


def kish(total: Floats, squares: Floats) -> Floats:
    """Effective number of units by their weights alone: squared sum over sum of squares.

    Parameters
    ----------
    total : float64 array
        Sums of weights.
    squares : float64 array
        Sums of squared weights.

    Returns
    -------
    float64 array
        Not a number where there is no weight.

    References
    ----------
    .. [1] Kish 1965, section 11.7.

    Examples
    --------
    >>> import numpy as np
    >>> kish(np.array([4.0]), np.array([6.0])).round(3).item()
    2.667
    """
    return divide(total**2, squares)


def korn_graubard(n: Floats | Ints, df: Floats | Ints, *, confidence_level: float) -> Floats:
    """Share of the effective answers that is left when the variance has few degrees of freedom.

    Parameters
    ----------
    n : array of numbers
        Answers.
    df : array of numbers
        Degrees of freedom of the variance: clusters less strata, or what their sizes leave of them.
    confidence_level : float in (0, 1)
        Nominal coverage of the interval that the effective answers are for.

    Returns
    -------
    float64 array
        Not a number where there are no degrees of freedom.

    Raises
    ------
    UsageError
        The level lies outside 0 to 1.

    References
    ----------
    .. [1] Korn & Graubard 1998, 24:193-201: n* = variance ratio times squared ratio of t.

    Examples
    --------
    >>> import numpy as np
    >>> korn_graubard(np.array([500]), np.array([9]), confidence_level=0.95).round(3).item()
    0.754
    """
    few = t_quantile(df, confidence_level)
    return divide(t_quantile(n - 1, confidence_level), few) ** 2
