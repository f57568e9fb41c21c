"""What a connector says to the outside world and hears from it, whatever carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

from attrs import field, frozen

Headers: TypeAlias = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class WireRequest:
    """One HTTP request, ready to be sent.

    Parameters
    ----------
    method : str
        Upper case.
    url : str
        Whole address, already checked against the connector's declared origins.
    headers : tuple of (str, str)
        All of them, credentials included; never shown.
    body : bytes
        Empty for none.
    address : str
        The IP address that the host was resolved to and that was checked; the carrier connects to
        it and to no other, and checks the certificate for the host of `url`.
    deadline_s : float
        Seconds until the whole answer, its last byte included, must be there.
    ca_bundle : str or None
        File of authorities to trust instead of the machine's own.
    """

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    address: str = ""
    deadline_s: float = 60.0
    ca_bundle: str | None = None


@frozen(kw_only=True)
class WireAnswer:
    """One HTTP answer as it comes: the head, and the body in pieces as they were sent.

    Parameters
    ----------
    status : int
        Status code.
    headers : tuple of (str, str)
        In their order, names in lower case.
    pieces : iterator of bytes
        The body without its transfer coding, but still packed if it was sent packed. It raises
        `RetryableError` when the connection breaks, or ends before the declared length.
    close : callable
        Lets the connection go; called once, also after a failure.
    """

    status: int
    headers: Headers = field(repr=False)
    pieces: Iterator[bytes] = field(repr=False)
    close: Callable[[], None] = field(repr=False)


class Transport(Protocol):
    """Carries requests: over sockets, from a cassette, or straight into a simulator."""

    def send(self, request: WireRequest) -> WireAnswer:
        """Send one request and give the answer's head; follow no redirect, and try only once.

        Raises
        ------
        RetryableError
            No connection, or none that is safe; the text names no address and no secret.
        """

    def close(self) -> None:
        """Let all connections go."""


Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""IP addresses of a host and port, as texts; raises OSError where there are none."""


class TokenStore(Protocol):
    """Keeps what a source hands out to be used once, such as a refresh token, across processes."""

    def get(self, key: str) -> str | None:
        """Give what was kept under a key."""

    def set(self, key: str, value: str) -> None:
        """Keep it durably before this returns: the vendor has forgotten the one before."""
