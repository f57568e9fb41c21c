"""Journeys: which ways customers take, where they turn back, and where they leave."""

from ._cases import cases
from ._flow import FLOW_END, FLOW_START, flow
from ._friction import friction
from ._funnel import funnel
from ._moments import moments_that_matter
from ._outcomes import outcome_by_path
from ._process_mining import PROCESS_MINING, from_xes, to_process_mining, to_xes
from ._rework import rework
from ._time_to_value import time_to_value
from ._variants import OTHER_WAYS, variants

__all__ = [
    "FLOW_END",
    "FLOW_START",
    "OTHER_WAYS",
    "PROCESS_MINING",
    "cases",
    "flow",
    "friction",
    "from_xes",
    "funnel",
    "moments_that_matter",
    "outcome_by_path",
    "rework",
    "time_to_value",
    "to_process_mining",
    "to_xes",
    "variants",
]
