"""A receiver behind a web server: the request arrives byte by byte as the vendor sent it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any
from wsgiref.validate import validator

import pytest

from cxm_core.sync import Ack, WebhookReceiver


class Heard(WebhookReceiver):
    """A receiver that notes what it is given."""

    def __init__(self, ack: Ack | None = None) -> None:
        self.most_bytes = 10
        self.ack = ack or Ack(status=200, headers={"content-type": "text/plain"}, body=b"42")
        self.given: list[tuple[str, str, dict[str, str], bytes]] = []

    def handle(self, method: str, url: str, headers: Any, body: bytes) -> Ack:
        """Take note."""
        self.given.append((method, url, dict(headers), body))
        return self.ack


def asked(heard: Heard, *bodies: bytes, public_url: str | None = None, **scope: Any) -> list[Any]:
    """Messages that the ASGI application sends for a request with a body in these pieces."""
    pieces = [
        {"type": "http.request", "body": body, "more_body": place < len(bodies)}
        for place, body in enumerate(bodies, 1)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    whole = {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": "/a b",
        "query_string": b"",
        "headers": [(b"host", b"cx.example"), (b"x-sig", b"1")],
    }
    asyncio.run(heard.asgi(public_url=public_url)(whole | scope, receive, send))
    return sent


class TestAsgi:
    def test_a_request(self) -> None:
        """Method, address as it was sent, headers and the whole body are handed over."""
        heard = Heard()
        start, body = asked(heard, b"{", b"}", raw_path=b"/a%20b?not", query_string=b"x=%2F")
        headers = {"host": "cx.example", "x-sig": "1"}
        assert heard.given == [("POST", "https://cx.example/a%20b?x=%2F", headers, b"{}")]
        assert (start["status"], body["body"]) == (200, b"42")
        assert (b"content-length", b"2") in start["headers"]

    def test_without_a_raw_path(self) -> None:
        """A server that knows only the path unquoted still gives a whole address."""
        heard = Heard()
        asked(heard, b"")
        assert heard.given[0][1] == "https://cx.example/a%20b"

    def test_behind_a_proxy(self) -> None:
        """Where a proxy stands before the server, the address is the one that vendors call."""
        heard = Heard()
        asked(heard, b"", public_url="https://hooks.acme.com/")
        assert heard.given[0][1] == "https://hooks.acme.com/a%20b"

    def test_a_body_that_is_too_long(self) -> None:
        """No more is held in memory than shows that it is too long."""
        heard = Heard()
        asked(heard, *[b"x" * 8] * 50)
        assert heard.most_bytes < len(heard.given[0][3]) <= 24

    def test_a_vendor_that_hangs_up(self) -> None:
        """A body that ends early is handed over as far as it came: no signature fits it."""
        heard = Heard()
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        pieces = iter([{"type": "http.request", "body": b"{", "more_body": True}])

        async def receive() -> Any:
            return next(pieces, {"type": "http.disconnect"})

        scope = {"type": "http", "method": "POST", "scheme": "https", "path": "/", "headers": []}
        asyncio.run(heard.asgi()(scope, receive, send))
        assert heard.given[0][3] == b"{"
        assert heard.given[0][1] == "https://localhost/"

    def test_the_server_begins_and_ends(self) -> None:
        """The protocol of a server's life is taken part in."""
        events = iter(["lifespan.startup", "lifespan.shutdown"])
        told: list[str] = []

        async def receive() -> Any:
            return {"type": next(events)}

        async def send(message: Any) -> None:
            told.append(message["type"])

        asyncio.run(Heard().asgi()({"type": "lifespan"}, receive, send))
        assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    def test_a_websocket_is_left_alone(self) -> None:
        """Anything but HTTP gets no answer."""
        assert asked(Heard(), b"", type="websocket") == []


def environ(body: bytes, **more: Any) -> dict[str, Any]:
    """A request as PEP 3333 has it."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/hooks",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "x=1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "cx.example",
        "HTTP_X_SIG": "1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    } | more


def called(heard: Heard, given: Mapping[str, Any], **how: Any) -> tuple[str, dict[str, str], bytes]:
    """What the WSGI application answers."""
    told: list[Any] = []

    def start(status: str, headers: Iterable[tuple[str, str]]) -> None:
        told.extend((status, dict(headers)))

    body = b"".join(heard.wsgi(**how)(given, start))
    return told[0], told[1], body


class Drops(BytesIO):
    """A body that comes in small pieces, however much is asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)

    def read(self, size: int | None = -1, /) -> bytes:
        """At most three bytes."""
        return super().read(3 if size is None or size < 0 else min(size, 3))


class TestWsgi:
    def test_a_request(self) -> None:
        """Method, address, headers and body are handed over."""
        heard = Heard()
        status, headers, body = called(heard, environ(b"{}"))
        method, url, given, content = heard.given[0]
        assert (method, url, content) == ("POST", "https://cx.example/hooks/a%20b?x=1", b"{}")
        assert (given["x-sig"], given["content-type"]) == ("1", "application/json")
        assert (status, headers["content-length"], body) == ("200 OK", "2", b"42")

    def test_a_server_that_knows_the_address_as_it_was_sent(self) -> None:
        """Escapes that the vendor signed stay as they were."""
        heard = Heard()
        called(heard, environ(b"", RAW_URI="/hooks/a%2Fb?x=%20"))
        assert heard.given[0][1] == "https://cx.example/hooks/a%2Fb?x=%20"

    def test_behind_a_proxy(self) -> None:
        """Where a proxy stands before the server, the address is the one that vendors call."""
        heard = Heard()
        called(heard, environ(b""), public_url="https://hooks.acme.com")
        assert heard.given[0][1] == "https://hooks.acme.com/hooks/a%20b?x=1"

    @pytest.mark.parametrize(("length", "read"), [("", 0), ("no", 0), ("-3", 0), ("50", 11)])
    def test_the_length_of_a_body(self, length: str, read: int) -> None:
        """No more is read than is declared, and no more than shows that it is too long."""
        heard = Heard()
        called(heard, environ(b"x" * 50, CONTENT_LENGTH=length))
        assert len(heard.given[0][3]) == read

    @pytest.mark.parametrize(("sent", "read"), [(0, 0), (7, 7), (50, 11)])
    def test_a_body_in_pieces(self, sent: int, read: int) -> None:
        """Without a length it is read to its end, or until it is seen to be too long."""
        heard = Heard()
        pieces = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        called(heard, environ(b"", **pieces) | {"CONTENT_LENGTH": "", "wsgi.input": Drops(sent)})
        assert heard.given[0][3] == b"x" * read

    def test_pieces_without_an_end(self) -> None:
        """A server that does not say where pieces end is told so; the body is not taken for empty.

        A wrong answer here would be 401, which says that the vendor's signature is wrong.
        """
        heard = Heard()
        given = environ(b"{}", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
        status, _, _ = called(heard, given)
        assert status == "411 Length Required"
        assert not heard.given

    @pytest.mark.parametrize("status", [200, 401, 413, 500, 503])
    def test_every_answer_has_its_words(self, status: int) -> None:
        """An answer's status has a phrase, as WSGI wants it."""
        told, _, _ = called(Heard(Ack(status=status)), environ(b""))
        assert told.startswith(f"{status} ")
        assert len(told) > 4

    def test_it_keeps_the_rules(self) -> None:
        """The standard library's validator of PEP 3333 finds nothing to say."""
        app: Any = validator(Heard().wsgi())  # type: ignore[arg-type]  # its own types differ
        given = environ(b"{}")
        given["wsgi.errors"] = _Errors()
        answer = app(given, lambda status, headers, exc=None: None)
        assert b"".join(answer) == b"42"
        answer.close()


class _Errors:
    """A stream for errors as PEP 3333 has it."""

    def write(self, text: str) -> None:
        """Refuse: nothing may be wrong."""
        raise AssertionError(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Refuse: nothing may be wrong."""
        raise AssertionError(*lines)

    def flush(self) -> None:
        """Do nothing."""
