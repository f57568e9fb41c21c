"""A receiver behind a real web server, called over a socket by who may and by who may not."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from cxm_core.store import Store, journal_folder, open_journal, open_store
from cxm_core.sync import WebhookReceiver
from sync.pushed import SOURCE, Keyed, event, signed
from sync.scripted import Clock


class _Quiet(WSGIRequestHandler):
    """A handler that writes no log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base's word)
        """Say nothing."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """File of the store."""
    return tmp_path / "cxm.duckdb"


@pytest.fixture
def port(path: Path, clock: Clock) -> Iterator[int]:
    """Port of loopback at which a receiver listens."""
    journal = open_journal(path, clock=clock)
    receiver = WebhookReceiver(Keyed(), journal, source=SOURCE, clock=clock)
    with make_server("127.0.0.1", 0, receiver.wsgi(), handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
    receiver.close()


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    """The store, held by somebody else."""
    opened = open_store(path, clock=clock)
    yield opened
    opened.close()


def sent(
    port: int, body: bytes, headers: dict[str, str], method: str = "POST"
) -> tuple[int, bytes]:
    """Send one request, and give status and body of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, "/hooks/a%20b?token=s3cret&challenge=7", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_hook_02_hook_03_over_a_socket(port: int, path: Path, store: Store) -> None:
    """What is changed by one bit, or not signed, is refused and stored nowhere; else it is kept."""
    body = event(1)
    changed = bytes([body[0] ^ 1]) + body[1:]
    assert sent(port, changed, signed(body))[0] == 401
    assert sent(port, body, {})[0] == 401
    assert not journal_folder(path).exists()
    assert sent(port, body, signed(body)) == (200, b"")
    assert store.fold().counts.new == 1


def test_hook_05_a_replay_over_a_socket(port: int, store: Store) -> None:
    """The same bytes twice are answered with 200 twice, and applied once."""
    body = event(1)
    assert [sent(port, body, signed(body))[0] for _ in range(2)] == [200, 200]
    assert store.fold().counts.applied == 1


def test_a_challenge_over_a_socket(port: int) -> None:
    """The address arrives with its query, so that a challenge can be answered."""
    assert sent(port, b"", {}, "GET") == (200, b"7")
