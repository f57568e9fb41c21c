"""A store that is written anew into a smaller file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reliability.kill import KillAt
from reliability.kill_adds import WHERE
from reliability.kill_adds import work as keep
from reliability.kill_stand import Commits, opened

Tell = Callable[..., None]


def prepare(tell: Tell, *, path: str, batches: int) -> None:
    """Make a store with records and a journal."""
    keep(lambda **_: None, path=path, attempt=0, batches=batches, first=0)
    tell(prepared=True)


def work(
    tell: Tell, *, path: str, attempt: int, fault: str | None = None, in_full: bool = False
) -> None:
    """Compact the store: it holds the same before, between and after."""
    del attempt
    faults = KillAt.of(fault, tell)
    commits = Commits(tell, path, WHERE, in_full=in_full)
    with opened(path, tell, faults=faults) as store:
        commits.told(store, 0)
        store.compact()
        commits.told(store, 0)
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str) -> None:
    """Nothing half done is left beside the store, and the store verifies as sound."""
    with opened(path, tell) as store:
        assert store.verify().is_sound
    folder = Path(path).parent
    assert not list(folder.glob("*.draft-*"))
    tell(truth=True)
