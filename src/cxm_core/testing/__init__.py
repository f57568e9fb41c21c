"""For tests of plugins and apps: strategies that make values of the model (needs Hypothesis)."""

from ._disks import FaultyDisk
from ._records import records, rows, source_rows
from ._store_kit import CrashAt, TestClock
from ._stores import StoreSuite
from ._vocabulary import (
    PERSONAL_MARKER,
    aware_datetimes,
    identifiers,
    money,
    scales,
    windows,
)

__all__ = [
    "PERSONAL_MARKER",
    "CrashAt",
    "FaultyDisk",
    "StoreSuite",
    "TestClock",
    "aware_datetimes",
    "identifiers",
    "money",
    "records",
    "rows",
    "scales",
    "source_rows",
    "windows",
]
