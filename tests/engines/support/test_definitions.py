"""What each figure about tickets means, by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import cxm_core as cx
from cxm_core.engines import TICKET_DEFINITIONS, TicketDefinition
from cxm_core.errors import UsageError

ALL = [one for names in TICKET_DEFINITIONS.values() for one in names.values()]
VENDORS = ("zendesk", "zendesk_first", "hubspot", "zammad")
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
TICKETS = {"occurred_at": [BEGIN] * 3, "solved_at": [BEGIN + timedelta(hours=1)] * 2 + [None]}


class TestDefinitions:
    def test_each_figure_has_its_definitions(self) -> None:
        """Every figure about tickets has one definition at least, the usual one first."""
        usual = {metric: next(iter(names)) for metric, names in TICKET_DEFINITIONS.items()}
        assert usual == {
            "first_reply_time": "human",
            "resolution_time": "full",
            "requester_wait": "total",
            "agent_work": "total",
            "sla_attainment": "due",
            "reopen_rate": "ever",
            "escalation_rate": "ever",
            "one_touch": "one_reply",
        }

    @pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.metric}.{one.name}")
    def test_each_says_what_it_counts(self, one: TicketDefinition) -> None:
        """Each has a sentence and a source; a vendor's says when that was looked up."""
        assert one.holds.endswith(".")
        assert one.source
        assert ("seen 2026" in one.source) == (one.name in VENDORS)

    def test_no_two_are_alike(self) -> None:
        """Definitions that mean different things have different hashes."""
        assert len({one.definition_hash for one in ALL}) == len(ALL)

    def test_the_receipt_has_it(self) -> None:
        """A result says by which definition it was made, so that two can be told apart."""
        until = BEGIN + timedelta(days=1)
        ours, theirs = (
            cx.resolution_time(TICKETS, definition=name, until=until).receipt
            for name in ("full", "zendesk")
        )
        assert (ours.definition, theirs.definition) == (
            "resolution_time.full",
            "resolution_time.zendesk",
        )
        assert ours.definition_hash != theirs.definition_hash
        assert theirs.definition_hash == (
            TICKET_DEFINITIONS["resolution_time"]["zendesk"].definition_hash
        )

    def test_a_definition_as_it_is(self) -> None:
        """A definition may be given as it is; one of another figure is refused."""
        known = TICKET_DEFINITIONS["resolution_time"]["zendesk"]
        named = cx.resolution_time(TICKETS, definition=known.name)
        assert cx.resolution_time(TICKETS, definition=known) == named  # type: ignore[call-overload]  # helpers pass it
        other = TICKET_DEFINITIONS["one_touch"]["zendesk"]
        with pytest.raises(UsageError, match="no definition 'zendesk'"):
            cx.resolution_time(TICKETS, definition=other)  # type: ignore[call-overload]  # a mistake


class TestSilence:
    def test_nobody_ever_replied(self) -> None:
        """Where no reply is known at all, a time to the first one says so."""
        found = cx.first_reply_time({**TICKETS, "first_replied_at": [None] * 3})
        assert found.value is None
        assert "no_replies" in [caveat.code for caveat in found.caveats]
