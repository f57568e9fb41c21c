"""Reading rows one by one: our row lane beside bare pydantic, in one run.

Ours is what a load calls for lines of JSON that the columns left to it: from the text of the line,
refusing keys that stand twice, to a record or to an entry of the quarantine. Pydantic parses the
same line into a nested model of eight fields with the same bounds and patterns, and gives a model
or its error. One line in fifty is off its scale. Both drop what they made after 5,000 rows, and
once more after 500: what fits into the processor's cache costs less, and bare pydantic gains most.
Prints microseconds of CPU a row, the shortest of several rounds, and rows a second as a share of
bare pydantic with the collector paused. Then it sets aside lines whose verdict is known, and pulls
record objects into a store in memory. Ratios travel between machines; times do not.

    python benchmarks/bench_rows.py [rows, default 200 thousand]
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Literal
from unittest.mock import patch

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from cxm_core.plugins import Checkpoint, CheckReport, Info, StreamInfo
from cxm_core.records import (
    Cell,
    Reader,
    Response,
    RowMapping,
    Score,
    Table,
    collector_paused,
    scale_constants,
)
from cxm_core.store import open_store
from cxm_core.store.tables._columns import Stamps
from cxm_core.store.tables._raw import RawRow
from cxm_core.store.tables._row_lane import RowLane
from cxm_core.store.tables._verdicts import DEFER
from cxm_core.sync import pull

ROUNDS, BAD_SHARE = 5, 0.02
# Rows of a page of a load, and results that are kept at a time.
PAGE, KEPT = 500, 5_000
PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*$"
Word = Annotated[str, Field(min_length=1, max_length=512, pattern=PLAIN)]
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 12, 31, tzinfo=UTC)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Part):
    """Whom the answer is from."""

    kind: Literal["email", "phone", "account", "device", "external"]
    value: Word


class Given(_Part):
    """The number with its scale."""

    value: Annotated[int, Field(strict=True, ge=0, le=10)]
    low: Literal[0]
    high: Literal[10]


class Attributes(_Part):
    """What else is known."""

    region: Annotated[str, Field(max_length=1_000_000)]


class Answer(_Part):
    """The same row as a bare pydantic class."""

    id: Word
    customer: Person
    answered_at: Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]
    channel: Literal["web", "email", "phone", "sms", "app", "in_store", "other"]
    question: Word
    score: Given
    comment: Annotated[str, Field(max_length=1_000_000)] | None
    attributes: Attributes


MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="{id}"),
        "occurred_at": Cell(template="{answered_at}"),
        "channel": Cell(template="{channel}"),
        "question": Cell(template="{question}"),
        "score_value": Cell(template="{score.value}"),
        "verbatim": Cell(template="{comment}"),
    },
    constants=scale_constants("0-10"),
    attributes={"region": Cell(template="{attributes.region}")},
    customer={"email": Cell(template="{customer.value}")},
)
LANE = RowLane(
    Table(
        stream="rows",
        reader=Reader(format="jsonl", paths=("answers.jsonl",)),
        mappings=(MAPPING,),
    ),
    Stamps(source="files:made", known_at=datetime(2026, 11, 21, tzinfo=UTC)),
)


def answers(rows: int) -> Iterator[str]:
    """Lines of JSON, two in a hundred with a score off its scale."""
    rng = random.Random(20261121)
    for number in range(rows):
        score = 99 if rng.random() < BAD_SHARE else rng.randrange(11)
        row = {
            "id": f"r{number}",
            "customer": {"kind": "email", "value": f"c{rng.randrange(50_000)}@example.com"},
            "answered_at": f"2026-03-{1 + number % 28:02}T10:{number % 60:02}:00Z",
            "channel": rng.choice(["web", "email", "phone"]),
            "question": "recommend",
            "score": {"value": score, "low": 0, "high": 10},
            "comment": "It took a while, but everybody was friendly in the end.",
            "attributes": {"region": rng.choice(["north", "south"])},
        }
        yield json.dumps(row)


def ours(lines: Sequence[str], *, kept: int = KEPT, verdict: str = DEFER) -> int:
    """Records and entries of the row lane, in the pages of a load; how many are entries."""
    together: list[object] = []
    bad = 0
    for start in range(0, len(lines), PAGE):
        numbered = enumerate(lines[start : start + PAGE], start + 1)
        page = [RawRow(number, None, line, verdict) for number, line in numbered]
        judged = LANE.judge("answers.jsonl", MAPPING, page)
        bad += len(judged.entries)
        together.append(judged)
        if len(together) * PAGE >= kept:
            together.clear()
    return bad


def bare_pydantic(lines: Iterable[str], *, kept: int = KEPT) -> int:
    """Models or errors of pydantic; how many are bad."""
    together: list[object] = []
    bad = 0
    for line in lines:
        try:
            together.append(Answer.model_validate_json(line))
        except ValidationError as error:
            together.append(error)
            bad += 1
        if len(together) == kept:
            together.clear()
    return bad


class Made:
    """A source of record objects."""

    info = Info(name="made", version="1", config=BaseModel)

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def streams(self) -> tuple[StreamInfo, ...]:
        """One stream."""
        return (StreamInfo(name="rows", kinds=("response",)),)

    def check(self) -> CheckReport:
        """Nothing is ever wrong."""
        return CheckReport(account="made")

    def read(self, stream: str, state: object, request: object) -> Iterator[object]:
        """All records, then one checkpoint."""
        del stream, state, request
        for number in range(self.rows):
            yield Response(
                native_id=str(number),
                occurred_at=datetime(2026, 3, 1 + number % 28, tzinfo=UTC),
                score=Score(number % 11, "0-10"),
                question="recommend",
                verbatim="It took a while, but everybody was friendly in the end.",
            )
        yield Checkpoint({"last": self.rows})


def pulled(rows: int) -> None:
    """Pull record objects into a store in memory."""
    clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)  # noqa: E731  (one line of a benchmark)
    (receipt,) = pull(open_store("memory:", clock=clock), Made(rows), source="made:1", clock=clock)  # type: ignore[arg-type]  # a connector by its shape
    assert receipt.applied == rows


def work_of(rows: int) -> Callable[[], object]:
    """Pull so many records."""
    return lambda: pulled(rows)


@contextmanager
def never_paused() -> Iterator[None]:
    """Pull without pausing the collector, to see what that is worth."""
    with patch("cxm_core.sync._pull.collector_paused", nullcontext):
        yield


def cpu(work: Callable[[], object], around: AbstractContextManager[object]) -> float:
    """CPU seconds of one round."""
    with around:
        start = time.process_time()
        work()
        return time.process_time() - start


def readers(lines: Sequence[str], kept: int) -> dict[str, Callable[[], float]]:
    """Both ways through the lines; so many results are kept before they are dropped."""
    bare, lane = partial(bare_pydantic, lines, kept=kept), partial(ours, lines, kept=kept)
    return {
        "pydantic, collector paused": lambda: cpu(bare, collector_paused()),
        "pydantic": lambda: cpu(bare, nullcontext()),
        "cxm row lane, collector paused": lambda: cpu(lane, collector_paused()),
        "cxm row lane, which pauses it a page": lambda: cpu(lane, nullcontext()),
    }


def main(rows: int) -> None:
    """Interleave the rounds, so that a busy machine slows all alike; print the tables."""
    lines = list(answers(rows))
    assert ours(lines) == bare_pydantic(lines)
    gc.freeze()
    for kept in (KEPT, PAGE):
        show(f"{rows:,} lines of JSON, {kept:,} kept at a time", readers(lines, kept), rows)
    told = "out_of_scale:score_value"
    aside = {
        "from the line to its entry": lambda: cpu(partial(ours, lines, verdict=told), nullcontext())
    }
    show(f"{rows:,} lines of JSON whose columns were judged, all set aside", aside, rows)
    some = min(rows, 200_000)
    pulls: dict[str, Callable[[], float]] = {
        "pull of objects, collector paused a page": lambda: cpu(work_of(some), nullcontext()),
        "pull of objects, collector never paused": lambda: cpu(work_of(some), never_paused()),
    }
    show(f"{some:,} record objects into memory", pulls, some)


def show(title: str, work: dict[str, Callable[[], float]], rows: int) -> None:
    """Print the shortest round of each, and its rows a second beside the first."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(ROUNDS):
        best = {name: min(best[name], run()) for name, run in work.items()}
    first = next(iter(best.values()))
    print(title)
    for name, seconds in best.items():
        print(
            f"  {name:<42} {seconds / rows * 1e6:7.2f} us/row  {first / seconds:5.2f} x the first"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
