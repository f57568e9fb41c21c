"""For the type checker without pydantic's plugin: an app as the docs write it. Never run.

What a field is given may be of another type than what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_type

import cxm_core as cx
from cxm_connectors.toolkit import Bearer, Connector, Cursor, Since, stream
from cxm_core.program import Calendar, ChannelRule, Journey, Metric, Program, Stage, Touchpoint
from cxm_core.records import Deletion, Question, Response, Score
from cxm_core.results import Breakdown, Estimate
from cxm_core.vocabulary import Channel, Identifier, Scale

program = Program(
    name="Shop",
    zone="Europe/Vienna",
    metrics=[
        Metric(name="nps", engine="nps", question="recommend"),
        Metric(name="easy", engine="ces", question=["easy", "quick"], scale="1-5"),
    ],
    calendars=[Calendar(name="desk", hours={"monday": "09:00-17:00"})],
    channel_rules=[ChannelRule(name="fraud", reasons="fraud", channels=["phone"])],
)
assert_type(program.metrics, tuple[Metric, ...])
assert_type(program.metrics[1].question, tuple[str, ...])
assert_type(program.metrics[1].scale, Scale)


def places() -> Journey:
    """Words and lists of a journey."""
    assert_type(Touchpoint(name="till", channels="store").channels, tuple[Channel, ...])
    return Journey(name="visit", stages=[Stage(name="buy", touchpoints=["till"])])


def answer(number: int, value: int, *, at: str, channel: str) -> Response:
    """One answer of an app's own."""
    made = Response(
        native_id=f"answer-{number}",
        customer=[("email", f"customer{number}@example.com")],
        occurred_at=at,
        question="recommend",
        score=Score(value, "0-10"),
        channel=channel,
        attributes={"shop": "north" if number % 2 else "south"},
    )
    assert_type(made.occurred_at, datetime)
    assert_type(made.recorded_at, datetime | None)
    assert_type(made.customer, tuple[Identifier, ...])
    assert_type(made.channel, Channel | None)
    return made


def measured() -> None:
    """One figure without groups, a breakdown with them; a slip of the pen is still seen."""
    with cx.Workspace(program, store="memory:") as ws:
        receipt = ws.add([answer(1, 9, at="2026-11-05T09:00:00Z", channel="web")])
        assert_type(receipt.applied, int)
        assert_type(ws.measure("nps"), Estimate | Any)
        assert_type(ws.measure("nps", by="shop", every="week"), Breakdown | Any)
        assert ws.measure("nps", window="last 28 days").value or ws.measure("nps").n
        assert ws.measure("nps", by="shop")["north"].value
        assert ws.measure("nps").valeu  # type: ignore[union-attr]  # it is spelt `value`


assert_type(Question(native_id="q", scale="0-10").scale, Scale | None)


class Acme(Connector):
    """The connector of the plugin authors' first page."""

    name, origin, auth = "acme", "https://api.acme.com", Bearer("ACME_TOKEN")

    @stream(
        "responses",
        path="/v1/responses",
        rows="data",
        page=Cursor(next="meta.next", param="cursor", more="meta.has_more"),
        since=Since(param="updated_since", stamp="updated_at", lookback="10m"),
    )
    def responses(self, row: Mapping[str, str]) -> Response | Deletion:
        """Make a record of one row."""
        if row["deleted"]:
            return Deletion(kind="response", native_id=row["id"])
        return Response(
            native_id=row["id"],
            customer=[("email", row["email"])],
            occurred_at=row["created_at"],
            recorded_at=row["updated_at"],
            question=row["question_id"],
            score=Score(int(row["score"]), Scale.named("0-10")),
            verbatim=row.get("comment"),
        )
