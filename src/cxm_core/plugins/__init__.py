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
    DeliveryKey,
    Guarantees,
    Handshake,
    Info,
    Item,
    Lister,
    Prober,
    Proposer,
    ReadRequest,
    Rejected,
    Rereader,
    Runtime,
    State,
    StreamInfo,
    WebhookSource,
)
from ._demos import Demo
from ._discovery import discover, offered
from ._tokens import FileTokens
from ._wire import Headers, Resolver, TokenStore, Transport, WireAnswer, WireRequest

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
    "DeliveryKey",
    "Demo",
    "FileTokens",
    "Guarantees",
    "Handshake",
    "Headers",
    "Info",
    "Item",
    "Lister",
    "Prober",
    "Proposer",
    "ReadRequest",
    "Rejected",
    "Rereader",
    "Resolver",
    "Runtime",
    "State",
    "StreamInfo",
    "TokenStore",
    "Transport",
    "WebhookSource",
    "WireAnswer",
    "WireRequest",
    "build",
    "discover",
    "offered",
]
