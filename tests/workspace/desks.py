"""A shop's program, its answers, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from attrs import define

from cxm_core.program import Metric, Program, ReportSettings
from cxm_core.records import Response, Score

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@define
class Clock:
    """The time that the test says it is."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def pass_(self, **time: float) -> datetime:
        """Let time pass, and tell what it is then."""
        self.now += timedelta(**time)
        return self.now


def shop(**settings: object) -> Program:
    """Program with one metric at its top."""
    return Program(
        name="Shop",
        zone="Europe/Vienna",
        metrics=[Metric(name="nps", title="Recommended", engine="nps", question="recommend")],
        report=ReportSettings(headline=["nps"], **settings),
    )


def answer(number: int, value: int, day: str = "2026-11-02", **more: object) -> Response:
    """One answer to the question whether the shop is recommended."""
    return Response(
        native_id=str(number),
        occurred_at=f"{day}T09:00Z",
        question="recommend",
        score=Score(value, "0-10"),
        **more,
    )


def answers(values: Iterable[int], **more: object) -> list[Response]:
    """Answers with numbers from 1."""
    return [answer(number, value, **more) for number, value in enumerate(values, 1)]
