"""A way to the vendor that fails now and then, as told, and the same way for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from random import Random

from attrs import frozen

from cxm_connectors.simulation import SimResponse
from cxm_core.errors import UsageError, did_you_mean
from cxm_core.plugins import Transport, WireAnswer, WireRequest

from ._faults import LASTING, PASSING, Moment, Spoil
from ._stage import as_wire

_IN_A_ROW = 2


@frozen(kw_only=True)
class Disturbance:
    """One answer that did not come as it was.

    Parameters
    ----------
    number : int
        Which request it was, from 0.
    fault : str
        What happened to it.
    """

    number: int
    fault: str


def _no_wait(seconds: float) -> None:
    del seconds


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Chaos:
    """Carry requests, and let some of the answers come to harm on the way.

    It is the `transport` of a `Runtime`, around another one. No more than two answers in a row are
    disturbed, so that a connector that tries again gets through; with the passing faults, which are
    those that are taken if none are named, it then keeps what it keeps on a quiet day.

    Parameters
    ----------
    transport : Transport
        What carries the requests.
    seed : int
        The same seed gives the same faults at the same requests.
    share : float in [0, 1]
        Share of the answers that are disturbed.
    faults : collection of str or None
        Names of faults, see Notes.
    sleep : callable
        Lets seconds pass, as the `Runtime` has it; the slow answer takes a minute of it.
    clock : callable
        Gives the present instant, aware.

    Attributes
    ----------
    told : list of Disturbance
        What happened so far.

    Raises
    ------
    UsageError
        There is no such fault, or the share is none.

    Notes
    -----
    Passing are ``429 in seconds``, ``429 at a date``, ``429 without a word``, ``429 by a reset``,
    ``503``, ``refused``, ``slow``, ``cut``, ``half``, ``page for people`` and ``nothing``.
    Two change what is served, and happen only if they are named: with ``rows again`` a page begins
    with the rows of the page before; with ``ties`` stamps have no seconds, so that many rows share
    one.

    Examples
    --------
    >>> from cxm_connectors.simulation import InProcess, SimResponse
    >>> from cxm_connectors.testing import Chaos
    >>> from cxm_core.plugins import WireRequest
    >>> class Acme:
    ...     origin = ""
    ...     def respond(self, request):
    ...         return SimResponse.of({"data": []})
    >>> chaos = Chaos(InProcess(Acme()), seed=4, share=0.5, faults=["503"])
    >>> ping = WireRequest(method="GET", url="https://api.acme.com/v1/ping")
    >>> [chaos.send(ping).status for _ in range(6)]
    [503, 200, 503, 503, 200, 503]
    """

    def __init__(
        self,
        transport: Transport,
        *,
        seed: int = 0,
        share: float = 0.25,
        faults: Collection[str] | None = None,
        sleep: Callable[[float], object] = _no_wait,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        if not 0 <= share <= 1:
            raise UsageError("The share of disturbed answers lies between 0 and 1.")
        self.told: list[Disturbance] = []
        self._transport = transport
        self._rng = Random(seed)  # noqa: S311  (the same faults each time)
        self._share = share
        self._faults = [_known(name) for name in (PASSING if faults is None else faults)]
        self._sleep, self._clock = sleep, clock
        self._sent = self._in_a_row = 0
        self._before: SimResponse | None = None

    @property
    def needs_address(self) -> bool:
        """Whether a host's address has to be found and checked before a request is sent."""
        return bool(getattr(self._transport, "needs_address", False))

    def send(self, request: WireRequest) -> WireAnswer:
        """Send one request, and give the answer as it comes through.

        Parameters
        ----------
        request : WireRequest
            What is asked.

        Returns
        -------
        WireAnswer
            The vendor's answer, or what became of it.

        Raises
        ------
        RetryableError
            The connection broke, or the answer was too slow.
        """
        answer, number = self._answer(request), self._sent
        self._sent += 1
        before, self._before = self._before, answer
        fault = self._drawn()
        if fault is None:
            return as_wire(answer)
        self.told.append(Disturbance(number=number, fault=fault))
        moment = Moment(now=self._clock(), sleep=self._sleep, before=before)
        return as_wire(_spoil(fault)(answer, moment))

    def close(self) -> None:
        """Let all connections go."""
        self._transport.close()

    def _answer(self, request: WireRequest) -> SimResponse:
        wire = self._transport.send(request)
        try:
            body = b"".join(wire.pieces)
        finally:
            wire.close()
        return SimResponse(status=wire.status, headers=tuple(wire.headers), body=body)

    def _drawn(self) -> str | None:
        """Fault that happens now; both numbers are drawn each time, so that a seed stays one."""
        is_hit, fault = self._rng.random() < self._share, self._rng.choice(self._faults)
        is_hit = is_hit and self._in_a_row < _IN_A_ROW
        self._in_a_row = self._in_a_row + 1 if is_hit else 0
        return fault if is_hit else None


def _known(name: str) -> str:
    names = [*PASSING, *LASTING]
    if name not in names:
        raise UsageError(f"There is no fault {name!r}.", hint=did_you_mean(name, names))
    return name


def _spoil(name: str) -> Spoil:
    return PASSING[name] if name in PASSING else LASTING[name]
