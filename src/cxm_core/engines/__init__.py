"""From answers to results: the metrics, each with its interval."""

from .feedback import (
    ENGINES,
    METHODS,
    Engine,
    bottom_box,
    ces,
    compare,
    csat,
    engine_named,
    estimate,
    mean_score,
    mentions,
    nps,
    spec,
    tally,
    top_box,
    usage,
)

__all__ = [
    "ENGINES",
    "METHODS",
    "Engine",
    "bottom_box",
    "ces",
    "compare",
    "csat",
    "engine_named",
    "estimate",
    "mean_score",
    "mentions",
    "nps",
    "spec",
    "tally",
    "top_box",
    "usage",
]
