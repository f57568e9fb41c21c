"""Statistics on plain arrays: tallies, estimates of ratios, and intervals that hold."""

from __future__ import annotations

from ._differences import mover
from ._labels import CodedAxis, Label, Level, Role
from ._limits import Limits
from ._means import pseudo_t, t_interval
from ._multinomial import BALANCE_METHODS, bonett_price, score_interval, wald
from ._ratios import RatioEstimate, linear_ratio
from ._shares import SHARE_METHODS, agresti_coull, clopper_pearson, jeffreys, mid_p, wilson
from ._spec import CLUSTER, PERIODS, STRATUM, Axis, Filter, TallySpec
from ._tally import Tally, merge
from ._weights import korn_graubard

__all__ = [
    "BALANCE_METHODS",
    "CLUSTER",
    "PERIODS",
    "SHARE_METHODS",
    "STRATUM",
    "Axis",
    "CodedAxis",
    "Filter",
    "Label",
    "Level",
    "Limits",
    "RatioEstimate",
    "Role",
    "Tally",
    "TallySpec",
    "agresti_coull",
    "bonett_price",
    "clopper_pearson",
    "jeffreys",
    "korn_graubard",
    "linear_ratio",
    "merge",
    "mid_p",
    "mover",
    "pseudo_t",
    "score_interval",
    "t_interval",
    "wald",
    "wilson",
]
