"""Where apps and scripts begin: a program, its store and its sources, joined."""

from ._connections import installed_connectors
from ._doctor import CheckUp, StoreHealth, check_up
from ._examples import copy_example, demonstration
from ._export import ExportFormat, read_export
from ._machine import Extra
from ._measured import Measured
from ._proposals import propose_program, starter_program
from ._rescue import rebuild
from ._scaffold import new_connector
from ._webhooks import WebhookReceiver
from ._workspace import Workspace

__all__ = [
    "CheckUp",
    "ExportFormat",
    "Extra",
    "Measured",
    "StoreHealth",
    "WebhookReceiver",
    "Workspace",
    "check_up",
    "copy_example",
    "demonstration",
    "installed_connectors",
    "new_connector",
    "propose_program",
    "read_export",
    "rebuild",
    "starter_program",
]
