"""Which machine a host is: resolved once, checked, and then the only one that is spoken to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread

from cxm_core.errors import ForeignOrigin, RetryableError
from cxm_core.plugins import Resolver

from ._origins import Origin

_KEPT = timedelta(minutes=1)
_WAIT_S = 20.0
# RFC 6052: the last four bytes are an IPv4 address that a gateway would speak to.
_NAT64 = IPv6Network("64:ff9b::/96")


def machine_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the machine for the addresses of a host, and wait for the answer only so long."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError("no such name"))
        else:
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_WAIT_S)
    if failed or not found:
        raise failed[0] if failed else TimeoutError("no answer")
    return found


class Addresses:
    """Checked addresses of the declared hosts.

    Parameters
    ----------
    resolver : callable
        Gives the addresses of a host and port.
    clock : callable
        Gives the present instant.
    allow_private : bool
        Take loopback and private networks; link-local addresses are never taken.
    """

    def __init__(
        self, resolver: Resolver, *, clock: Callable[[], datetime], allow_private: bool
    ) -> None:
        self._resolver = resolver
        self._clock = clock
        self._allow_private = allow_private
        self._known: dict[Origin, tuple[datetime, list[str]]] = {}

    def of(self, origin: Origin) -> str:
        """Give the address to speak to; it is asked for again after a minute.

        Raises
        ------
        ForeignOrigin
            The host is in a network that a connector must not reach.
        RetryableError
            It has no address now.
        """
        known = self._known.get(origin)
        if known is None or not known[1] or self._clock() - known[0] > _KEPT:
            known = self._known[origin] = (self._clock(), self._resolved(origin))
        return known[1][0]

    def failed(self, origin: Origin) -> None:
        """Take the next address of this host from now on, or ask anew after the last."""
        known = self._known.get(origin)
        if known is not None:
            self._known[origin] = (known[0], known[1][1:])

    def _resolved(self, origin: Origin) -> list[str]:
        try:
            found = list(self._resolver(origin.host.strip("[]"), origin.port))
        except OSError:
            found = []
        if not found:
            raise RetryableError(f"{origin.host} has no address now.", method="resolve")
        # One forbidden address among good ones is how a name is turned against its asker.
        if not all(is_reachable(text, allow_private=self._allow_private) for text in found):
            raise ForeignOrigin(
                f"{origin.host} lies in a private or local network; nothing was sent there.",
                hint="if it should be reached, set allow_private_addresses = true for this source",
            )
        return found


def is_reachable(text: str, *, allow_private: bool) -> bool:
    """Whether a connector may speak to this address."""
    try:
        address = _meant(ip_address(text))
    except ValueError:
        return False
    is_old_local = isinstance(address, IPv6Address) and address.is_site_local
    if address.is_link_local or address.is_multicast or address.is_unspecified or is_old_local:
        return False
    return address.is_global or (allow_private and (address.is_private or address.is_loopback))


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
