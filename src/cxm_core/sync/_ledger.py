"""What became of everything that a stream served: the sums that a receipt shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from cxm_core.errors import SourceError
from cxm_core.plugins import Checkpoint, ReadRequest
from cxm_core.results import Completeness, SyncReceipt
from cxm_core.store import Counts

MOST_GAPS = 100


@frozen(kw_only=True)
class Ledger:
    """Sums of one stream's sync so far; a commit that fails leaves the old sums standing."""

    source: str
    stream: str
    started_at: datetime
    request: ReadRequest = field(factory=ReadRequest)
    counts: Counts = field(factory=Counts)
    reasons: Mapping[str, int] = field(factory=dict)
    drift: Mapping[str, int] = field(factory=dict)
    unchanged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pages: int = 0
    total: int | None = None
    newest: datetime | None = None
    gaps: tuple[str, ...] = ()
    reached_end: bool | None = None
    failure: str = ""

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

    def after(self, checkpoint: Checkpoint) -> Ledger:
        """Sums with what a checkpoint tells of the way to it."""
        said, again = checkpoint, checkpoint.repeated
        told = self.plus(Counts(duplicate=again, repeated=again), drift=said.drift)
        told = told.noted(said.note, unchanged=said.unchanged)
        stamps = [stamp for stamp in (self.newest, said.newest) if stamp is not None]
        return evolve(
            told,
            pages=self.pages + said.pages,
            total=self.total if said.total is None else said.total,
            newest=max(stamps, default=None),
            gaps=tuple(dict.fromkeys(self.gaps + said.gaps))[:MOST_GAPS],
            reached_end=said.reached_end,
        )

    def noted(self, note: str = "", *, unchanged: tuple[str, ...] = ()) -> Ledger:
        """Sums with something more to tell."""
        return evolve(
            self,
            # A reason that holds for many is told once.
            notes=tuple(dict.fromkeys(self.notes + ((note,) if note else ()))),
            unchanged=self.unchanged + unchanged,
        )

    def failed(self, error: SourceError) -> Ledger:
        """Sums of a stream that its source ended: the class of the error is the reason's code."""
        hint = f" {error.hint[:1].upper()}{error.hint[1:]}" if error.hint else ""
        told = f"{type(error).__name__}: {error.message}{hint}"
        return evolve(self.noted(told), failure=told)

    def verdict(self, *, is_over: bool) -> tuple[Completeness, str]:
        """Whether everything that was asked for came, and why that is not known to be so."""
        partial = self.failure or ("" if is_over else "The sync did not end.") or self._lack()
        if partial:
            return "partial", partial
        if self.reached_end:
            return "complete", ""
        if self.total is not None and self.total > self.served:
            return "unknown", f"The source counts {self.total:,} rows, and served {self.served:,}."
        return "unknown", "The source gives no sign of its end."

    def _lack(self) -> str:
        """What is known to be missing of a stream that ended by itself."""
        limit = self.request.limit
        if self.gaps:
            more = f" Gaps beside this one: {len(self.gaps) - 1}." if self.gaps[1:] else ""
            return self.gaps[0] + more
        if limit is not None and self.served >= limit and not self.reached_end:
            return f"No more than {limit:,} records were asked for, and there may be more."
        if self.reached_end is False:
            return "The stream ended before the end of its source."
        return ""

    def receipt(self, *, ended_at: datetime, is_over: bool = True) -> SyncReceipt:
        """Receipt of the sums, of a stream that is over or of one on its way."""
        verdict, reason = self.verdict(is_over=is_over)
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
            is_complete=verdict != "partial",
            note=" ".join(self.notes),
            unchanged=self.unchanged,
            new=self.counts.new,
            changed=self.counts.changed,
            repeated=self.counts.repeated,
            since=self.request.since,
            until=self.request.until,
            limit=self.request.limit,
            pages=self.pages,
            total=self.total,
            newest=self.newest,
            gaps=self.gaps,
            verdict=verdict,
            reason=reason,
        )
