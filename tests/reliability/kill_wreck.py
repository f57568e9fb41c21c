"""A store with a damaged block and a log: how it is made, and whether it is there to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from cxm_core.errors import StoreDamaged
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from cxm_core.sync import add, pull
from reliability.kill_pages import SOURCE, Pages
from reliability.kill_stand import LIMITS, START, PositionClock, attempt_clock, opened

Tell = Callable[..., None]
ROWS, PAGE = 120, 40
LETTERS, OWN = "files:letters", "app:own"
KINDS = ("note", "response")
_BLOCK = 262_144


def letters() -> list[Note]:
    """What a source serves whole: so long that it has blocks of its own."""
    texts = (Random(f"letter {n}").randbytes(2_000).hex() for n in range(200))
    return [
        Note(native_id=str(n), occurred_at=START, recorded_at=START, text=text)
        for n, text in enumerate(texts)
    ]


def own(first: int) -> list[Note]:
    """What nobody can serve again."""
    return [Note(native_id=str(n), occurred_at=START, text="own") for n in range(first, first + 15)]


def prepare(tell: Tell, *, path: str) -> None:
    """Make a store whose letters cannot be read, with a log beside it that can."""
    with opened(path, tell) as store:
        pull_pages(store, clock=PositionClock(), attempt=0)
        pull_letters(store)
        add(store, own(0), source=OWN, clock=lambda: START)
    store = open_store(path, clock=lambda: START, limits=LIMITS)
    add(store, own(15), source=OWN, clock=lambda: START)
    files = [Path(path), Path(path + ".wal")]
    whole = [file.read_bytes() for file in files]
    store.close()
    for file, data in zip(files, whole, strict=True):
        file.write_bytes(data)
    _harm(path)
    Path(path + ".old").write_text(json.dumps([_digest(file) for file in files]))


def pull_letters(store: Store) -> None:
    """Pull the letters, unless they are there."""
    if store.checkpoint(LETTERS, "letters") is None:
        with store.transaction() as transaction:
            transaction.apply(letters(), source=LETTERS)
            transaction.set_checkpoint(LETTERS, "letters", {"is_done": True})


def pull_pages(
    store: Store,
    *,
    clock: PositionClock,
    attempt: int,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Pull a few pages of responses with all that befalls them, from where the store stands."""
    (receipt,) = pull(
        store,
        Pages(ROWS, PAGE, clock),
        source=SOURCE,
        clock=attempt_clock(attempt),
        progress=lambda _, served: progress(served),
    )
    assert receipt.is_complete, receipt.note


def _harm(path: str) -> None:
    """Spoil the first block without which the letters cannot be read, and all else can."""
    file = Path(path)
    whole, rng = file.read_bytes(), Random("harm")
    for start in range(3 * 4_096, len(whole), _BLOCK):
        spoilt = bytearray(whole)
        for _ in range(40):
            spoilt[min(start + rng.randrange(_BLOCK), len(whole) - 1)] ^= 0xFF
        file.write_bytes(spoilt)
        if is_damaged(path) and not is_damaged(path, "response"):
            return
    raise AssertionError("no block has the letters and nothing else")


def is_damaged(path: str, *kinds: str) -> bool:
    """Whether a store cannot be opened, or records of these kinds not be read; nothing changes."""
    try:
        store = open_store(path, clock=lambda: START, limits=LIMITS, read_only=True)
    except StoreDamaged:
        return True
    try:
        for kind in kinds or KINDS:
            list(store.records(kind))
    except StoreDamaged:
        return True
    finally:
        store.close()
    return False


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def kept(path: str) -> dict[str, list[Any]]:
    """How many of the damaged file and its log are there to the byte, under whatever name."""
    wanted = json.loads(Path(path + ".old").read_text())
    files = Path(path).parent.glob(Path(path).name + "*")
    there = {_digest(file) for file in files if file.is_file()}
    return {f"old {n}": [one in there, one in there, one] for n, one in enumerate(wanted)}
