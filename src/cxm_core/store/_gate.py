"""Who may use an open file: many at a time, or one alone while it is exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, RLock, get_ident

from cxm_core.errors import StoreError, UsageError


class Gate:
    """Lets all threads of this process use a file, or one of them alone."""

    def __init__(self) -> None:
        self._changed = Condition(RLock())
        self._shares: Counter[int] = Counter()
        self._alone: int | None = None

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Use the file beside others; wait while another thread has it alone."""
        # A reading that was begun in one thread may end in another.
        me = get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._alone in (None, me) or self._shares[me])
            self._shares[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._shares[me] -= 1
                self._shares += Counter()
                self._changed.notify_all()

    @contextmanager
    def alone(self, patience_s: float) -> Iterator[None]:
        """Use the file alone, once every reading that was begun is done; others wait meanwhile."""
        me = get_ident()
        with self._changed:
            if self._shares[me] or self._alone == me:
                raise UsageError(
                    "This thread still reads from the store.",
                    hint="read the records to their end, or let go of them, first",
                )
            self._changed.wait_for(lambda: self._alone is None)
            self._alone = me
            is_quiet = self._changed.wait_for(lambda: not +self._shares, patience_s)
        try:
            if not is_quiet:
                raise StoreError(
                    f"Other threads did not finish reading within {patience_s:g} s.",
                    hint="do it again when nobody reads; the store is as it was",
                )
            yield
        finally:
            with self._changed:
                self._alone = None
                self._changed.notify_all()
