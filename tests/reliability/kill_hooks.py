"""A vendor that pushes to a receiver which may be killed: what was answered with 200 is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cxm_core.store import open_journal
from cxm_core.sync import WebhookReceiver, take_in
from reliability.kill import KillAt
from reliability.kill_stand import START, opened
from sync.pushed import SOURCE, URL, Pushing, event, signed

Tell = Callable[..., None]
THIN_EVERY = 7


class _Sometimes(Pushing):
    """A vendor of whose deliveries each seventh only points to something."""

    def parse(self, delivery: Any) -> Any:
        """Read the notes, or say that they have to be fetched."""
        self.is_thin = b"thin" in delivery.body
        return super().parse(delivery)


def _clock(attempt: int) -> Callable[[], datetime]:
    moment = START + timedelta(days=100, seconds=attempt)
    return lambda: moment


def body(number: int) -> bytes:
    """Body of a delivery; every third is a newer version of what an earlier one told."""
    text = "thin" if number % THIN_EVERY == 0 else "whole"
    return event(number // 3, f"{text} {number}", at=number % 3)


def receive(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    deliveries: int,
    first: int,
    fault: str | None = None,
) -> None:
    """Answer deliveries from the `first` on; tell of each that was answered with 200."""
    clock = _clock(attempt)
    journal = open_journal(path, clock=clock, faults=KillAt.of(fault, tell))
    receiver = WebhookReceiver(_Sometimes(), journal, source=SOURCE, clock=clock)
    tell(receiving=True)
    for number in range(first, deliveries):
        content = body(number)
        ack = receiver.handle("POST", URL, signed(content), content)
        tell(**{"saved" if ack.status == 200 else "failed": number + 1})
    tell(done=True)


def fold(tell: Tell, *, path: str, attempt: int, fault: str | None = None) -> None:
    """Open the store, which folds the journal, and read what waits."""
    faults = KillAt.of(fault, tell)
    with opened(path, tell, clock=_clock(attempt), faults=faults) as store:
        take_in(store, Pushing(), source=SOURCE, clock=_clock(attempt))
    tell(folded=True, reached=faults.reached)


def look(tell: Tell, *, path: str) -> None:
    """Fold and read everything, and tell what is there."""
    with opened(path, tell) as store:
        take_in(store, Pushing(), source=SOURCE, clock=_clock(0))
        rows = list(store.rows("note"))
        tell(
            notes=sorted((row["native_id"], row["text"]) for row in rows),
            waiting=len(store.unread()),
            balances=all(one.balances for one in store.receipts()),
        )
        os._exit(0)
