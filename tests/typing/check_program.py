"""For the type checker: what the program's engines give, and which calls they refuse. Never run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

import cxm_core as cx
from cxm_core.engines import LogDefinition
from cxm_core.program import ChannelRule, Program, Promise
from cxm_core.results import Breakdown, Estimate, Panel, Waterfall

frame: Any = {}
now = datetime(2026, 11, 2, tzinfo=UTC)
program = Program(name="Shop", zone="UTC")
rule = ChannelRule(name="fraud", reasons=("fraud",), channels=())
kept: Promise = program.promise("quick")

assert_type(cx.misrouted(frame, program), Estimate)
assert_type(cx.misrouted(frame, [rule], by="rule"), Breakdown)
assert_type(cx.misrouted(frame, rule, customer=None, reason="why"), Estimate)
assert_type(cx.promise(kept, frame, now=now), Panel)
assert_type(cx.promise(kept, frame, now=now, window="last 4 weeks", columns={}), Panel)
assert_type(cx.channel_parity(frame, margins={"csat": 0.1}, scale="1-5"), Panel)
assert_type(cx.channel_parity(frame, margins={"resolution_time": timedelta(hours=4)}), Panel)
assert_type(cx.promotions_in_complaints(frame, frame, until=now), Panel)
assert_type(cx.log_definition("one_touch.zendesk"), LogDefinition)
assert_type(cx.explain_definitions(frame, "one_touch", "first_contact_resolution"), Waterfall)

cx.promise(kept, frame)  # type: ignore[call-arg]  # nothing reads a clock
cx.channel_parity(frame)  # type: ignore[call-arg]  # no statistic knows which difference matters
cx.misrouted(frame, program, channels="x")  # type: ignore[call-overload]  # the column is `channel`
