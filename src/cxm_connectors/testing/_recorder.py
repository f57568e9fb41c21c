"""Record a conversation with a vendor, without what must not be written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from cxm_connectors.toolkit import HttpTransport
from cxm_core.errors import MissingExtraError
from cxm_core.plugins import (
    Checkpoint,
    Connector,
    ConnectorClass,
    ReadRequest,
    Runtime,
    State,
    Transport,
    WireAnswer,
    WireRequest,
    build,
)

from ._cassettes import Exchange, as_vcr
from ._scrubbing import Scrubber, sent_secrets


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Recorder:
    """Carry requests to the vendor, and write them with their answers into a cassette.

    Secrets are written as ``scrubbed``; mail addresses, names, numbers, addresses and sentences of
    people are written as made-up ones, the same for the same person.
    It is the `transport` of a `Runtime`; the file is written when it is closed.
    Look through the file before you publish it: what a vendor calls a person, only you can know.

    Parameters
    ----------
    path : str or Path
        The cassette: ``.yaml`` needs PyYAML, anything else is JSON.
    transport : Transport
        What carries the requests.
    secrets : iterable of str
        Every secret that the connector uses.
    clock : callable
        Gives the present instant, aware.

    Examples
    --------
    >>> from cxm_connectors.simulation import InProcess, SimResponse
    >>> from cxm_connectors.testing import Recorder, cassette
    >>> from cxm_core.plugins import WireRequest
    >>> class Acme:
    ...     origin = ""
    ...     def respond(self, request):
    ...         return SimResponse.of({"data": [{"id": 1, "email": "ann@acme.com"}]})
    >>> with Recorder("acme.json", transport=InProcess(Acme()), secrets=["hunter22"]) as recorder:
    ...     answer = recorder.send(
    ...         WireRequest(
    ...             method="GET",
    ...             url="https://api.acme.com/v1/people",
    ...             headers=(("Authorization", "Bearer hunter22"),),
    ...         )
    ...     )
    >>> cassette("acme.json").exchanges[0].body
    b'{"data": [{"id": 1, "email": "person1@example.com"}]}'
    """

    def __init__(
        self,
        path: str | Path,
        *,
        transport: Transport,
        secrets: Iterable[str] = (),
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._path = Path(path)
        self._transport = transport
        self._secrets = set(secrets)
        self._clock = clock
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was recorded so far, not yet scrubbed."""
        return tuple(self._exchanges)

    @property
    def needs_address(self) -> bool:
        """Whether a host's address has to be found and checked before a request is sent."""
        return bool(getattr(self._transport, "needs_address", False))

    def hide(self, secret: str) -> None:
        """Let one more secret be scrubbed, also from what was recorded before.

        Parameters
        ----------
        secret : str
            Its value.
        """
        self._secrets.add(secret)

    def send(self, request: WireRequest) -> WireAnswer:
        """Send one request, keep the exchange, and give the answer as it came.

        Parameters
        ----------
        request : WireRequest
            What is asked.

        Returns
        -------
        WireAnswer
            The vendor's answer, its body read to the end.

        Raises
        ------
        RetryableError
            The connection broke; nothing is kept of this request.
        """
        answer = self._transport.send(request)
        try:
            body = b"".join(answer.pieces)
        finally:
            answer.close()
        self._exchanges.append(self._exchange(request, answer, body))
        return WireAnswer(
            status=answer.status, headers=answer.headers, pieces=iter([body]), close=_nothing
        )

    def _exchange(self, request: WireRequest, answer: WireAnswer, body: bytes) -> Exchange:
        return Exchange(
            method=request.method,
            url=request.url,
            request_headers=tuple((name.lower(), value) for name, value in request.headers),
            request_body=request.body,
            status=answer.status,
            headers=tuple(pair for pair in answer.headers if pair[0] != "content-length"),
            body=body,
            recorded_at=self._clock(),
        )

    def close(self) -> None:
        """Scrub what was recorded, write the cassette, and let the connections go."""
        self._transport.close()
        secrets = self._secrets.union(*map(sent_secrets, self._exchanges))
        scrubber = Scrubber(secrets=tuple(sorted(secrets, key=len, reverse=True)))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        exchanges = [scrubber.exchange(one) for one in self._exchanges]
        text = _written(as_vcr(exchanges), is_yaml=self._path.suffix in {".yaml", ".yml"})
        self._path.write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def record(
    connector: type[Connector],
    path: str | Path,
    *,
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    transport: Transport | None = None,
) -> int:
    """Read every stream of a connector twice, and write the scrubbed conversation down.

    Parameters
    ----------
    connector : class
        The connector's class.
    path : str or Path
        The cassette: ``.yaml`` needs PyYAML, anything else is JSON.
    config : mapping, optional
        What a user would write under ``[sources.config]``; set `since` where the account is large.
    secrets : mapping of str to str, optional
        Where the connector's secrets stand by name, such as ``os.environ``; those that it asks for
        are scrubbed.
    transport : Transport, optional
        What carries requests; the toolkit's own over HTTP if not given.

    Returns
    -------
    int
        How many exchanges were recorded.

    Raises
    ------
    SourceError
        The vendor does not deliver; nothing is written.

    Examples
    --------
    >>> from cxm_connectors.simulation import InProcess, SimResponse
    >>> from cxm_connectors.testing import record
    >>> from cxm_connectors.toolkit import Bearer, Connector, Single, stream
    >>> from cxm_core.records import Note
    >>> class Acme(Connector):
    ...     name, origin, auth = "acme", "https://api.acme.com", Bearer("ACME_TOKEN")
    ...
    ...     @stream("notes", path="/v1/notes", rows="data", page=Single())
    ...     def notes(self, row):
    ...         return Note(native_id=row["id"], occurred_at=row["at"], text=row["text"])
    >>> class Vendor:
    ...     origin = ""
    ...     def respond(self, request):
    ...         row = {"id": "1", "at": "2026-11-05T09:00:00Z", "text": "Ann was very kind."}
    ...         return SimResponse.of({"data": [row]})
    >>> carrier = InProcess(Vendor())
    >>> record(Acme, "acme.json", secrets={"ACME_TOKEN": "hunter22"}, transport=carrier)
    2
    """
    carrier = transport or HttpTransport()
    recorder = Recorder(path, transport=carrier)
    runtime = Runtime(
        clock=_utc_now, root=Path(), secrets=_hidden(secrets or {}, recorder), transport=recorder
    )
    try:
        _read_twice(build(cast("ConnectorClass", connector), config or {}, runtime))
    except BaseException:
        carrier.close()
        raise
    recorder.close()
    return len(recorder.exchanges)


def _read_twice(source: Connector) -> None:
    states: dict[str, State | None] = {}
    source.check()
    for _ in ("first sync", "second sync"):
        for stream in source.streams():
            state = states.get(stream.name)
            for item in source.read(stream.name, state, ReadRequest()):
                state = item.state if isinstance(item, Checkpoint) else state
            states[stream.name] = state


def _hidden(secrets: Mapping[str, str], recorder: Recorder) -> Callable[[str], str | None]:
    """Secrets of which each that is asked for will be scrubbed."""

    def secret(name: str) -> str | None:
        found = secrets.get(name)
        if found is not None:
            recorder.hide(found)
        return found

    return secret


def _nothing() -> None:
    pass


def _written(data: dict[str, Any], *, is_yaml: bool) -> str:
    if not is_yaml:
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    try:
        import yaml  # noqa: PLC0415  (only for YAML)
    except ImportError as error:
        raise MissingExtraError(
            "A cassette in YAML needs PyYAML.", hint="pip install pyyaml"
        ) from error
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100))
