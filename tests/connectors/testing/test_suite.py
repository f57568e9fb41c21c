"""The suite itself: every check is red on a connector that breaks its law, and no other reason."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from attrs import frozen
from pydantic import BaseModel

import connector_laws
from by_hand import ByHand, CursorExport, Settings, State, Vendor, at, by_cursor, rows_of, shown
from cxm_connectors.testing import Cassette, Expect, connector_suite, examine
from cxm_connectors.testing._suite import CHECKS
from cxm_core.errors import AuthError, FatalError, RetryableError, SourceError, UsageError
from cxm_core.plugins import Delivery, Info, WireRequest
from cxm_core.records import Note, Record

KEY = "hook-secret-of-a-test"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Friday(ByHand):
    """Reads a cursor export rightly, but knows nothing of bad days."""

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read the export."""
        yield from by_cursor(self, state)


class Loose(BaseModel):
    """Settings of any name."""

    base_url: str = "https://api.vendor.example"


class Lax(Friday):
    """Takes any setting."""

    info = Info(name="lax", version="1", config=Loose)


class Eager(Friday):
    """Asks while it is built."""

    def __init__(self, config: Settings, runtime: Any) -> None:
        super().__init__(config, runtime)
        self.get("/export")


class Thorough(Friday):
    """Checks by asking again and again."""

    def check(self) -> Any:
        """Ask."""
        for _ in range(30):
            self.get("/export")
        return super().check()


class Sunny(Friday):
    """Checks, and finds that all is well."""

    def check(self) -> Any:
        """Ask, and do not listen."""
        with suppress(SourceError):
            self.get("/export")
        return super().check()


class Abroad(Friday):
    """Fills in a source."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        return super().record(row).stamped(source="byhand:mine")


class Bare(Friday):
    """Keeps a state without a version."""

    def promise(self, **state: object) -> Any:
        """Make a checkpoint."""
        from cxm_core.plugins import Checkpoint  # noqa: PLC0415  (not the parent's)

        return Checkpoint(state)


class Once(Friday):
    """Reads all once, and never again."""

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read the export, unless there is a state."""
        if state is None:
            yield from super().read(stream, state, request)


class Limitless(Friday):
    """Does not know what to do with a limit."""

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read the export."""
        if request.limit is not None:
            raise NotImplementedError
        yield from super().read(stream, state, request)


class Paged(ByHand):
    """Reads the export page by page; a subclass does one thing wrongly."""

    def page(self, cursor: str | None) -> Any:
        """Ask for a page."""
        return self.get("/export", cursor=cursor)

    def is_over(self, page: Any) -> bool:
        """Whether a page is the last."""
        return bool(page["end_of_stream"])

    def made(self, page: Any, cursor: str | None) -> Iterator[object]:
        """Records and checkpoint of a page."""
        yield from map(self.record, page["notes"])
        yield self.promise(cursor=cursor)

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read the export."""
        cursor = (state or {}).get("cursor")
        while True:
            page = self.page(cursor)
            cursor = page["after_cursor"] or cursor
            yield from self.made(page, cursor)
            if self.is_over(page):
                return


class Twice(Paged):
    """Asks for each page twice."""

    def page(self, cursor: str | None) -> Any:
        """Ask, and ask again."""
        super().page(cursor)
        return super().page(cursor)


class Endless(Paged):
    """Takes the end for the end only if there is no cursor."""

    def is_over(self, page: Any) -> bool:
        """Whether there is a cursor."""
        return page["after_cursor"] is None


class Timid(Paged):
    """Takes an empty page for the end."""

    def is_over(self, page: Any) -> bool:
        """Whether there are rows."""
        return not page["notes"] or super().is_over(page)


class Hoarder(Paged):
    """Keeps all rows."""

    def made(self, page: Any, cursor: str | None) -> Iterator[object]:
        """Keep them."""
        self.rows = [*getattr(self, "rows", ()), *page["notes"]]
        yield from super().made(page, cursor)


class Hasty(Paged):
    """Promises a page before it delivers it."""

    def made(self, page: Any, cursor: str | None) -> Iterator[object]:
        """Checkpoint first."""
        yield self.promise(cursor=cursor)
        yield from map(self.record, page["notes"])
        yield self.promise(cursor=cursor)


class Sure(Paged):
    """Is sure that a page has rows."""

    def made(self, page: Any, cursor: str | None) -> Iterator[object]:
        """Look at the first row."""
        assert page["notes"][0]["id"]
        yield from super().made(page, cursor)


class Forgetful(Paged):
    """Keeps what the vendor says of the cursor, be it null."""

    def made(self, page: Any, cursor: str | None) -> Iterator[object]:
        """Keep it."""
        yield from super().made(page, page["after_cursor"])


class Fixed(Friday):
    """Knows one host."""

    def __init__(self, config: Settings, runtime: Any) -> None:
        super().__init__(config, runtime)
        self.base = Settings().base_url


class Gappy(CursorExport):
    """Has an empty page on the way."""

    def answer(self, path: str, asked: Any) -> object:
        """Answer a request for a page."""
        if asked.get("cursor") == "c2":
            return {"notes": [], "after_cursor": "d2", "end_of_stream": False}
        return super().answer(path, asked)


class Cheerful(Friday):
    """Takes a failure for the end."""

    def send(self, request: WireRequest) -> Any:
        """Send, and make the best of it."""
        try:
            return super().send(request)
        except RetryableError:
            return {"notes": [], "after_cursor": None, "end_of_stream": True}


class Trusting(ByHand):
    """Follows every link, and shows its secret to everybody."""

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read by links."""
        url = f"{self.base}/linked"
        while url:
            secret = self.runtime.secrets("TOKEN")
            head = (("Authorization", f"Bearer {secret}"),)
            logging.getLogger("trusting").debug("asking %s with %s", url, head)
            page = self.send(WireRequest(method="GET", url=url, headers=head))
            yield from map(self.record, page["notes"])
            url = page["next"]
        yield self.promise()


class Linked(Vendor):
    """Serves its pages by links."""

    def answer(self, path: str, asked: Any) -> object:
        """Answer a request for a page."""
        start = int(asked.get("after", 0))
        link = f"{self.origin}/linked?after={start + 2}" if start + 2 < len(self.rows) else None
        return {"notes": shown(self.rows[start : start + 2]), "next": link}


class Strict(Friday):
    """Refuses what it does not know."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        if set(row) != {"id", "at", "stamp", "text"}:
            raise FatalError("A row has another field.")
        return super().record(row)


class Deep(Friday):
    """Reaches deep into a row."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        return super().record(row | {"text": row["deep"]["words"].upper()})


class DeepVendor(CursorExport):
    """Serves rows with rows in them."""

    def __init__(self) -> None:
        super().__init__([row | {"deep": {"words": "so"}} for row in rows_of(6)])


class Literal(Friday):
    """Cuts times and texts as they usually are."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        first = row["text"].split()[0]
        return Note(native_id=row["id"], occurred_at=row["at"][:19] + "Z", text=first)


class Brittle(Friday):
    """Knows what an id looks like."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        return super().record(row | {"id": str(int(row["id"][1:]))})


class Talkative(Friday):
    """Logs what customers write."""

    def record(self, row: Any) -> Record:
        """Make a record."""
        logging.getLogger("talkative").info("read %s", row["text"])
        return super().record(row)


def wordy() -> CursorExport:
    """A vendor whose customers write sentences."""
    return CursorExport([row | {"text": f"I have waited {row['id']} days"} for row in rows_of(6)])


@frozen
class Signed:
    """A webhook face; `flaws` are left out of what it looks at."""

    flaws: tuple[str, ...] = ()

    def connector(self) -> type[Friday]:
        """A connector with this face."""
        flaws = self.flaws

        class Pushed(Friday):
            def verify(self, delivery: Delivery) -> None:
                key = self.runtime.secrets("KEY") or ""
                wanted = signature(delivery.body, delivery.headers.get("x-at", ""), key)
                if "time" not in flaws:
                    self._look_at_time(delivery)
                shown_ = delivery.headers.get("x-signature", "")
                if "secret" not in flaws and not (key and hmac.compare_digest(shown_, wanted)):
                    raise AuthError("The signature is wrong.")
                if "everything" in flaws:
                    raise AuthError("No.")

            def _look_at_time(self, delivery: Delivery) -> None:
                signed = delivery.headers.get("x-at", "")
                off = abs(delivery.received_at.timestamp() - float(signed or 0))
                if off > 300:
                    raise AuthError("The delivery is old.")

            def parse(self, delivery: Delivery) -> Iterable[Record]:
                row = json.loads(delivery.body)
                yield self.record(row | ({"text": "pushed"} if "content" in flaws else {}))

        return Pushed


def signature(body: bytes, signed_at: str, key: str) -> str:
    """How this vendor signs."""
    return hmac.new(key.encode(), signed_at.encode() + body, sha256).hexdigest()


def delivery() -> Delivery:
    """What this vendor sends of its first row."""
    body = json.dumps(rows_of(1)[0]).encode()
    signed_at = str(int(NOW.timestamp()))
    headers = {"x-at": signed_at, "x-signature": signature(body, signed_at, KEY)}
    return Delivery(method="POST", url="", headers=headers, body=body, received_at=NOW)


def extra_tape() -> Cassette:
    """A cassette with an answer that nobody asks for."""
    pages = [{"after_cursor": None, "end_of_stream": True, "notes": rows_of(2)}, {}]
    return Cassette.read(
        {
            "interactions": [
                {
                    "request": {"method": "GET", "uri": f"https://api.vendor.example{path}"},
                    "response": {"status": {"code": 200}, "body": {"string": json.dumps(page)}},
                }
                for path, page in zip(("/export", "/never"), pages, strict=True)
            ]
        }
    )


def reworded(vendor: CursorExport) -> None:
    """A change that the export serves at its end."""
    vendor.rows.append(rows_of(9)[8])


class Stamped(ByHand):
    """Asks for what changed since its newest stamp, or since it ended."""

    def high(self, newest: str) -> str:
        """Where the next sync goes on."""
        return newest

    def read(self, stream: str, state: State | None, request: Any) -> Iterator[object]:
        """Read the list."""
        page = self.get("/list", since=(state or {}).get("high"))
        yield from map(self.record, page["notes"])
        newest = max((row["at"] for row in page["notes"]), default=at(0))
        yield self.promise(high=self.high(newest))


class ByClock(Stamped):
    """Goes on from its own clock."""

    def high(self, newest: str) -> str:
        """The machine's time."""
        return str(self.runtime.clock().isoformat())


class Since(Vendor):
    """Serves what changed since an instant, in one page."""

    def answer(self, path: str, asked: Any) -> object:
        """Answer a request for a page."""
        return {"notes": shown([row for row in self.rows if row["at"] >= asked.get("since", "")])}


class Anew(Stamped):
    """Writes into a record when it was read."""

    numbers = count()

    def record(self, row: Any) -> Record:
        """Make a record."""
        told = f"{row['text']} {next(self.numbers)}"
        return Note(native_id=row["id"], occurred_at=row["at"], text=told)


Broken = tuple[type[ByHand], Callable[[], Any] | Cassette, dict[str, Any]]
LIVE = {"holds": lambda one: one.holds(), "change": reworded}
HOOK = {"deliveries": [delivery()], "now": NOW}
BROKEN: dict[str, Broken] = {
    "it_says_what_it_is": (Lax, CursorExport, {}),
    "it_is_built_without_a_call": (Eager, CursorExport, {}),
    "its_check_is_cheap": (Thorough, CursorExport, {}),
    "a_refusal_is_told_before_it_hurts": (Sunny, CursorExport, {}),
    "every_stream_is_readable": (Deep, CursorExport, {}),
    "every_record_is_valid": (Abroad, CursorExport, {}),
    "its_state_is_versioned_json": (Bare, CursorExport, {}),
    "a_newer_state_is_refused": (Friday, CursorExport, {}),
    "older_states_are_taken_over": (
        Stamped,
        Since,
        {"old_states": {"notes": [{"updatedAt": at(60)}]}},
    ),
    "it_goes_where_it_is_told": (
        Fixed,
        CursorExport,
        {},
    ),
    "a_window_and_a_limit_are_taken": (Limitless, CursorExport, {}),
    "a_stream_that_is_none_is_refused": (Friday, CursorExport, {}),
    "it_holds_what_the_vendor_holds": (Timid, Gappy, LIVE),
    "what_changed_comes_with_the_next_sync": (Once, CursorExport, LIVE),
    "what_changes_meanwhile_comes_at_the_latest_next_time": (Once, Since, LIVE),
    "every_recorded_page_is_read": (Friday, extra_tape(), {}),
    "no_page_is_asked_for_twice": (Twice, CursorExport, {}),
    "it_stops_where_the_vendor_says_stop": (Endless, CursorExport, {}),
    "it_goes_on_past_an_empty_page": (Timid, CursorExport, {}),
    "an_empty_page_at_the_end_is_no_fault": (
        Sure,
        CursorExport,
        {},
    ),
    "null_at_the_end_keeps_the_place": (
        Forgetful,
        CursorExport,
        {},
    ),
    "a_page_that_leads_back_is_an_error": (Friday, CursorExport, {}),
    "a_row_on_two_pages_is_served_once": (Friday, CursorExport, {}),
    "memory_does_not_grow_with_the_list": (Hoarder, CursorExport, {}),
    "killed_after_any_page_it_goes_on": (Hasty, CursorExport, {}),
    "killed_at_any_item_it_loses_nothing": (Hasty, CursorExport, {}),
    "a_second_sync_brings_nothing_new": (
        Anew,
        Since,
        {},
    ),
    "the_clock_moves_no_cursor": (ByClock, Since, {}),
    "it_asks_from_before_the_sync_began": (Stamped, Since, {}),
    "it_looks_back": (Stamped, Since, {}),
    "it_waits_as_long_as_it_is_told": (Friday, CursorExport, {}),
    "it_gives_up_when_the_wait_is_too_long": (Friday, CursorExport, {}),
    "it_tries_again_after_a_failure": (Friday, CursorExport, {}),
    "it_gives_up_in_the_end": (Cheerful, CursorExport, {}),
    "a_spoiled_answer_is_never_complete": (Friday, CursorExport, {}),
    "a_packed_answer_is_unpacked": (Friday, CursorExport, {}),
    "a_refusal_is_told_as_what_it_is": (Friday, CursorExport, {}),
    "a_foreign_host_gets_no_credentials": (Trusting, Linked, {}),
    "unknown_fields_change_nothing": (Strict, CursorExport, {}),
    "a_missing_field_harms_no_other_row": (Friday, CursorExport, {}),
    "an_odd_value_harms_no_other_row": (Friday, CursorExport, {}),
    "odd_nested_values_harm_no_other_row": (Deep, DeepVendor, {}),
    "hostile_texts_harm_nothing": (Brittle, CursorExport, {}),
    "times_with_an_offset_mean_the_same": (Literal, CursorExport, {}),
    "naive_times_are_set_aside_or_declared": (Friday, CursorExport, {}),
    "no_secret_is_shown": (Trusting, Linked, {}),
    "no_word_of_a_customer_is_shown": (Talkative, wordy, {}),
    "signed_deliveries_are_read": (Signed(("everything",)).connector(), CursorExport, HOOK),
    "a_changed_delivery_is_refused": (Signed(("secret",)).connector(), CursorExport, HOOK),
    "another_secret_or_none_is_refused": (Signed(("secret",)).connector(), CursorExport, HOOK),
    "an_old_delivery_is_refused": (Signed(("time",)).connector(), CursorExport, HOOK),
    "a_delivery_says_what_the_list_says": (Signed(("content",)).connector(), CursorExport, HOOK),
    "any_kills_and_faults_lose_nothing": (Hasty, CursorExport, {}),
}


class TestEveryCheck:
    """No check is there that nothing fails."""

    def test_each_has_a_connector_that_breaks_it(self) -> None:
        """The list of broken connectors names every check of the suite."""
        assert sorted(BROKEN) == sorted(CHECKS)

    @pytest.mark.parametrize("check", BROKEN)
    def test_is_red_on_what_breaks_its_law(self, check: str) -> None:
        """The check fails, with a reason that shows no row, on a connector made to fail it."""
        cls, vendor, facts = BROKEN[check]
        secrets = {"KEY": KEY, "TOKEN": "token-of-a-test"}
        (found,) = examine(cls, vendor, secrets=secrets, expect=Expect(**facts), checks=[check])
        assert found.verdict == "red"
        assert found.reason
        assert found.law.endswith(".")
        assert "waited" not in found.reason or "It waited" in found.reason

    def test_each_stands_in_the_page_of_laws(self) -> None:
        """docs/connector-laws.md is what `python tests/connector_laws.py --write` writes."""
        assert connector_laws.PAGE.read_text(encoding="utf-8") == connector_laws.page()
        assert all(f"| `{name}` |" in connector_laws.page() for name in CHECKS)

    def test_a_right_webhook_face_is_green(self) -> None:
        """A face that looks at key, bytes and time passes all checks of webhooks."""
        names = [name for name in CHECKS if "deliver" in name or "another_secret" in name]
        found = examine(
            Signed().connector(),
            CursorExport,
            secrets={"KEY": KEY},
            expect=Expect(**HOOK),
            checks=names,
        )
        assert {one.check: one.verdict for one in found} == dict.fromkeys(names, "green")


class TestSuite:
    """The class that pytest runs."""

    def test_has_a_test_for_each_check(self) -> None:
        """Each test is named after its check and states its law."""
        suite = connector_suite(Friday, CursorExport)
        tests = {name for name in vars(suite) if name.startswith("test_")}
        assert tests == {f"test_{name}" for name in CHECKS}
        assert all(vars(suite)[name].__doc__ for name in tests)

    def test_a_test_fails_passes_or_is_skipped_as_its_check(self) -> None:
        """A red check is an AssertionError, one that does not apply is skipped with its reason."""
        suite = connector_suite(Friday, CursorExport)()
        suite.test_every_stream_is_readable()
        with pytest.raises(AssertionError, match="as if it were its own"):
            suite.test_a_newer_state_is_refused()
        with pytest.raises(pytest.skip.Exception, match="no `holds` was given"):
            suite.test_it_holds_what_the_vendor_holds()

    def test_what_does_not_hold_is_skipped_with_the_reason(self) -> None:
        """A law that a vendor cannot keep is named in `without`, and so is why."""
        expect = Expect(without={"a_newer_state_is_refused": "it has no versions"})
        suite = connector_suite(Friday, CursorExport, expect=expect)()
        with pytest.raises(pytest.skip.Exception, match="it has no versions"):
            suite.test_a_newer_state_is_refused()

    def test_a_check_that_is_none_is_refused(self) -> None:
        """A misspelt name in `without` would hide nothing, so it is an error with a hint."""
        expect = Expect(without={"it_looks_bak": "never"})
        with pytest.raises(UsageError, match="it_looks_back"):
            connector_suite(Friday, CursorExport, expect=expect)

    def test_a_connection_of_its_own_is_seen(self) -> None:
        """A connector that opens a socket fails every check that reads."""
        import socket  # noqa: PLC0415  (only here)

        class Lonely(Friday):
            def get(self, path: str, **asked: object) -> Any:
                socket.create_connection(("127.0.0.1", 9))
                return super().get(path, **asked)

        (found,) = examine(Lonely, CursorExport, checks=["every_stream_is_readable"])
        assert "connection of its own" in found.reason
