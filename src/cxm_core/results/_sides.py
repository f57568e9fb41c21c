"""What two sides of one metric are called."""

from __future__ import annotations

from typing import Any, TypeAlias

from ._show import label_text

SideNames: TypeAlias = tuple[str, str]


def side_names(first: Any, second: Any) -> SideNames | None:
    """Groups or windows that tell two estimates apart; None if neither does."""
    pairs = [(of(first), of(second)) for of in (_group, _window)]
    told = [pair for pair in pairs if all(pair) and pair[0] != pair[1]]
    if not told:
        return None
    before, after = (" in ".join(parts) for parts in zip(*told, strict=True))
    return before, after


def _group(side: Any) -> str:
    return ", ".join(map(label_text, side.group))


def _window(side: Any) -> str:
    window = side.receipt.window
    return label_text(window.label) if window else ""
