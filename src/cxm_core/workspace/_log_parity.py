"""Whether channels are alike, and whether offers came at a bad time: from what the store holds."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve

from cxm_core.columns import Column, LogTable
from cxm_core.engines import channel_parity, promotions_in_complaints
from cxm_core.results import Caveat, Panel

from ._log_feedback import scale_of, score_of
from ._log_groups import Groups
from ._log_inquiry import LogInquiry
from ._log_issues import Put, issues_of
from ._log_tickets import tickets_of
from ._logs import rows_of

__all__ = ["measure_parity", "measure_promotions"]

_MESSAGE = ("campaign", "direction")


def measure_parity(asked: LogInquiry) -> Panel:
    """Verdict of each margin and channel, over issues or over tickets."""
    metric = asked.metric
    given = {"against": metric.against, "q": metric.q, "up_to": metric.within}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if metric.feedback is not None:
        options["scale"] = scale_of(asked.program.metric(metric.feedback))
    return channel_parity(_compared(asked), margins=metric.margins, by=asked.names, **options)


def _compared(asked: LogInquiry) -> LogTable:
    """The issues or tickets whose channels are compared, with the answers about them."""
    is_answered = asked.metric.feedback is not None
    if asked.metric.counted != "tickets":
        return issues_of(asked, Put(is_answered=is_answered))
    found = tickets_of(asked)
    if not is_answered:
        return found
    score = score_of(asked, found.column("ticket"))
    return evolve(found, columns={**found.columns, "score": score})


def measure_promotions(asked: LogInquiry) -> Panel:
    """Messages of the window that fell into a complaint, and complaints of it that met one."""
    sent, complaints = _messages(asked), _complaints(asked)
    told: dict[str, Any] = {
        "until": asked.until,
        "reasons": asked.metric.reasons or None,
        "by": asked.names,
    }
    # What lies outside the window may still clash with what lies inside.
    now = _in_window(sent, asked, "occurred_at"), _in_window(complaints, asked, "occurred_at")
    messages = promotions_in_complaints(now[0], complaints, **told)
    hit = promotions_in_complaints(sent, now[1], **told)
    parts = {**messages.parts, "complaints": hit["complaints"]}
    return evolve(messages, parts=parts, own_caveats=_strangers(sent, complaints))


def _messages(asked: LogInquiry) -> LogTable:
    """Messages to customers that belong to a campaign, as far as they were asked for."""
    sent = asked.view.whole().table("interaction", (*_MESSAGE, *asked.groups.columns))
    sent = evolve(asked.groups, by={}).selected(sent)
    is_one = np.asarray(sent.column("direction").values == "out", np.bool_)
    sent = rows_of(sent, is_one & ~sent.column("campaign").is_missing)
    at = sent.column("occurred_at")
    return _grouped(_of_either(asked.groups).labelled(sent, sent, at), asked)


def _complaints(asked: LogInquiry) -> LogTable:
    """All tickets, each with its end, whatever the messages are chosen by."""
    everybody = evolve(_of_either(asked.groups), where=())
    return _grouped(tickets_of(evolve(asked, window=None, groups=everybody)), asked)


def _of_either(groups: Groups) -> Groups:
    """The groups, of which messages may have one and complaints another."""
    return evolve(groups, is_strict=False)


def _grouped(table: LogTable, asked: LogInquiry) -> LogTable:
    """The table without the groups that none of its rows is in."""
    empty = {name for name in asked.groups.by if table.column(name).is_missing.all()}
    if not len(table):
        return table
    return evolve(table, columns={n: c for n, c in table.columns.items() if n not in empty})


def _in_window(table: LogTable, asked: LogInquiry, at: str) -> LogTable:
    return rows_of(table, asked.within(table.column(at)))


def _strangers(sent: LogTable, complaints: LogTable) -> tuple[Caveat, ...]:
    """A caveat where the two tables have no customer in common."""
    people = [_known(table.column("customer")) for table in (sent, complaints)]
    return (Caveat.of("strangers"),) if all(people) and not people[0] & people[1] else ()


def _known(customers: Column) -> set[object]:
    return set(customers.values[~customers.is_missing].tolist())
