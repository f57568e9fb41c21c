"""Sources that serve what a test tells them to, and a clock that never stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field
from pydantic import BaseModel

from cxm_core.plugins import CheckReport, Info, Item, ReadRequest, Rejected, StreamInfo
from cxm_core.records import Note, Problem, Reason

Script = Callable[[Mapping[str, Any] | None], Iterable[Item]]


class Clock:
    """A clock that goes on by a second whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the next second."""
        self.now += timedelta(seconds=1)
        return self.now


@define
class Scripted:
    """A connector whose streams are functions of their state."""

    scripts: Mapping[str, Script]
    account: str | None = "office"
    check_error: Exception | None = None
    states: list[Mapping[str, Any] | None] = field(factory=list, init=False)

    info = Info(name="scripted", version="1", config=BaseModel)

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream a script."""
        return tuple(StreamInfo(name=name, kinds=("note",)) for name in self.scripts)

    def check(self) -> CheckReport:
        """Give the account, or fail as told."""
        if self.check_error:
            raise self.check_error
        return CheckReport(account=self.account, streams=self.streams())

    def read(
        self, stream: str, state: Mapping[str, Any] | None, request: ReadRequest
    ) -> Iterator[Item]:
        """Run the stream's script."""
        self.states.append(state)
        return iter(self.scripts[stream](state))


def note(number: int, text: str = "The hall is cold") -> Note:
    """A small record."""
    return Note(native_id=str(number), occurred_at=datetime(2026, 11, 5, tzinfo=UTC), text=text)


def rejected(number: int, reason: Reason = Reason.OUT_OF_RANGE) -> Rejected:
    """A row that is no record."""
    return Rejected(
        kind="note",
        raw={"id": str(number), "words": "canary"},
        problem=Problem(reason, "occurred_at", "The year is 3026."),
        native_id=str(number),
    )
