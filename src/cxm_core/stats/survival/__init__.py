"""How long things take, be they over or not."""

from ._durations import DurationTally, merge_durations
from ._incidence import cumulative_incidence
from ._log_rank import LOG_RANK_WEIGHTS, LogRank, log_rank
from ._proportional_hazards import Hazards, proportional_hazards
from ._restricted_mean import RestrictedMean, restricted_mean, time_difference
from ._survival import kaplan_meier
from ._time_curve import CURVE_METHODS, TimeCurve, TimeLimits

__all__ = [
    "CURVE_METHODS",
    "LOG_RANK_WEIGHTS",
    "DurationTally",
    "Hazards",
    "LogRank",
    "RestrictedMean",
    "TimeCurve",
    "TimeLimits",
    "cumulative_incidence",
    "kaplan_meier",
    "log_rank",
    "merge_durations",
    "proportional_hazards",
    "restricted_mean",
    "time_difference",
]
