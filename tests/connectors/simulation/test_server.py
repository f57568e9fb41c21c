from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from cxm_connectors.simulation import Serving, SimRequest, SimResponse


class Echo:
    """Answers with what it heard; some paths answer otherwise."""

    origin = ""

    def respond(self, request: SimRequest) -> SimResponse:
        """Answer by the path."""
        if request.path == "/cut":
            return SimResponse(body=b"0123456789", cut_at=4)
        if request.path == "/none":
            return SimResponse(status=204)
        if request.path == "/broken":
            raise ZeroDivisionError("a bug of the simulator")
        heard = {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "body": request.body.decode(),
            "origin": self.origin,
        }
        return SimResponse.of(heard, headers=[("X-Two", "a"), ("X-Two", "b")])


@pytest.fixture
def served() -> Iterator[Serving]:
    """Serve the echo."""
    with Serving(Echo()) as serving:
        yield serving


@pytest.fixture
def connection(served: Serving) -> Iterator[http.client.HTTPConnection]:
    """Connect to it."""
    client = http.client.HTTPConnection("127.0.0.1", int(served.origin.rpartition(":")[2]))
    yield client
    client.close()


def _asked(connection: http.client.HTTPConnection, *words: object) -> object:
    connection.request(*words)  # type: ignore[arg-type]  # method, target, body
    return json.loads(connection.getresponse().read())


def test_one_connection_serves_many_requests(
    served: Serving, connection: http.client.HTTPConnection
) -> None:
    """A kept connection carries one request after the other, each with its own body and query."""
    first = _asked(connection, "POST", "/a%20b?x=1&y=", b"hello")
    port = connection.sock.getsockname()
    second = _asked(connection, "GET", "/c")
    assert first == {
        "method": "POST",
        "path": "/a b",
        "query": {"x": "1", "y": ""},
        "body": "hello",
        "origin": served.origin,
    }
    assert second["path"] == "/c"  # type: ignore[index]  # a dict
    assert connection.sock.getsockname() == port
    assert [exchange.request.method for exchange in served.log] == ["POST", "GET"]


def test_a_chunked_body_is_read(connection: http.client.HTTPConnection) -> None:
    """A body in chunks arrives whole."""
    connection.request("POST", "/", iter([b"ab", b"c" * 20]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["body"] == "ab" + "c" * 20


def test_a_header_may_come_twice(connection: http.client.HTTPConnection) -> None:
    """Two headers of one name are both sent."""
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    assert answer.headers.get_all("x-two") == ["a", "b"]


def test_a_cut_answer_ends_before_its_declared_length(
    served: Serving, connection: http.client.HTTPConnection
) -> None:
    """The length is declared whole, and the connection ends after the piece that was sent."""
    connection.request("GET", "/cut")
    with pytest.raises(http.client.IncompleteRead) as caught:
        connection.getresponse().read()
    assert (caught.value.partial, caught.value.expected) == (b"0123", 6)
    assert not served.log[0].is_whole


def test_no_content_has_no_body(connection: http.client.HTTPConnection) -> None:
    """204 and an answer to HEAD carry no body, and the connection goes on."""
    connection.request("GET", "/none")
    none = connection.getresponse()
    assert (none.status, none.read()) == (204, b"")
    connection.request("HEAD", "/")
    assert connection.getresponse().read() == b""
    assert _asked(connection, "GET", "/after")["path"] == "/after"  # type: ignore[index]  # a dict


def test_a_failure_of_the_simulator_is_raised_at_the_end() -> None:
    """A bug of a simulator answers 500 and surfaces when the block ends; it is never lost."""
    serving = Serving(Echo())
    with pytest.raises(ZeroDivisionError):
        _ask_for_trouble(serving)
    assert [exchange.status for exchange in serving.log] == [500]


def _ask_for_trouble(serving: Serving) -> None:
    with serving:
        client = http.client.HTTPConnection("127.0.0.1", int(serving.origin.rpartition(":")[2]))
        client.request("GET", "/broken")
        client.getresponse().read()
        client.close()


def test_the_end_closes_open_connections() -> None:
    """When the block ends, no connection stays and nobody answers."""
    with Serving(Echo()) as serving:
        host = ("127.0.0.1", int(serving.origin.rpartition(":")[2]))
        client = http.client.HTTPConnection(*host)
        _asked(client, "GET", "/")
    with pytest.raises((OSError, http.client.HTTPException)):
        _asked(client, "GET", "/")
    client.close()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(*host).connect()
