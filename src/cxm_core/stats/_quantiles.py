"""Quantiles for two-sided limits."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from cxm_core.errors import UsageError

from ._sums import Floats


def is_number(value: object) -> bool:
    """Whether a value can be compared with numbers at all, which a text cannot."""
    return isinstance(value, Real)


def upper_tail(confidence_level: float) -> float:
    """Where the upper limit's quantile is taken, such as 0.975; checks the level."""
    if not (is_number(confidence_level) and 0.0 < confidence_level < 1.0):
        percent = is_number(confidence_level) and 1.0 < confidence_level < 100.0
        raise UsageError(
            f"The confidence level is {confidence_level}, but must lie between 0 and 1.",
            hint=f"did you mean {confidence_level / 100}?" if percent else "0.95 is usual",
        )
    return 0.5 + confidence_level / 2.0


def normal_quantile(confidence_level: float) -> float:
    """Half-width of a two-sided interval in standard normal deviations, such as 1.96."""
    from scipy.special import ndtri  # noqa: PLC0415  (SciPy loads on first use)

    return float(ndtri(upper_tail(confidence_level)))


def t_quantile(df: ArrayLike, confidence_level: float) -> Floats:
    """The same for Student's t; not a number where `df` is not above zero."""
    from scipy.special import stdtrit  # noqa: PLC0415

    degrees = np.asarray(df, dtype=np.float64)
    known = degrees > 0
    quantile = stdtrit(np.where(known, degrees, 1.0), upper_tail(confidence_level))
    return np.where(known, quantile, np.nan)
