"""From lists, arrays and frames to equally long NumPy arrays, codes, masks, and a tally."""

from ._answers import Answers, Design, read_answers
from ._bytes import tally_of_bytes
from ._codes import NOT_APPLICABLE, Missing
from ._crossed import Crossed, read_crossed
from ._features import read_features, read_numbers
from ._ingress import Frame, open_data, read_column
from ._measures import Measures, read_measures
from ._objects import Column
from ._periods import day, month, quarter, week
from ._population import checked_population
from ._reduce import reduce_frame

__all__ = [
    "NOT_APPLICABLE",
    "Answers",
    "Column",
    "Crossed",
    "Design",
    "Frame",
    "Measures",
    "Missing",
    "checked_population",
    "day",
    "month",
    "open_data",
    "quarter",
    "read_answers",
    "read_column",
    "read_crossed",
    "read_features",
    "read_measures",
    "read_numbers",
    "reduce_frame",
    "tally_of_bytes",
    "week",
]
