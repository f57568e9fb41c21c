"""Statistics on plain arrays: tallies, estimates of ratios, and intervals that hold."""

from __future__ import annotations

from ._beta_binomial import BetaPrior, beta_binomial, beta_moments
from ._boundaries import distribution_bound, normal_mixture_bound, stitched_bound
from ._calibrate import Raked, rake
from ._charts import Chart, Cusum, cusum, ewma_chart, run_signals, sampling_chart, xmr_chart
from ._detectors import Detection, detect_change
from ._differences import mover, mover_ratio, welch, welch_test
from ._dirichlet import dirichlet, dirichlet_moments
from ._drawn_clusters import cluster_bootstrap, keyed_replicates
from ._labels import CodedAxis, Label, Level, Role
from ._lattice import lattice_bootstrap
from ._likelihood import balance_likelihood, share_likelihood
from ._limits import Limits
from ._means import pseudo_t, t_interval
from ._methods import BALANCE_METHODS, SHARE_METHODS
from ._mix import MixRate, split_change
from ._moments import Moments
from ._multinomial import adjusted_wald, bonett_price, score_interval, wald
from ._multiplicity import P_METHODS, adjust_p, max_t_level, p_of_limits, sidak_level
from ._nonresponse import (
    OUTCOMES,
    Logistic,
    Rate,
    class_rates,
    logistic,
    mean_bounds,
    outcome_rate,
    overturning_mean,
    response_classes,
)
from ._order_statistics import RankLimits, Sorted, rank_limits
from ._paired import mcnemar
from ._pooling import (
    LEAST_GROUPS,
    TAU_METHODS,
    JamesStein,
    RandomEffects,
    Shrunk,
    bounded_limits,
    hierarchical,
    james_stein,
    random_effects,
    shrink,
)
from ._population import Population
from ._power import (
    MOST_ANSWERS,
    arcsine_effect,
    n_for_arcsine,
    n_for_difference,
    n_for_equivalence,
    n_for_half_width,
    n_for_means,
    t_power,
)
from ._rank_tests import Significance, Superiority, brunner_munzel, share_trend
from ._ranks import Ranks, rank_groups
from ._rates import poisson_rate
from ._ratios import RatioEstimate, linear_ratio
from ._regression import Regression, least_squares
from ._replicates import Replicates, jackknife, rao_wu
from ._resampling import Permutation, abc_interval, bootstrap, permutation_test
from ._rest import Rest, mover_tied, rest_of_each
from ._sequences import (
    ASYMPTOTIC_START,
    SEQUENCE_METHODS,
    asymptotic_sequence,
    bernoulli_sequence,
    betting_sequence,
    empirical_bernstein_sequence,
    hedged_sequence,
)
from ._shapley import shapley
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
from ._spec import CLUSTER, FIT, PERIODS, STRATUM, Axis, Filter, TallySpec
from ._sum_ratios import SumRatio, fieller, sum_ratio
from ._tally import Tally, merge
from ._weights import kish, korn_graubard

__all__ = [
    "ASYMPTOTIC_START",
    "BALANCE_METHODS",
    "CLUSTER",
    "DIFFERENCE_METHODS",
    "FIT",
    "LEAST_GROUPS",
    "MOST_ANSWERS",
    "OUTCOMES",
    "PERIODS",
    "P_METHODS",
    "SEQUENCE_METHODS",
    "SHARE_METHODS",
    "STRATUM",
    "TAU_METHODS",
    "Axis",
    "BetaPrior",
    "Chart",
    "CodedAxis",
    "Cusum",
    "Detection",
    "Filter",
    "JamesStein",
    "Label",
    "Level",
    "Limits",
    "Logistic",
    "MixRate",
    "Moments",
    "Permutation",
    "Population",
    "Raked",
    "RandomEffects",
    "RankLimits",
    "Ranks",
    "Rate",
    "RatioEstimate",
    "Regression",
    "Replicates",
    "Rest",
    "Role",
    "Shrunk",
    "Significance",
    "Sorted",
    "SumRatio",
    "Superiority",
    "Tally",
    "TallySpec",
    "abc_interval",
    "adjust_p",
    "adjusted_wald",
    "agresti_caffo",
    "agresti_coull",
    "arcsine_effect",
    "asymptotic_sequence",
    "balance_likelihood",
    "bernoulli_sequence",
    "beta_binomial",
    "beta_moments",
    "betting_sequence",
    "bonett_price",
    "bootstrap",
    "bounded_limits",
    "brunner_munzel",
    "class_rates",
    "clopper_pearson",
    "cluster_bootstrap",
    "cusum",
    "detect_change",
    "dirichlet",
    "dirichlet_moments",
    "distribution_bound",
    "empirical_bernstein_sequence",
    "ewma_chart",
    "fieller",
    "goodman",
    "hedged_sequence",
    "hierarchical",
    "jackknife",
    "james_stein",
    "jeffreys",
    "keyed_replicates",
    "kish",
    "koopman",
    "korn_graubard",
    "lattice_bootstrap",
    "least_squares",
    "linear_ratio",
    "logistic",
    "max_t_level",
    "mcnemar",
    "mean_bounds",
    "mee",
    "merge",
    "mid_p",
    "miettinen_nurminen",
    "mover",
    "mover_ratio",
    "mover_tied",
    "n_for_arcsine",
    "n_for_difference",
    "n_for_equivalence",
    "n_for_half_width",
    "n_for_means",
    "newcombe",
    "normal_mixture_bound",
    "outcome_rate",
    "overturning_mean",
    "p_of_limits",
    "permutation_test",
    "poisson_rate",
    "pseudo_t",
    "rake",
    "random_effects",
    "rank_groups",
    "rank_limits",
    "rao_wu",
    "response_classes",
    "rest_of_each",
    "run_signals",
    "sampling_chart",
    "score_interval",
    "shapley",
    "share_likelihood",
    "share_trend",
    "shrink",
    "sidak_level",
    "skew_score",
    "split_change",
    "stitched_bound",
    "sum_ratio",
    "t_interval",
    "t_power",
    "wald",
    "welch",
    "welch_test",
    "wilson",
    "xmr_chart",
]
