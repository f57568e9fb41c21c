"""Limits of one figure, and of the difference of two."""

from ._differences import ENDLESS, mover, mover_ratio, welch, welch_test
from ._dirichlet import dirichlet, dirichlet_moments
from ._likelihood import balance_likelihood, share_likelihood
from ._means import pseudo_t, t_interval
from ._methods import BALANCE_METHODS, SHARE_METHODS
from ._multinomial import adjusted_wald, bonett_price, score_interval, wald
from ._order_statistics import RankLimits, Sorted, quantile_test, rank_limits
from ._paired import mcnemar
from ._rates import poisson_rate
from ._share_differences import (
    DIFFERENCE_METHODS,
    agresti_caffo,
    koopman,
    mee,
    miettinen_nurminen,
    newcombe,
)
from ._shares import agresti_coull, clopper_pearson, jeffreys, mid_p, wilson
from ._simultaneous import goodman
from ._skew import skew_score

__all__ = [
    "BALANCE_METHODS",
    "DIFFERENCE_METHODS",
    "ENDLESS",
    "SHARE_METHODS",
    "RankLimits",
    "Sorted",
    "adjusted_wald",
    "agresti_caffo",
    "agresti_coull",
    "balance_likelihood",
    "bonett_price",
    "clopper_pearson",
    "dirichlet",
    "dirichlet_moments",
    "goodman",
    "jeffreys",
    "koopman",
    "mcnemar",
    "mee",
    "mid_p",
    "miettinen_nurminen",
    "mover",
    "mover_ratio",
    "newcombe",
    "poisson_rate",
    "pseudo_t",
    "quantile_test",
    "rank_limits",
    "score_interval",
    "share_likelihood",
    "skew_score",
    "t_interval",
    "wald",
    "welch",
    "welch_test",
    "wilson",
]
