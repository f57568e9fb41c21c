"""Whether one contact was enough, and how many lead to another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.engines import ISSUE_DEFINITIONS
from cxm_core.errors import UsageError
from issue_tables import START, day, told

EVENT = st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.sampled_from(["chat", "phone"]))
# a: comes again by phone; b: once; c: again after nine days; d: too young; e: two matters.
ROWS = (
    *(("a", 0, "chat"), ("a", 3, "phone")),
    ("b", 1, "chat"),
    *(("c", 2, "phone"), ("c", 11, "phone")),
    *(("d", 27, "chat"), ("d", 28, "chat")),
    *(("e", 4, "chat"), ("e", 5, "chat")),
)
MATTERS = ["a1", "a1", "b1", "c1", "c1", "d1", "d1", "e1", "e2"]
MORE = {"matter": MATTERS, "transfers": [0, 0, 1, 0, 0, 0, 0, 0, 0]}


def made() -> cx.Issues:
    """Issues of nine contacts, of which one is too young to be known."""
    return cx.issues(told(*ROWS, **MORE), issue="matter", until=day(30))


class TestByHand:
    def test_no_return(self) -> None:
        """Of five issues whose seven days are over, one came again within them."""
        found = cx.first_contact_resolution(made())
        assert (found.value, found.n) == (0.8, 5)
        assert found.receipt.exclusions == (("window not over", 1),)
        assert "open_windows" in [caveat.code for caveat in found.caveats]

    @pytest.mark.parametrize(
        ("definition", "value"),
        [("no_return", 0.8), ("same_channel", 1.0), ("no_transfer", 0.6), ("any_reason", 0.6)],
    )
    def test_ladder(self, definition: str, value: float) -> None:
        """Each definition counts what it says, and the receipt names it with its hash."""
        found = cx.first_contact_resolution(made(), definition=definition)
        assert found.value == value
        told_by = ISSUE_DEFINITIONS["first_contact_resolution"][definition]
        assert found.receipt.definition == f"first_contact_resolution.{definition}"
        assert found.receipt.definition_hash == told_by.definition_hash
        assert found.receipt.version == 1

    def test_a_longer_window(self) -> None:
        """Within nine days the third customer has come again, too."""
        found = cx.first_contact_resolution(made(), window="9d")
        assert found.value == 0.6
        assert ("window", "9d") in found.receipt.parameters

    def test_young_issues_do_not_count_even_if_they_came_again(self) -> None:
        """An issue whose window is open is left out, although its second contact is known."""
        assert cx.first_contact_resolution(made(), window="2d").value == pytest.approx(5 / 6)
        assert cx.first_contact_resolution(made(), by="customer").groups == ("a", "b", "c", "e")

    def test_since(self) -> None:
        """Only issues opened from a day on are asked for; the others are counted as such."""
        found = cx.first_contact_resolution(made(), since=day(2))
        assert (found.value, found.n) == (1.0, 3)
        assert ("not asked for", 2) in found.receipt.exclusions

    def test_the_end_of_the_window_is_in_it(self) -> None:
        """A contact at the very end of the window counts; the window must be over for that."""
        data = told(("a", 0, "chat"), ("a", 7, "chat"))
        found = cx.issues(data, until=day(7) + timedelta(microseconds=1))
        assert cx.first_contact_resolution(found).value == 0.0
        assert cx.first_contact_resolution(cx.issues(data, until=day(7))).n == 0

    def test_contacts_that_lead_to_another(self) -> None:
        """Two of the eight contacts whose window is over were followed within seven days."""
        found = cx.repeat_contact(made())
        assert (found.value, found.n) == (pytest.approx(1 / 7), 7)
        assert found.receipt.counted == "contacts"

    def test_repeats_by_the_other_definitions(self) -> None:
        """Issues with a second contact are those not solved at once; any reason counts more."""
        assert cx.repeat_contact(made(), definition="issues").value == pytest.approx(0.2)
        assert cx.repeat_contact(made(), definition="any_reason").value == pytest.approx(2 / 7)

    def test_by_channel(self) -> None:
        """The channel of an issue is that of its first contact, that of a contact its own."""
        issues = made()
        assert cx.first_contact_resolution(issues, by="channel")["chat"].value == 0.75
        assert cx.repeat_contact(issues, by="channel")["phone"].n == 3

    def test_groups_of_ones_own(self) -> None:
        """Groups may be a sequence, one label an issue."""
        labels = ["x", "y", "x", "y", "x", "y"]
        found = cx.first_contact_resolution(made(), by={"half": labels})
        assert found.groups == ("x", "y")
        assert int(found.n.sum()) == 5

    def test_customers_are_clusters(self) -> None:
        """Issues of one customer go together in the error, unless that is switched off."""
        assert cx.first_contact_resolution(made()).receipt.design == ("clusters",)
        plain = cx.first_contact_resolution(made(), clusters=None)
        assert (plain.method, plain.receipt.design) == ("mid_p", ())

    @pytest.mark.parametrize(
        ("setting", "message"),
        [
            ({"definition": "no_retrun"}, "no definition 'no_retrun'"),
            ({"window": "x"}, "length of time"),
            ({"confidence_level": 95}, "95"),
            ({"by": "chanel"}, "chanel"),
        ],
    )
    def test_refused(self, setting: dict[str, Any], message: str) -> None:
        """A setting that means nothing is said by its name."""
        with pytest.raises(UsageError, match=message):
            cx.first_contact_resolution(made(), **setting)

    def test_transfers_are_needed(self) -> None:
        """The definition that looks at transfers needs their column."""
        found = cx.issues(told(("a", 0, "chat")))
        with pytest.raises(UsageError, match="'transfers'"):
            cx.first_contact_resolution(found, definition="no_transfer")

    def test_contacts_are_no_issues(self) -> None:
        """A table of contacts in place of issues is refused with the cure."""
        with pytest.raises(UsageError, match=r"cx\.issues"):
            cx.first_contact_resolution(told(("a", 0, "chat")))  # type: ignore[call-overload]  # that is the point


class TestReturnCurve:
    def test_by_hand(self) -> None:
        """The share that came again grows at three and at nine days."""
        curve = cx.return_curve(made())
        assert (curve.times / 86_400).tolist() == [1, 3, 9]
        assert curve.at(86_400).value == pytest.approx(1 / 6)
        assert curve.n == 6

    def test_one_less_the_share_solved(self) -> None:
        """Where every window is over, the curve at the window is one less the share solved."""
        data = told(*ROWS, **MORE)
        found = cx.issues(data, issue="matter", until=day(90))
        curve, share = cx.return_curve(found), cx.first_contact_resolution(found)
        assert curve.at(7 * 86_400).value == pytest.approx(1 - share.value)

    def test_groups(self) -> None:
        """The curve of a group is that of its issues alone, and the groups make the whole."""
        found = made()
        panel, whole = cx.return_curve(found, by="channel"), cx.return_curve(found)
        channels = found.column("channel").values
        assert set(panel.names) == set(channels.tolist())
        assert sum(panel[name].n for name in panel.names) == whole.n
        for name in panel.names:
            mine = channels == name
            alone = cx.return_curve(found, by={"own": mine})["True"]
            assert panel[name].value.tolist() == alone.value.tolist()
            assert (panel[name].axes, panel[name].group) == (("channel",), (name,))

    def test_no_issues(self) -> None:
        """Without issues there is no curve, and it says so."""
        curve = cx.return_curve(cx.issues(told()))
        assert (curve.n, curve.caveats[0].code) == (0, "nothing_counted")


class TestByLaw:
    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=20), days=st.integers(1, 7))
    def test_share_as_counted_by_hand(self, rows: list[tuple[str, int, str]], days: int) -> None:
        """The share is that of a plain loop over the customers' contacts."""
        issues = cx.issues(told(*rows), until=day(60))
        found = cx.first_contact_resolution(issues, window=timedelta(days=days))
        n, solved = _by_loop(rows, days)
        assert found.n == n
        assert found.value == (pytest.approx(solved / n) if n else None)

    def test_further_than_contacts_were_put_together_nothing_is_found(self) -> None:
        """A longer window is refused, unless ids decide or any next contact counts."""
        rows = [("a", 0, "chat"), ("a", 10, "chat")]
        issues = cx.issues(told(*rows), until=day(60))
        for ask in (cx.first_contact_resolution, cx.repeat_contact):
            with pytest.raises(UsageError, match="within 7d: one that came later") as caught:
                ask(issues, window="30d")
            assert "within='30d'" in str(caught.value)
            by_id = cx.issues(told(*rows, case=["x", "x"]), issue="case", until=day(60))
            assert ask(by_id, window="30d").n
        found = cx.first_contact_resolution(issues, window="30d", definition="any_reason")
        assert found.value == pytest.approx(0.5)

    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=20))
    def test_a_longer_window_never_solves_more(self, rows: list[tuple[str, int, str]]) -> None:
        """Looking further ahead on the same issues finds no fewer returns."""
        issues = cx.issues(told(*rows), until=day(200))
        shares = [cx.first_contact_resolution(issues, window=f"{n}d").value or 0 for n in (1, 3, 7)]
        assert shares == sorted(shares, reverse=True)

    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=20))
    def test_the_ladder_has_an_order(self, rows: list[tuple[str, int, str]]) -> None:
        """Whatever counts any contact finds no more solved than what counts the issue's own."""
        issues = cx.issues(told(*rows, transfers=[0] * len(rows)), until=day(200))
        any_reason, no_return, same = (
            cx.first_contact_resolution(issues, definition=name).value or 0
            for name in ("any_reason", "no_return", "same_channel")
        )
        assert any_reason <= no_return <= same

    @settings(max_examples=20)
    @given(rows=st.lists(EVENT, min_size=1, max_size=20))
    def test_cutting_the_log_keeps_what_was_known(self, rows: list[tuple[str, int, str]]) -> None:
        """What a log cut at a day counts is what the whole log says of the same issues."""
        whole = cx.issues(told(*rows), until=day(200))
        cut = cx.issues(told(*rows), until=day(40))
        known = cx.first_contact_resolution(cut)
        opened = whole.column("opened_at").values
        limit = np.datetime64(START.replace(tzinfo=None), "us") + np.timedelta64(33, "D")
        asked = np.where(opened < limit, "in", "out").tolist()
        told_later = cx.first_contact_resolution(whole, by={"asked": asked})
        if known.n:
            assert (told_later["in"].value, told_later["in"].n) == (known.value, known.n)


def _by_loop(rows: list[tuple[str, int, str]], days: int) -> tuple[int, int]:
    """Issues whose window is over, and those of them without a return."""
    n = solved = 0
    for who in {row[0] for row in rows}:
        stamps = sorted(row[1] for row in rows if row[0] == who)
        firsts = [i for i, at in enumerate(stamps) if not i or at - stamps[i - 1] > 7]
        for place in firsts:
            if stamps[place] + days < 60:
                later = stamps[place + 1] if place + 1 < len(stamps) else 1_000
                n, solved = n + 1, solved + (later - stamps[place] > min(days, 7))
    return n, solved
