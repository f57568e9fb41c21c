"""An app that keeps its own records: what it was told is kept cannot be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from cxm_core.records import Note, Record
from cxm_core.sync import add
from reliability.kill import KillAt
from reliability.kill_stand import START, Commits, PositionClock, opened

Tell = Callable[..., None]
SOURCE, KINDS = "app:own", ("note",)
WHERE = (SOURCE, "records", KINDS)


def batch(number: int) -> Iterator[Record]:
    """Notes of a batch; every tenth batch has more than a frame of the journal takes."""
    for own in range(1_200 if number % 10 == 1 else 3):
        yield _note(f"{number}.{own}", f"The hall is cold, says note {own}.", number)
    if number:
        # A newer version of a note that was kept before.
        yield _note(f"{number - 1}.0", "The hall is warm by now.", number)


def _note(own: str, text: str, number: int) -> Note:
    at = START + timedelta(seconds=number)
    return Note(native_id=own, occurred_at=START, recorded_at=at, text=text)


def work(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    batches: int,
    first: int,
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Keep batches from the `first` on; tell of each when `add` has come back."""
    del attempt
    clock = PositionClock()
    faults = KillAt.of(fault, tell)
    commits = Commits(tell, path, WHERE, in_full=in_full)
    with opened(path, tell, clock=clock, faults=faults) as store:
        commits.told(store, first)
        for number in range(first, batches):
            clock.position = number
            add(store, batch(number), source=SOURCE, clock=clock)
            commits.told(store, number + 1)
    tell(done=True, reached=faults.reached)
