"""What is left of a damaged store, and how it is made anew."""

from ._diagnosis import Diagnosis, diagnose
from ._rebuild import Rebuild, rebuild_store
from ._salvage import Salvage
from ._table_stand import TableStand

__all__ = [
    "Diagnosis",
    "Rebuild",
    "Salvage",
    "TableStand",
    "diagnose",
    "rebuild_store",
]
