"""A small source, the store that was pulled from it, and what a look at a damaged store finds."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from attrs import asdict, frozen

from cxm_core.errors import CxmError, StoreDamaged
from cxm_core.records import Note
from cxm_core.store import Store, canonical_lines, open_store, rebuild_store
from cxm_core.sync import add

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
BATCHES = 20
ROWS = 60
PULLED, OWN = "files:notes", "app:own"
# A fifth of each page is a newer version of what came a page before.
STEP = ROWS * 4 // 5


def clock() -> datetime:
    """Return one and the same instant, so that every run keeps the same bytes."""
    return NOW


@cache
def page(number: int) -> tuple[Note, ...]:
    """What the source serves as its page of this number."""
    rng = Random(f"page {number}")
    at = NOW + timedelta(seconds=number)
    return tuple(
        Note(native_id=str(n), occurred_at=NOW, recorded_at=at, text=rng.randbytes(100).hex())
        for n in range(number * STEP, number * STEP + ROWS)
    )


def own_note(number: int) -> Note:
    """What the app itself keeps after the page of this number; no source has it."""
    return Note(native_id=str(number), occurred_at=NOW, text=f"own {number}")


def pulled_to(store: Store) -> int:
    """How many pages the store holds, as its checkpoint says."""
    state = store.checkpoint(PULLED, "notes")
    return 0 if state is None else int(state["pages"])


def pull(store: Store, *, end: int = BATCHES) -> None:
    """Pull from where the store stands to a page; each page and its checkpoint together."""
    for number in range(pulled_to(store), end):
        with store.transaction() as transaction:
            transaction.apply(page(number), source=PULLED)
            transaction.set_checkpoint(PULLED, "notes", {"pages": number + 1})


def pull_rest(store: Store) -> None:
    """Pull all that is missing, as one page."""
    rest = [note for number in range(pulled_to(store), BATCHES) for note in page(number)]
    if rest:
        with store.transaction() as transaction:
            transaction.apply(rest, source=PULLED)
            transaction.set_checkpoint(PULLED, "notes", {"pages": BATCHES})


def make(path: Path) -> None:
    """Make a store, half of it in the file and half of it in the log; end without closing it."""
    for end in (BATCHES // 2, BATCHES):
        store = open_store(path, clock=clock)
        for number in range(pulled_to(store), end):
            pull(store, end=number + 1)
            if number % 4 == 0:
                add(store, [own_note(number)], source=OWN, clock=clock)
        if end < BATCHES:
            store.close()
    sys.stdout.flush()
    os._exit(0)


def digest(store: Store, source: str) -> str:
    """Everything that a store holds of a source."""
    return digests(store, source)[0]


def digests(store: Store, *sources: str) -> list[str]:
    """Everything that a store holds of each of some sources, read once."""
    lines = list(canonical_lines(store, kinds=["note"]))
    held = ("\n".join(line for line in lines if json.dumps(source) in line) for source in sources)
    return [sha256(text.encode()).hexdigest()[:16] for text in held]


def states() -> list[str]:
    """Digests of the store after each page, from one in memory that knows no disk."""
    store = open_store("memory:", clock=clock)
    found = [digest(store, PULLED)]
    for number in range(BATCHES):
        pull(store, end=number + 1)
        found.append(digest(store, PULLED))
    return found


@frozen(kw_only=True)
class Look:
    """What a damaged store said, and what became of it.

    Attributes
    ----------
    error : str or None
        Class of the error that opening or reading gave.
    is_typed : bool
        Whether that error is one of the library's, with a hint.
    message : str
        What it said.
    pages : int or None
        Pages that the store held when it was opened.
    seen : str or None
        Digest of what it held then.
    is_counted : bool
        Whether every way to count it gave the same number.
    is_clean : bool
        Whether it said that nothing had happened.
    lost : int or None
        Transactions that it said were gone.
    aside : tuple of str
        Files that it said were set aside.
    told : str
        What it said of its opening.
    end, own : str
        Digests of both sources after the way back and a new sync.
    left : tuple of str
        Files in the folder at the end.
    """

    error: str | None = None
    is_typed: bool = True
    message: str = ""
    pages: int | None = None
    seen: str | None = None
    is_counted: bool = True
    is_clean: bool = True
    lost: int | None = 0
    aside: tuple[str, ...] = ()
    told: str = ""
    end: str = ""
    own: str = ""
    left: tuple[str, ...] = ()


def look(path: Path) -> Look:
    """Open a store, read all of it, go the way back where it is damaged, and sync again."""
    found: dict[str, Any] = {}
    try:
        _open(path, found)
    except StoreDamaged as error:
        found = {"error": "StoreDamaged", "message": str(error)}
        rebuild_store(path, clock=clock)
        after: dict[str, Any] = {}
        _open(path, after)
        found |= {"end": after["end"], "own": after["own"]}
    except CxmError as error:
        found |= {"error": type(error).__name__, "message": str(error)}
    except Exception as error:  # noqa: BLE001  (told to the test, which fails)
        found |= {"error": type(error).__name__, "is_typed": False, "message": repr(error)[:500]}
    left = tuple(sorted(one.name for one in path.parent.iterdir()))
    return Look(**found, left=left)


def _open(path: Path, found: dict[str, Any]) -> None:
    """Read all of a store, and then pull what it lacks."""
    store = open_store(path, clock=clock)
    try:
        opening = store.opening
        found["is_clean"], found["told"] = opening.is_clean, str(opening)
        found["lost"], found["aside"] = opening.lost_transactions, opening.set_aside
        found["pages"], found["seen"] = pulled_to(store), digest(store, PULLED)
        counts = {store.count("note"), len(store.read("note", columns=["text"]))}
        found["is_counted"] = counts == {sum(1 for _ in store.records("note"))}
        pull_rest(store)
        found["end"], found["own"] = digests(store, PULLED, OWN)
    finally:
        store.close()


def serve() -> None:
    """Look at one store after the other, as the lines on stdin name them."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(look(Path(line.strip())))) + "\n")
        sys.stdout.flush()
