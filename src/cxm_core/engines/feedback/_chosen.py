"""Which levels of a scale count for a share: its best, its worst, or those that are named."""

from __future__ import annotations

from collections.abc import Iterable

from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

from ._engine import Engine


def chosen_levels(engine: Engine, scale: Scale, chosen: Iterable[int] | None) -> tuple[int, ...]:
    """Levels of the scale that count, in order; those of its end if none are named."""
    if engine.chosen is None:
        return ()
    if chosen is None:
        return scale.top if engine.chosen == "top" else scale.bottom
    if not isinstance(chosen, Iterable):
        raise UsageError(
            f"{engine.chosen}={chosen!r} is no list of levels.", hint=_nearest_levels(engine, scale)
        )
    levels = tuple(sorted(set(chosen)))
    off = [level for level in levels if not scale.contains(level)]
    if off or not levels:
        what = f"names {off[0]!r}, which is not on" if off else "names no level of"
        raise UsageError(f"{engine.chosen}= {what} the scale {scale.code}.")
    opposite = _ordered(engine, scale)[-1]
    if opposite in levels:
        last = "worst" if engine.chosen == "top" else "best"
        raise UsageError(
            f"{engine.chosen}= names {opposite}, the {last} level of the scale {scale.code}.",
            hint=_nearest_levels(engine, scale),
        )
    return levels


def _ordered(engine: Engine, scale: Scale) -> tuple[int, ...]:
    """Levels of the scale from the end that the engine counts."""
    is_from_high = (engine.chosen == "top") == (scale.direction == "ascending")
    return scale.levels[::-1] if is_from_high else scale.levels


def _nearest_levels(engine: Engine, scale: Scale) -> str:
    size = 2 if len(scale.levels) > 2 else 1
    levels = tuple(sorted(_ordered(engine, scale)[:size]))
    which = ("best" if engine.chosen == "top" else "worst") + (" two" if size > 1 else " one")
    return f"{engine.chosen}={levels!r} for the {which}"
