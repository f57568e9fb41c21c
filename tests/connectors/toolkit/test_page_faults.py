"""Faults of sources that serve pages, over real sockets into a real store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxm_connectors.testing._fault_server import Heard, Reply
from cxm_connectors.toolkit import Connector, Page, stream
from cxm_core.plugins import ReadRequest
from cxm_core.records import Note

Row = Callable[..., dict[str, Any]]
Paged = Callable[..., Reply]


class TestPages:
    """Ways in which pages do not go on, or go on for ever."""

    def test_page_01_the_cursor_never_advances(self, desk: Any, row: Row, paged: Paged) -> None:
        """The same token for ever ends in a typed error within three requests, state unchanged."""
        desk.pull([paged([row(1)])])
        before = desk.state
        receipt = desk.pull([paged([row(2)], "t")])
        assert len(desk.heard) <= 3
        assert receipt.note.startswith("LoopingPages")
        assert not receipt.is_complete
        assert desk.state == before | {"cursor": "t"} | _of_pass(desk.state)

    def test_page_02_the_cursor_goes_round(self, desk: Any, row: Row) -> None:
        """Tokens that come again after seven pages are found at once."""

        def circle(heard: Heard) -> Reply:
            number = len(asked)
            asked.append(heard.target)
            meta = {"next": f"t{number % 7}", "has_more": True}
            return Reply.of({"data": [row(number)], "meta": meta})

        asked: list[str] = []
        receipt = desk.pull(circle)
        assert receipt.note.startswith("LoopingPages")
        assert len(asked) <= 7 + 3

    def test_page_03_a_page_comes_again_under_new_tokens(self, desk: Any, row: Row) -> None:
        """The same rows under fresh tokens are found by what the pages hold."""

        def same(heard: Heard) -> Reply:
            asked.append(heard.target)
            meta = {"next": f"t{len(asked)}", "has_more": True}
            return Reply.of({"data": [row(1), row(2)], "meta": meta})

        asked: list[str] = []
        receipt = desk.pull(same)
        assert receipt.note.startswith("LoopingPages")
        assert len(asked) == 3

    def test_page_03_a_circle_of_pages_under_new_tokens(self, desk: Any, row: Row) -> None:
        """A circle of five pages is found two pages after it closes."""

        def circle(heard: Heard) -> Reply:
            asked.append(heard.target)
            meta = {"next": f"t{len(asked)}", "has_more": True}
            return Reply.of({"data": [row(len(asked) % 5)], "meta": meta})

        asked: list[str] = []
        assert desk.pull(circle).note.startswith("LoopingPages")
        assert len(asked) == 5 + 2

    def test_page_05_a_next_page_is_named_for_ever(self, desk: Any, row: Row, paged: Paged) -> None:
        """The sign of the end is believed, and not the token that stands beside it."""
        script = [paged([row(1)], "a"), paged([row(2)], "b", more=False)]
        receipt = desk.pull(script)
        assert receipt.is_complete
        assert (desk.ids, len(desk.heard)) == (["r1", "r2"], 2)

    def test_page_06_an_empty_page_in_the_middle(self, desk: Any, row: Row, paged: Paged) -> None:
        """An empty page is no end while the source says that there is more."""
        script = [paged([row(1)], "a"), paged([], "b"), paged(None, "c"), paged([row(2)])]
        assert desk.pull(script).is_complete
        assert desk.ids == ["r1", "r2"]

    def test_page_09_the_page_size_is_ignored(self, desk: Any) -> None:
        """A page that is shorter than asked for is not the last one."""

        class Numbered(Connector):
            name, origin = "acme", "https://api.acme.example"

            @stream("notes", path="/notes", rows="data", page=Page(size=100, size_param="size"))
            def notes(self, row: Any) -> Note:
                return Note(native_id=row["id"], occurred_at="2026-03-01T09:00Z", text="x")

        def capped(heard: Heard) -> Reply:
            assert "size=100" in heard.target
            number = int(heard.target.partition("page=")[2].partition("&")[0])
            ids = range(number * 25, number * 25 + 25) if number <= 4 else ()
            return Reply.of({"data": [{"id": str(one)} for one in ids]})

        receipt = desk.pull(capped, connector=Numbered)
        assert (receipt.is_complete, receipt.applied) == (True, 100)

    def test_page_11_no_more_but_a_next_token(self, desk: Any, row: Row, paged: Paged) -> None:
        """The sign goes before the token, and the contradiction is counted."""
        receipt = desk.pull([paged([row(1)], "a", more=False)])
        assert receipt.is_complete
        assert receipt.drift["paging:next_after_end"] == 1

    def test_page_11_more_but_no_next_token(self, desk: Any, row: Row, paged: Paged) -> None:
        """Where the way on is missing the sync is incomplete, and begins at that page again."""
        receipt = desk.pull([paged([row(1)], "a"), paged([row(2)], None, more=True)])
        assert receipt.drift["paging:more_without_next"] == 1
        assert not receipt.is_complete
        assert desk.state["cursor"] == "a"
        assert desk.pull([paged([row(2), row(3)])]).is_complete
        assert desk.ids == ["r1", "r2", "r3"]

    @pytest.mark.parametrize("status", [400, 404, 410, 422])
    def test_page_12_the_cursor_has_expired(
        self, desk: Any, row: Row, paged: Paged, status: int
    ) -> None:
        """A token that is good no more sends the sync back to the last change it knows."""
        assert desk.pull([paged([row(1)])]).is_complete
        desk.pull([paged([row(2)], "old")], request=ReadRequest(limit=1))
        assert desk.state["cursor"] == "old"

        def forgetful(heard: Heard) -> Reply:
            if "cursor=old" in heard.target:
                return Reply.of({"error": "expired"}, status=status)
            return paged([row(1), row(2), row(3)])

        receipt = desk.pull(forgetful)
        assert receipt.is_complete
        assert desk.ids == ["r1", "r2", "r3"]
        assert "updated_since=2026-03-01T08" in desk.heard[1]
        assert "no longer knows" in receipt.note

    def test_page_12_an_expired_cursor_twice_is_an_error(self, desk: Any) -> None:
        """What fails again from the beginning is told, and not tried for ever."""
        gone = Reply.of({"error": "expired"}, status=410)
        assert desk.pull([gone]).note.startswith("NotFound")
        assert len(desk.heard) == 1


def _of_pass(state: dict[str, Any]) -> dict[str, Any]:
    """What a state says of the pass under way."""
    return {name: state[name] for name in ("newest", "started") if name in state}


class TestRows:
    """Ways in which rows are not what they were."""

    def test_order_02_a_row_on_the_border_of_two_pages(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """A row that two pages share is counted as duplicate and kept once."""
        receipt = desk.pull([paged([row(1), row(2)], "a"), paged([row(2), row(3)])])
        assert (receipt.served, receipt.applied, receipt.duplicate) == (4, 3, 1)

    def test_order_02_the_look_back_serves_the_same_rows(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """A second sync of unchanged rows has nothing new and leaves the state as it was."""
        desk.pull([paged([row(1), row(2)])])
        before = desk.state
        receipt = desk.pull([paged([row(1), row(2)])])
        assert (receipt.served, receipt.applied, receipt.duplicate) == (2, 0, 2)
        assert desk.state == before

    def test_order_03_a_row_changed_within_the_look_back(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """A row that changed without a new stamp is delivered again, and stands."""
        desk.pull([paged([row(1)])])
        receipt = desk.pull([paged([row(1, score=7)])])
        assert (receipt.served, receipt.applied, receipt.duplicate) == (1, 1, 0)
        (kept,) = desk.store.records("response")
        assert kept.score.value == 7

    def test_order_07_a_late_row_is_caught_by_the_look_back(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """The next sync asks ten minutes back, where a row appears that was not there."""
        desk.pull([paged([row(20)])])
        desk.pull([paged([row(15), row(20)])])
        assert "updated_since=2026-03-01T09%3A10%3A00Z" in desk.heard[0]
        assert desk.ids == ["r15", "r20"]

    def test_order_16_a_backfill_leaves_the_state(self, desk: Any, row: Row, paged: Paged) -> None:
        """A part that is asked for by itself begins at its own start and moves no mark."""
        desk.pull([paged([row(20)])])
        before = desk.state
        request = ReadRequest(since=next(iter(desk.store.records("response"))).occurred_at)
        desk.pull([paged([row(20), row(21)])], request=request)
        assert "updated_since=2026-03-01T09%3A20%3A00Z" in desk.heard[0]
        assert desk.state == before

    def test_time_06_the_source_is_ahead_of_us(self, desk: Any, row: Row, paged: Paged) -> None:
        """A stamp in the future does not carry the mark beyond the start of the sync."""
        late = row(1, updated_at="2026-11-21T00:10:00Z")
        receipt = desk.pull([paged([late])])
        assert receipt.is_complete
        assert desk.state["high"] <= "2026-11-21T00:00:00+00:00"

    def test_time_09_an_epoch_without_a_unit_moves_no_mark(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """Seconds or milliseconds are never guessed: the stamp counts as unreadable."""
        receipt = desk.pull([paged([row(1, updated_at=1_700_000_000)])])
        assert receipt.drift["stamp:updated_at"] == 1
        assert "high" not in desk.state

    def test_drift_02_a_missing_key_sets_the_row_aside(
        self, desk: Any, row: Row, paged: Paged
    ) -> None:
        """A key that the mapping needs is named; the other rows are kept."""
        broken = {name: value for name, value in row(1).items() if name != "email"}
        receipt = desk.pull([paged([broken, row(2)])])
        assert receipt.reasons == {"missing_field": 1}
        (entry,) = desk.store.quarantined()
        assert (entry.field, entry.row) == ("email", broken)
        assert desk.ids == ["r2"]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"score": 99}, "out_of_scale"),
            ({"score": "9"}, "wrong_type"),
            ({"score": {"v": 9}}, "wrong_type"),
            ({"created_at": "2026-02-30T00:00:00Z"}, "bad_datetime"),
            ({"created_at": "2026-03-01T00:00:00"}, "naive_datetime"),
            ({"created_at": None}, "missing_field"),
        ],
    )
    def test_drift_04_a_value_of_another_kind(
        self, desk: Any, row: Row, paged: Paged, change: dict[str, object], reason: str
    ) -> None:
        """What a mapping raises becomes a reason code, and never an exception."""
        receipt = desk.pull([paged([row(1, **change), row(2)])])
        assert receipt.reasons == {reason: 1}
        assert receipt.is_complete

    def test_drift_10_the_wrapper_is_renamed(self, desk: Any, row: Row, paged: Paged) -> None:
        """Rows under another name are a changed schema, and not a list without rows."""
        desk.pull([paged([row(1)])])
        before = desk.state
        renamed = Reply.of({"results": [row(2)], "meta": {"next": None, "has_more": False}})
        receipt = desk.pull([renamed])
        assert receipt.note.startswith("SchemaChanged")
        assert desk.state == before

    def test_drift_10_the_sign_of_more_is_renamed(self, desk: Any, row: Row) -> None:
        """A declared sign that is gone is a changed schema, and not a single page."""
        receipt = desk.pull([Reply.of({"data": [row(1)], "pagination": {"next": "a"}})])
        assert receipt.note.startswith("SchemaChanged")

    def test_drift_14_the_version_of_the_api_ends(self, desk: Any, row: Row, paged: Paged) -> None:
        """A header that announces the end of a version is counted and told in the receipt."""
        head = {"sunset": "Wed, 30 Sep 2027 00:00:00 GMT", "deprecation": "@1790000000"}
        receipt = desk.pull([paged([row(1)], **head)])
        assert receipt.is_complete
        assert receipt.drift["api:sunset"] == 1
        assert "2027-09-30" in receipt.note
