"""Metrics of answers: one question a file."""

from ._boxes import bottom_box, top_box
from ._ces import ces
from ._compare import compare
from ._csat import csat
from ._engine import ENGINES, Engine, engine_named
from ._means import mean_score
from ._mentions import mentions
from ._nps import nps
from ._order import METHODS
from ._spec import estimate, spec
from ._tally import tally
from ._usage import usage

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
