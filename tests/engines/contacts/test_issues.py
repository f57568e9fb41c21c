"""From contacts to issues."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_core as cx
from cxm_core.errors import UsageError
from issue_tables import START, told

CHANNELS = st.sampled_from(["chat", "phone", None])
EVENT = st.tuples(st.sampled_from("ab"), st.integers(0, 40), CHANNELS, st.sampled_from("xyz"))


def groups(found: cx.Issues, name: str = "mark") -> set[frozenset[Any]]:
    """The contacts of each issue, by a mark that each bears."""
    number, marks = (found.contacts.column(part).values for part in ("issue", name))
    return {frozenset(marks[number == one].tolist()) for one in np.unique(number)}


class TestByHand:
    def test_gap_from_contact_to_contact(self) -> None:
        """Seven days from one contact to the next still belong together, eight do not."""
        days = [("a", 0, "chat"), ("a", 7, "chat"), ("a", 14, "chat"), ("a", 22, "chat")]
        found = cx.issues(told(*days, mark=[1, 2, 3, 4]))
        assert groups(found) == {frozenset({1, 2, 3}), frozenset({4})}

    def test_columns(self) -> None:
        """An issue tells when it was opened, by whom, how often and where the customer came."""
        rows = [("a", 1, "chat"), ("a", 2, "phone"), ("a", 3, "phone"), ("b", 0, "web")]
        found = cx.issues(told(*rows, team=["x", "y", "z", None]))
        assert found.to_frame().drop(
            "opened_at", "last_at", "returned_at", "customer_number"
        ).to_dicts() == [
            {"issue": 0, "customer": "b", "channel": "web", "contacts": 1, "switches": 0}
            | {"team": None},
            {"issue": 1, "customer": "a", "channel": "chat", "contacts": 3, "switches": 1}
            | {"team": "x"},
        ]
        returned = found.to_frame()["returned_at"].to_list()
        assert returned == [None, START + timedelta(days=2)]
        assert found.contacts.column("place").values.tolist() == [1, 1, 2, 3]

    def test_customers_keep_their_type(self) -> None:
        """Customers that are numbers stay numbers in a frame, and texts stay texts."""
        for who, kind in ((7, pl.Int64), ("7", pl.String)):
            frame = cx.issues(told((who, 0, "chat"))).to_frame()
            assert frame["customer"].dtype == kind
            assert frame["customer"].to_list() == [who]

    def test_reason(self) -> None:
        """With a reason, only contacts for the same one belong together; none is no reason."""
        rows = [("a", day, "chat") for day in range(5)]
        reasons = ["bill", "parcel", "bill", None, None]
        found = cx.issues(told(*rows, reason=reasons, mark=[0, 1, 2, 3, 4]), reason="reason")
        assert groups(found) == {frozenset(g) for g in ({0, 2}, {1}, {3}, {4})}

    def test_id_decides_alone(self) -> None:
        """Contacts with an id follow it over any time, and nothing else puts them together."""
        rows = [("a", 0, "chat"), ("a", 300, "chat"), ("a", 1, "chat"), ("a", 2, "chat")]
        more = {"id": ["i1", "i1", "i2", None], "reason": ["bill"] * 4, "mark": [0, 1, 2, 3]}
        found = cx.issues(told(*rows, **more), issue="id", reason="reason")
        assert groups(found) == {frozenset(g) for g in ({0, 1}, {2}, {3})}
        assert found.notes == (("threaded", 1),)

    def test_ids_belong_to_customers(self) -> None:
        """The same id of two customers, as two systems may give it, is two issues."""
        data = told(("a", 0, "chat"), ("b", 0, "chat"), id=["1", "1"])
        assert len(cx.issues(data, issue="id")) == 2

    def test_answers_belong_together(self) -> None:
        """A contact that answers another belongs to its issue, even months later."""
        rows = [("a", 0, "email"), ("a", 100, "email"), ("b", 50, "email")]
        more = {"native_id": ["x", "y", "z"], "reply_to": [None, "x", "x"], "mark": [0, 1, 2]}
        found = cx.issues(told(*rows, **more), native_id="native_id", reply_to="reply_to")
        assert groups(found) == {frozenset({0, 1, 2})}

    def test_an_answer_joins_no_two_ids(self) -> None:
        """Two contacts with different ids are two issues, though the one answers the other."""
        rows = [("a", 0, "email"), ("a", 1, "email"), ("a", 2, "email")]
        more = {"native_id": ["x", "y", "z"], "reply_to": [None, "x", "x"], "mark": [0, 1, 2]}
        found = cx.issues(
            told(*rows, id=["i1", "i2", None], **more),
            native_id="native_id",
            reply_to="reply_to",
            issue="id",
        )
        assert groups(found) == {frozenset({0, 2}), frozenset({1})}

    def test_words(self) -> None:
        """First words that say the same belong together, for one customer and within the window."""
        text = "The zip of my blue tent broke on the first night near Lyon"
        again = "I told you: the zip of my blue tent broke on the first night!"
        other = "Please tell me how to change my address"
        rows = [("a", 0, "chat"), ("a", 3, "phone"), ("a", 4, "chat"), ("b", 3, "chat")]
        rows += [("a", 30, "chat")]
        data = told(*rows, words=[text, again, other, text, text], mark=[0, 1, 2, 3, 4])
        assert groups(cx.issues(data, text="words")) == {
            frozenset(g) for g in ({0, 1}, {2}, {3}, {4})
        }

    def test_words_stay_out_of_the_issues(self) -> None:
        """The customers' words are in the contacts, and not in the table of issues or its repr."""
        found = cx.issues(told(("a", 0, "chat"), words=["MARKER of a person"]), text="words")
        assert "words" not in found.names
        assert "MARKER" not in repr(found) + repr(found.contacts) + str(found.parameters)

    def test_names_of_ours(self) -> None:
        """A column of the data that has a name of ours keeps its values under another."""
        found = cx.issues(told(("a", 0, "chat"), contacts=[7], place=["here"], issue=["i9"]))
        assert found.column("contacts").values.tolist() == [1]
        assert found.contacts.column("place_told").values.tolist() == ["here"]
        assert found.column("contacts_told").values.tolist() == [7]
        assert found.column("issue_told").values.tolist() == ["i9"]

    def test_receipt(self) -> None:
        """The rule, the window and what was left out go into every figure."""
        data = told(("a", 0, "chat"), (None, 0, "chat"), why=["bill", "bill"])
        found = cx.issues(data, reason="why", within="36h")
        assert found.parameters == (("threaded by", "reason"), ("within", "36h"))
        receipt = cx.first_contact_resolution(found).receipt
        assert receipt.parameters[:2] == found.parameters
        assert ("no customer", 1) in receipt.exclusions
        assert receipt.steps[:3] == (("rows", 2), ("contacts", 1), ("issues", 1))

    def test_until(self) -> None:
        """What comes after the end of the log is left out; by default it ends with its last."""
        data = told(("a", 0, "chat"), ("a", 3, "chat"))
        found = cx.issues(data, until=START + timedelta(days=3))
        assert found.column("contacts").values.tolist() == [1]
        assert cx.issues(data).until_us - found.until_us == 1

    def test_no_contacts(self) -> None:
        """No contacts are no issues, and every figure says that there is none."""
        found = cx.issues(told())
        assert len(found) == 0
        figure = cx.first_contact_resolution(found)
        assert (figure.value, figure.caveats[0].code) == (None, "nothing_counted")

    def test_lists_in_a_row(self) -> None:
        """A column of lists breaks nothing down, and is not carried along."""
        frame = pl.DataFrame(told(("a", 0, "chat"), tags=[["x", "y"]]))
        assert "tags" not in cx.issues(frame).names

    @pytest.mark.parametrize(
        ("setting", "message"),
        [
            ({"overlap": 0.0}, "overlap=0.0"),
            ({"overlap": 1.5}, "overlap=1.5"),
            ({"within": "soon"}, "no length of time"),
            ({"until": datetime(2026, 1, 5)}, "zone"),
            ({"reason": "cause"}, "'cause' for reason="),
            ({"text": "wrods"}, "no column 'wrods' for text="),
        ],
    )
    def test_refused(self, setting: dict[str, Any], message: str) -> None:
        """A setting out of range, or a column that is not there, is said by its name."""
        with pytest.raises(UsageError, match=message):
            cx.issues(told(("a", 0, "chat")), **setting)


class TestByLaw:
    @given(rows=st.lists(EVENT, max_size=14), data=st.data())
    def test_arrival_does_not_matter(
        self, rows: list[tuple[str, int, str | None, str]], data: st.DataObject
    ) -> None:
        """Rows in another order give the same issues, figure by figure."""
        mixed = data.draw(st.permutations(rows))
        made = [
            cx.issues(
                told(*(row[:3] for row in given), reason=[r[3] for r in given]), reason="reason"
            )
            for given in (rows, mixed)
        ]
        one, two = (issues.to_frame() for issues in made)
        assert one.drop("channel").equals(two.drop("channel"))
        assert one["channel"].to_list() == two["channel"].to_list()

    @given(rows=st.lists(EVENT, min_size=1, max_size=14), days=st.integers(1, 20))
    def test_a_longer_window_never_splits(
        self, rows: list[tuple[str, int, str | None, str]], days: int
    ) -> None:
        """What belongs together in a window belongs together in each longer one."""
        data = told(*(row[:3] for row in rows), mark=list(range(len(rows))))
        short, long = (groups(cx.issues(data, within=timedelta(days=n))) for n in (days, days + 3))
        assert all(any(part <= whole for whole in long) for part in short)

    @given(rows=st.lists(EVENT, max_size=14))
    def test_no_contact_is_lost(self, rows: list[tuple[str, int, str | None, str]]) -> None:
        """Every contact stands in one issue, and the counts add up to all of them."""
        found = cx.issues(told(*(row[:3] for row in rows)))
        assert int(found.column("contacts").values.sum()) == len(rows) == len(found.contacts)
        assert np.array_equal(
            np.bincount(found.contacts.column("issue").values, minlength=len(found)),
            found.column("contacts").values,
        )


class TestBadInput:
    def test_equal_stamps(self) -> None:
        """Contacts at one instant stand in the order of the channel's name."""
        for rows in ([("a", 0, "web"), ("a", 0, "app")], [("a", 0, "app"), ("a", 0, "web")]):
            found = cx.issues(told(*rows))
            assert found.column("channel").values.tolist() == ["app"]

    def test_a_clock_that_is_off(self) -> None:
        """Three hours between two systems' clocks change no issue of a window of days."""
        rows = [("a", 0.0, "chat"), ("a", 0.05, "phone"), ("b", 0, "chat"), ("b", 20, "phone")]
        late = [(who, day + (channel == "phone") / 8, channel) for who, day, channel in rows]
        one, two = (groups(cx.issues(told(*given, mark=[0, 1, 2, 3]))) for given in (rows, late))
        assert one == two

    def test_one_customer_of_many_contacts(self) -> None:
        """A shared number with 3,000 contacts in a row is one issue, and soon found."""
        rows = [("desk", n / 100, "phone") for n in range(3_000)]
        found = cx.issues(told(*rows, words=[f"call number {n}" for n in range(3_000)]))
        assert found.column("contacts").values.tolist() == [3_000]
