"""What goes wrong between a source and us, over real sockets: a whole answer, or a typed error."""

from __future__ import annotations

import gzip
import json
import random
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic

import pytest
from attrs import evolve

from cxm_connectors.testing import FaultServer, Heard, Reply
from cxm_connectors.toolkit import Answer, Call
from cxm_core.errors import (
    AuthError,
    FatalError,
    ForeignOrigin,
    NotFound,
    PermissionDenied,
    RetryableError,
    SchemaChanged,
    SourceError,
    TruncatedAnswer,
)
from reliability.acme_stand import asked_page, kept_notes, page_of, pulled, rows_of
from reliability.wire_stand import (
    CALL,
    OK,
    PAGE,
    SIGNING,
    START,
    Time,
    client_of,
    credentialed,
    send,
)

HEADERS = OK.headers
_LINES = Reply(
    headers=(("content-type", "application/x-ndjson"),), body=b'{"id":1}\n{"id":2}\n{"id":3}\n'
)


def refused(status: int, **headers: str) -> Reply:
    """A refusal with headers."""
    told = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return Reply.of({"error": "no"}, status=status, headers=told)


class TestWaiting:
    """A source that says when to come again is obeyed."""

    def test_http_01_waits_as_long_as_it_is_told(self) -> None:
        """After a 429 nothing is sent to the host until its seconds are over, by any call."""
        time, asked = Time(), []

        def script(heard: Heard) -> Reply:
            asked.append((time.now - START).total_seconds())
            return refused(429, retry_after="2") if len(asked) == 1 else OK

        with FaultServer(script) as server:
            client = client_of(server.origin, time=time)
            time.meanwhile.append(lambda: client.send(Call(path="/v1/other")))
            assert client.send(CALL).data == PAGE
        assert asked[0] == 0
        assert len(asked) == 3
        assert min(asked[1:]) >= 2

    @pytest.mark.parametrize("told_s", [0, 1, 2, 30, 600])
    def test_http_01_never_comes_back_early(self, told_s: int) -> None:
        """Whatever is told, the wait is at least that, and never nothing."""
        time = Time()
        answer, server = send([refused(429, retry_after=str(told_s)), OK], time=time)
        assert isinstance(answer, Answer)
        assert len(server.heard) == 2
        assert sum(time.slept) >= max(told_s, 0.1)

    def test_http_01_longer_than_the_budget_ends_the_run(self) -> None:
        """A wait beyond the budget is not clamped: the error says when to come again."""
        error, server = send([refused(429, retry_after="7200"), OK])
        assert isinstance(error, RetryableError)
        assert len(server.heard) == 1
        assert error.resume_at is not None
        assert error.resume_at >= START + timedelta(hours=2)

    @pytest.mark.parametrize("has_date", [True, False])
    def test_http_02_waits_until_the_date(self, has_date: bool) -> None:
        """A date is counted by the source's own clock if it tells it, else by ours."""
        theirs = START + timedelta(hours=2) if has_date else START
        until = format_datetime(theirs + timedelta(seconds=3), usegmt=True)
        headers = {"retry_after": until}
        if has_date:
            headers["date"] = format_datetime(theirs, usegmt=True)
        time = Time()
        answer, _ = send([refused(503, **headers), OK], time=time)
        assert isinstance(answer, Answer)
        assert 3 <= sum(time.slept) < 10

    @pytest.mark.parametrize("text", ["soon", "-5", "Mon, 99 Foo 2026", "inf", "1e400", "nan", ""])
    def test_http_02_what_is_no_time_counts_as_not_told(self, text: str) -> None:
        """An unreadable `Retry-After` is waited for as any failure is."""
        time = Time()
        answer, _ = send([refused(429, retry_after=text), OK], time=time)
        assert isinstance(answer, Answer)
        assert 0 < sum(time.slept) <= 60


class TestFailing:
    """A source that fails is tried again, within limits, and the error is typed."""

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
    def test_http_06_is_tried_again(self, status: int, count: int) -> None:
        """A burst of failures is outlived, with growing waits that are not all the same."""
        time = Time()
        answer, server = send([refused(status)] * count + [OK], time=time, max_attempts=7)
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert len(server.heard) == count + 1
        assert len(set(time.slept)) == count
        assert sum(time.slept) < 100

    def test_http_06_keeps_the_total_deadline(self) -> None:
        """Tries and waits together stay within the budget."""
        time = Time()
        error, _ = send([refused(502)], time=time, budget_s=10, max_attempts=1000)
        assert isinstance(error, RetryableError)
        assert (time.now - START).total_seconds() <= 10

    def test_http_07_gives_up_in_time(self) -> None:
        """A source that only fails is asked so often and no more; a later sync goes on."""
        error, server = send([refused(500, x_request_id="req-17")])
        assert isinstance(error, RetryableError)
        assert len(server.heard) == 6
        assert error.context["status"] == 500
        assert error.context["method"] == "GET"
        assert error.context["request_id"] == "req-17"
        assert error.resume_at is not None

    @pytest.mark.parametrize(("status", "kind"), [(401, AuthError), (403, PermissionDenied)])
    def test_http_08_a_revoked_token_stops_at_once(
        self, status: int, kind: type[SourceError]
    ) -> None:
        """Pages before the refusal are whole; the refusal is typed, and nothing is sent after."""
        with FaultServer([OK] * 6 + [refused(status)]) as server:
            client = client_of(server.origin)
            assert all(client.send(CALL).data == PAGE for _ in range(6))
            with pytest.raises(kind) as caught:
                client.send(CALL)
        assert len(server.heard) == 7
        assert caught.value.context["status"] == status

    def test_http_08_a_sync_goes_on_where_it_was_refused(self, tmp_path: Path) -> None:
        """Six pages are kept, the seventh is asked for next, and nothing is read twice."""
        is_revoked = True

        def script(heard: Heard) -> Reply:
            number = asked_page(heard)
            return refused(401) if is_revoked and number == 7 else page_of(number, last=9)

        with FaultServer(script) as server:
            (receipt,) = pulled(server, tmp_path, "notes")
            assert not receipt.is_complete
            assert len(kept_notes(tmp_path)) == 18
            is_revoked, before = False, len(server.heard)
            (receipt,) = pulled(server, tmp_path, "notes")
            assert receipt.is_complete
            asked = [asked_page(heard) for heard in server.heard[before:]]
        assert asked == [7, 8, 9]
        assert len(kept_notes(tmp_path)) == len(set(kept_notes(tmp_path))) == 27

    def test_http_08_names_the_missing_scope(self) -> None:
        """A refusal that tells its scope is told with it."""
        told = 'Bearer error="insufficient_scope", scope="tickets:read users:read"'
        error, _ = send([refused(403, www_authenticate=told)])
        assert isinstance(error, PermissionDenied)
        assert error.context["scopes"] == ("tickets:read", "users:read")

    @pytest.mark.parametrize("status", [404, 410])
    def test_http_10_a_vanished_object_is_told_apart(self, status: int) -> None:
        """What went between list and get is no failure of the source: not tried again, typed."""
        error, server = send([refused(status)])
        assert isinstance(error, NotFound)
        assert error.context["status"] == status
        assert len(server.heard) == 1

    def test_http_10_the_others_are_read_all_the_same(self, tmp_path: Path) -> None:
        """A form that went between list and get costs its own answers, and is told as a gap."""

        def script(heard: Heard) -> Reply:
            if heard.target.startswith("/v1/forms/2/"):
                return refused(404)
            if heard.target.startswith("/v1/forms/"):
                return Reply.of({"data": rows_of(int(heard.target.split("/")[3]))})
            return Reply.of({"data": [{"id": 1}, {"id": 2}, {"id": 3}]})

        with FaultServer(script) as server:
            (receipt,) = pulled(server, tmp_path, "answers")
        assert receipt.applied == 6
        assert {name.split("-")[0] for name in kept_notes(tmp_path)} == {"1", "3"}
        assert any("gone" in gap for gap in receipt.gaps)

    @pytest.mark.parametrize("status", [400, 409, 422])
    def test_a_wrong_call_is_not_repeated(self, status: int) -> None:
        """Paging learns the status: an expired cursor has one."""
        error, server = send([refused(status)])
        assert type(error) is FatalError
        assert error.context["status"] == status
        assert len(server.heard) == 1

    def test_no_server_at_all(self) -> None:
        """A closed port is a failure for now."""
        with FaultServer([OK]) as server:
            origin = server.origin
        with pytest.raises(RetryableError, match="connection broke"):
            client_of(origin).send(CALL)


#: Every way in which an answer can end early: what is served, and how far it may be cut.
TRUNCATIONS: dict[str, tuple[Reply, Callable[[Reply, int], Reply]]] = {
    "length": (OK, lambda reply, at: evolve(reply, cut_at=at)),
    "chunked": (
        evolve(OK, framing="chunked"),
        lambda reply, at: evolve(reply, cut_at=at),
    ),
    "packed with length": (
        OK.packed(),
        lambda reply, at: evolve(reply, cut_at=at),
    ),
    "packed, whole on the wire": (
        OK.packed(),
        lambda reply, at: evolve(reply, body=reply.body[:at]),
    ),
    "packed in chunks": (
        evolve(OK.packed(), framing="chunked"),
        lambda reply, at: evolve(reply, body=reply.body[:at]),
    ),
    "packed until close": (
        evolve(OK.packed(), framing="close"),
        lambda reply, at: evolve(reply, body=reply.body[:at]),
    ),
    "JSON until close": (
        evolve(OK, framing="close"),
        lambda reply, at: evolve(reply, body=reply.body[:at]),
    ),
    "JSON, whole on the wire": (
        OK,
        lambda reply, at: evolve(reply, body=reply.body[:at]),
    ),
}


def cuts(kind: str, count: int) -> Iterator[Reply]:
    """Cut replies of a kind, at places drawn with a fixed seed."""
    reply, cut = TRUNCATIONS[kind]
    rng = random.Random(kind)
    for _ in range(count):
        yield cut(reply, rng.randrange(len(reply.body)))


def accepted(kind: str, count: int) -> int:
    """How many cut answers were taken for whole."""
    with FaultServer(list(cuts(kind, count))) as server:
        client = client_of(server.origin, max_attempts=1)
        taken = 0
        for _ in range(count):
            try:
                taken += client.send(CALL).data is not None
            except (RetryableError, TruncatedAnswer):
                continue
        assert len(server.heard) == count
        return taken


class TestTruncation:
    """P13: an answer that was cut never counts as whole."""

    @pytest.mark.parametrize("kind", TRUNCATIONS)
    def test_a_cut_answer_is_never_taken(self, kind: str) -> None:
        """At no place of no kind of answer: a thousand cuts."""
        assert accepted(kind, 125) == 0

    def test_http_11_a_cut_length_is_asked_for_again(self) -> None:
        """Fewer bytes than declared: the next try has them all."""
        answer, server = send([evolve(OK, cut_at=50), evolve(OK, declared=9999, cut_at=700), OK])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert len(server.heard) == 3

    def test_http_12_a_cut_chunked_body_is_asked_for_again(self) -> None:
        """No last piece: the next try has it."""
        whole = evolve(OK, framing="chunked")
        size = len(OK.body)
        answer, server = send([evolve(whole, cut_at=size // 2), evolve(whole, cut_at=size), whole])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert len(server.heard) == 3

    @pytest.mark.parametrize("kept", [9, 18, 27])
    def test_http_13_lines_without_an_end_are_refused(self, kept: int) -> None:
        """A body that says nowhere where it ends may have lost its last lines: it is not taken."""
        call = evolve(CALL, accept="application/x-ndjson")
        cut = evolve(_LINES, body=_LINES.body[:kept], framing="close")
        error, _ = send([cut], call=call, max_attempts=2)
        assert isinstance(error, TruncatedAnswer)
        assert "where it ends" in error.message

    @pytest.mark.parametrize(
        "reply", [_LINES, evolve(_LINES, framing="chunked"), _LINES.packed()], ids=str
    )
    def test_http_13_lines_with_an_end_are_taken(self, reply: Reply) -> None:
        """A length, a last piece or a packed body's own end will do."""
        answer, _ = send([reply], call=evolve(CALL, accept="application/x-ndjson"))
        assert isinstance(answer, Answer)
        assert answer.body == _LINES.body

    @pytest.mark.parametrize("drop", [1, 4, 6, 8, 40])
    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_http_14_a_cut_packed_body_is_a_broken_one(self, drop: int, framing: str) -> None:
        """Its own end is missing, though the wire's is not."""
        bad = evolve(OK.packed(drop=drop), framing=framing)
        answer, server = send([bad, OK.packed()])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert len(server.heard) == 2

    def test_http_14_a_changed_packed_body_is_a_broken_one(self) -> None:
        """The check sum at its end is looked at."""
        packed = OK.packed()
        turned = bytes([*packed.body[:-8], packed.body[-8] ^ 1, *packed.body[-7:]])
        error, _ = send([evolve(packed, body=turned)], max_attempts=1)
        assert isinstance(error, TruncatedAnswer)

    def test_http_15_said_to_be_packed_but_is_not(self) -> None:
        """It is asked for again."""
        wrong = evolve(OK, headers=(*HEADERS, ("content-encoding", "gzip")))
        answer, server = send([wrong, OK])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert len(server.heard) == 2

    def test_http_15_packed_though_it_does_not_say_so(self) -> None:
        """Its first bytes say so."""
        answer, _ = send([evolve(OK, body=gzip.compress(OK.body))])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE

    def test_a_packed_body_of_several_parts_is_read_whole(self) -> None:
        """One gzip file after another is one body (RFC 1952, section 2.2)."""
        half = len(OK.body) // 2
        body = gzip.compress(OK.body[:half]) + gzip.compress(OK.body[half:])
        answer, _ = send([evolve(OK, body=body, headers=OK.packed().headers)])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE


class TestSizeAndTime:
    """P12: every request has a total deadline and a cap on what it becomes."""

    def test_http_16_a_bomb_is_refused(self) -> None:
        """100 kB that become 100 MB: refused at the cap, and never held."""
        body = gzip.compress(b'{"data":"' + b"0" * 100_000_000 + b'"}', compresslevel=9)
        assert len(body) < 200_000
        bomb = evolve(OK.packed(), body=body)
        tracemalloc.start()
        error, server = send([bomb])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert type(error) is FatalError
        assert "larger than" in error.message
        assert len(server.heard) == 1
        assert peak < 64 << 20

    def test_http_16_a_large_honest_body_is_read(self) -> None:
        """A page that is large but within the cap comes whole."""
        body = json.dumps({"data": "0123456789" * 2_500_000}).encode()
        answer, _ = send([evolve(OK, body=body).packed()])
        assert isinstance(answer, Answer)
        assert answer.body == body

    @pytest.mark.parametrize("framing", ["length", "chunked", "close"])
    def test_http_16_an_unpacked_giant_is_refused(self, framing: str) -> None:
        """The cap holds for what was sent as it is, too."""
        giant = evolve(OK, body=b"1" * 300_000, framing=framing)
        error, server = send([giant], most_bytes=100_000)
        assert type(error) is FatalError
        assert len(server.heard) == 1

    @pytest.mark.parametrize(
        "reply",
        [
            evolve(OK, drip=(1, 0.02)),
            evolve(OK, drip=(1, 0.02), drips_head=True),
            evolve(OK, drip=(1, 0.02), framing="chunked"),
            evolve(OK, drip=(1, 60.0), drips_head=True),
        ],
        ids=["body", "head", "chunks", "silence"],
    )
    def test_http_18_a_drip_ends_at_the_deadline(self, reply: Reply) -> None:
        """However it drips, the whole answer must be there in time."""
        with FaultServer([reply]) as server:
            client = client_of(server.origin, deadline_s=0.3, max_attempts=1)
            began = monotonic()
            with pytest.raises(RetryableError, match="in time"):
                client.send(CALL)
            assert 0.25 <= monotonic() - began < 0.8

    def test_http_18_a_second_call_has_a_deadline_of_its_own(self) -> None:
        """A connection that is used again does not carry the first call's deadline."""
        slow = evolve(OK, drip=(len(OK.body) // 3, 0.06))
        with FaultServer([slow, slow, slow, evolve(OK, drip=(1, 0.02))]) as server:
            client = client_of(server.origin, deadline_s=0.4, max_attempts=1)
            assert all(client.send(CALL).data == PAGE for _ in range(3))
            began = monotonic()
            with pytest.raises(RetryableError, match="in time"):
                client.send(CALL)
            assert 0.35 <= monotonic() - began < 0.9
            assert server.connections == 1

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_http_18_silence_ends_at_the_deadline(self, scheme: str) -> None:
        """Whoever takes the connection and says nothing, to a greeting or to a request."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            origin = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
            client = client_of(origin, deadline_s=0.3, max_attempts=1)
            began = monotonic()
            with pytest.raises(RetryableError, match="in time"):
                client.send(CALL)
            assert 0.25 <= monotonic() - began < 0.9

    def test_an_endless_head_is_refused(self) -> None:
        """Headers without end are not collected."""
        endless = Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"x-filler: 0123456789\r\n" * 60_000)
        error, _ = send([endless], max_attempts=1)
        assert isinstance(error, RetryableError)


class TestWhatItIs:
    """A page is JSON in UTF-8 with something in it, and anything else is said."""

    def test_http_21_a_sign_in_page_is_no_data(self) -> None:
        """HTML with status 200 is refused by its type, and nothing of it is repeated."""
        html = Reply(
            headers=(("content-type", "text/html; charset=utf-8"),),
            body=b"<html><title>Sign in, zQ7person</title></html>",
        )
        error, server = send([html])
        assert isinstance(error, SchemaChanged)
        assert "text/html" in error.message
        assert "zQ7person" not in str(error) + repr(error.context)
        assert len(server.heard) == 1

    @pytest.mark.parametrize(
        "reply",
        [Reply(status=204), Reply(), evolve(OK, body=b""), evolve(OK, body=b"", framing="chunked")],
        ids=["204", "200", "JSON", "chunked"],
    )
    def test_http_23_nothing_is_not_an_empty_page(self, reply: Reply) -> None:
        """No body where a page was expected is an error, and not the end of the list."""
        error, server = send([reply])
        assert isinstance(error, TruncatedAnswer)
        assert "empty" in error.message
        assert len(server.heard) == 3

    def test_nothing_is_fine_where_nothing_was_asked_for(self) -> None:
        """A call that takes any type takes none."""
        answer, _ = send([Reply(status=204)], call=evolve(CALL, method="DELETE", accept=""))
        assert isinstance(answer, Answer)
        assert answer.body == b""

    @pytest.mark.parametrize("charset", ["ISO-8859-1", "latin1", '"windows-1252"'])
    def test_http_29_json_is_utf_8_by_rule(self, charset: str) -> None:
        """Whatever charset is declared, and that it was is noted."""
        headers = (("content-type", f"application/json; charset={charset}"),)
        body = json.dumps({"data": "Grüße, 東京"}, ensure_ascii=False).encode()
        answer, _ = send([Reply(headers=headers, body=body)])
        assert isinstance(answer, Answer)
        assert answer.data == {"data": "Grüße, 東京"}
        assert answer.notes == ("charset",)

    def test_a_byte_order_mark_is_no_part_of_the_data(self) -> None:
        """JSON behind a mark is read."""
        answer, _ = send([evolve(OK, body=b"\xef\xbb\xbf" + OK.body)])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE
        assert answer.notes == ()

    def test_http_31_another_pages_answer_is_found_out(self, tmp_path: Path) -> None:
        """Whoever mixes up answers serves a page again: the sync stops and says so."""

        def script(heard: Heard) -> Reply:
            number = asked_page(heard)
            return page_of(3, last=9) if number > 3 else page_of(number, last=9)

        with FaultServer(script) as server:
            (receipt,) = pulled(server, tmp_path, "notes")
            assert len(server.heard) <= 6
        assert not receipt.is_complete
        assert len(kept_notes(tmp_path)) == 9

    @pytest.mark.parametrize("hours", [2, -2])
    def test_http_32_a_wrong_clock_is_noted(self, hours: int) -> None:
        """The answer is good; by how much the clocks differ is said."""
        told = format_datetime(START + timedelta(hours=hours), usegmt=True)
        answer, _ = send([evolve(OK, headers=(*HEADERS, ("date", told)))])
        assert isinstance(answer, Answer)
        assert answer.skew_s == hours * 3600
        assert answer.notes == ("clock_skew",)
        assert answer.received_at == START

    def test_http_32_the_receipt_says_so(self, tmp_path: Path) -> None:
        """A sync keeps what it read, and counts the odd answers by a name."""
        told = format_datetime(START + timedelta(hours=2), usegmt=True)
        odd = (("content-type", "application/json; charset=latin-1"), ("date", told))
        with FaultServer([evolve(page_of(1, last=1), headers=odd)]) as server:
            (receipt,) = pulled(server, tmp_path, "notes")
        assert receipt.applied == 3
        assert receipt.drift["answer:clock_skew"] == 1
        assert receipt.drift["answer:charset"] == 1

    def test_garbage_is_a_broken_connection(self) -> None:
        """What is no HTTP is tried again."""
        answer, _ = send([Reply(raw=b"SSH-2.0-OpenSSH\r\n"), Reply(raw=b""), OK])
        assert isinstance(answer, Answer)
        assert answer.data == PAGE


class TestRedirects:
    """Redirects are followed by us, within the declared origins."""

    @pytest.mark.parametrize("signing", SIGNING)
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_http_25_no_credential_reaches_another_host(self, status: int, signing: str) -> None:
        """The other host gets no request at all."""
        with FaultServer([OK]) as other:
            place = other.origin.replace("127.0.0.1", "localhost") + "/v1/responses"
            for target in (place, other.origin + "/v1/responses", place.removeprefix("http:")):
                reply = Reply.redirect(target, status=status)
                error, server = send([reply], auth=SIGNING[signing])
                assert isinstance(error, ForeignOrigin)
                assert len(credentialed(server.heard)) == 1
            assert other.heard == []

    @pytest.mark.parametrize("place", ["/v2/all?x=1", "all?x=1", "../v1/all?x=1", "?page=2"])
    def test_a_redirect_within_the_origin_is_followed(self, place: str) -> None:
        """With the credentials, since it is the same source."""
        answer, server = send([Reply.redirect(place), OK])
        assert isinstance(answer, Answer)
        assert len(credentialed(server.heard)) == 2

    def test_a_circle_ends(self) -> None:
        """Five redirects and no more."""
        error, server = send([Reply.redirect("/v1/responses")])
        assert type(error) is FatalError
        assert len(server.heard) == 6

    @pytest.mark.parametrize(("status", "method"), [(303, "GET"), (307, "POST"), (308, "POST")])
    def test_a_post_keeps_its_meaning(self, status: int, method: str) -> None:
        """307 and 308 say to send it again, 303 to read elsewhere."""
        call = Call(path="/v1/search", method="POST", json={"limit": 5})
        answer, server = send([Reply.redirect("/v1/found", status=status), OK], call=call)
        assert isinstance(answer, Answer)
        assert server.heard[1].method == method
        assert bool(server.heard[1].body) == (method == "POST")

    @pytest.mark.parametrize("status", [301, 302])
    def test_a_post_is_not_sent_as_something_else(self, status: int) -> None:
        """301 and 302 leave open what to send: nothing is."""
        call = Call(path="/v1/search", method="POST", json={"limit": 5})
        error, server = send([Reply.redirect("/v1/found", status=status), OK], call=call)
        assert type(error) is FatalError
        assert len(server.heard) == 1


def test_connections_are_kept() -> None:
    """Calls go over one connection, refused ones too."""
    with FaultServer([OK, refused(503), refused(404), OK.packed()]) as server:
        client = client_of(server.origin)
        client.send(CALL)
        with pytest.raises(NotFound):
            client.send(CALL)
        for _ in range(50):
            client.send(CALL)
        client.close()
        assert len(server.heard) == 53
        assert server.connections == 1
