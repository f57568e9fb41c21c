"""For authors of connectors: a suite of laws, recorded conversations, vendors that misbehave."""

from ._cassettes import Cassette, Exchange, cassette
from ._chaos import Chaos, Disturbance
from ._fault_server import FaultServer, Heard, Reply, Served
from ._model_vendor import MODEL_KINDS, Outcome, PagedBy, model_connector, play
from ._recorder import Recorder, record
from ._replay import Replay
from ._subject import Expect
from ._suite import Finding, connector_suite, examine

__all__ = [
    "MODEL_KINDS",
    "Cassette",
    "Chaos",
    "Disturbance",
    "Exchange",
    "Expect",
    "FaultServer",
    "Finding",
    "Heard",
    "Outcome",
    "PagedBy",
    "Recorder",
    "Replay",
    "Reply",
    "Served",
    "cassette",
    "connector_suite",
    "examine",
    "model_connector",
    "play",
    "record",
]
