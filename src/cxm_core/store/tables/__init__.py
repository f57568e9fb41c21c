"""Described tables, read and checked in columns where the data is parsed."""

from ._cells import when
from ._columns import Stamps
from ._flags import flagged
from ._judging import Accepted
from ._loading import Loader, Singles
from ._queries import check_foreign
from ._scratch import Scratch

__all__ = [
    "Accepted",
    "Loader",
    "Scratch",
    "Singles",
    "Stamps",
    "check_foreign",
    "flagged",
    "when",
]
