"""How rows came to be chosen: weights, strata, clusters, margins; and the error that it leaves."""

from ._calibrate import Raked, rake
from ._cluster_bounds import Clusters
from ._clusters import ROUNDING, Units, freedom_of, group_sum, units_of
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
from ._population import Population
from ._ratios import RatioEstimate, cells_of, linear_ratio
from ._sum_ratios import SumRatio, fieller, sum_ratio
from ._weight_bounds import Cells, Heaviness, is_bound
from ._weights import kish, korn_graubard

__all__ = [
    "OUTCOMES",
    "ROUNDING",
    "Cells",
    "Clusters",
    "Heaviness",
    "Logistic",
    "Population",
    "Raked",
    "Rate",
    "RatioEstimate",
    "SumRatio",
    "Units",
    "cells_of",
    "class_rates",
    "fieller",
    "freedom_of",
    "group_sum",
    "is_bound",
    "kish",
    "korn_graubard",
    "linear_ratio",
    "logistic",
    "mean_bounds",
    "outcome_rate",
    "overturning_mean",
    "rake",
    "response_classes",
    "sum_ratio",
    "units_of",
]
