"""Text from elsewhere, made safe for a terminal: no letter of it is obeyed."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["one_line", "printable"]

_OBEYED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Overrides turn the direction of what stands beside them.
_TURNING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def printable(text: str) -> str:
    """`text` with its line ends, and without what could steer the terminal that shows it."""
    return "\n".join(map(one_line, text.split("\n")))


def one_line(text: str) -> str:
    """`text` on one line, without what could steer the terminal that shows it."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(c) else c for c in text)


def _steers(character: str) -> bool:
    return (
        unicodedata.category(character) in _OBEYED
        or unicodedata.bidirectional(character) in _TURNING
    )
