"""A simulated vendor on loopback: HTTP/1.1 with kept connections, in a thread of its own."""

from __future__ import annotations

import socket
import socketserver
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedIOBase
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from ._log import Exchange
from ._wire import SimRequest, SimResponse, Simulator

_LONGEST_LINE = 65_536
_WITHOUT_BODY = (204, 304)


class Serving:
    """Serve a simulated vendor on loopback for as long as the `with` block runs.

    Parameters
    ----------
    simulator : Simulator
        The vendor; its `origin` is set, so that links in its answers lead back here.
    port : int
        Where to listen; 0 takes any that is free.

    Attributes
    ----------
    origin : str
        Where it is served.
    log : list of Exchange
        What was asked and how it was answered, in order.

    Raises
    ------
    OSError
        The port is taken.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> from cxm_connectors.simulation import Serving, SimRequest, SimResponse
    >>> class Clock:
    ...     origin = ""
    ...     def respond(self, request: SimRequest) -> SimResponse:
    ...         return SimResponse.of({"path": request.path})
    >>> with Serving(Clock()) as served:
    ...     with urlopen(served.origin + "/now") as answer:
    ...         print(answer.status, answer.read())
    200 b'{"path":"/now"}'
    >>> [(exchange.request.path, exchange.status) for exchange in served.log]
    [('/now', 200)]
    """

    def __init__(self, simulator: Simulator, *, port: int = 0) -> None:
        self.log: list[Exchange] = []
        self._simulator = simulator
        self._turn = Lock()
        self._failure: Exception | None = None
        self._server = _Server(("127.0.0.1", port), self)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        simulator.origin = self.origin
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Serve no more, and let all connections go."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._failure is not None and error is None:
            raise self._failure

    def answer(self, request: SimRequest) -> SimResponse:
        """Ask the vendor, one request at a time, and note both.

        Parameters
        ----------
        request : SimRequest
            What came in.

        Returns
        -------
        SimResponse
            What goes out; 500 where the simulator itself failed, and the `with` block raises why.
        """
        with self._turn:
            try:
                response = self._simulator.respond(request)
            except Exception as error:  # noqa: BLE001  (a bug of the simulator, raised at the end)
                self._failure = self._failure or error
                response = SimResponse(status=500, body=b"The simulator failed.")
            self.log.append(Exchange.of(request, response))
        return response


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Takes connections; those that are still open are shut when it closes."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], serving: Serving) -> None:
        self.serving = serving
        self.open: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def server_close(self) -> None:
        for connection in tuple(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Connection(socketserver.StreamRequestHandler):
    """One connection: requests one after the other until either side has enough."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.open.add(self.connection)
        try:
            with suppress(OSError, EOFError):
                while self._serve_one():
                    pass
        finally:
            self.server.open.discard(self.connection)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def _serve_one(self) -> bool:
        request = _read_request(self.rfile, self.connection)
        if request is None:
            return False
        response = self.server.serving.answer(request)
        self.connection.sendall(b"".join(_lines(request, response)))
        asked_to_close = request.headers.get("connection", "").lower() == "close"
        return response.cut_at is None and not asked_to_close


def _read_request(stream: BufferedIOBase, connection: socket.socket) -> SimRequest | None:
    words = stream.readline(_LONGEST_LINE).decode("latin-1").split()
    if len(words) != 3:
        return None
    headers = dict(_read_headers(stream))
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    method, target, _ = words
    return SimRequest(
        method=method.upper(), target=target, headers=headers, body=_read_body(stream, headers)
    )


def _read_headers(stream: BufferedIOBase) -> Iterator[tuple[str, str]]:
    while line := stream.readline(_LONGEST_LINE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        yield name.strip().lower(), value.strip()


def _read_body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(_read_chunks(stream))
    length = int(headers.get("content-length") or 0)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return body


def _read_chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := int(stream.readline(_LONGEST_LINE).partition(b";")[0], 16):
        yield stream.read(size)
        stream.readline(_LONGEST_LINE)
    dict(_read_headers(stream))


def _lines(request: SimRequest, response: SimResponse) -> Iterator[bytes]:
    """Give the answer as it goes over the wire."""
    yield f"HTTP/1.1 {response.status} Simulated\r\n".encode("latin-1")
    for name, value in response.headers:
        yield f"{name}: {value}\r\n".encode("latin-1")
    if response.status in _WITHOUT_BODY:
        yield b"\r\n"
        return
    yield f"content-length: {len(response.body)}\r\n\r\n".encode("latin-1")
    if request.method != "HEAD":
        yield response.body[: response.cut_at]
