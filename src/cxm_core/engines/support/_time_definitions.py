"""What each figure about times means, by name: ours, and those of the vendors."""

from __future__ import annotations

from cxm_core.columns import Ends

from ._ticket_definition import OURS, ZENDESK, TicketDefinition

_HUBSPOT = "HubSpot knowledge base, HubSpot's default ticket properties, seen 2026-11"

_OTHERS = ("ended_at", "closed_at")
_UNANSWERED = ("ended_at", "solved_at", "closed_at")

_REPLIES = (
    TicketDefinition(
        metric="first_reply_time",
        name="human",
        holds="From the opening to the first public reply of a person; open tickets without one "
        "count as long as they have waited, and an end without one stands in its way.",
        ends=Ends(end="first_replied_at", others=_UNANSWERED, status=""),
    ),
    TicketDefinition(
        metric="first_reply_time",
        name="bot",
        holds="From the opening to the first public reply of a bot, counted like that of a person.",
        ends=Ends(end="first_bot_replied_at", others=_UNANSWERED, status=""),
    ),
    TicketDefinition(
        metric="first_reply_time",
        name="zendesk",
        holds="From the opening to the first public reply of an agent, in whole minutes, of the "
        "tickets that have one.",
        source=ZENDESK,
        ends=Ends(end="first_replied_at", status=""),
        ended_only=True,
        in_minutes=True,
    ),
)
_RESOLUTIONS = (
    TicketDefinition(
        metric="resolution_time",
        name="full",
        holds="From the opening to the last solution; tickets without one count as long as they "
        "have lasted, and other ends stand in its way.",
        ends=Ends(end="solved_at", others=_OTHERS),
    ),
    TicketDefinition(
        metric="resolution_time",
        name="first",
        holds="From the opening to the first solution, whether it held or not.",
        ends=Ends(end="first_solved_at", others=_OTHERS),
    ),
    TicketDefinition(
        metric="resolution_time",
        name="zendesk",
        holds="Full resolution time: from the opening to the last time that the ticket was set to "
        "solved, or to closed without it, in whole minutes, of the tickets that were.",
        source=ZENDESK,
        ends=Ends(end="solved_at", also=("closed_at",), status=""),
        ended_only=True,
        in_minutes=True,
    ),
    TicketDefinition(
        metric="resolution_time",
        name="zendesk_first",
        holds="First resolution time: from the opening to the first time that the ticket was set "
        "to solved, or to closed without it, in whole minutes, of the tickets that were.",
        source=ZENDESK,
        ends=Ends(end="first_solved_at", also=("closed_at",), status=""),
        ended_only=True,
        in_minutes=True,
    ),
    TicketDefinition(
        metric="resolution_time",
        name="hubspot",
        holds="Time to close: from the create date to the close date, of the tickets that are "
        "closed.",
        source=_HUBSPOT,
        ends=Ends(end="closed_at", status=""),
        ended_only=True,
    ),
)
_STATE_TIMES = tuple(
    TicketDefinition(
        metric=metric,
        name=name,
        holds=f"Time in {states}, over all visits to these states; {rest}.",
        source=source,
        ended_only=name == "zendesk",
        in_minutes=name == "zendesk",
    )
    for metric, states in (
        ("requester_wait", "new, open and on hold"),
        ("agent_work", "new and open"),
    )
    for name, rest, source in (
        ("total", "settled tickets stand for open ones of their age, too", OURS),
        ("zendesk", "in whole minutes, of the tickets that are settled", ZENDESK),
    )
)
#: Every definition of a time, the usual one of each figure first.
TIMES = (*_REPLIES, *_RESOLUTIONS, *_STATE_TIMES)
