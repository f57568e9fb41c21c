"""What each share of tickets means, by name: ours, and those of the vendors."""

from __future__ import annotations

from ._ticket_definition import TicketDefinition

_TOUCH = "Zendesk help, How are one-touch resolutions calculated, seen 2026-11"
_ZAMMAD = "Zammad source, lib/report/ticket_first_solution.rb, seen 2026-11"

#: Every definition of a share, the usual one of each figure first.
SHARES = (
    TicketDefinition(
        metric="sla_attainment",
        name="due",
        holds="Of the tickets whose promised time has run out, those that were done within it; a "
        "ticket that ended otherwise before it ran out is not counted.",
    ),
    TicketDefinition(
        metric="sla_attainment",
        name="recorded",
        holds="Of all tickets with a mark of the source, those that it says kept the promise.",
        source="The source's own mark",
    ),
    TicketDefinition(
        metric="reopen_rate",
        name="ever",
        version=2,
        holds="Of the tickets that were settled at least once, those that were opened again until "
        "the end of the log; one that was never opened again and ended merged, as spam or "
        "abandoned is not counted.",
    ),
    TicketDefinition(
        metric="reopen_rate",
        name="within",
        version=2,
        holds="Of the tickets whose window after their first settling is over, those that were "
        "opened again within it; one that was never opened again and ended merged, as spam or "
        "abandoned is not counted.",
    ),
    TicketDefinition(
        metric="escalation_rate",
        name="ever",
        holds="Of all tickets, those that were escalated until the end of the log.",
    ),
    TicketDefinition(
        metric="escalation_rate",
        name="within",
        holds="Of the tickets whose window after their opening is over, those that were escalated "
        "within it.",
    ),
    TicketDefinition(
        metric="one_touch",
        name="one_reply",
        version=2,
        holds="Of the tickets that were solved, and whose window after their first solution is "
        "over, those with one public reply of a person at most, no move to another team, and no "
        "opening again, be it before that solution or within the window.",
    ),
    TicketDefinition(
        metric="one_touch",
        name="zendesk",
        holds="Of the tickets that are solved or closed, those with fewer than two public replies "
        "of an agent.",
        source=_TOUCH,
    ),
    TicketDefinition(
        metric="one_touch",
        name="zammad",
        holds="First solution: of the closed tickets, those closed less than fifteen minutes after "
        "they were created.",
        source=_ZAMMAD,
    ),
)
