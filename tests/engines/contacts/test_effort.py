"""What customers go through until a matter is settled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Money
from issue_tables import day, told

EVENT = st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.sampled_from(["chat", "phone"]))
TENT = "The zip of my blue tent broke on the first night near Lyon"
ROWS = (
    *(("a", 0, "chat"), ("a", 1, "phone"), ("a", 2, "chat")),
    ("b", 0, "chat"),
    *(("c", 0, "email"), ("c", 40, "email")),
    ("d", 60, "chat"),
)
MORE = {
    "matter": ["a", "a", "a", "b", "c", "c", "d"],
    "transfers": [1, 0, 1, 0, 0, 5, 9],
    "authentications": [1, 1, 1, 0, 1, 1, 9],
    "wait_s": [60, 0, 30, 10, 20, 500, 900],
    "active_s": [100, 50, None, 10, 20, 500, 900],
    "handle_s": [600, 600, 600, 1200, 600, 600, 900],
    "words": [TENT, f"Again: {TENT}", "Is there any news yet?", "Where is it?", TENT, TENT, TENT],
}


def made(**more: Any) -> cx.Issues:
    """Four issues, of which the last is too young for four weeks."""
    table = told(*ROWS, **(MORE | more))
    return cx.issues(table, issue="matter", text="words", until=day(70))


class TestByHand:
    @pytest.mark.parametrize(
        ("part", "value", "unit"),
        [
            ("contacts", 5 / 3, "contacts per issue"),
            ("switches", 2 / 3, "switches per issue"),
            ("transfers", 2 / 3, "transfers per issue"),
            ("re_authentications", 2 / 3, "re-authentications per issue"),
            ("re_explanations", 1 / 3, "re-explanations per issue"),
            ("wait", 40.0, "seconds"),
            ("handling", 1200.0, "seconds"),
        ],
    )
    def test_means(self, part: str, value: float, unit: str) -> None:
        """Each part is the mean over the three issues whose four weeks are over."""
        found = cx.effort(made())[part]
        assert (found.value, found.unit, found.n) == (pytest.approx(value), unit, 3)
        assert ("window not over", 1) in found.receipt.exclusions

    def test_only_what_is_recorded(self) -> None:
        """An issue of which one contact records no time counts in no mean of it."""
        found = cx.effort(made())["active"]
        assert (found.value, found.n) == (15.0, 2)
        assert ("not recorded", 1) in found.receipt.exclusions

    def test_nothing_is_made_up(self) -> None:
        """Columns that are not there, and words that nobody gave, make no part."""
        found = cx.effort(cx.issues(told(*ROWS), until=day(70)))
        assert found.names == ("contacts", "switches")

    def test_horizon(self) -> None:
        """With a longer horizon the second contact after forty days counts, too."""
        found = cx.effort(made(), horizon="50d")
        assert found["contacts"].value == pytest.approx(2.0)
        assert ("horizon", "50d") in found["contacts"].receipt.parameters

    def test_costs(self) -> None:
        """Money is time by its price, on both sides; a price that is not given makes no part."""
        euros = cx.EffortCosts(staff_hour=Money(3600, "EUR"), customer_hour=Money(7200, "EUR"))
        found = cx.effort(made(), costs=euros)
        assert (found["own_cost"].value, found["own_cost"].unit) == (pytest.approx(12.0), "EUR")
        assert found["customer_cost"].value == pytest.approx((20 + 40) / 2 * 72 / 3600)
        yen = cx.EffortCosts(staff_hour=Money(3600, "JPY"))
        assert cx.effort(made(), costs=yen)["own_cost"].value == pytest.approx(1200.0)
        assert "customer_cost" not in cx.effort(made(), costs=yen)

    def test_groups(self) -> None:
        """Every part can be broken down by a column of the issues."""
        found = cx.effort(made(), by="channel")
        assert found["contacts"]["chat"].value == 2.0
        assert found["wait"].groups == ("chat", "email")

    def test_words_of_a_stranger(self) -> None:
        """A text that is missing makes the number of re-explanations of that issue unknown."""
        words = [TENT, None, *MORE["words"][2:]]
        found = cx.effort(made(words=words))["re_explanations"]
        assert (found.value, found.n) == (0.0, 2)

    def test_told_again_after_other_words(self) -> None:
        """A matter told again is found although other contacts came between."""
        words = [TENT, "Is there any news yet?", TENT, *MORE["words"][3:]]
        assert cx.effort(made(words=words))["re_explanations"].value == pytest.approx(1 / 3)

    @pytest.mark.parametrize(
        ("setting", "message"),
        [({"told_again": 0}, "told_again=0"), ({"horizon": 7}, "length"), ({"by": "x"}, "'x'")],
    )
    def test_refused(self, setting: dict[str, Any], message: str) -> None:
        """A setting out of range is said by its name."""
        with pytest.raises(UsageError, match=message):
            cx.effort(made(), **setting)

    def test_words_for_numbers(self) -> None:
        """A column that should hold seconds and holds words is refused by its name."""
        with pytest.raises(UsageError, match="'wait_s'"):
            cx.effort(made(wait_s=["long"] * 7))


class TestByLaw:
    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=15), data=st.data())
    def test_arrival_does_not_matter(
        self, rows: list[tuple[str, int, str]], data: st.DataObject
    ) -> None:
        """Contacts in another order give the same figures."""
        mixed = data.draw(st.permutations(rows))
        one, two = (cx.effort(cx.issues(told(*given), until=day(90))) for given in (rows, mixed))
        assert one.to_json() == two.to_json()

    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=15))
    def test_fewer_switches_than_contacts(self, rows: list[tuple[str, int, str]]) -> None:
        """Every switch needs a contact after the first."""
        found = cx.effort(cx.issues(told(*rows), until=day(90)))
        assert found["switches"].value <= found["contacts"].value - 1 + 1e-12
