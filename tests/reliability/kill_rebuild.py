"""A damaged store made anew: from what can be read of it, from its journal and its sources."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cxm_core.errors import StoreDamaged
from cxm_core.store import Store, rebuild_store
from cxm_core.store._disk import Disk
from reliability.kill import KillAt
from reliability.kill_pages import SOURCE, STREAM, WHERE
from reliability.kill_pages import truth as pages_truth
from reliability.kill_stand import LIMITS, START, PositionClock, fingerprint, opened, told
from reliability.kill_wreck import (
    KINDS,
    LETTERS,
    OWN,
    ROWS,
    is_damaged,
    kept,
    letters,
    own,
    pull_letters,
    pull_pages,
)

Tell = Callable[..., None]
EXCHANGE = "disk.replace"


class KillingDisk(Disk):
    """Ends the process when all is ready but the exchange: the log is aside, the old file stands.

    Parameters
    ----------
    tell : callable
        Is told before the end.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def replace(self, draft: Path, target: Path) -> None:
        """End the process."""
        del draft, target
        self._tell(fault=EXCHANGE)
        os.kill(os.getpid(), signal.SIGKILL)


_NOTHING = {"checkpoint": None, "applied": 0, "served": 0, "balances": True, "is_whole": True}
_TABLES = ("quarantine", *KINDS, *(f"{kind}_history" for kind in KINDS), "tombstones")


def _unread(path: str) -> dict[str, Any]:
    """Stand of a store that is still damaged."""
    return _NOTHING | {"holds": {name: [0, 0, "0"] for name in _TABLES} | kept(path)}


def _stand(store: Store, path: str) -> dict[str, Any]:
    """Stand of a store that was made anew; its letters have a checkpoint of their own."""
    found = told(store, path, WHERE)
    done = [found["checkpoint"], store.checkpoint(LETTERS, "letters")]
    return found | {"checkpoint": done, "holds": fingerprint(path, *KINDS) | kept(path)}


def look(tell: Tell, *, path: str, is_closed: bool = True) -> None:
    """Tell where a store stands; one that is damaged is left as it is."""
    if is_damaged(path):
        tell(stand=_unread(path))
        return
    with opened(path, tell) as store:
        tell(stand=_stand(store, path))
        if not is_closed:
            os._exit(0)


def just_look(tell: Tell, *, path: str) -> None:
    """Open a store to be read, damaged or not, and end as a killed process does."""
    with suppress(StoreDamaged), opened(path, tell, read_only=True):
        os._exit(0)


def work(
    tell: Tell, *, path: str, attempt: int, fault: str | None = None, in_full: bool = False
) -> None:
    """Make the store anew if it is damaged (position 0), and then pull from all sources."""
    faults = KillAt.of(None if fault == EXCHANGE else fault, tell)
    if is_damaged(path):
        if in_full:
            tell(commit=_unread(path) | {"position": 0})
        disk = KillingDisk(tell) if fault == EXCHANGE else Disk()
        rebuild_store(path, clock=lambda: START, limits=LIMITS, faults=faults, disk=disk)
    clock = PositionClock()
    with opened(path, tell, clock=clock, faults=faults) as store:

        def reach(position: int) -> None:
            tell(saved=position)
            if in_full:
                tell(commit=_stand(store, path) | {"position": position})

        first = (store.checkpoint(SOURCE, STREAM) or {"row": 0})["row"] + 2
        reach(first - (store.checkpoint(LETTERS, "letters") is None))
        pull_letters(store)
        reach(first)
        pull_pages(
            store, clock=clock, attempt=attempt, progress=lambda served: reach(first + served)
        )
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str) -> None:
    """All is there that sources and app ever had; the damaged file and its log are kept."""
    pages_truth(lambda **_: None, path=path, rows=ROWS)
    with opened(path, tell) as store:
        notes: list[Any] = list(store.records("note"))
        assert store.verify().is_sound
    found = {(note.source, note.native_id, note.text) for note in notes}
    served = {(LETTERS, note.native_id, note.text) for note in letters()}
    assert found == served | {(OWN, note.native_id, "own") for note in own(0) + own(15)}
    assert all(one[0] for one in kept(path).values())
    assert not list(Path(path).parent.glob(Path(path).name + ".draft-*"))
    tell(truth=len(notes))
