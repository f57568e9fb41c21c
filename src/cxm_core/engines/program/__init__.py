"""Across topics: what the program decided, held against what the logs say."""

from ._channel_parity import channel_parity
from ._explain_definitions import explain_definitions
from ._log_definitions import LOG_DEFINITIONS, LogDefinition, log_definition
from ._map_check import map_check
from ._misrouted import misrouted
from ._promise import promise
from ._promotions import promotions_in_complaints

__all__ = [
    "LOG_DEFINITIONS",
    "LogDefinition",
    "channel_parity",
    "explain_definitions",
    "log_definition",
    "map_check",
    "misrouted",
    "promise",
    "promotions_in_complaints",
]
