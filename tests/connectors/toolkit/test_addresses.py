"""Names are looked up, checked and remembered for a while."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit import _addresses
from cxm_connectors.toolkit._addresses import Addresses, is_reachable, machine_addresses
from cxm_connectors.toolkit._origins import Origin
from cxm_core.errors import RetryableError
from reliability.wire_stand import Time

ACME = Origin("https", "api.acme.com", 443)


class Book:
    """A resolver that notes who asked."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Give the next answer; the last again and again."""
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


def test_a_name_is_asked_for_once_a_minute() -> None:
    """Pages that follow each other cost one look-up."""
    time, book = Time(), Book(["93.184.216.34"])
    addresses = Addresses(book, clock=time.clock, allow_private=False)
    for _ in range(100):
        assert addresses.of(ACME) == "93.184.216.34"
        time.now += timedelta(seconds=1)
    assert book.asked == [("api.acme.com", 443)] * 2


def test_the_next_address_after_a_failure() -> None:
    """One after the other, then the name is asked for anew."""
    book = Book(["93.184.216.34", "93.184.216.35"], ["93.184.216.36"])
    addresses = Addresses(book, clock=Time().clock, allow_private=False)
    got = []
    for _ in range(3):
        got.append(addresses.of(ACME))
        addresses.failed(ACME)
    assert got == ["93.184.216.34", "93.184.216.35", "93.184.216.36"]
    addresses.failed(Origin("https", "other.example", 443))


@pytest.mark.parametrize("answer", [[], OSError("no such name")])
def test_no_address_is_a_failure_for_now(answer: Sequence[str] | OSError) -> None:
    """The name may be known again tomorrow."""
    addresses = Addresses(Book(answer), clock=Time().clock, allow_private=False)
    with pytest.raises(RetryableError, match="has no address now"):
        addresses.of(ACME)


def test_brackets_are_not_part_of_an_address() -> None:
    """An IPv6 host is asked for without them."""
    book = Book(["::1"])
    addresses = Addresses(book, clock=Time().clock, allow_private=True)
    assert addresses.of(Origin("http", "[::1]", 80)) == "::1"
    assert book.asked == [("::1", 80)]


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_another_counts_as_itself(address: IPv4Address) -> None:
    """Mapped, translated or tunnelled: nothing becomes reachable by another spelling."""
    number = int(address)
    hidden = [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x0064FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    wanted = is_reachable(str(address), allow_private=False)
    assert [is_reachable(str(one), allow_private=False) for one in hidden] == [wanted] * 3


@given(st.ip_addresses())
def test_what_is_reachable_is_so_where_more_is_allowed(
    address: IPv4Address | IPv6Address,
) -> None:
    """Allowing private networks takes nothing away."""
    if is_reachable(str(address), allow_private=False):
        assert is_reachable(str(address), allow_private=True)


class TestMachine:
    def test_loopback(self) -> None:
        """The machine knows its own name for itself."""
        assert set(machine_addresses("localhost", 80)) <= {"127.0.0.1", "::1"}

    @pytest.mark.parametrize("host", ["a" * 80, "\udcff", "no.such.name.invalid"])
    def test_a_name_that_is_none(self, host: str) -> None:
        """It ends in an `OSError`, as a resolver's failure does."""
        with pytest.raises(OSError, match=r"."):
            machine_addresses(host, 80)

    def test_a_silent_resolver_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A look-up has an end, too."""
        from threading import Event  # noqa: PLC0415

        released = Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(5) and [])
        monkeypatch.setattr(_addresses, "_WAIT_S", 0.05)
        with pytest.raises(TimeoutError):
            machine_addresses("api.acme.com", 443)
        released.set()
