"""From lists, arrays and frames to equally long NumPy arrays, codes, masks, and a tally."""

from ._answers import Answers, Design, read_answers
from ._codes import NOT_APPLICABLE, Missing
from ._ingress import Frame, open_data, read_column
from ._objects import Column
from ._periods import day, month, quarter, week
from ._reduce import reduce_frame

__all__ = [
    "NOT_APPLICABLE",
    "Answers",
    "Column",
    "Design",
    "Frame",
    "Missing",
    "day",
    "month",
    "open_data",
    "quarter",
    "read_answers",
    "read_column",
    "reduce_frame",
    "week",
]
