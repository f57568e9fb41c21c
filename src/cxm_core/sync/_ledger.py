"""What became of everything that a stream served: the sums that a receipt shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from cxm_core.errors import SourceError
from cxm_core.results import SyncReceipt
from cxm_core.store import Counts


@frozen(kw_only=True)
class Ledger:
    """Sums of one stream's sync so far; a commit that fails leaves the old sums standing."""

    source: str
    stream: str
    started_at: datetime
    counts: Counts = field(factory=Counts)
    reasons: Mapping[str, int] = field(factory=dict)
    drift: Mapping[str, int] = field(factory=dict)
    unchanged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def quarantined(self) -> int:
        """Rows that were set aside."""
        return sum(self.reasons.values())

    @property
    def served(self) -> int:
        """Everything that the stream served."""
        return self.counts.served + self.quarantined

    def plus(
        self,
        counts: Counts,
        *,
        reasons: Mapping[str, int] | None = None,
        drift: Mapping[str, int] | None = None,
    ) -> Ledger:
        """Sums after more was served."""
        return evolve(
            self,
            counts=self.counts + counts,
            reasons=Counter(self.reasons) + Counter(reasons or {}),
            drift=Counter(self.drift) + Counter(drift or {}),
        )

    def noted(self, note: str = "", *, unchanged: tuple[str, ...] = ()) -> Ledger:
        """Sums with something more to tell."""
        return evolve(
            self,
            notes=self.notes + ((note,) if note else ()),
            unchanged=self.unchanged + unchanged,
        )

    def failed(self, error: SourceError) -> Ledger:
        """Sums of a stream that its source ended: the class of the error is the reason's code."""
        hint = f" {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else ""
        return self.noted(f"{type(error).__name__}: {error.message}{hint}")

    def receipt(self, *, ended_at: datetime, is_complete: bool) -> SyncReceipt:
        """Receipt of the sums."""
        return SyncReceipt(
            source=self.source,
            stream=self.stream,
            started_at=self.started_at,
            ended_at=ended_at,
            served=self.served,
            applied=self.counts.applied,
            duplicate=self.counts.duplicate,
            stale=self.counts.stale,
            quarantined=self.quarantined,
            suppressed=self.counts.suppressed,
            deleted=self.counts.deleted,
            reasons=self.reasons,
            drift=self.drift,
            is_complete=is_complete,
            note=" ".join(self.notes),
            unchanged=self.unchanged,
        )
