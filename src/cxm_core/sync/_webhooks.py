"""Webhooks: what a vendor pushes is verified, safe on the disk, and only then acknowledged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from logging import Logger, getLogger

from cxm_core.errors import AuthError, CxmError, SourceError, StoreError, UsageError
from cxm_core.plugins import Delivery, DeliveryKey, Handshake, Rejected, WebhookSource
from cxm_core.records import Record
from cxm_core.store import Clock, Journal, Refused

from ._ack import Ack
from ._adapters import Adapters
from ._edge import named
from ._recent import Recent

MOST_BYTES = 8 << 20
RETRY_AFTER_S = 60
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class WebhookReceiver(Adapters):
    """Takes what a vendor pushes, and answers it when it is safe on the disk.

    It needs no store: it appends to the journal, which the store folds when it opens next, or when
    the process that holds it looks. Any number of processes may receive at the same time.

    Parameters
    ----------
    connector : WebhookSource
        The source, as `cxm_core.plugins.build` makes it; it makes no calls here.
    journal : Journal
        Where deliveries are kept.
    source : str
        Name of the source, such as ``"typeform:acme"``.
    clock : callable
        Gives the present instant, aware.
    log : logging.Logger or None
        Is told what was refused and why, never what it held.
    most_bytes : int
        Longest body that is taken.

    Raises
    ------
    UsageError
        The connector has no webhook face.

    Notes
    -----
    What is verified but cannot be read at once is kept as it came, and read by `take_in`.
    A delivery that comes again is answered as the first one, and changes nothing: the receiver
    knows the last of them, the store those of the last 30 days.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cxm_core.records import Note
    >>> from cxm_core.store import open_journal, open_store
    >>> from cxm_core.sync import WebhookReceiver
    >>> class Letters:
    ...     def verify(self, delivery):
    ...         if delivery.headers.get("x-key") != "s3cret":
    ...             raise AuthError("The key is wrong.")
    ...     def parse(self, delivery):
    ...         text = delivery.body.decode()
    ...         yield Note(native_id="1", occurred_at=delivery.received_at, text=text)
    >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "cxm.duckdb")
    ...     journal = open_journal(path, clock=clock)
    ...     receiver = WebhookReceiver(Letters(), journal, source="letters:office", clock=clock)
    ...     url = "https://cx.example/hooks"
    ...     print(receiver.handle("POST", url, {"X-Key": "s3cret"}, b"Cold hall").status)
    ...     print(receiver.handle("POST", url, {"X-Key": "guess"}, b"Cold hall").status)
    ...     journal.close()
    ...     store = open_store(path, clock=clock)
    ...     print([note.text for note in store.records("note")])
    ...     store.close()
    200
    401
    ['Cold hall']
    """

    def __init__(
        self,
        connector: object,
        journal: Journal,
        *,
        source: str,
        clock: Clock,
        log: Logger | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        if not isinstance(connector, WebhookSource):
            raise UsageError(
                f"The connector of {source!r} takes no webhooks.", hint="sync it instead"
            )
        self.source = source
        self.most_bytes = most_bytes
        self._connector = connector
        self._journal = journal
        self._clock = clock
        self._log = log or getLogger("cxm.webhooks")
        self._recent = Recent()

    def handle(self, method: str, url: str, headers: Headers, body: bytes = b"") -> Ack:
        """Take one request, and say what to answer.

        Parameters
        ----------
        method : str
            HTTP method.
        url : str
            Whole address as the vendor wrote it, since some vendors sign it.
        headers : mapping of str to str, or pairs of them
            Capitals of the names do not matter.
        body : bytes
            The raw body: signatures hold for bytes.

        Returns
        -------
        Ack
            What to answer; nothing is ever raised for what was sent.

        Examples
        --------
        >>> from datetime import UTC, datetime
        >>> from tempfile import TemporaryDirectory
        >>> from cxm_core.store import open_journal
        >>> class Nobody:
        ...     def verify(self, delivery):
        ...         raise AuthError("There is no secret.")
        ...     def parse(self, delivery):
        ...         return ()
        >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
        >>> with TemporaryDirectory() as folder:
        ...     journal = open_journal(folder + "/cxm.duckdb", clock=clock)
        ...     receiver = WebhookReceiver(Nobody(), journal, source="a:b", clock=clock)
        ...     receiver.handle("POST", "https://cx.example/", {}, b"{}").status
        401
        """
        if len(body) > self.most_bytes:
            return self._refused(413, f"a body of {len(body):,} bytes")
        delivery = Delivery(
            method=method.upper(),
            url=url,
            headers=joined(headers),
            body=bytes(body),
            received_at=self._clock(),
        )
        try:
            return self._answer(delivery)
        except AuthError as error:
            return self._refused(401, error.message)
        except StoreError as error:
            return self._refused(503, error.message)
        except CxmError as error:
            return self._refused(500, error.message)

    def close(self) -> None:
        """Let go of the journal, where the server ends; what is sent later is answered with 503.

        Examples
        --------
        >>> from datetime import UTC, datetime
        >>> from cxm_core.store import open_journal
        >>> class Nobody:
        ...     def verify(self, delivery):
        ...         raise AuthError("There is no secret.")
        ...     def parse(self, delivery):
        ...         return ()
        >>> clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
        >>> journal = open_journal("cxm.duckdb", clock=clock)
        >>> WebhookReceiver(Nobody(), journal, source="a:b", clock=clock).close()
        """
        self._journal.close()

    def _answer(self, delivery: Delivery) -> Ack:
        with named(self._connector):
            if isinstance(self._connector, Handshake):
                answer = self._connector.handshake(delivery)
                if answer is not None:
                    return Ack(status=200, headers={"content-type": "text/plain"}, body=answer)
            self._connector.verify(delivery)
        key = key_of(self._connector, delivery)
        if key not in self._recent:
            self._keep(delivery, key)
            # Only now: what could not be kept is not known.
            self._recent.add(key)
        return Ack(status=200)

    def _keep(self, delivery: Delivery, key: str) -> None:
        """Append what the delivery holds to the journal; what it points to is fetched later."""
        try:
            records, refused = parsed(self._connector, delivery)
        except SourceError as error:
            self._log.info("%s: kept to be read later: %s", self.source, type(error).__name__)
            self._append((), delivery, key, request=written(delivery))
            return
        if records or refused:
            self._append(records, delivery, key, refused=refused)

    def _append(
        self,
        records: Iterable[Record],
        delivery: Delivery,
        key: str,
        *,
        refused: Iterable[Refused] = (),
        request: str | None = None,
    ) -> None:
        try:
            self._journal.append(
                records,
                source=self.source,
                at=delivery.received_at,
                delivery=key,
                refused=refused,
                request=request,
            )
        except UsageError as error:
            raise StoreError(f"A delivery cannot be kept: {error.message}") from error

    def _refused(self, status: int, why: str) -> Ack:
        self._log.warning("%s: a delivery was answered with %d: %s", self.source, status, why)
        told = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}
        return Ack(status=status, headers=told)


def joined(headers: Headers) -> dict[str, str]:
    """Headers by their names in lower case; those of one name as one, as HTTP joins them."""
    found: dict[str, str] = {}
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs:
        known = name.lower()
        found[known] = f"{found[known]}, {value}" if known in found else value
    return found


def key_of(connector: object, delivery: Delivery) -> str:
    """What tells a delivery from every other of its source: its own id, or a hash of its body."""
    with named(connector):
        own = connector.delivery_key(delivery) if isinstance(connector, DeliveryKey) else None
    # An address that nobody signed could be changed with every replay of the same body.
    told = delivery.body or f"{delivery.method} {delivery.url}".encode()
    text = b"id:" + own.encode() if own else b"body:" + told
    return sha256(text).hexdigest()


def parsed(connector: WebhookSource, delivery: Delivery) -> tuple[list[Record], list[Refused]]:
    """Records of a delivery, and rows of it that are none; a fault of the connector is named."""
    records: list[Record] = []
    refused: list[Refused] = []
    with named(connector):
        for item in connector.parse(delivery):
            if isinstance(item, Rejected):
                refused.append(
                    Refused(
                        kind=item.kind,
                        raw=item.raw,
                        problem=item.problem,
                        native_id=item.native_id,
                    )
                )
            else:
                records.append(item)
    return records, refused


_HELD_BACK = ("authorization", "cookie", "signature", "token", "secret", "key")


def written(delivery: Delivery) -> str:
    """The delivery as JSON, without what let it in."""
    headers = {
        name: value
        for name, value in delivery.headers.items()
        if not any(word in name for word in _HELD_BACK)
    }
    return json.dumps(
        {
            "method": delivery.method,
            # With a body, all that counts stands there; an address may hold a secret.
            "url": "" if delivery.body else delivery.url,
            "headers": headers,
            "body": delivery.body.decode("latin-1"),
            "received_at": delivery.received_at.isoformat(),
        }
    )


def read_back(text: str) -> Delivery:
    """Read the delivery that `written` wrote down."""
    told = json.loads(text)
    return Delivery(
        method=told["method"],
        url=told["url"],
        headers=told["headers"],
        body=told["body"].encode("latin-1"),
        received_at=datetime.fromisoformat(told["received_at"]),
    )
