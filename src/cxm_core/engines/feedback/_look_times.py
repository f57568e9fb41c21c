"""Times of looks as labels: only those whose order is that of time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxm_core.errors import UsageError
from cxm_core.stats import Label

_FRACTION = re.compile(r"-?\d+\.\d+(e[-+]?\d+)?")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T")
_DIGITS = re.compile(r"\d+")
_YEAR = 4
_WANTED = "give dates, instants, whole numbers, or periods such as cx.week(at, tz=...)"


def check_times(labels: Sequence[Label]) -> None:
    """Refuse times that would stand in an order which is not theirs."""
    texts = [label for label in labels if isinstance(label, str)]
    fractions = sum(bool(_FRACTION.fullmatch(text)) for text in texts)
    if fractions:
        raise UsageError(
            f"{fractions:,} of {len(labels):,} times are fractions, which have no order as labels.",
            hint=_WANTED,
        )
    if not _are_in_order(texts):
        raise UsageError(
            f"{len(texts):,} times are texts of which nobody knows the order: as letters they "
            "stand as in a dictionary, 10 before 2 and April before January.",
            hint=f"{_WANTED}; texts need the year first and as many digits each",
        )


def _are_in_order(texts: Sequence[str]) -> bool:
    """Whether letters put the texts in the order of time: alike but for digits, the year first."""
    # One letter a time is an order that somebody chose.
    if len(texts) < 2 or all(len(text) == 1 or _INSTANT.match(text) for text in texts):
        return True
    forms = {_DIGITS.sub(lambda found: "0" * len(found[0]), text) for text in texts}
    widths = [len(number) for number in _DIGITS.findall(texts[0])]
    return len(forms) == 1 and (len(widths) == 1 or widths[:1] == [_YEAR])
