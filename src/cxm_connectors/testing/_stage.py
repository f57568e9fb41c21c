"""Where a connector under test plays: a vendor, a clock of its own, and faults on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from cxm_connectors.simulation import SimRequest, SimResponse, Simulator
from cxm_core.errors import RetryableError, UsageError
from cxm_core.plugins import WireAnswer, WireRequest

# Far more than any sync of a test asks, so that one that never ends is seen.
MOST_REQUESTS = 600


@frozen(kw_only=True)
class Sent:
    """One request that a connector sent, and when."""

    number: int
    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime

    @property
    def origin(self) -> str:
        """Scheme and host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """Path without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """Names and values of the query."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def identity(self) -> tuple[str, str, bytes]:
        """What makes two requests the same."""
        return self.method, self.url, self.body

    def as_heard(self) -> SimRequest:
        """The request as the vendor hears it."""
        parts = urlsplit(self.url)
        return SimRequest(
            method=self.method,
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            headers={name.lower(): value for name, value in self.headers},
            body=self.body,
        )


Vendor: TypeAlias = Callable[[Sent], SimResponse]
Fault: TypeAlias = Callable[[Sent, Vendor], SimResponse]


class Clock:
    """A clock that moves only when somebody waits."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.waited = 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.waited += seconds
        self.now += timedelta(seconds=seconds)


class Stage:
    """Carries requests into a vendor, keeps what was said, and spoils answers if told to."""

    def __init__(self, vendor: Simulator | None, clock: Clock, fault: Fault | None = None) -> None:
        self.clock = clock
        self.said: list[tuple[Sent, SimResponse]] = []
        self.requests: list[Sent] = []
        self.broken: Exception | None = None
        self._vendor = vendor
        self._fault = fault

    def send(self, request: WireRequest) -> WireAnswer:
        """Carry one request."""
        try:
            sent = self._noted(request)
            answer = self._fault(sent, self._answer) if self._fault else self._answer(sent)
        except (AssertionError, UsageError) as error:
            # The stage's own, which a connector may swallow; the run raises it again.
            self.broken = error
            raise
        self.said.append((sent, answer))
        return as_wire(answer)

    def _noted(self, request: WireRequest) -> Sent:
        sent = Sent(
            number=len(self.requests),
            method=request.method,
            url=request.url,
            headers=tuple(request.headers),
            body=request.body,
            at=self.clock.now,
        )
        self.requests.append(sent)
        if len(self.requests) > MOST_REQUESTS:
            raise AssertionError(f"It asks without end: {MOST_REQUESTS:,} requests.")
        return sent

    def _answer(self, sent: Sent) -> SimResponse:
        if self._vendor is None:
            raise AssertionError("It sends requests, but there is no vendor to answer them.")
        if len(self.requests) == 1:
            self._vendor.origin = sent.origin
        try:
            return self._vendor.respond(sent.as_heard())
        except (AssertionError, UsageError):
            raise
        except Exception:  # noqa: BLE001  (a simulator that trips over what it is asked)
            return SimResponse(status=400)

    def close(self) -> None:
        """Nothing is open."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Give a public address to any host: nobody connects to it."""
        del host, port
        return ("93.184.216.34",)


def as_wire(answer: SimResponse) -> WireAnswer:
    """Answer as a transport gives it; one that was cut breaks where it ends."""
    return WireAnswer(
        status=answer.status,
        headers=tuple((name.lower(), value) for name, value in answer.headers),
        pieces=_pieces(answer),
        close=_nothing,
    )


def _pieces(answer: SimResponse) -> Iterator[bytes]:
    yield answer.body[: answer.cut_at]
    if answer.cut_at is not None:
        raise RetryableError("The connection ended before the answer was whole.")


def _nothing() -> None:
    pass
