"""A disk without room: by a limit on the size of files, which needs no rights, or a small one."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from attrs import asdict, frozen

from cxm_core.errors import CxmError
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from reliability.damage_stand import NOW, clock

Tell = Callable[..., None]
SOURCE, STREAM = "files:notes", "notes"
PAGES, ROWS = 20, 80
# DuckDB makes a checkpoint when its log has 16 MiB.
_LOG = 16 << 20


@frozen(kw_only=True)
class Told:
    """What a full disk did to a store.

    Attributes
    ----------
    errors : list of str
        Classes of the errors that came while there was no room.
    before, during : int
        Pages that the store held before the last error, and by its own word after it.
    is_whole : bool
        Whether the records then were those of the pages, no more and no less.
    after : int
        Pages that the same store held once there was room, and the sync went on.
    is_complete : bool
        Whether it then held all records, also when it was opened anew.
    """

    errors: list[str]
    before: int
    during: int
    is_whole: bool
    after: int
    is_complete: bool


@contextmanager
def no_file_larger(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def page(number: int) -> list[Note]:
    """A page of the source that no compression makes small."""
    rng = Random(f"page {number}")
    return [
        Note(native_id=f"{number}-{row}", occurred_at=NOW, text=rng.randbytes(400).hex())
        for row in range(ROWS)
    ]


def pages_of(store: Store) -> int:
    """How many pages the store holds, as its checkpoint says."""
    return int((store.checkpoint(SOURCE, STREAM) or {"pages": 0})["pages"])


def pull(store: Store, told: Callable[[int], None] = lambda _: None) -> None:
    """Pull the pages that are missing, and tell of each that was kept."""
    for number in range(pages_of(store), PAGES):
        with store.transaction() as transaction:
            transaction.apply(page(number), source=SOURCE)
            transaction.set_checkpoint(SOURCE, STREAM, {"pages": number + 1})
        told(number + 1)


def fill(store: Store, path: Path, room: Callable[[], None]) -> Told:
    """Pull until the disk is full, look, make room, and go on with the same store."""
    kept, errors = [pages_of(store)], []
    for _ in range(3):
        try:
            pull(store, kept.append)
        except CxmError as error:
            errors.append(type(error).__name__)
    during = pages_of(store)
    is_whole = store.count("note") == during * ROWS
    room()
    pull(store)
    after = pages_of(store)
    is_complete = store.count("note") == PAGES * ROWS
    store.close()
    again = open_store(path, clock=clock)
    is_complete = is_complete and again.count("note") == PAGES * ROWS
    is_complete = is_complete and again.opening.is_clean
    again.close()
    return Told(
        errors=errors,
        before=kept[-1],
        during=during,
        is_whole=is_whole,
        after=after,
        is_complete=is_complete,
    )


def under_a_limit(tell: Tell, *, path: str, size: int) -> None:
    """A store whose files may not grow beyond a size, until they may."""
    store = open_store(path, clock=clock)
    limit = no_file_larger(size)
    limit.__enter__()
    tell(found=asdict(fill(store, Path(path), lambda: limit.__exit__(None, None, None))))


def on_a_small_disk(tell: Tell, *, path: str, ballast: int) -> None:
    """A store on a disk of its own, on which something else takes nearly all of the room."""
    store = open_store(path, clock=clock)
    other = Path(path).with_name("ballast")
    other.write_bytes(bytes(ballast))
    tell(found=asdict(fill(store, Path(path), other.unlink)))


def past_a_checkpoint(tell: Tell, *, path: str) -> None:
    """Write until there is no room for a checkpoint, and then not even for the log."""
    store = open_store(path, clock=clock)
    acknowledged, error = 0, None
    with no_file_larger(_LOG + _LOG // 20):
        try:
            for number in range(300):
                _keep(store, number)
                acknowledged += 1
        except CxmError as refused:
            error = type(refused).__name__
        during = store.count("note")
    _keep(store, acknowledged)
    after = store.count("note")
    store.close()
    again = open_store(path, clock=clock)
    found = {"error": error, "acknowledged": acknowledged, "during": during, "after": after}
    tell(found=found | {"again": again.count("note"), "is_clean": again.opening.is_clean})
    again.close()


def _keep(store: Store, number: int) -> None:
    text = Random(f"long {number}").randbytes(_LOG // 100).hex()
    with store.transaction() as transaction:
        note = Note(native_id=str(number), occurred_at=NOW, text=text)
        transaction.apply([note], source=SOURCE)
