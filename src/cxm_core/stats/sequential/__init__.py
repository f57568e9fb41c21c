"""Figures that are looked at again and again."""

from ._boundaries import distribution_bound, normal_mixture_bound, stitched_bound
from ._charts import Chart, Cusum, cusum, ewma_chart, run_signals, sampling_chart, xmr_chart
from ._detectors import Detection, detect_change
from ._sequences import (
    ASYMPTOTIC_START,
    SEQUENCE_METHODS,
    asymptotic_sequence,
    bernoulli_sequence,
    betting_sequence,
    empirical_bernstein_sequence,
    hedged_sequence,
)
from ._weighted_sequences import (
    WEIGHTED_SEQUENCES,
    weighted_asymptotic_sequence,
    weighted_betting_sequence,
)

__all__ = [
    "ASYMPTOTIC_START",
    "SEQUENCE_METHODS",
    "WEIGHTED_SEQUENCES",
    "Chart",
    "Cusum",
    "Detection",
    "asymptotic_sequence",
    "bernoulli_sequence",
    "betting_sequence",
    "cusum",
    "detect_change",
    "distribution_bound",
    "empirical_bernstein_sequence",
    "ewma_chart",
    "hedged_sequence",
    "normal_mixture_bound",
    "run_signals",
    "sampling_chart",
    "stitched_bound",
    "weighted_asymptotic_sequence",
    "weighted_betting_sequence",
    "xmr_chart",
]
