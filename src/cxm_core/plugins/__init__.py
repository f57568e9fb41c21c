"""What a connector is, how it is found and how it is built.

A plugin author needs this door, `cxm_core.records`, `cxm_core.vocabulary` and `cxm_core.errors`.
"""

from ._build import build
from ._catalogue import Catalogue
from ._contract import (
    API_VERSION,
    Action,
    ActionInfo,
    Checkpoint,
    CheckReport,
    Connector,
    ConnectorClass,
    Delivery,
    Guarantees,
    Info,
    Item,
    Proposer,
    ReadRequest,
    Rejected,
    Rereader,
    Runtime,
    State,
    StreamInfo,
    WebhookSource,
)
from ._discovery import discover

__all__ = [
    "API_VERSION",
    "Action",
    "ActionInfo",
    "Catalogue",
    "CheckReport",
    "Checkpoint",
    "Connector",
    "ConnectorClass",
    "Delivery",
    "Guarantees",
    "Info",
    "Item",
    "Proposer",
    "ReadRequest",
    "Rejected",
    "Rereader",
    "Runtime",
    "State",
    "StreamInfo",
    "WebhookSource",
    "build",
    "discover",
]
