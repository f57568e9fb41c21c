"""Round numbers of an axis, in the unit in which they are read."""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import frozen

_DECIMAL = (1.0, 2.0, 5.0, 10.0)
# A step may be this much shorter or longer than the one that would be wanted.
_SHORTEST, _SHORTEST_TIME, _LONGEST = 0.7, 0.8, 2.5


@frozen
class Tick:
    """Writer of an axis' numbers, and where round ones lie.

    Parameters
    ----------
    write : function from float to str
        Writes a number of the axis in the unit in which it is read.
    unit : float
        One of that unit, in the axis' own.
    steps : tuple of float
        Steps that are round in that unit where powers of ten are not, as 6 and 24 of hours.
    least : float
        Shortest step, as 1 where there is nothing between whole numbers.
    word : str
        What the numbers are called; empty where their writing says it.
    """

    write: Callable[[float], str]
    unit: float = 1.0
    steps: tuple[float, ...] = ()
    least: float = 0.0
    word: str = ""

    def __call__(self, number: float) -> str:
        """Write a number of the axis."""
        return self.write(number)

    def between(self, low: float, high: float, about: int) -> tuple[float, ...]:
        """Round numbers from `low` to `high`, about so many; none where there is no way between."""
        span = (high - low) / self.unit
        if not (math.isfinite(span) and span > 0):
            return ()
        step = self._step(span / about) * self.unit
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        return tuple(index * step for index in range(first, last + 1))

    def _step(self, rough: float) -> float:
        near = (s for s in self.steps if _SHORTEST_TIME * rough <= s <= _LONGEST * rough)
        power = 10.0 ** math.floor(math.log10(rough))
        decimal = (m * power for m in _DECIMAL if m * power >= _SHORTEST * rough)
        return max(next(near, next(decimal)), self.least)


def _plain(number: float) -> str:
    """A number as short as it can be."""
    return f"{number:.6g}"


#: Of numbers that are read as they are.
PLAIN = Tick(_plain)
#: Of numbers between which there is nothing.
WHOLE = Tick(_plain, least=1.0)

#: Unit of time -> steps that people are used to.
TIME_STEPS = {
    "seconds": (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0),
    "minutes": (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 360.0),
    "hours": (0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0, 336.0),
    "days": (0.25, 0.5, 1.0, 2.0, 7.0, 14.0, 28.0),
}
