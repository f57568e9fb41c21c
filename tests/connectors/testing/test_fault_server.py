"""The server that fails does what its script says, and keeps the ledger."""

from __future__ import annotations

import gzip
import socket
from http.client import HTTPConnection, IncompleteRead

import pytest
from attrs import evolve

from cxm_connectors.testing import FaultServer, Reply

OK = Reply.of({"data": [1, 2, 3]})


def asked(server: FaultServer, path: str = "/x") -> bytes:
    """Body of one answer."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_every_framing_is_read_by_others(framing: str) -> None:
    """A plain client reads the body, however its end is told."""
    with FaultServer([evolve(OK, framing=framing)]) as server:
        assert asked(server) == OK.body
    (served,) = server.ledger
    assert served.heard.target == "/x"
    assert served.sent >= len(OK.body)


def test_the_last_reply_is_repeated() -> None:
    """A script goes on as it ended."""
    with FaultServer([OK, Reply.of([])]) as server:
        assert [asked(server) for _ in range(3)] == [OK.body, b"[]", b"[]"]
        assert server.connections == 3


def test_a_script_may_be_a_function() -> None:
    """Of what was asked."""
    with FaultServer(lambda heard: Reply.of(heard.target)) as server:
        assert asked(server, "/a?b=1") == b'"/a?b=1"'


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_cut_body_is_cut(framing: str) -> None:
    """The connection ends early."""
    cut = evolve(OK, framing=framing, cut_at=7)
    with FaultServer([cut]) as server, pytest.raises(IncompleteRead):
        asked(server)
    assert server.ledger[0].sent == 7


def test_a_packed_body_loses_what_it_is_told_to() -> None:
    """Whole, it unpacks; cut, its declared length is that of what is left."""
    with FaultServer([OK.packed(), OK.packed(drop=6)]) as server:
        assert gzip.decompress(asked(server)) == OK.body
        with pytest.raises(EOFError):
            gzip.decompress(asked(server))


def test_raw_bytes_are_sent_as_they_are() -> None:
    """And nothing else."""
    with (
        FaultServer([Reply(raw=b"\x00\xffSSH")]) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.makefile("rb").read() == b"\x00\xffSSH"


def test_it_stops_amid_a_drip() -> None:
    """An answer that would take a minute does not hold up the end."""
    with (
        FaultServer([evolve(OK, drip=(1, 5.0))]) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(100)
    assert len(server.heard) == 1


def test_another_length_may_be_declared() -> None:
    """More than there is."""
    with (
        FaultServer([evolve(OK, declared=99, cut_at=19)]) as server,
        pytest.raises(IncompleteRead),
    ):
        asked(server)


def test_a_bug_in_a_script_is_raised() -> None:
    """Whoever wrote it hears of it, and not only the client."""

    def script(heard: object) -> Reply:
        raise KeyError("page")

    with pytest.raises(KeyError, match="page"), FaultServer(script) as server:
        asked(server)
    assert server.ledger[0].reply.status == 500
