"""A source that serves responses page by page: new ones, newer versions, deletions, bad rows.

All that it serves follows from a number, so every process serves the same, and what a store must
hold can be reckoned without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import define
from pydantic import BaseModel

from cxm_core.plugins import Checkpoint, CheckReport, Info, Item, ReadRequest, Rejected, StreamInfo
from cxm_core.records import Deletion, Problem, Reason, Response, Score
from cxm_core.sync import pull
from reliability.kill import KillAt
from reliability.kill_stand import START, Commits, PositionClock, attempt_clock, opened

Tell = Callable[..., None]
SOURCE, STREAM, KINDS = "scripted:office", "responses", ("response",)
WHERE = (SOURCE, STREAM, KINDS)


@define
class Pages:
    """A connector that serves rows 0 to `rows` in pages.

    Parameters
    ----------
    rows : int
        How many rows there are.
    page : int
        Rows of a page; one in seven has three times as many, more than a sync commits at once.
    clock : PositionClock
        Is moved to the page that is served.
    """

    rows: int
    page: int
    clock: PositionClock

    info = Info(name="scripted", version="1", config=BaseModel)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream."""
        return (StreamInfo(name=STREAM, kinds=KINDS),)

    def check(self) -> CheckReport:
        """Give the account."""
        return CheckReport(account="office", streams=self.streams())

    def read(
        self, stream: str, state: Mapping[str, Any] | None, request: ReadRequest
    ) -> Iterator[Item]:
        """Serve the pages behind the state, each with its checkpoint."""
        first, page = (state or {"row": 0})["row"], (state or {"page": 0})["page"]
        while first < self.rows:
            self.clock.position = page
            last = min(self.rows, first + self.page * (3 if page % 7 == 1 else 1))
            yield from (item(number) for number in range(first, last))
            first, page = last, page + 1
            yield Checkpoint({"row": first, "page": page})


def target(number: int) -> int | None:
    """Number of the earlier response that a row changes or deletes; None for a new one."""
    # Some are of the same page, the others of a page that was kept long ago.
    backs = {7: 65, 3: 81} if number % 1_000 < 500 else {7: 1_505, 3: 2_011}
    back = backs.get(number % 10)
    return None if back is None or number < back else number - back


def item(number: int) -> Item:
    """Row of a number."""
    earlier = target(number)
    if number % 100 == 99:
        return _bad(number)
    if earlier is not None and number % 10 == 3:
        return Deletion(kind="response", native_id=str(earlier), recorded_at=_at(number))
    return _response(number if earlier is None else earlier, number)


def _at(number: int) -> datetime:
    return START + timedelta(seconds=number)


def _response(own: int, number: int) -> Response:
    return Response(
        native_id=str(own),
        occurred_at=_at(own),
        recorded_at=_at(number),
        question="recommend",
        score=Score(number % 11, "0-10"),
        verbatim=f"The hall is cold, and has been {number} times.",
    )


def _bad(number: int) -> Rejected:
    return Rejected(
        kind="response",
        raw={"id": str(number), "score": "99"},
        problem=Problem(Reason.OUT_OF_RANGE, "score", "The score is off its scale."),
        native_id=str(number),
    )


def expected(rows: int) -> dict[str, int]:
    """Number of the row to which each current response goes back, by its id: the plain truth."""
    current: dict[str, int] = {}
    gone: set[str] = set()
    for number in range(rows):
        if number % 100 == 99:
            continue
        earlier = target(number)
        own = str(number if earlier is None else earlier)
        if earlier is not None and number % 10 == 3:
            current.pop(own, None)
            gone.add(own)
        else:
            current[own] = number
            gone.discard(own)
    return current


def sync(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    rows: int,
    page: int,
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Pull from where the store stands to the end."""
    clock = PositionClock()
    faults = KillAt.of(fault, tell)
    commits = Commits(tell, path, WHERE, in_full=in_full)
    with opened(path, tell, clock=clock, faults=faults) as store:
        first = (store.checkpoint(SOURCE, STREAM) or {"row": 0})["row"]
        commits.told(store, first)
        (receipt,) = pull(
            store,
            Pages(rows, page, clock),
            source=SOURCE,
            clock=attempt_clock(attempt),
            progress=lambda _, served: commits.told(store, first + served),
        )
        assert receipt.is_complete, receipt.note
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str, rows: int) -> None:
    """Compare the store at the end with the plain truth."""
    with opened(path, tell) as store:
        found = {
            one.native_id: round((one.recorded_at - START).total_seconds())
            for one in store.records("response")
            if one.recorded_at is not None
        }
        assert found == expected(rows)
        assert len(store.quarantined()) == rows // 100
    tell(truth=len(found))
