"""Requests over sockets, by the core of httpx2: the only file that knows an HTTP client."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from threading import Lock, local
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, cast
from weakref import finalize

from cxm_core.errors import ConfigurationError, MissingExtraError, RetryableError
from cxm_core.plugins import WireAnswer, WireRequest

from ._masking import hush

if TYPE_CHECKING:
    import httpcore2

    Trouble = tuple[type[Exception], ...]

_IDLE_S = 30.0


class HttpTransport:
    """Carries requests over HTTP/1.1, and keeps connections open between them.

    It connects to the address of the request and to no other, follows no redirect, reads no
    proxy from the environment, and has one deadline for everything up to the last byte.
    """

    #: The client must find out where to connect to.
    needs_address: ClassVar[bool] = True

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str | None], httpcore2.ConnectionPool] = {}
        self._lock = Lock()
        self._deadline = _Deadline()
        # A connector that is dropped amid its pages is told of by nobody.
        finalize(self, _let_go, self._pools)

    def send(self, request: WireRequest) -> WireAnswer:
        """Send one request and give the answer's head.

        Parameters
        ----------
        request : WireRequest
            With an address.

        Returns
        -------
        WireAnswer
            Its pieces come as they are read.

        Raises
        ------
        RetryableError
            No connection, none that is safe, or no answer in time.
        MissingExtraError
            The HTTP client is not installed.
        """
        until = monotonic() + request.deadline_s
        self._deadline.until = until
        pool, trouble = self._pool(request.address, request.ca_bundle), _trouble()
        try:
            answer = pool.handle_request(_core_request(request))
        except trouble as error:
            problem = type(error).__name__
            is_tls = isinstance(error.__context__, ssl.SSLError)
        else:
            return self._answer(answer, until, trouble)
        raise _broken(problem, is_tls=is_tls)

    def close(self) -> None:
        """Let all connections go."""
        with self._lock:
            _let_go(self._pools)

    def _pool(self, address: str, ca_bundle: str | None) -> httpcore2.ConnectionPool:
        with self._lock:
            pool = self._pools.get((address, ca_bundle))
            if pool is None:
                pool = _new_pool(_Backend(address, self._deadline), ca_bundle)
                self._pools[address, ca_bundle] = pool
            return pool

    def _answer(self, answer: httpcore2.Response, until: float, trouble: Trouble) -> WireAnswer:
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in answer.headers
        )
        pieces = self._pieces(cast("Iterable[bytes]", answer.stream), until, trouble)
        return WireAnswer(
            status=answer.status, headers=headers, pieces=pieces, close=_closing(answer, trouble)
        )

    def _pieces(self, stream: Iterable[bytes], until: float, trouble: Trouble) -> Iterator[bytes]:
        try:
            for piece in stream:
                yield piece
                self._deadline.until = until
        except trouble as error:
            problem = type(error).__name__
        else:
            return
        raise _broken(problem, is_tls=False)


def _let_go(pools: dict[tuple[str, str | None], httpcore2.ConnectionPool]) -> None:
    while pools:
        pools.popitem()[1].close()


def _broken(problem: str, *, is_tls: bool) -> RetryableError:
    if is_tls:
        return RetryableError(
            "No safe connection: the certificate is not one for this host that is trusted, "
            "or the protocol is too old.",
            hint="a company's own authority is named by ca_bundle; checking cannot be turned off",
            problem=problem,
        )
    if problem.endswith("Timeout"):
        return RetryableError("The whole answer was not there in time.", problem=problem)
    return RetryableError("The connection broke before the answer's end.", problem=problem)


def _closing(answer: httpcore2.Response, trouble: Trouble) -> Callable[[], None]:
    def close() -> None:
        try:
            answer.close()
        except trouble:
            return

    return close


def _core_request(request: WireRequest) -> httpcore2.Request:
    made: httpcore2.Request = _core().Request(
        request.method,
        request.url,
        headers=[(name.encode("latin-1"), value.encode()) for name, value in request.headers],
        content=request.body,
        # Every other step has the deadline of the stream itself.
        extensions={"timeout": {"pool": request.deadline_s}},
    )
    return made


@cache
def _core() -> Any:
    """The client, loaded when the first request is sent."""
    try:
        import httpcore2  # noqa: PLC0415  (a connector that is only listed loads no HTTP client)
    except ImportError:
        raise MissingExtraError.of("http", "Reading from a source over HTTP") from None
    hush()
    return httpcore2


def _trouble() -> Trouble:
    """What the client raises when the network, or the other side, is at fault."""
    core = _core()
    return (core.NetworkError, core.TimeoutException, core.ProtocolError, OSError)


def _new_pool(backend: _Backend, ca_bundle: str | None) -> httpcore2.ConnectionPool:
    pool: httpcore2.ConnectionPool = _core().ConnectionPool(
        ssl_context=_trust(ca_bundle), keepalive_expiry=_IDLE_S, network_backend=backend
    )
    return pool


def _trust(ca_bundle: str | None) -> ssl.SSLContext:
    context: ssl.SSLContext
    if ca_bundle is None:
        context = _core().default_ssl_context()
    else:
        try:
            context = ssl.create_default_context(cafile=ca_bundle)
        except OSError as error:
            raise ConfigurationError(
                "The file of ca_bundle cannot be read as certificates.",
                hint="it should hold certificates in PEM form",
                problem=type(error).__name__,
            ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Deadline(local):
    """When the request that this thread has sent must be answered."""

    until: float = 0.0

    def left(self) -> float:
        """Seconds left; at least a moment, since nought would mean to wait not at all."""
        return max(self.until - monotonic(), 0.001)


class _Backend:
    """Connects to one address, whatever host is asked for."""

    def __init__(self, address: str, deadline: _Deadline) -> None:
        self._address = address
        self._deadline = deadline

    def connect_tcp(self, host: str, port: int, **options: Any) -> _Stream:
        """Open a connection to the checked address."""
        del host
        options["timeout"] = self._deadline.left()
        inner = _core().SyncBackend().connect_tcp(self._address, port, **options)
        return _Stream(inner, self._deadline)


class _Stream:
    """One connection, whose every step ends at the deadline of the request that is on it."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        del timeout
        self._stop_when_late()
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        del timeout
        self._stop_when_late()
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        """Go on encrypted; the certificate is checked for the host of the address asked for."""
        del timeout
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Tell about the socket."""
        return self._inner.get_extra_info(info)

    def _stop_when_late(self) -> None:
        # A body that drips keeps each single read short.
        if monotonic() > self._deadline.until:
            raise _core().ReadTimeout("late")
