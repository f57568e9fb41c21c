"""Kinds of paging by themselves: the call for a place, and what an answer says of the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from cxm_connectors.toolkit import (
    Answer,
    Call,
    Cursor,
    IdWindow,
    Job,
    Link,
    LinkHeader,
    Offset,
    Page,
    Since,
    Single,
    TimeWindow,
    Turn,
)
from cxm_core.errors import (
    FatalError,
    LoopingPages,
    RetryableError,
    SchemaChanged,
    UsageError,
)

BASE = Call(path="/rows", params=(("since", "2026-01-01T00:00:00Z"),))
SINCE = Since(param="since", stamp="at")


def told(data: object, **links: str) -> Answer:
    """An answer with this body."""
    return Answer(
        status=200,
        headers={},
        body=json.dumps(data).encode(),
        url="https://api.acme.example/rows",
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        links=links,
    )


def rows(*ids: object) -> list[dict[str, Any]]:
    """Rows with these ids."""
    return [{"id": one} for one in ids]


class TestCursor:
    def test_the_token_is_added_to_the_call(self) -> None:
        """The token stands beside what the call had."""
        assert Cursor(next="next").call(BASE, "t").params == (*BASE.params, ("cursor", "t"))

    def test_what_only_the_first_call_has_is_dropped(self) -> None:
        """A start time and a cursor are not sent together where the source wants it so."""
        cursor = Cursor(next="next", drops=("since",))
        assert cursor.call(BASE, None).params == BASE.params
        assert cursor.call(BASE, "t").params == (("cursor", "t"),)

    def test_the_token_goes_into_the_body(self) -> None:
        """A dotted path reaches into the body and changes nothing else, and not its argument."""
        base = Call(path="/search", method="POST", json={"page": {"limit": 5}, "q": 1})
        cursor = Cursor(next="next", param="page.after", start="0", in_body=True)
        assert cursor.call(base, None).json == {"page": {"limit": 5, "after": "0"}, "q": 1}
        assert base.json == {"page": {"limit": 5}, "q": 1}

    @pytest.mark.parametrize(
        ("data", "turn"),
        [
            ({"next": "t", "more": True}, Turn(next="t")),
            ({"next": None, "more": False}, Turn(is_end=True)),
            ({"next": "t", "more": "false"}, Turn(is_end=True, flags=("paging:next_after_end",))),
            ({"next": "t"}, Turn(next="t", flags=("paging:no_more",))),
        ],
    )
    def test_the_sign_goes_before_the_token(self, data: object, turn: Turn) -> None:
        """A declared sign says whether there is more; its contradictions are flagged."""
        assert Cursor(next="next", more="more").turn(told(data), [], None) == turn

    def test_without_a_sign_no_token_is_the_end(self) -> None:
        """Where no sign is declared, a null, empty or missing token ends the list."""
        for data in ({"next": None}, {"next": ""}, {}):
            assert Cursor(next="next").turn(told(data), [], "t") == Turn(is_end=True)

    def test_a_kept_cursor_is_never_overwritten_by_null(self) -> None:
        """Z7: behind the end Zendesk gives a null cursor; the last good one stays."""
        cursor = Cursor(next="after", end="end", is_kept=True)
        assert cursor.turn(told({"after": None, "end": True}), [], "t8").rest == "t8"
        assert cursor.turn(told({"after": "t9", "end": True}), [], "t8").rest == "t9"

    def test_a_missing_sign_and_no_token_is_a_changed_schema(self) -> None:
        """A list never ends because its wrapper was renamed."""
        with pytest.raises(SchemaChanged, match=r"'meta\.more'"):
            Cursor(next="meta.next", more="meta.more").turn(told({"m": {}}), [], None)

    def test_only_one_sign_may_be_declared(self) -> None:
        """Two signs could contradict each other."""
        with pytest.raises(UsageError, match="more"):
            Cursor(next="next", more="more", end="end")


class TestLinks:
    def test_a_link_takes_the_place_of_path_and_query(self) -> None:
        """The address has its query already."""
        call = Link(next="next").call(BASE, "https://api.acme.example/rows?page=2")
        assert (call.path, call.params) == ("https://api.acme.example/rows?page=2", ())

    def test_a_link_of_ours_loses_its_host(self) -> None:
        """A vendor's inner host is never called where only its path is wanted."""
        call = Link(next="next", is_ours=True).call(BASE, "https://staging.example/rows?page=2#x")
        assert call.path == "/rows?page=2"

    def test_the_head_leads_on(self) -> None:
        """The target with the relation `next` is followed; without one the list has ended."""
        assert LinkHeader().turn(told([], next="/p2"), [], None) == Turn(next="/p2")
        assert LinkHeader().turn(told([], prev="/p0"), [], "/p1") == Turn(is_end=True)


class TestNumbers:
    def test_pages_until_their_number(self) -> None:
        """The number of pages is believed, also over an empty page in the middle."""
        page = Page(pages="pages")
        assert page.turn(told({"pages": 3}), [], {"at": 2}).next == {"at": 3, "number": 1}
        assert page.turn(told({"pages": 3}), rows(1), {"at": 3}).is_end is True

    def test_rows_until_their_number(self) -> None:
        """What was really served counts, and not what was asked for."""
        offset = Offset(total="total")
        turn = offset.turn(told({"total": 7}), rows(1, 2, 3), None)
        assert turn.next == {"at": 3, "seen": 3, "number": 1}
        assert offset.turn(told({"total": 7}), rows(*range(4)), turn.next).is_end is True

    def test_fewer_rows_than_the_source_counts(self) -> None:
        """T2: rows are counted that are never served; the list ends, and it is flagged."""
        turn = Page(total="total_items").turn(told({"total_items": 5}), [], None)
        assert (turn.next, turn.is_end, turn.flags) == (None, None, ("paging:fewer_than_total",))

    def test_without_a_number_an_empty_page_is_the_end(self) -> None:
        """A short page is none."""
        assert Page(size=100).turn(told({}), rows(1), None).next == {
            "at": 2,
            "seen": 1,
            "number": 1,
        }
        assert Page(size=100).turn(told({}), [], {"at": 2}).is_end is True

    def test_a_declared_number_that_is_gone(self) -> None:
        """It is a changed schema, and not the end."""
        with pytest.raises(SchemaChanged, match="'pages'"):
            Page(pages="pages").turn(told({}), rows(1), None)

    def test_two_passes_that_agree(self) -> None:
        """A list that is read twice ends when the second pass serves what the first did."""
        page, place, asked = Page(pages="pages", is_read_twice=True), None, []
        for _ in range(4):
            asked.append(page.call(BASE, place).params[-1][1])
            turn = page.turn(told({"pages": 2}), rows(asked[-1]), place)
            place = turn.next
        assert (asked, turn.is_end) == (["1", "2", "1", "2"], True)

    def test_passes_that_never_agree(self) -> None:
        """A list that is another at each reading ends with a gap, after five passes."""
        page, place, number = Page(pages="pages", is_read_twice=True), None, 0
        while True:
            number += 1
            turn = page.turn(told({"pages": 1}), rows(number), place)
            place = turn.next
            if place is None:
                break
        assert (number, turn.is_lost, turn.is_end) == (5, True, False)
        assert turn.gap


class TestWindows:
    def test_ids_go_on_behind_the_last_one(self) -> None:
        """The next page begins behind the id of the last row."""
        window = IdWindow(after="after")
        turn = window.turn(told({}), rows("9", "10"), None)
        assert turn.next == "10"
        assert window.call(BASE, "10").params[-1] == ("after", "10")

    def test_the_number_of_rows_that_are_left(self) -> None:
        """H1: a search ends when nothing is left, and no cap of ten thousand rows stops it."""
        window = IdWindow(left="total")
        assert window.turn(told({"total": 2}), rows("1", "2"), None) == Turn(is_end=True, total=2)
        assert window.turn(told({"total": 12_000}), rows("1", "2"), None).next == "2"

    def test_ids_out_of_order_are_refused(self) -> None:
        """T1: a source that serves another order would make us skip rows."""
        for served, place in ((rows("10", "9"), None), (rows("3"), "3")):
            with pytest.raises(FatalError, match="order"):
                IdWindow().turn(told({}), served, place)
        assert IdWindow(is_descending=True).turn(told({}), rows("10", "9"), None).next == "9"
        assert IdWindow(is_opaque=True).turn(told({}), rows("x", "a"), None).next == "a"

    def test_a_window_that_the_source_tells(self) -> None:
        """The end of one page is the beginning of the next, until the sign of the end."""
        window = TimeWindow(param="start_time", next="end_time", end="end")
        assert window.turn(told({"end_time": 7, "end": False}), rows(1), 5).next == 7
        assert window.turn(told({"end_time": 7, "end": True}), rows(1), 5) == Turn(is_end=True)

    def test_a_window_that_stands_still(self) -> None:
        """Z3: more rows of one second than a page holds would be asked for without an end."""
        window = TimeWindow(param="start_time", next="end_time", size=2)
        with pytest.raises(LoopingPages, match="instant"):
            window.turn(told({"end_time": 5}), rows(1, 2), 5)
        assert window.turn(told({"end_time": 5}), rows(1), 5) == Turn(is_end=True)

    def test_a_window_by_stamps_wants_their_order(self) -> None:
        """Rows in another order would be skipped between two pages."""
        served = [{"at": "2026-01-02T00:00:00Z"}, {"at": "2026-01-01T00:00:00Z"}]
        with pytest.raises(FatalError, match="order"):
            TimeWindow(param="since", since=SINCE, size=2).turn(told({}), served, None)

    def test_a_row_without_a_stamp_stops_no_window(self) -> None:
        """The page behind it begins at the last stamp that can be read; none at all is told."""
        window = TimeWindow(param="since", since=SINCE, size=3)
        served = [{"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-02T00:00:00Z"}, {"id": "9"}]
        assert window.turn(told({}), served, None).next == {"from": "2026-01-02T00:00:00Z"}
        with pytest.raises(SchemaChanged, match=r"None of the 1 rows .* 'at'") as raised:
            window.turn(told({}), [{"at": 1_700_000_000}], None)
        assert "stamp_format='epoch'" in str(raised.value.hint)

    def test_a_window_by_stamps_that_never_ends_is_refused(self) -> None:
        """Where the last row is served again, its page needs a size or a number."""
        with pytest.raises(UsageError, match="page size"):
            TimeWindow(param="since", since=SINCE)
        TimeWindow(param="since", since=SINCE, page_param="page")
        TimeWindow(param="since", since=evolve(SINCE, is_inclusive=False))

    def test_a_window_must_say_how_it_ends(self) -> None:
        """Neither its way nor its end is guessed."""
        with pytest.raises(UsageError, match="sign of its end"):
            TimeWindow(param="start", next="end_time")
        with pytest.raises(UsageError, match="one of them"):
            TimeWindow(param="start")


class TestJob:
    job = Job(id="id", status="status", done=("Complete",), file="file", next="next", longest_s=10)

    def test_start_poll_fetch(self) -> None:
        """The place leads from the start over the waiting to the last page."""
        start = Call(path="/exports", method="POST", json={"form": 1})
        assert self.job.call(start, None) == start
        place = self.job.turn(told({"id": 7}), [], None).next
        assert place == {"job": "7"}
        assert (self.job.call(start, place).path, self.job.call(start, place).method) == (
            "/exports/7",
            "GET",
        )
        waiting = self.job.turn(told({"status": "running"}), [], place)
        assert waiting.wait_s > 0
        place = self.job.turn(told({"status": "complete", "file": "f"}), [], waiting.next).next
        assert self.job.holds_rows(place)
        assert self.job.call(start, place).path == "/exports/7/result"
        turn = self.job.turn(told({"next": "p2"}), rows(1), place)
        assert turn.next == {"job": "7", "file": "f", "at": "p2"}
        assert self.job.turn(told({}), rows(1), turn.next).is_end is True

    def test_a_job_that_failed_is_started_again(self) -> None:
        """The status says gone, so that a sync that resumes it begins anew."""
        with pytest.raises(FatalError) as caught:
            self.job.turn(told({"status": "FAILED"}), [], {"job": "7"})
        assert caught.value.context["status"] == 410

    def test_a_job_that_takes_too_long(self) -> None:
        """The next sync goes on waiting."""
        with pytest.raises(RetryableError, match="not ready"):
            self.job.turn(told({"status": "running"}), [], {"job": "7", "polls": 2})


def test_a_single_answer_is_the_whole_list() -> None:
    """There is no second call."""
    assert Single().turn(told([]), [], None) == Turn(is_end=True)
