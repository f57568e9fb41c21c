"""For the type checker: what figures about tickets give, and which calls are refused. Never run."""

from __future__ import annotations

from typing import assert_type

import cxm_core as cx
from cxm_core.columns import Tickets
from cxm_core.results import Breakdown, Curve, Estimate, Panel


def figures(log: object) -> None:
    """Without groups one number, with groups a breakdown."""
    made = cx.tickets(log, ticket="number", at="sys_updated_at")
    assert_type(made, Tickets)
    assert_type(cx.resolution_time(made), Estimate)
    assert_type(cx.resolution_time(log, q=0.9, by="channel"), Breakdown)
    assert_type(cx.first_reply_time(made, definition="zendesk"), Estimate)
    assert_type(cx.mean_resolution_time(made, within="14d", by="team"), Breakdown)
    assert_type(cx.requester_wait(made), Estimate)
    assert_type(cx.agent_work(made, by="handled_by"), Breakdown)
    assert_type(cx.sla_attainment(made, target="4h"), Estimate)
    assert_type(cx.reopen_rate(made, window="7d"), Estimate)
    assert_type(cx.escalation_rate(made, by="channel"), Breakdown)
    assert_type(cx.one_touch(made, definition="zammad"), Estimate)
    assert_type(cx.compare_times(made, by="channel"), Breakdown)
    assert_type(cx.ticket_ends(made), Panel)
    assert_type(cx.resolution_curve(made), Curve | Panel)


def refused(log: object) -> None:
    """Columns that a log does not have, and tables where events are needed."""
    cx.tickets(log, tickets="number")  # type: ignore[call-arg]  # the column is `ticket`
    cx.requester_wait(log)  # type: ignore[call-overload]  # a table has no states
    cx.compare_times(log)  # type: ignore[call-arg]  # it needs groups
