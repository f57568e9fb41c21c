"""Statistics on plain arrays: tallies, estimates of ratios, and intervals that hold."""

from __future__ import annotations

from ._beta_binomial import BetaPrior, beta_binomial, beta_moments
from ._boundaries import distribution_bound, normal_mixture_bound, stitched_bound
from ._calibrate import Raked, rake
from ._chains import (
    Block,
    Chains,
    DistinctChains,
    StateCounts,
    chains,
    distinct_chains,
    follow_counts,
    stages_reached,
    state_counts,
)
from ._charts import Chart, Cusum, cusum, ewma_chart, run_signals, sampling_chart, xmr_chart
from ._components import components
from ._composite import Composite, RatioRows, composite
from ._detectors import Detection, detect_change
from ._differences import mover, mover_ratio, welch, welch_test
from ._dirichlet import dirichlet, dirichlet_moments
from ._drawn_clusters import cluster_bootstrap, keyed_replicates
from ._durations import DurationTally, merge_durations
from ._incidence import cumulative_incidence
from ._labels import CodedAxis, Label, Level, Role
from ._lattice import lattice_bootstrap
from ._likelihood import balance_likelihood, share_likelihood
from ._limits import Limits
from ._log_rank import LOG_RANK_WEIGHTS, LogRank, log_rank
from ._means import pseudo_t, t_interval
from ._methods import BALANCE_METHODS, SHARE_METHODS
from ._mix import MixRate, split_change
from ._moments import Moments
from ._monotone import Monotone, left_out, rising
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
from ._order_statistics import RankLimits, Sorted, quantile_test, rank_limits
from ._overlaps import Sets
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
from ._proportional_hazards import Hazards, proportional_hazards
from ._rank_tests import Significance, Superiority, brunner_munzel, share_trend
from ._ranks import Ranks, rank_groups
from ._rates import poisson_rate
from ._ratios import RatioEstimate, linear_ratio
from ._regression import Regression, least_squares
from ._replicates import Replicates, jackknife, rao_wu
from ._resampling import Permutation, abc_interval, bootstrap, permutation_test
from ._rest import Rest, mover_tied, rest_of_each
from ._restricted_mean import RestrictedMean, restricted_mean, time_difference
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
from ._survival import kaplan_meier
from ._tally import Tally, merge
from ._time_curve import CURVE_METHODS, TimeCurve, TimeLimits
from ._weighted_sequences import (
    WEIGHTED_SEQUENCES,
    weighted_asymptotic_sequence,
    weighted_betting_sequence,
)
from ._weights import kish, korn_graubard

__all__ = [
    "ASYMPTOTIC_START",
    "BALANCE_METHODS",
    "CLUSTER",
    "CURVE_METHODS",
    "DIFFERENCE_METHODS",
    "FIT",
    "LEAST_GROUPS",
    "LOG_RANK_WEIGHTS",
    "MOST_ANSWERS",
    "OUTCOMES",
    "PERIODS",
    "P_METHODS",
    "SEQUENCE_METHODS",
    "SHARE_METHODS",
    "STRATUM",
    "TAU_METHODS",
    "WEIGHTED_SEQUENCES",
    "Axis",
    "BetaPrior",
    "Block",
    "Chains",
    "Chart",
    "CodedAxis",
    "Composite",
    "Cusum",
    "Detection",
    "DistinctChains",
    "DurationTally",
    "Filter",
    "Hazards",
    "JamesStein",
    "Label",
    "Level",
    "Limits",
    "LogRank",
    "Logistic",
    "MixRate",
    "Moments",
    "Monotone",
    "Permutation",
    "Population",
    "Raked",
    "RandomEffects",
    "RankLimits",
    "Ranks",
    "Rate",
    "RatioEstimate",
    "RatioRows",
    "Regression",
    "Replicates",
    "Rest",
    "RestrictedMean",
    "Role",
    "Sets",
    "Shrunk",
    "Significance",
    "Sorted",
    "StateCounts",
    "SumRatio",
    "Superiority",
    "Tally",
    "TallySpec",
    "TimeCurve",
    "TimeLimits",
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
    "chains",
    "class_rates",
    "clopper_pearson",
    "cluster_bootstrap",
    "components",
    "composite",
    "cumulative_incidence",
    "cusum",
    "detect_change",
    "dirichlet",
    "dirichlet_moments",
    "distinct_chains",
    "distribution_bound",
    "empirical_bernstein_sequence",
    "ewma_chart",
    "fieller",
    "follow_counts",
    "goodman",
    "hedged_sequence",
    "hierarchical",
    "jackknife",
    "james_stein",
    "jeffreys",
    "kaplan_meier",
    "keyed_replicates",
    "kish",
    "koopman",
    "korn_graubard",
    "lattice_bootstrap",
    "least_squares",
    "left_out",
    "linear_ratio",
    "log_rank",
    "logistic",
    "max_t_level",
    "mcnemar",
    "mean_bounds",
    "mee",
    "merge",
    "merge_durations",
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
    "proportional_hazards",
    "pseudo_t",
    "quantile_test",
    "rake",
    "random_effects",
    "rank_groups",
    "rank_limits",
    "rao_wu",
    "response_classes",
    "rest_of_each",
    "restricted_mean",
    "rising",
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
    "stages_reached",
    "state_counts",
    "stitched_bound",
    "sum_ratio",
    "t_interval",
    "t_power",
    "time_difference",
    "wald",
    "weighted_asymptotic_sequence",
    "weighted_betting_sequence",
    "welch",
    "welch_test",
    "wilson",
    "xmr_chart",
]
