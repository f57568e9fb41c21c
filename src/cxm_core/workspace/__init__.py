"""Where apps and scripts begin: a program, its store and its sources, joined."""

from ._connections import installed_connectors
from ._examples import copy_example
from ._proposals import propose_program, starter_program
from ._workspace import Workspace

__all__ = [
    "Workspace",
    "copy_example",
    "installed_connectors",
    "propose_program",
    "starter_program",
]
