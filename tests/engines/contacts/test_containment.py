"""What bots and self-service settle by themselves."""

from __future__ import annotations

import pytest

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import day, told

ROWS = (
    ("a", 0, "app"),
    *(("b", 0, "app"), ("b", 1, "app")),
    *(("c", 0, "app"), ("c", 2, "phone")),
    ("d", 0, "phone"),
    ("e", 0, "web"),
    ("f", 0, "app"),
    ("g", 29, "app"),
)
MORE = {
    "actor": ["bot", "bot", "bot", "bot", "human", "human", "self_service", "bot", "bot"],
    "transfers": [0, 0, 0, 0, 0, 0, 0, 1, 0],
}


def made(**more: list[object]) -> cx.Issues:
    """Seven issues: five begun with a bot, one in self-service, one by telephone."""
    return cx.issues(told(*ROWS, **(MORE | more)), until=day(30))


class TestByHand:
    @pytest.mark.parametrize(
        ("definition", "value", "n"),
        [("no_return", 0.4, 5), ("no_human", 0.6, 5), ("in_session", 5 / 6, 6)],
    )
    def test_ladder(self, definition: str, value: float, n: int) -> None:
        """Each definition counts what it says; what began with a human is not asked for."""
        found = cx.containment(made(), definition=definition)
        assert (found.value, found.n) == (pytest.approx(value), n)
        assert ("not asked for", 1) in found.receipt.exclusions

    def test_by_actor(self) -> None:
        """Bots and self-service are told apart by the first contact."""
        found = cx.containment(made(), by="actor")
        assert found.groups == ("bot", "self_service")
        assert found["self_service"].value == 1.0

    def test_within_a_day(self) -> None:
        """A customer who came to a human after two days was contained for one."""
        assert cx.containment(made(), definition="no_human", window="1d").value == pytest.approx(
            0.8
        )

    def test_nobody_says_who_was_handed_on(self) -> None:
        """Without a column of transfers only further contacts end the containment."""
        table = told(*ROWS, actor=MORE["actor"])
        found = cx.containment(cx.issues(table, until=day(30)))
        assert found.value == pytest.approx(0.6)

    def test_nothing_known_of_transfers(self) -> None:
        """A column of transfers in which nothing stands says of nobody that they were handed on."""
        found = cx.containment(made(transfers=[None] * 9))
        assert found.value == pytest.approx(0.6)

    def test_actor_is_needed(self) -> None:
        """Nobody knows what a bot settled if nobody says who answered."""
        with pytest.raises(UsageError, match="no column 'actor'"):
            cx.containment(cx.issues(told(*ROWS)))

    def test_transfers_that_are_no_numbers(self) -> None:
        """Words in place of counts are refused by the column's name."""
        with pytest.raises(UsageError, match="'transfers'"):
            cx.containment(made(transfers=["some"] * 9))

    def test_nobody_began_there(self) -> None:
        """Where nothing began with a bot there is no figure."""
        found = cx.containment(made(actor=["human"] * 9))
        assert (found.value, found.caveats[0].code) == (None, "nothing_counted")
