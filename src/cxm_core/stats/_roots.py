"""Where functions are zero: for many groups at once, and as quickly for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._sums import Floats

# Limits are shares of one, so that this is nearer than any figure needs.
NEAR = 1e-14
SPACING = 4.0 * float(np.finfo(np.float64).eps)


def find_roots(
    function: Callable[..., Floats], bracket: tuple[Floats, Floats], *operands: Floats
) -> Floats:
    """Where `function` of the first argument is zero between the ends of each `bracket`.

    Not a number where both ends have one sign. Each step goes as Chandrupatla 1997, Adv. Eng.
    Softw. 28:145-149, has it (also in Scherer 2013, Computational Physics, section 6.1.7): to the
    root of the inverse parabola through three points where that can be trusted, else to the middle.
    No group looks at another, so that each has the root that it has alone, to the bit.
    """
    with np.errstate(all="ignore"):
        tried = _ends(function, bracket, operands)
        roots, places = np.empty(tried.new.shape[1]), np.arange(tried.new.shape[1])
        while places.size:
            step, done = _judge(tried)
            if done.any():
                root, value = _nearer(tried)[:, done]
                roots[places[done]] = np.where(np.isfinite(value), root, np.nan)
                held = ~done
                tried = Tried(*(point[:, held] for point in tried))
                operands = tuple(operand[held] for operand in operands)
                places, step = places[held], step[held]
            if places.size:
                tried = _move(function, tried, step, operands)
    return roots


class Tried(NamedTuple):
    """Places about each root, in the first row, and the function's values there, in the second."""

    new: Floats
    beyond: Floats  # on the root's other side
    last: Floats  # the one that was given up


def _ends(
    function: Callable[..., Floats], bracket: tuple[Floats, Floats], operands: tuple[Floats, ...]
) -> Tried:
    new, beyond = (np.array([end, function(end, *operands)]) for end in bracket)
    new[1, ~(np.sign(new[1]) * np.sign(beyond[1]) <= 0)] = np.nan
    return Tried(new, beyond, beyond)


def _nearer(tried: Tried) -> Floats:
    """Of the two points about each root, the one whose value is nearer to zero."""
    return np.where(np.abs(tried.beyond[1]) < np.abs(tried.new[1]), tried.beyond, tried.new)


def _judge(tried: Tried) -> tuple[Floats, NDArray[np.bool_]]:
    """What part of the way to go from the new point to the one beyond the root; who is there."""
    root, value = _nearer(tried)
    width = np.abs(tried.beyond[0] - tried.new[0])
    near = NEAR + SPACING * np.abs(root)
    least = 0.5 * near / width
    step = np.minimum(np.maximum(_part(tried), least), 1.0 - least)
    return step, (width < near) | ~(np.abs(value) > 0)


def _part(tried: Tried) -> Floats:
    """The inverse parabola's root as a part of the way; half where it may bend too much."""
    ahead, back = tried.beyond - tried.new, tried.last - tried.beyond
    across, along = -ahead / back
    is_flat = (along**2 < across) & ((1.0 - along) ** 2 < 1.0 - across)
    new, beyond, last = (value for _, value in tried)
    straight = new / ahead[1] * last / -back[1]
    bent = (1.0 - 1.0 / across) * new / (last - new) * beyond / back[1]
    return np.where(is_flat, straight + bent, 0.5)


def _move(
    function: Callable[..., Floats], tried: Tried, step: Floats, operands: tuple[Floats, ...]
) -> Tried:
    """Try the next point, and hold on to the one beyond the root."""
    x = tried.new[0] + step * (tried.beyond[0] - tried.new[0])
    new = np.array([x, function(x, *operands)])
    is_beside = (new[1] > 0) == (tried.new[1] > 0)
    beyond = np.where(is_beside, tried.beyond, tried.new)
    return Tried(new, beyond, np.where(is_beside, tried.new, tried.beyond))
