"""Whole histories of a store, drawn at random, against a model of plain dictionaries."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cxm_core.errors import StoreError, StoreFull
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import add, pull, replay
from cxm_core.testing import FaultyDisk, TestClock
from reliability.model import Model
from reliability.model_source import MENDED, Event, Outbox, Page, events, pages

OWN = "app:own"
MET: Counter[str] = Counter()


class Strike:
    """Faults that strike once, when so many fault points were passed."""

    def __init__(self) -> None:
        self.left = 0
        self.error: BaseException = KeyboardInterrupt()

    def reach(self, point: str) -> None:
        """Strike, if it is time."""
        self.left -= 1
        if self.left == 0:
            MET[f"struck at {point}"] += 1
            raise self.error


class StoreMachine(RuleBasedStateMachine):
    """What a store holds after each step is what the model holds."""

    url: ClassVar[str | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.strike, self.model = TestClock(), Strike(), Model()
        self.disk = FaultyDisk()
        self.sources = [Outbox("acme:eu"), Outbox("acme:us")]
        self.folder = Path(tempfile.mkdtemp())
        self.store = self.opened()
        self.names = 0

    def opened(self) -> Store:
        """Open the store, or open it again."""
        url = self.url or str(self.folder / "cxm.duckdb")
        return open_store(url, clock=self.clock, faults=self.strike, disk=self.disk)

    def teardown(self) -> None:
        """Put everything away."""
        self.store.close()
        shutil.rmtree(self.folder)

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Do something that may be struck; None if it was."""
        try:
            return work()
        except KeyboardInterrupt:
            self.strike.left = 0
            self.reopen()
        except (StoreError, OSError):
            is_struck = isinstance(self.strike.error, StoreError | OSError)
            assert is_struck or self.disk.has_failed
        finally:
            self.strike.left = self.disk.fail_at = 0
        return None

    # --- what befalls the source ---------------------------------------------------------------

    @rule(number=st.integers(0, 1), new=st.lists(pages(), min_size=1, max_size=3))
    def serve(self, number: int, new: list[Page]) -> None:
        """Something new, changed, gone, back, late, repeated, tied or bad at a source."""
        self.sources[number].pages += new
        self.pull(number)

    @rule(number=st.integers(0, 1), data=st.data())
    def serve_again(self, number: int, data: st.DataObject) -> None:
        """The source repeats a page that it served before."""
        known = self.sources[number].pages
        if known:
            known.append(data.draw(st.sampled_from(known)))
            self.pull(number)

    # --- what we do ----------------------------------------------------------------------------

    @rule(number=st.integers(0, 1))
    def pull(self, number: int) -> None:
        """Pull what is new; after a strike the checkpoint tells how far we came."""
        source = self.sources[number]
        receipts = self.attempt(
            lambda: pull(self.store, source, source=source.name, clock=self.clock)
        )
        state = self.store.checkpoint(source.name, "notes")
        done = state["at"] if state else 0
        assert source.done <= done <= len(source.pages)
        expected = Counter[str]()
        for page in source.pages[source.done : done]:
            expected += self.take(source.name, page)
        source.done = done
        if receipts is not None:
            assert done == len(source.pages)
            self.agree(receipts[0], expected)

    def take(self, source: str, page: Page) -> Counter[str]:
        """Let the model take a page."""
        counts = self.model.take(source, page.events, now=self.clock())
        for one in page.bad:
            self.model.put_aside(source, one.words, one.row_id)
        return counts + Counter(quarantined=len(page.bad))

    def agree(self, receipt: SyncReceipt, expected: Counter[str]) -> None:
        """The receipt says what the model says."""
        MET.update(expected)
        names = ("applied", "duplicate", "stale", "quarantined", "deleted")
        assert {n: getattr(receipt, n) for n in names} == {n: expected[n] for n in names}
        assert receipt.is_complete
        assert receipt.served == sum(expected[name] for name in names[:-1])

    @rule(batch=st.lists(events(), max_size=4))
    def add(self, batch: list[Event]) -> None:
        """The app keeps records of its own: all of them or none."""
        records = [event.record for event in batch]
        after = self.model.copied()
        expected = after.take(OWN, batch, now=self.clock())
        self.settle(lambda: add(self.store, records, source=OWN, clock=self.clock), after, expected)

    @rule(number=st.integers(0, 1))
    def replay(self, number: int) -> None:
        """Read again what was set aside: all that can be read is kept, or nothing is."""
        source = self.sources[number]
        after = self.model.copied()
        expected = after.replay(source.name, MENDED, now=self.clock())
        self.settle(
            lambda: replay(self.store, source, source=source.name, clock=self.clock),
            after,
            expected,
        )

    def settle(self, work: Callable[[], SyncReceipt], after: Model, expected: Counter[str]) -> None:
        """One transaction: struck or not, what is there is what was before or what comes after."""
        receipt = self.attempt(work)
        if receipt is not None:
            self.agree(receipt, expected)
            self.model = after
        elif self.differences(self.model):
            self.model = after

    @rule(number=st.integers(0, 1))
    def rename(self, number: int) -> None:
        """A source gets another name, and all that came from it goes along."""
        source, self.names = self.sources[number], self.names + 1
        old, new = source.name, f"new:{self.names}"
        if old not in {known.name for known in self.store.sources()}:
            return
        self.attempt(lambda: self.store.rename_source(old, new))
        if new in {known.name for known in self.store.sources()}:
            self.model.rename(old, new)
            source.name = new

    @rule()
    def reopen(self) -> None:
        """The process ends and another begins; what is in memory only ends with it."""
        if self.url is None:
            self.store.close()
            self.store = self.opened()

    @rule()
    def fold(self) -> None:
        """Take over what the journal has."""
        self.attempt(self.store.fold)

    @rule()
    def compact(self) -> None:
        """Write the store anew without what is gone."""
        self.attempt(self.store.compact)

    @rule()
    def retain(self) -> None:
        """Delete what is older than a hundred years: nothing."""
        self.attempt(lambda: self.store.retain({"note": timedelta(days=36_500)}))

    # --- what befalls us -----------------------------------------------------------------------

    @rule(days=st.sampled_from([-30, -1, -1e-5, 1e-5, 1, 30]))
    def jump(self, days: float) -> None:
        """The clock goes on, jumps, or falls back."""
        self.clock.tick(days)

    @rule(number=st.integers(1, 20))
    def crash(self, number: int) -> None:
        """The process will end at the n-th fault point that comes."""
        self.strike.left, self.strike.error = number, KeyboardInterrupt()

    @rule(number=st.integers(1, 20), is_ours=st.booleans())
    def fill_disk(self, number: int, is_ours: bool) -> None:
        """The disk will be full at the n-th fault point that comes."""
        full = StoreFull("full") if is_ours else OSError(errno.ENOSPC, "No space left on device")
        self.strike.left, self.strike.error = number, full

    @rule(number=st.integers(1, 6), torn=st.sampled_from([0, 0.5]))
    def break_disk(self, number: int, torn: float) -> None:
        """The n-th call of the disk that comes will fail, and may leave half of a write behind."""
        self.disk.fail_at, self.disk.torn = len(self.disk.calls) + number, torn

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        """Contents, history, quarantine, checkpoints: all alike, and every receipt balances."""
        assert self.differences(self.model) == []
        for source in self.sources:
            state = self.store.checkpoint(source.name, "notes")
            assert (state["at"] if state else 0) == source.done
        assert all(receipt.balances for receipt in self.store.receipts())

    def differences(self, model: Model) -> list[str]:
        """Where store and model differ."""
        moments = model.moments()
        asked = [None, *moments[:1], *moments[len(moments) // 2 :][:1], *moments[-1:]]
        found = [f"notes as of {at}" for at in asked if self.notes(at) != sorted(model.notes(at))]
        set_aside = {
            (one.source, str((one.row or {}).get("words"))): one.seen
            for one in self.store.quarantined()
        }
        if set_aside != {name: one.seen for name, one in model.aside.items()}:
            found.append("quarantine")
        return found

    def notes(self, at: Any) -> list[tuple[str, str, str]]:
        """Notes of the store; sorted, so that one that is there twice is seen."""
        rows = self.store.records("note", as_of=at)
        return sorted((str(r.source), r.native_id, str(getattr(r, "text", ""))) for r in rows)


class MemoryMachine(StoreMachine):
    """The store in memory."""

    url = "memory:"
