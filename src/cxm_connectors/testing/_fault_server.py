"""A server that fails on purpose, over real sockets, as its script says, and keeps the ledger."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from time import monotonic
from types import TracebackType
from typing import Literal, Self, TypeAlias

from attrs import evolve, field, frozen

_JSON = ("content-type", "application/json")
_PIECE = 1 << 16
_PATIENCE_S = 2.0


@frozen(kw_only=True)
class Heard:
    """One request that reached the server.

    Parameters
    ----------
    method : str
        Upper case.
    target : str
        Path and query, as they were sent.
    headers : mapping of str to str
        Names in lower case.
    body : bytes
        Empty for none.
    at_s : float
        When, by a clock that only runs forward.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    at_s: float = 0.0


@frozen(kw_only=True)
class Reply:
    """What is answered, and how it goes wrong on the wire.

    Parameters
    ----------
    status : int
        Status code.
    headers : sequence of (str, str)
        Without what says where the body ends.
    body : bytes
        As it goes over the wire.
    framing : {'length', 'chunked', 'close'}
        How the body's end is told: by a length ahead, in pieces, or by closing the connection.
    declared : int or None
        Another length than the true one.
    cut_at : int or None
        Close the connection after so many bytes of the body.
    drip : (int, float) or None
        Send so many bytes at a time, and wait so many seconds between.
    drips_head : bool
        Drip the status line and headers too.
    raw : bytes or None
        Send this alone, whatever it is.
    """

    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = field(default=b"", repr=False)
    framing: Literal["length", "chunked", "close"] = "length"
    declared: int | None = None
    cut_at: int | None = None
    drip: tuple[int, float] | None = None
    drips_head: bool = False
    raw: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, data: object, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()
    ) -> Reply:
        """Answer with JSON.

        Parameters
        ----------
        data : object
            What JSON can say.
        status : int
            Status code.
        headers : sequence of (str, str)
            More headers.

        Returns
        -------
        Reply
            Whole, unless it is changed.

        Examples
        --------
        >>> Reply.of({"data": []}).body
        b'{"data": []}'
        """
        return cls(status=status, headers=(_JSON, *headers), body=json.dumps(data).encode())

    @classmethod
    def redirect(cls, place: str, *, status: int = 302) -> Reply:
        """Send the caller elsewhere.

        Parameters
        ----------
        place : str
            Where to.
        status : int
            301, 302, 303, 307 or 308.

        Returns
        -------
        Reply
            Without a body.

        Examples
        --------
        >>> Reply.redirect("/new").status
        302
        """
        return cls(status=status, headers=(("location", place),))

    def packed(self, *, drop: int = 0) -> Reply:
        """Pack the body with gzip, and lose its last bytes.

        Parameters
        ----------
        drop : int
            How many bytes are lost.

        Returns
        -------
        Reply
            Its declared length is that of what is left.

        Examples
        --------
        >>> Reply.of([1]).packed().headers[-1]
        ('content-encoding', 'gzip')
        """
        packed = gzip.compress(self.body, mtime=0)
        headers = (*self.headers, ("content-encoding", "gzip"))
        return evolve(self, body=packed[: len(packed) - drop], headers=headers)


Script: TypeAlias = Sequence[Reply] | Callable[[Heard], Reply]


@frozen(kw_only=True)
class Served:
    """One line of the ledger.

    Parameters
    ----------
    heard : Heard
        What was asked.
    reply : Reply
        What was answered.
    sent : int
        Bytes of the body that were sent before either side closed.
    """

    heard: Heard
    reply: Reply
    sent: int


class FaultServer:
    """Serve a script of good and bad answers on loopback for as long as the `with` block runs.

    Parameters
    ----------
    script : sequence of Reply or callable
        One reply a request, in order, the last again and again; or a function of the request.
    tls : ssl.SSLContext or None
        Serve over TLS with this context.

    Attributes
    ----------
    origin : str
        Where it is served.
    heard : list of Heard
        What was asked, in order.
    ledger : list of Served
        What was served, in the order in which it was finished; whole after the `with` block.
    connections : int
        How many were opened.

    Raises
    ------
    OSError
        No port is free.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> with FaultServer([Reply.of({"data": []})]) as server:
    ...     print(urlopen(server.origin + "/v1/responses").read())
    b'{"data": []}'
    >>> [served.heard.target for served in server.ledger]
    ['/v1/responses']
    """

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.heard: list[Heard] = []
        self.ledger: list[Served] = []
        self.connections = 0
        self._script = script
        self._lock = Condition()
        self._under_way = 0
        self._failure: Exception | None = None
        self._stopped = Event()
        self._server = _Server(self, tls)
        scheme = "http" if tls is None else "https"
        self.port = int(self._server.server_address[1])
        self.origin = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

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
        """Serve no more; an answer that still drips is broken off, and a script's bug raised."""
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self._lock:
            self._lock.wait_for(lambda: self._under_way == 0, timeout=_PATIENCE_S)
        if self._failure is not None and error is None:
            raise self._failure

    def reply_to(self, heard: Heard) -> Reply:
        """Note a request and look up its answer.

        Parameters
        ----------
        heard : Heard
            What was asked.

        Returns
        -------
        Reply
            By the script.
        """
        with self._lock:
            self._under_way += 1
            position = len(self.heard)
            self.heard.append(heard)
            try:
                return _scripted(self._script, heard, position)
            except Exception as error:  # noqa: BLE001  (a bug of the script, raised at the end)
                self._failure = self._failure or error
                return Reply(status=500)

    def note(self, served: Served) -> None:
        """Enter a line in the ledger.

        Parameters
        ----------
        served : Served
            What was served.
        """
        with self._lock:
            self.ledger.append(served)
            self._under_way -= 1
            self._lock.notify_all()

    def paused(self, seconds: float) -> bool:
        """Wait between two drops; say whether to go on.

        Parameters
        ----------
        seconds : float
            How long.

        Returns
        -------
        bool
            False once the server stops.
        """
        return not self._stopped.wait(seconds)


def _scripted(script: Script, heard: Heard, position: int) -> Reply:
    return script(heard) if callable(script) else script[min(position, len(script) - 1)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, faults: FaultServer, tls: ssl.SSLContext | None) -> None:
        self.faults = faults
        super().__init__(("127.0.0.1", 0), _Connection)
        if tls is not None:
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who fails on purpose is left by its callers."""


class _Connection(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def setup(self) -> None:
        self.server.faults.connections += 1
        super().setup()

    def handle_one_request(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.raw_requestline = self.rfile.readline(_PIECE)
            if self.raw_requestline and self.parse_request():
                self._respond()

    def _respond(self) -> None:
        faults, heard = self.server.faults, self._heard()
        reply = faults.reply_to(heard)
        is_whole = reply.raw is None and reply.cut_at is None and reply.framing != "close"
        self.close_connection = not is_whole
        sent = 0
        try:
            for drop in _drops(_head(reply), reply.drip if reply.drips_head else None):
                self._send(drop, reply)
            for drop in _drops(_body(reply), reply.drip):
                self._send(drop, reply)
                sent += len(drop)
        finally:
            faults.note(Served(heard=heard, reply=reply, sent=sent))

    def _heard(self) -> Heard:
        length = int(self.headers.get("content-length") or 0)
        return Heard(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            at_s=monotonic(),
        )

    def _send(self, drop: bytes, reply: Reply) -> None:
        self.wfile.write(drop)
        if reply.drip is not None and not self.server.faults.paused(reply.drip[1]):
            raise BrokenPipeError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Write nothing to the terminal."""


def _head(reply: Reply) -> bytes:
    if reply.raw is not None:
        return b""
    lines = [f"HTTP/1.1 {reply.status} Scripted"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if reply.framing == "length" and reply.status != 204:
        length = len(reply.body) if reply.declared is None else reply.declared
        lines.append(f"content-length: {length}")
    elif reply.framing != "length":
        told = "transfer-encoding: chunked" if reply.framing == "chunked" else "connection: close"
        lines.append(told)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _body(reply: Reply) -> bytes:
    if reply.raw is not None:
        return reply.raw
    whole = _chunked(reply.body) if reply.framing == "chunked" else reply.body
    return whole[: reply.cut_at]


def _chunked(body: bytes) -> bytes:
    middle = len(body) // 2
    parts = [part for part in (body[:middle], body[middle:]) if part]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _drops(content: bytes, drip: tuple[int, float] | None) -> Iterator[bytes]:
    step = drip[0] if drip else _PIECE
    for start in range(0, len(content), step):
        yield content[start : start + step]
