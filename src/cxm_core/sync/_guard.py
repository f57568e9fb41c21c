"""Mass drift: when too much of what a source serves is bad, its shape has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from attrs import frozen

from cxm_core.errors import SchemaChanged

WINDOW = 100
MOST_BAD = 0.2


@frozen
class DriftWindow:
    """Rows since the last verdict, and how many of them are bad, by reason."""

    served: int = 0
    reasons: Mapping[str, int] = {}

    def plus(self, served: int, reasons: Mapping[str, int]) -> DriftWindow:
        """Judge the window with more rows in it.

        Raises
        ------
        SchemaChanged
            More than a fifth of at least 100 rows are bad.
        """
        every = Counter(self.reasons) + Counter(reasons)
        total = self.served + served
        if total < WINDOW:
            return DriftWindow(total, every)
        if every.total() > MOST_BAD * total:
            raise _changed(total, every)
        return DriftWindow()


def _changed(served: int, reasons: Counter[str]) -> SchemaChanged:
    told = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(3))
    return SchemaChanged(
        f"{reasons.total():,} of {served:,} records cannot be kept ({told}).",
        hint="the source or its mapping has changed; nothing of this part was kept",
        reasons=dict(reasons),
    )
