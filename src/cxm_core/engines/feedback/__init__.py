"""Metrics of answers: one question a file."""

from ._against_rest import against_rest
from ._boxes import bottom_box, top_box
from ._ces import ces
from ._compare import compare
from ._control_chart import control_chart
from ._csat import csat
from ._decompose import decompose
from ._definitions import DEFINITIONS, definition
from ._engine import ENGINES, Engine, engine_named
from ._equivalent import equivalent
from ._explain import Measure, explain_difference
from ._means import mean_score
from ._mentions import mentions
from ._metric_definition import MetricDefinition
from ._nps import nps
from ._order import METHODS
from ._plan import plan
from ._pool import pool
from ._quantile import quantile
from ._rank import rank
from ._ratio import ratio
from ._receipt_steps import ReceiptStep
from ._response_bounds import response_bounds
from ._response_rate import response_rate
from ._share_of import Told, share_of
from ._spec import estimate, spec
from ._split_gap import Change, split_gap
from ._tally import tally
from ._track import track
from ._usage import usage
from ._weigh import weigh
from ._weigh_response import weigh_response

__all__ = [
    "DEFINITIONS",
    "ENGINES",
    "METHODS",
    "Change",
    "Engine",
    "Measure",
    "MetricDefinition",
    "ReceiptStep",
    "Told",
    "against_rest",
    "bottom_box",
    "ces",
    "compare",
    "control_chart",
    "csat",
    "decompose",
    "definition",
    "engine_named",
    "equivalent",
    "estimate",
    "explain_difference",
    "mean_score",
    "mentions",
    "nps",
    "plan",
    "pool",
    "quantile",
    "rank",
    "ratio",
    "response_bounds",
    "response_rate",
    "share_of",
    "spec",
    "split_gap",
    "tally",
    "top_box",
    "track",
    "usage",
    "weigh",
    "weigh_response",
]
