"""Where random numbers come from, for the methods that draw."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from cxm_core.errors import UsageError

#: A whole number, a generator, or nothing.
Rng: TypeAlias = int | np.random.Generator | None


def seed_of(rng: Rng) -> int | None:
    """Whole number that starts the drawing again; a generator gives its next one."""
    check_rng(rng)
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    return None if rng is None else int(rng)


def check_rng(rng: object) -> None:
    """Refuse what gives no random numbers, and draw none."""
    if rng is None or isinstance(rng, np.random.Generator):
        return
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise UsageError(
            f"rng= is of the type {type(rng).__name__}, or below zero.",
            hint="rng=numpy.random.default_rng(7), or a whole number such as 7",
        )
