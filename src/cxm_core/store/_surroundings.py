"""All that a store gets from outside: it reads no clock by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from attrs import field, frozen

from cxm_core.vocabulary import aware_clock

from ._disk import Disk
from ._driver import Limits
from ._faults import Faults, NoFaults

Clock: TypeAlias = Callable[[], datetime]


@frozen(kw_only=True)
class Surroundings:
    """What a store gets from outside.

    Attributes
    ----------
    clock : callable
        Gives the present instant, aware.
    faults : Faults
        Told of every fault point.
    limits : Limits
        What queries may use of the machine.
    disk : Disk
        How bytes outside the database file reach the disk.
    """

    clock: Clock = field(converter=aware_clock)
    faults: Faults = field(factory=NoFaults)
    limits: Limits = field(factory=Limits)
    disk: Disk = field(factory=Disk)
