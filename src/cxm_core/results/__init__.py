"""The shapes in which every number comes: estimate, breakdown, comparison, and their receipts."""

from ._bounds import Bounds
from ._breakdown import Breakdown
from ._caveats import CAVEATS, Caveat
from ._change import CHANGE_METHODS, RELATIVE_METHODS, change_interval
from ._comparison import Comparison
from ._control_chart import ChartPoint, ControlChart
from ._curve import Curve
from ._estimate import Estimate, Label
from ._filters import show_values, shown_values
from ._frames import frame_library
from ._matrix import Matrix
from ._panel import Panel
from ._plan import Goal, Plan, Scenario
from ._ranking import Places, Ranking
from ._receipts import Completeness, Receipt, SourceStatus, SyncReceipt, library_version
from ._recipe import (
    MEAN_METHODS,
    MOST_LEVEL,
    RATIO_METHODS,
    IntervalRecipe,
    Recipe,
    check_kept,
    check_level,
    effective_sizes,
    joined_recipes,
    locked_arrays,
)
from ._shape import SCHEMA_VERSION, ConfidenceInterval, Shape
from ._show import TIMES, shown_in
from ._time_recipe import TimeRecipe
from ._tracking import Baseline, Look, Tracking, TrackVerdict
from ._verdict import Verdict
from ._waterfall import Step, Waterfall
from ._weighting import Margin, Weighting

__all__ = [
    "CAVEATS",
    "CHANGE_METHODS",
    "MEAN_METHODS",
    "MOST_LEVEL",
    "RATIO_METHODS",
    "RELATIVE_METHODS",
    "SCHEMA_VERSION",
    "TIMES",
    "Baseline",
    "Bounds",
    "Breakdown",
    "Caveat",
    "ChartPoint",
    "Comparison",
    "Completeness",
    "ConfidenceInterval",
    "ControlChart",
    "Curve",
    "Estimate",
    "Goal",
    "IntervalRecipe",
    "Label",
    "Look",
    "Margin",
    "Matrix",
    "Panel",
    "Places",
    "Plan",
    "Ranking",
    "Receipt",
    "Recipe",
    "Scenario",
    "Shape",
    "SourceStatus",
    "Step",
    "SyncReceipt",
    "TimeRecipe",
    "TrackVerdict",
    "Tracking",
    "Verdict",
    "Waterfall",
    "Weighting",
    "change_interval",
    "check_kept",
    "check_level",
    "effective_sizes",
    "frame_library",
    "joined_recipes",
    "library_version",
    "locked_arrays",
    "show_values",
    "shown_in",
    "shown_values",
]
