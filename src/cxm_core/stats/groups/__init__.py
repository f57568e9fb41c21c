"""Many groups at once: beside each other, beside the rest, in order, and added up."""

from ._beta_binomial import BetaPrior, beta_binomial, beta_moments
from ._composite import Composite, RatioRows, composite
from ._mix import MixRate, split_change
from ._moments import Moments
from ._multiplicity import P_METHODS, adjust_p, max_t_level, p_of_limits, sidak_level
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
from ._ranks import Ranks, rank_groups
from ._rest import Rest, mover_tied, rest_of_each

__all__ = [
    "LEAST_GROUPS",
    "P_METHODS",
    "TAU_METHODS",
    "BetaPrior",
    "Composite",
    "JamesStein",
    "MixRate",
    "Moments",
    "RandomEffects",
    "Ranks",
    "RatioRows",
    "Rest",
    "Shrunk",
    "adjust_p",
    "beta_binomial",
    "beta_moments",
    "bounded_limits",
    "composite",
    "hierarchical",
    "james_stein",
    "max_t_level",
    "mover_tied",
    "p_of_limits",
    "random_effects",
    "rank_groups",
    "rest_of_each",
    "shrink",
    "sidak_level",
    "split_change",
]
