"""How tickets end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError

BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)
ENDS = ("solved", "spam", "merged", "abandoned", None)


def frame(rows: list[tuple[int, str | None]]) -> dict[str, Any]:
    """Tickets with the hour and the way of their end; None is open still."""
    return {
        "occurred_at": [BEGIN] * len(rows),
        "ended_at": [BEGIN + timedelta(hours=h) if kind else None for h, kind in rows],
        "end": [kind for _, kind in rows],
    }


UNTIL = BEGIN + timedelta(hours=50)


class TestByHand:
    def test_each_way(self) -> None:
        """Of four tickets two are solved, one is spam and one is open."""
        found = cx.ticket_ends(
            frame([(1, "solved"), (2, "spam"), (3, "solved"), (0, None)]), until=UNTIL
        )
        assert found.names == ("solved", "spam")
        assert found["solved"].at(4 * 3600).value == 0.5
        assert found["spam"].at(4 * 3600).value == 0.25

    def test_groups(self) -> None:
        """Each group has a curve for every way to end, and is as if it were alone."""
        rows = [(1, "solved"), (2, "spam"), (3, "solved"), (0, None), (4, "solved")]
        data = frame(rows) | {"channel": ["chat", "chat", "mail", "chat", None]}
        found = cx.ticket_ends(data, by="channel", until=UNTIL)
        assert found.names[:2] == ("chat, solved", "chat, spam")
        assert "(missing), solved" in found.names
        alone = cx.ticket_ends(frame([rows[0], rows[1], rows[3]]), until=UNTIL)
        for kind in ("solved", "spam"):
            part = found[f"chat, {kind}"]
            assert part.at(3 * 3600).value == alone[kind].at(3 * 3600).value
            assert (part.axes, part.group) == (("channel",), ("chat",))
        assert found["mail, spam"].at(3 * 3600).value == 0.0

    def test_from_a_log(self) -> None:
        """Tickets of a log bring how they ended along."""
        log = {
            "ticket": ["A", "A", "B", "B"],
            "status": ["pending", "closed", "open", "solved"],
            "occurred_at": [BEGIN, BEGIN + timedelta(hours=5)] * 2,
        }
        assert cx.ticket_ends(cx.tickets(log)).names == ("solved", "abandoned")

    def test_an_end_without_a_word(self) -> None:
        """A ticket that ended in a way that nobody tells is left out and counted."""
        data = frame([(1, "solved"), (2, "spam")])
        data["end"] = ["solved", None]
        found = cx.ticket_ends(data, until=UNTIL)
        assert found.receipt.exclusions == (("end not said", 1),)
        with pytest.raises(UsageError, match="No ticket says how"):
            cx.ticket_ends(data | {"end": [None, None]}, until=UNTIL)


class TestByLaw:
    @given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(ENDS)), min_size=2, max_size=40))
    def test_they_add_up(self, rows: list[tuple[int, str | None]]) -> None:
        """The shares of all ways to end add up to one less the share that is not over."""
        data = frame(rows)
        if not any(data["end"]):
            return
        found = cx.ticket_ends(data, until=UNTIL)
        over = cx.resolution_curve(
            {"occurred_at": data["occurred_at"], "solved_at": data["ended_at"]}, until=UNTIL
        )
        total = sum(float(found[name].value[-1]) for name in found.names)
        assert total == pytest.approx(1.0 - float(over.value[-1]))
