"""What two sides of one metric are called."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from ._caveats import Caveat
from ._show import label_text

SideNames: TypeAlias = tuple[str, str]

# Labels of years, quarters, months, weeks and days.
_PERIOD = re.compile(r"[0-9]{4}(?:-(?:W[0-9]{2}|Q[1-4]|[0-9]{2}(?:-[0-9]{2})?))?")


def side_names(first: Any, second: Any, *, has_dates: bool = False) -> SideNames | None:
    """Groups or windows that tell two estimates apart, or None; a sentence has room for dates."""
    pairs = [(of(first), of(second)) for of in (_group, _dated if has_dates else _window)]
    told = [pair for pair in pairs if all(pair) and pair[0] != pair[1]]
    if not told:
        return None
    before, after = (" in ".join(parts) for parts in zip(*told, strict=True))
    return before, after


def are_groups(first: Any, second: Any) -> bool:
    """Whether the two are groups side by side, so that none of them came before the other."""
    if _window(first) != _window(second) or first.axes != second.axes:
        return False
    pairs = zip(first.group, second.group, strict=True)
    apart = [pair for pair in pairs if pair[0] != pair[1]]
    return bool(apart) and not all(is_period(label) for pair in apart for label in pair)


def is_period(label: object) -> bool:
    """Whether a label is that of a year, quarter, month, week or day."""
    return _PERIOD.fullmatch(str(label)) is not None


def told_of(result: Any) -> list[tuple[str, Caveat]]:
    """Caveats of a comparison, each with the side it is about; empty where it is both."""
    names = result.side_names or ("before", "after")
    has = [{caveat.code for caveat in side.caveats} for side in (result.before, result.after)]
    return [(_only(caveat.code, names, has), caveat) for caveat in result.caveats]


def _only(code: str, names: SideNames, has: list[set[str]]) -> str:
    found = [name for name, codes in zip(names, has, strict=True) if code in codes]
    return found[0] if len(found) == 1 else ""


def _group(side: Any) -> str:
    return ", ".join(map(label_text, side.group))


def _window(side: Any) -> str:
    window = side.receipt.window
    return label_text(window.label) if window else ""


def _dated(side: Any) -> str:
    window = side.receipt.window
    return label_text(window.told) if window else ""
