"""Named points at which a crash would matter, so that a test can make one happen there."""

from __future__ import annotations

from typing import Protocol

FAULT_POINTS = (
    "store.log.before_set_aside",
    "store.log.after_set_aside",
    "journal.before_write",
    "journal.after_write",
    "journal.after_sync",
    "store.open.before_migrate",
    "store.open.before_commit",
    "store.before_begin",
    "store.before_fold",
    "store.merge.before_history",
    "store.merge.before_delete",
    "store.merge.before_insert",
    "store.before_quarantine",
    "store.before_release",
    "store.before_checkpoint",
    "store.before_receipt",
    "store.before_commit",
    "store.after_commit",
    "store.compact.before_copy",
    "store.compact.before_replace",
    "store.compact.after_replace",
    "store.rebuild.before_replace",
    "store.rebuild.after_replace",
)


class Faults(Protocol):
    """What is told of every fault point that is reached; it may raise, or end the process."""

    def reach(self, point: str) -> None:
        """Take note that `point`, one of `FAULT_POINTS`, is reached."""


class NoFaults:
    """Lets everything pass."""

    def reach(self, point: str) -> None:
        """Do nothing."""
