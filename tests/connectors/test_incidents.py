"""Each incident that was seen in public connectors: the suite is red on it, and green when mended.

Every connector here is written by hand, without the toolkit, as those were: the suite knows only
the contract. One switch turns the fault on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from by_hand import (
    START,
    ByHand,
    CursorExport,
    Row,
    Settings,
    State,
    Vendor,
    assert_told_apart,
    at,
    by_cursor,
    outcome,
    rows_of,
    shown,
)
from cxm_connectors.simulation import SimResponse
from cxm_core.errors import LoopingPages
from cxm_core.records import Note, Record

# ---- vendors that serve by time, by cursor, by page -------------------------------------------


class TimeExport(Vendor):
    """Serves what changed from `start_time` on, two a page; rows of one second are not parted."""

    def answer(self, path: str, asked: Mapping[str, str]) -> object:
        """Answer a request for a page."""
        start = int(asked.get("start_time", 0))
        due = [row for row in self.rows if row["stamp"] >= start]
        page = due[:2]
        while len(page) < len(due) and due[len(page)]["stamp"] == page[-1]["stamp"]:
            page = due[: len(page) + 1]
        end = page[-1]["stamp"] + 1 if page else start
        return {"notes": shown(page), "end_time": end, "end_of_stream": len(page) == len(due)}


class TiedExport(Vendor):
    """Serves what changed from `start_time` on, two a page; its end is the last row's second."""

    def answer(self, path: str, asked: Mapping[str, str]) -> object:
        """Answer a request for a page."""
        start = int(asked.get("start_time", 0))
        due = [row for row in self.rows if row["stamp"] >= start]
        end = due[:2][-1]["stamp"] if due else start
        return {"notes": shown(due[:2]), "end_time": end, "end_of_stream": len(due) <= 2}


class Search(Vendor):
    """Serves a search, by offset, two a page, and never more than the first `cap` rows of it."""

    cap = 10_000

    def answer(self, path: str, asked: Mapping[str, Any]) -> object:
        """Answer a request for a page."""
        field, since = str(asked.get("field", "at")), str(asked.get("since", ""))
        after = str(asked.get("after_id", ""))
        due = [
            row
            for row in self.rows
            if str(row.get(field, "")) >= since
            and row["id"] > after
            and not row.get("_late")
            and (not since or field in row)
        ]
        start = int(asked.get("offset", 0))
        if start >= self.cap:
            return SimResponse(status=400)
        page = due[start : start + 2]
        more = start + 2 < min(len(due), self.cap)
        return {"notes": shown(page), "total": len(due), "next": start + 2 if more else None}


class TestZendesk:
    """What went wrong with Zendesk."""

    def test_z1_the_clock_of_the_client_is_no_cursor(self) -> None:
        """Z1, airbyte 28173: the next page was asked from the client's present instant."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                start = (state or {}).get("start", 0)
                while True:
                    page = self.get("/export", start_time=start)
                    yield from map(self.record, page["notes"])
                    end = int(self.runtime.clock().timestamp()) if self.is_broken else None
                    start = end or page["end_time"]
                    yield self.promise(start=start)
                    if page["end_of_stream"]:
                        return

        assert_told_apart(
            outcome(
                Connector, TimeExport, "the_clock_moves_no_cursor", "it_holds_what_the_vendor_holds"
            )
        )

    def test_z2_the_cursor_is_the_stamp_that_every_change_moves(self) -> None:
        """Z2, airbyte PR 81640: automations change a ticket and leave `updated_at` as it was."""

        class Desk(TimeExport):
            def answer(self, path: str, asked: Mapping[str, str]) -> object:
                if path == "/export":
                    return super().answer(path, asked)
                due = [row for row in self.rows if row["at"] >= asked.get("updated_since", "")]
                return {"notes": shown(due)}

            def automate(self) -> None:
                self.rows[1] |= {"text": "closed by a rule", "stamp": START + 10_000}
                self.rows.sort(key=lambda row: row["stamp"])

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                if self.is_broken:
                    high = (state or {}).get("high")
                    page = self.get("/search", updated_since=high)
                    yield from map(self.record, page["notes"])
                    yield self.promise(high=max(row["at"] for row in page["notes"]))
                    return
                start, is_over = (state or {}).get("start", 0), False
                while not is_over:
                    page = self.get("/export", start_time=start)
                    yield from map(self.record, page["notes"])
                    start, is_over = page["end_time"], page["end_of_stream"]
                    yield self.promise(start=start)

        assert_told_apart(
            outcome(
                Connector,
                Desk,
                "what_changed_comes_with_the_next_sync",
                change=lambda desk: desk.automate(),
            )
        )

    def test_z3_many_rows_of_one_second_make_no_endless_loop(self) -> None:
        """Z3, PostHog PR 59215: more than a page of one second, and the same page for ever."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                start, seen = (state or {}).get("start", 0), set()
                while True:
                    page = self.get("/export", start_time=start)
                    if start in seen and not self.is_broken:
                        raise LoopingPages("The export does not advance.")
                    seen.add(start)
                    yield from map(self.record, page["notes"])
                    start = page["end_time"]
                    yield self.promise(start=start)
                    if page["end_of_stream"]:
                        return

        red, green = outcome(
            Connector, lambda: TimeExport(rows_of(8)), "a_page_that_leads_back_is_an_error"
        )
        assert_told_apart((red, green))
        assert "without end" in red[0].reason

    def test_z4_a_row_at_the_border_of_two_pages_comes_once(self) -> None:
        """Z4, dlt verified-sources 659: time-based pages overlap, and rows came twice."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                start, before = (state or {}).get("start", 0), list[Row]()
                while True:
                    page = self.get("/export", start_time=start)
                    fresh = [row for row in page["notes"] if row not in before]
                    yield from map(self.record, page["notes"] if self.is_broken else fresh)
                    start, before = page["end_time"], page["notes"]
                    yield self.promise(start=start)
                    if page["end_of_stream"]:
                        return

        assert_told_apart(outcome(Connector, TimeExport, "a_row_on_two_pages_is_served_once"))

    def test_z5_archived_rows_do_not_vanish(self) -> None:
        """Z5, airbyte 10613: tickets that were archived stand in the export alone."""

        class Desk(CursorExport):
            def answer(self, path: str, asked: Mapping[str, str]) -> object:
                if path == "/export":
                    return super().answer(path, asked)
                return {"notes": shown(self.rows[2:])}

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                if self.is_broken:
                    yield from map(self.record, self.get("/tickets")["notes"])
                    yield self.promise()
                    return
                yield from by_cursor(self, state)

        assert_told_apart(outcome(Connector, Desk, "it_holds_what_the_vendor_holds"))

    def test_z6_offsets_end_at_the_vendors_limit(self) -> None:
        """Z6, airbyte 19266: 429 "Pagination limit reached for offset model"."""

        class Desk(CursorExport):
            def answer(self, path: str, asked: Mapping[str, str]) -> object:
                if path == "/export":
                    return super().answer(path, asked)
                page = int(asked["page"])
                if page > 2:
                    return SimResponse(status=429, body=b'{"error": "Pagination limit reached"}')
                rows = self.rows[(page - 1) * 2 : page * 2]
                return {"notes": shown(rows), "next_page": page + 1}

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                if not self.is_broken:
                    yield from by_cursor(self, state)
                    return
                page: int | None = 1
                while page is not None:
                    found = self.get("/tickets", page=page)
                    yield from map(self.record, found["notes"])
                    page = found["next_page"] if found["notes"] else None
                    yield self.promise()

        red, green = outcome(Connector, Desk, "every_stream_is_readable")
        assert_told_apart((red, green))
        assert "RetryableError" in red[0].reason

    def test_z7_null_after_the_end_is_not_kept(self) -> None:
        """Z7, recorded: after the end the cursor is null, and the state was overwritten by it."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                cursor = (state or {}).get("cursor")
                while True:
                    page = self.get("/export", cursor=cursor)
                    yield from map(self.record, page["notes"])
                    cursor = page["after_cursor"] or (None if self.is_broken else cursor)
                    yield self.promise(cursor=cursor)
                    if page["end_of_stream"]:
                        return

        assert_told_apart(outcome(Connector, CursorExport, "null_at_the_end_keeps_the_place"))


def minus(text: str, seconds: int) -> str:
    """An instant so many seconds before a text's."""
    return at(datetime.fromisoformat(text).timestamp() - START - seconds)


class TestHubSpot:
    """What went wrong with HubSpot."""

    def test_h1_a_search_ends_at_ten_thousand_rows(self) -> None:
        """H1, airbyte 23630: what lies behind the window was lost in silence."""

        class Capped(Search):
            cap = 4

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                after, offset = "", 0
                while True:
                    page = self.post("/search", {"after_id": after, "offset": offset})
                    yield from map(self.record, page["notes"])
                    offset = page["next"]
                    if offset is None and page["total"] > Capped.cap and not self.is_broken:
                        after, offset = page["notes"][-1]["id"], 0
                    yield self.promise()
                    if offset is None:
                        return

        assert_told_apart(outcome(Connector, Capped, "it_holds_what_the_vendor_holds"))

    def test_h2_rows_that_show_late_are_looked_back_for(self) -> None:
        """H2, airbyte PR 69203: a search shows a row minutes after its own stamp."""

        class Connector(Stamped):
            def bound(self, high: str) -> str:
                return high if self.is_broken else minus(high, 600)

        class Late(Search):
            def holds(self) -> dict[tuple[str, str], dict[str, object]]:
                known = [row for row in self.rows if not row.get("_late")]
                return {("note", row["id"]): {"text": row["text"]} for row in known}

        def vendor() -> Late:
            found = Late()
            found.rows.append(
                {"id": "n7", "at": at(200), "stamp": 0, "text": "late", "_late": True}
            )
            return found

        assert_told_apart(
            outcome(
                Connector,
                vendor,
                "it_looks_back",
                "what_changed_comes_with_the_next_sync",
                change=lambda one: one.rows[-1].update(_late=False),
            )
        )

    def test_h3_rows_that_change_during_the_sync_come_next_time(self) -> None:
        """H3, tap-hubspot PR 226: the bookmark is the earlier of sync start and newest stamp."""

        class Connector(Stamped):
            def bound(self, high: str) -> str:
                return minus(high, 60)

            def high_of(self, rows: list[Row], started: str) -> str:
                newest = max(row["at"] for row in rows)
                return newest if self.is_broken else min(newest, started)

        assert_told_apart(outcome(Connector, Search, "it_asks_from_before_the_sync_began"))

    def test_h4_what_a_search_leaves_out_is_asked_for(self) -> None:
        """H4, airbyte 14390: a search returns no associations, so the customers were missing."""

        class Linked(Search):
            def answer(self, path: str, asked: Mapping[str, Any]) -> object:
                if path != "/links":
                    return super().answer(path, asked)
                return {"links": [{"from": one, "to": f"c{one}"} for one in asked["ids"]]}

            def holds(self) -> dict[tuple[str, str], dict[str, object]]:
                return {
                    ("note", row["id"]): {"customer": f'["external:c{row["id"]}"]'}
                    for row in self.rows
                }

        class Connector(Stamped):
            def bound(self, high: str) -> str:
                return minus(high, 60)

            def records(self, rows: list[Row]) -> Iterator[Record]:
                links: dict[str, str] = {}
                if not self.is_broken:
                    found = self.post("/links", {"ids": [row["id"] for row in rows]})["links"]
                    links = {one["from"]: one["to"] for one in found}
                for row in rows:
                    whom = [("external", links[row["id"]])] if row["id"] in links else []
                    yield Note(
                        native_id=row["id"], occurred_at=row["at"], text=row["text"], customer=whom
                    )

        assert_told_apart(outcome(Connector, Linked, "it_holds_what_the_vendor_holds"))

    def test_h5_each_object_has_its_own_stamp(self) -> None:
        """H5, supaglue 478: contacts have `lastmodifieddate`, all others `hs_lastmodifieddate`."""

        class Connector(Stamped):
            def bound(self, high: str) -> str:
                return minus(high, 60)

            def asked(self) -> dict[str, str]:
                return {"field": "hs_lastmodifieddate" if self.is_broken else "at"}

        def edit(vendor: Search) -> None:
            vendor.rows[1] |= {"text": "changed", "at": at(9_000)}

        assert_told_apart(
            outcome(Connector, Search, "what_changed_comes_with_the_next_sync", change=edit)
        )

    def test_h6_a_state_of_an_earlier_version_is_taken_over(self) -> None:
        """H6, airbyte 60858: a rewrite changed the state's form, and everything was read again."""

        class Connector(Stamped):
            def bound(self, high: str) -> str:
                return minus(high, 60)

            def high_in(self, state: State) -> str | None:
                known = state.get("high")
                return known if known or self.is_broken else state.get("updatedAt")

        assert_told_apart(
            outcome(
                Connector,
                Search,
                "older_states_are_taken_over",
                old_states={"notes": [{"updatedAt": at(120)}]},
            )
        )

    def test_h7_the_next_link_may_lead_nowhere(self) -> None:
        """H7, recorded: the link's path is not the one that was asked, and answers HTML."""

        class Twisted(Vendor):
            def answer(self, path: str, asked: Mapping[str, str]) -> object:
                if path != "/crm/v3/notes":
                    html = (("content-type", "text/html"),)
                    return SimResponse(status=404, headers=html, body=b"<html>Not found</html>")
                start = int(asked.get("after", "0"))
                page = {"notes": shown(self.rows[start : start + 2])}
                if start + 2 >= len(self.rows):
                    return page
                link = f"{self.origin}/crm/notes/v3?after={start + 2}"
                return page | {"paging": {"next": {"after": str(start + 2), "link": link}}}

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                after, link = (state or {}).get("after"), None
                while True:
                    page = self.get(link) if link else self.get("/crm/v3/notes", after=after)
                    yield from map(self.record, page["notes"])
                    heir = page.get("paging", {}).get("next")
                    if heir is None:
                        yield self.promise()
                        return
                    after, link = heir["after"], heir["link"] if self.is_broken else None
                    yield self.promise(after=after)

        red, green = outcome(
            Connector, Twisted, "every_stream_is_readable", "it_holds_what_the_vendor_holds"
        )
        assert_told_apart((red, green))
        assert "NotFound" in red[0].reason


class Stamped(ByHand):
    """Reads a search by what changed since the last time."""

    def bound(self, high: str) -> str:
        """Earliest change to ask for."""
        raise NotImplementedError

    def asked(self) -> dict[str, str]:
        """What else is asked for."""
        return {}

    def high_of(self, rows: list[Row], started: str) -> str:
        """Where the next sync goes on."""
        return min(max(row["at"] for row in rows), started)

    def high_in(self, state: State) -> str | None:
        """Where a state stands."""
        return state.get("high")

    def records(self, rows: list[Row]) -> Iterator[Record]:
        """Make records."""
        return map(self.record, rows)

    def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
        """Read the search, page by page."""
        started = self.runtime.clock().isoformat().replace("+00:00", "Z")
        high = self.high_in(state or {})
        since = {"since": self.bound(high)} if high else {}
        seen, offset = list[Row](), 0
        while offset is not None:
            page = self.post("/search", {**self.asked(), **since, "offset": offset})
            yield from self.records(page["notes"])
            seen += page["notes"]
            offset = page["next"]
        high = self.high_of(seen, started) if seen else high
        yield self.promise(high=high)


class Tokens(Vendor):
    """Serves responses newest first; `before` leads on to older ones, and forbids `sort`."""

    def answer(self, path: str, asked: Mapping[str, str]) -> object:
        """Answer a request for a page."""
        wanted = asked.get("response_type", "completed").split(",")
        due = [row for row in self.rows if row.get("_type", "completed") in wanted]
        newest_first = asked.get("sort") != "asc"
        due.sort(key=lambda row: row["stamp"], reverse=newest_first)
        if "before" in asked:
            place = next(row["stamp"] for row in self.rows if row["id"] == asked["before"])
            due = [row for row in due if row["stamp"] < place]
        return {"items": shown(due[:2]), "total_items": len(due), "page_count": -(-len(due) // 2)}


class ByToken(ByHand):
    """Reads responses from the newest to the oldest."""

    def asked(self) -> dict[str, str]:
        """What is asked for."""
        return {}

    def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
        """Read until a page is empty."""
        before = None
        while True:
            page = self.get("/responses", before=before, **self.asked())
            rows = page["items"]
            yield from map(self.record, rows)
            yield self.promise()
            if not rows:
                return
            before = rows[-1]["id"]


class TestTypeform:
    """What went wrong with Typeform."""

    def test_t1_the_token_goes_the_way_of_the_order(self) -> None:
        """T1, airbyte PR 40176: oldest first, together with `before`, lost all but one page."""

        class Connector(ByToken):
            def asked(self) -> dict[str, str]:
                return {"sort": "asc"} if self.is_broken else {}

        assert_told_apart(outcome(Connector, Tokens, "it_holds_what_the_vendor_holds"))

    def test_t2_an_empty_page_with_a_count_is_the_end(self) -> None:
        """T2, airbyte PR 34484: `total_items` above nought and no items was a crash."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                before, more = None, True
                while more:
                    page = self.get("/responses", before=before)
                    rows = page["items"]
                    yield from map(self.record, rows)
                    more = page["page_count"] > 1
                    before = rows[-1]["id"] if rows or self.is_broken else None
                    more = more and before is not None
                    yield self.promise()

        class Counting(Tokens):
            def answer(self, path: str, asked: Mapping[str, str]) -> object:
                found = super().answer(path, asked)
                assert isinstance(found, dict)
                return found | {"page_count": 3 if found["items"] else 0}

        red, green = outcome(Connector, Counting, "an_empty_page_at_the_end_is_no_fault")
        assert_told_apart((red, green))
        assert "IndexError" in red[0].reason

    def test_t3_a_response_that_comes_twice_is_one(self) -> None:
        """T3, js-api-client 35: with large pages responses came twice and out of order."""

        class Connector(ByHand):
            def read(self, stream: str, state: State | None, request: object) -> Iterator[object]:
                cursor, before = (state or {}).get("cursor"), list[Row]()
                while True:
                    page = self.get("/export", cursor=cursor)
                    fresh = [row for row in page["notes"] if self.is_broken or row not in before]
                    yield from map(self.record, fresh)
                    cursor, before = page["after_cursor"] or cursor, page["notes"]
                    yield self.promise(cursor=cursor)
                    if page["end_of_stream"]:
                        return

        assert_told_apart(outcome(Connector, CursorExport, "a_row_on_two_pages_is_served_once"))

    def test_t4_partial_responses_are_asked_for(self) -> None:
        """T4, airbyte 65084: without `response_type` only completed ones come."""

        def vendor() -> Tokens:
            found = Tokens()
            found.rows[2]["_type"] = "partial"
            return found

        class Connector(ByToken):
            def asked(self) -> dict[str, str]:
                return {} if self.is_broken else {"response_type": "partial,completed"}

        assert_told_apart(outcome(Connector, vendor, "it_holds_what_the_vendor_holds"))

    def test_t5_the_host_is_a_setting(self) -> None:
        """T5, withcoral 604: accounts in Europe live on another host."""

        class Connector(ByToken):
            def __init__(self, config: Settings, runtime: Any) -> None:
                super().__init__(config, runtime)
                if self.is_broken:
                    self.base = "https://api.vendor.example"

        assert_told_apart(outcome(Connector, Tokens, "it_goes_where_it_is_told"))
