"""A simulated vendor without a socket: the connector's requests go straight into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from cxm_core.errors import RetryableError
from cxm_core.plugins import WireAnswer, WireRequest

from ._log import Exchange
from ._wire import SimRequest, SimResponse, Simulator

_PIECE = 65_536
# Any public address would do: nobody connects to it, but a client checks that it is public.
_ADDRESS = "93.184.216.34"


class InProcess:
    """Carry requests into a simulated vendor in this process.

    Parameters
    ----------
    simulator : Simulator
        The vendor; its `origin` is set, so that links in its answers lead back.
    origin : str
        Address under which the connector knows it.

    Attributes
    ----------
    origin : str
        The same address.
    log : list of Exchange
        What was asked and how it was answered, in order.

    Examples
    --------
    >>> from cxm_connectors.simulation import InProcess, SimRequest, SimResponse
    >>> from cxm_core.plugins import WireRequest
    >>> class Clock:
    ...     origin = ""
    ...     def respond(self, request: SimRequest) -> SimResponse:
    ...         return SimResponse.of({"path": request.path})
    >>> carrier = InProcess(Clock())
    >>> answer = carrier.send(WireRequest(method="GET", url=carrier.origin + "/now"))
    >>> answer.status, b"".join(answer.pieces)
    (200, b'{"path":"/now"}')
    """

    def __init__(
        self, simulator: Simulator, *, origin: str = "https://vendor.simulated.example"
    ) -> None:
        self.origin = origin
        self.log: list[Exchange] = []
        self._simulator = simulator
        simulator.origin = origin

    def send(self, request: WireRequest) -> WireAnswer:
        """Ask the vendor.

        Parameters
        ----------
        request : WireRequest
            What is asked.

        Returns
        -------
        WireAnswer
            The vendor's answer; a broken one raises `RetryableError` while its body is read.
        """
        asked = _as_heard(request)
        response = self._simulator.respond(asked)
        self.log.append(Exchange.of(asked, response))
        return WireAnswer(
            status=response.status,
            headers=tuple(_headers(response)),
            pieces=_pieces(response, method=asked.method),
            close=_nothing,
        )

    def close(self) -> None:
        """Let nothing go: there is no connection."""

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Give a public address for any host, for `Runtime.resolver`.

        Parameters
        ----------
        host : str
            Not looked up.
        port : int
            Not used.

        Returns
        -------
        sequence of str
            One address, to which nobody connects.
        """
        del host, port
        return (_ADDRESS,)


def _as_heard(request: WireRequest) -> SimRequest:
    parts = urlsplit(request.url)
    return SimRequest(
        method=request.method,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        headers={name.lower(): value for name, value in request.headers},
        body=request.body,
    )


def _headers(response: SimResponse) -> Iterator[tuple[str, str]]:
    for name, value in response.headers:
        yield name.lower(), value
    yield "content-length", str(len(response.body))


def _pieces(response: SimResponse, *, method: str) -> Iterator[bytes]:
    body = b"" if method == "HEAD" else response.body[: response.cut_at]
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]
    if response.cut_at is not None:
        raise RetryableError("The connection ended before the answer was whole.")


def _nothing() -> None:
    pass
