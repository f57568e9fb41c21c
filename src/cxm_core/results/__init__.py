"""The shapes in which every number comes: estimate, breakdown, comparison, and their receipts."""

from ._breakdown import Breakdown
from ._caveats import CAVEATS, Caveat
from ._comparison import Comparison, change_interval
from ._estimate import Estimate, Label
from ._receipts import Receipt, SourceStatus, SyncReceipt, library_version
from ._recipe import MEAN_METHODS, Recipe, check_level
from ._shape import SCHEMA_VERSION, ConfidenceInterval, Shape

__all__ = [
    "CAVEATS",
    "MEAN_METHODS",
    "SCHEMA_VERSION",
    "Breakdown",
    "Caveat",
    "Comparison",
    "ConfidenceInterval",
    "Estimate",
    "Label",
    "Receipt",
    "Recipe",
    "Shape",
    "SourceStatus",
    "SyncReceipt",
    "change_interval",
    "check_level",
    "library_version",
]
