"""Two numbers of one workspace, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import fsum

import attrs
import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program
from cxm_core.records import Response, Score
from cxm_core.results import Estimate, Waterfall

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
METRICS = [
    Metric(name="nps", engine="nps", question="recommend"),
    Metric(name="board", title="As the board counts", engine="nps", question="recommend",
           of="everyone"),
    Metric(name="good", engine="top_box", question="rate", scale="1-5", weighted=True),
]  # fmt: skip


class Clock:
    """A clock that stands where it is put."""

    now = MONDAY

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


def _answer(number: int, at: datetime, score: int | None, **facts: object) -> Response:
    return Response(
        native_id=str(number),
        occurred_at=at,
        question="recommend",
        score=None if score is None else Score(score, "0-10"),
        no_answer="no_answer" if score is None else None,
        **facts,
    )


@pytest.fixture
def clock() -> Clock:
    """A clock of one's own for each test."""
    return Clock()


@pytest.fixture
def ws(clock: Clock) -> Iterator[cx.Workspace]:
    """Two weeks of answers, a fifth of them blank; unhappy ones of the first week come late."""
    program = Program(name="Shop", zone="UTC", metrics=METRICS)
    with cx.Workspace(program, store="memory:", clock=clock) as workspace:
        first = [10, 9, 9, 8, None] * 40
        second = [10, 9, 6, 3, None] * 40
        hours = [MONDAY + timedelta(hours=h % 160) for h in range(200)]
        clock.now = MONDAY + timedelta(days=7)
        workspace.add(
            _answer(i, at, score, channel="phone" if i % 2 else "web")
            for i, (at, score) in enumerate(zip(hours, first, strict=True))
        )
        clock.now = MONDAY + timedelta(days=15)
        workspace.add(
            _answer(1000 + i, at + timedelta(days=7), score)
            for i, (at, score) in enumerate(zip(hours, second, strict=True))
        )
        workspace.add(_answer(2000 + i, hours[i], score) for i, score in enumerate([3, 0] * 30))
        yield workspace


def _measured(ws: cx.Workspace, metric: str = "nps", **asked: object) -> Estimate:
    made = ws.measure(metric, **asked)  # type: ignore[arg-type]  # keywords of measure
    assert isinstance(made, Estimate)
    return made


def _adds_up(fall: Waterfall) -> bool:
    return fsum(step.value for step in fall.steps) == pytest.approx(fall.gap, abs=1e-12)


class TestPlanted:
    """Three discrepancies that were put there on purpose."""

    def test_blank_answers_in_the_denominator(self, ws: cx.Workspace) -> None:
        """Two metrics that differ in whom they count differ by that alone."""
        ours, theirs = (_measured(ws, name, window="2026-W45") for name in ("nps", "board"))
        fall = ws.explain_difference(ours, theirs)
        assert [step.name for step in fall.steps] == ["blank answers"]
        assert fall.gap == pytest.approx(-100 * 60 * (1 / 220 - 1 / 260))
        assert "40 no_answer" in fall.steps[0].note

    def test_late_data(self, ws: cx.Workspace, clock: Clock) -> None:
        """The same question asked before and after the late answers came differs by them."""
        clock.now = MONDAY + timedelta(days=8)
        early = _measured(ws, window="2026-W45", as_of=clock.now)
        clock.now = MONDAY + timedelta(days=16)
        fall = ws.explain_difference(early, _measured(ws, window="2026-W45"))
        assert [step.name for step in fall.steps] == ["late data"]
        assert (fall.start, fall.end) == (75.0, pytest.approx(100 * 60 / 220))

    def test_another_window(self, ws: cx.Workspace) -> None:
        """Two weeks are told apart by their names."""
        fall = ws.explain_difference(
            _measured(ws, window="2026-W45"), _measured(ws, window="2026-W46")
        )
        assert [(step.name, step.note) for step in fall.steps] == [
            ("window", "2026-W45 before, 2026-W46 after")
        ]

    def test_all_three_at_once(self, ws: cx.Workspace, clock: Clock) -> None:
        """Together each is named with its size, the sizes add up, and none is blamed besides."""
        early = MONDAY + timedelta(days=8)
        ours = _measured(ws, window="2026-W45", as_of=early)
        theirs = _measured(ws, "board", window=(MONDAY, MONDAY + timedelta(days=14)))
        fall = ws.explain_difference(ours, theirs)
        assert {step.name for step in fall.steps} == {"blank answers", "window", "late data"}
        assert all(abs(step.value) > 0.1 for step in fall.steps)
        assert _adds_up(fall)

    def test_measured_before_and_after_without_being_asked(
        self, ws: cx.Workspace, clock: Clock
    ) -> None:
        """Two plain calls know when they were made, so what came between them is found."""
        before = _measured(ws)
        clock.now += timedelta(days=1)
        ws.add([_answer(9000, MONDAY, 0)])
        clock.now += timedelta(days=1)
        fall = ws.explain_difference(before, _measured(ws))
        assert [step.name for step in fall.steps] == ["late data"]
        assert fall.gap < 0

    def test_later_alone_is_no_reason(self, ws: cx.Workspace, clock: Clock) -> None:
        """Where nothing became known between two calls, the time between them has no step."""
        before = _measured(ws, window="2026-W45")
        clock.now += timedelta(days=1)
        fall = ws.explain_difference(before, _measured(ws, "board", window="2026-W45"))
        assert [step.name for step in fall.steps] == ["blank answers"]


class TestSelections:
    """Filters and groups are measured again as they were."""

    def test_a_filter_and_a_window(self, ws: cx.Workspace) -> None:
        """A filter that finds nobody in the other window is one step with the window."""
        one = _measured(ws, window="2026-W45", where={"channel": "phone"})
        fall = ws.explain_difference(one, _measured(ws, window="2026-W46"))
        assert [step.name for step in fall.steps] == ["window and filter on channel"]
        assert _adds_up(fall)

    def test_a_group_of_a_period(self, ws: cx.Workspace) -> None:
        """A week of a breakdown is a window like any other."""
        weeks = ws.measure("nps", every="week")
        ours = weeks["2026-W45"]
        theirs = _measured(ws, "board", window="2026-W46")
        fall = ws.explain_difference(ours, theirs)
        assert fall.start == ours.value
        assert {step.name for step in fall.steps} == {"window", "blank answers"}

    def test_a_group_without_a_label(self, ws: cx.Workspace) -> None:
        """The group of those without a channel is found again."""
        groups = ws.measure("nps", window="2026-W45", by="channel")
        fall = ws.explain_difference(groups["web"], groups[None])
        assert [step.name for step in fall.steps] == ["filter on channel"]
        assert fall.steps[0].note == "web before, (missing) after"

    def test_a_weighted_metric(self, ws: cx.Workspace) -> None:
        """Whether weights count is read from the receipt, not from the program."""
        ws.add(
            Response(
                native_id=f"rate {i}",
                occurred_at=MONDAY + timedelta(days=i % 14),
                question="rate",
                score=Score(1 + i % 5, "1-5"),
                weight=1.0 + i % 3,
                channel="web" if i % 4 else "phone",
            )
            for i in range(120)
        )
        made = [_measured(ws, "good", window=w) for w in ("2026-W45", "2026-W46")]
        other = _measured(ws, "good", window="2026-W46", where={"channel": "web"})
        assert "weights" in made[0].receipt.design
        fall = ws.explain_difference(made[0], other)
        assert {step.name for step in fall.steps} <= {"window", "filter on channel"}
        assert (fall.start, fall.end) == (made[0].value, other.value)


def test_numbers_from_elsewhere_are_refused(ws: cx.Workspace) -> None:
    """A result of arrays cannot be measured from the records; the error says what can."""
    ours = _measured(ws, window="2026-W45")
    other = attrs.evolve(cx.nps([10, 9, 3]), axes=("channel",), group=("phone",))
    with pytest.raises(UsageError, match="not measured from the records"):
        ws.explain_difference(ours, other)
