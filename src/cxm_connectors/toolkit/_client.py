"""The only way to the network: declared origins, credentials for them alone, whole answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from attrs import evolve, field, frozen, validators

from cxm_core.errors import (
    AuthError,
    FatalError,
    ForeignOrigin,
    RetryableError,
    SourceError,
    TruncatedAnswer,
)
from cxm_core.plugins import Headers, Runtime, Transport, WireAnswer, WireRequest

from ._addresses import Addresses, machine_addresses
from ._auth import Access, Auth, Credentials, Revealing, Sealed
from ._bodies import check_type, is_other_charset, read_body
from ._calls import Answer, Call
from ._httpx2 import HttpTransport
from ._limits import Counted, Gate, Rate, http_date, spent_budgets, told_wait_s
from ._masking import MASK
from ._origins import Origins, Target
from ._redirects import redirected
from ._retry import Patience, Setback
from ._spooling import read_file
from ._statuses import REDIRECTS, Facts, refusal, request_id

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL = re.compile(r';\s*rel\s*=\s*"?([^";]+)', re.IGNORECASE)
_SKEW_S = 300.0
_DRAINED = 1 << 16
_LOCKED = frozenset({401, 403})
_E = TypeVar("_E", bound=SourceError)


@frozen(kw_only=True)
class Options:
    """What one source may take of time and space.

    Parameters
    ----------
    deadline_s : float
        Seconds for one try, its last byte included.
    budget_s : float
        Seconds for one call, all its tries and waits included.
    most_bytes : int
        Largest body, unpacked.
    most_redirects : int
        Redirects that one call follows.
    allow_private : bool
        Speak to loopback and private networks; link-local addresses are never spoken to.
    ca_bundle : str or None
        File of authorities to trust instead of the machine's own.
    max_attempts : int
        Tries of one call, unless the source says when to come again.
    """

    deadline_s: float = field(default=60.0, validator=validators.gt(0))
    budget_s: float = field(default=900.0, validator=validators.gt(0))
    most_bytes: int = field(default=64 << 20, validator=validators.gt(0))
    most_redirects: int = field(default=5, validator=validators.ge(0))
    allow_private: bool = False
    ca_bundle: str | None = None
    max_attempts: int = field(default=6, validator=validators.ge(1))


class SafeClient:
    """Sends calls to declared origins, and gives whole answers or a typed error.

    Parameters
    ----------
    origins : str or sequence of str
        Where credentials may go; the first is what paths are relative to.
    auth : Auth or None
        How to sign in.
    limits : sequence of Rate or Counted
        Budgets that are kept before the source complains.
    runtime : Runtime
        Clock, sleep, secrets, and what carries the requests.
    options : Options
        Time and space.
    token : SecretStr or None
        Secret from the source's own configuration; it goes before the host's.
    file_origins : sequence of str
        Where files may be fetched from, besides; credentials never go there.

    Raises
    ------
    ConfigurationError
        An origin cannot be read.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from cxm_core.plugins import Runtime
    >>> runtime = Runtime(clock=lambda: datetime(2026, 11, 1, tzinfo=UTC), root=Path())
    >>> client = SafeClient("https://api.acme.com", runtime=runtime)
    >>> client.send(Call(path="https://evil.example/next"))
    Traceback (most recent call last):
        ...
    cxm_core.errors.ForeignOrigin: The source pointed to another origin than the declared ones...
    """

    def __init__(
        self,
        origins: str | Sequence[str],
        *,
        auth: Auth | None = None,
        limits: Sequence[Rate | Counted] = (),
        runtime: Runtime,
        options: Options = Options(),
        token: Revealing | None = None,
        file_origins: Sequence[str] = (),
    ) -> None:
        self._origins = Origins(origins)
        self._file_origins = Origins(origins, files=file_origins)
        # What a connector logs by mistake is masked, too.
        runtime.log.addFilter(MASK)
        self._runtime = runtime
        self._options = options
        self._gate = Gate(limits)
        self._transport: Transport = runtime.transport or HttpTransport()
        self._addresses = _addresses(self._transport, runtime, options)
        origin = str(self._origins.first)
        access = Access(runtime=runtime, token=token, exchange=self._exchange, origin=origin)
        self._credentials: Credentials | None = auth.credentials(access) if auth else None
        self._secret_name = ""
        if auth:
            # What the program names is more than what the vendor's users usually call it.
            self._secret_name = runtime.places.get("token") or auth.secret_name

    def __repr__(self) -> str:
        return f"SafeClient({str(self._origins.first)!r})"

    def send(self, call: Call) -> Answer:
        """Send a call, again if it must be, and give its whole answer.

        Parameters
        ----------
        call : Call
            What is asked.

        Returns
        -------
        Answer
            Its status is 200 to 299; its body is whole and of the type asked for.

        Raises
        ------
        RetryableError
            Not within the budget of time, or not before `resume_at`.
        FatalError
            Not until a person has changed something; its kinds are `AuthError`,
            `PermissionDenied`, `NotFound`, `ForeignOrigin`, `SchemaChanged` and `TruncatedAnswer`.
        """
        target = self._target(call)
        options = self._options
        patience = Patience(
            self._runtime, budget_s=options.budget_s, max_attempts=options.max_attempts
        )
        return self._persist(call, target, patience)

    def close(self) -> None:
        """Let all connections go that this client has opened."""
        if self._transport is not self._runtime.transport:
            self._transport.close()

    def _exchange(self, call: Call) -> Answer:
        """Send a call for a token, without credentials, to where the connector declared."""
        call = evolve(call, is_anonymous=True)
        if not call.path.startswith(("http://", "https://")):
            return self.send(call)
        runtime = evolve(self._runtime, transport=self._transport)
        origin = "/".join(call.path.split("/", 3)[:3])
        return SafeClient(origin, runtime=runtime, options=self._options).send(call)

    def _target(self, call: Call) -> Target:
        try:
            return self._origins_for(call).target(call.path, call.params)
        except ForeignOrigin as error:
            foreign = error
        # Raised anew: a traceback of the first one could show the address.
        raise ForeignOrigin(foreign.message, hint=foreign.hint, **_facts(call))

    def _origins_for(self, call: Call) -> Origins:
        return self._file_origins if call.file_bytes else self._origins

    def _persist(self, call: Call, target: Target, patience: Patience) -> Answer:
        can_renew = not call.is_anonymous and self._credentials is not None
        while True:
            now = self._runtime.clock()
            patience.wait_until(self._gate.enter(target.path, now, latest=patience.give_up_at))
            credentials = self._sign(call)
            outcome = self._try(call, target, credentials)
            if isinstance(outcome, Answer):
                return outcome
            if isinstance(outcome, Setback):
                self._hold_others(outcome)
                patience.after(outcome)
            elif can_renew and isinstance(outcome, AuthError) and self._is_renewed(credentials):
                can_renew = False
            else:
                raise outcome

    def _is_renewed(self, refused: Headers) -> bool:
        return self._credentials is not None and self._credentials.renew(refused)

    def _hold_others(self, setback: Setback) -> None:
        if setback.wait_s is not None:
            self._gate.shut(self._runtime.clock() + timedelta(seconds=setback.wait_s))

    def _try(
        self, call: Call, target: Target, credentials: Headers
    ) -> Answer | Setback | SourceError:
        """One try, its redirects included, all within one deadline."""
        options = self._options
        # A file may be long under way; it has the time that all tries of a call have together.
        given_s = options.budget_s if call.file_bytes else options.deadline_s
        until = self._runtime.clock() + timedelta(seconds=given_s)
        for _ in range(self._options.most_redirects + 1):
            outcome = self._hop(call, target, credentials, until)
            if not isinstance(outcome, tuple):
                return outcome
            call, target = outcome
        return FatalError(f"{call.method} {target.shown} is redirected in a circle.")

    def _hop(
        self, call: Call, target: Target, credentials: Headers, until: datetime
    ) -> Answer | Setback | SourceError | tuple[Call, Target]:
        if not self._origins.declares(target.origin):
            credentials = Sealed()
        try:
            wire = self._transport.send(self._request(call, target, credentials, until))
        except SourceError as error:
            located = _located(error, call, target)
            if not isinstance(error, RetryableError):
                return located
            if self._addresses is not None:
                self._addresses.failed(target.origin)
            return Setback(error=located)
        try:
            return self._outcome(call, target, wire)
        finally:
            wire.close()

    def _sign(self, call: Call) -> Headers:
        if call.is_anonymous or self._credentials is None:
            return Sealed()
        return self._credentials.headers()

    def _request(
        self, call: Call, target: Target, credentials: Headers, until: datetime
    ) -> WireRequest:
        address = "" if self._addresses is None else self._addresses.of(target.origin)
        left = (until - self._runtime.clock()).total_seconds()
        headers, body = _head(call, target)
        return WireRequest(
            method=call.method,
            url=target.url,
            headers=Sealed((*headers, *credentials)),
            body=body,
            address=address,
            deadline_s=max(left, 0.001),
            ca_bundle=self._options.ca_bundle,
        )

    def _outcome(
        self, call: Call, target: Target, wire: WireAnswer
    ) -> Answer | Setback | SourceError | tuple[Call, Target]:
        headers, now = dict(wire.headers), self._runtime.clock()
        self._learn(target, headers, now)
        if wire.status in REDIRECTS and "location" in headers:
            return self._redirected(call, target, wire.status, headers["location"])
        if 200 <= wire.status < 300:
            return self._answer(call, target, wire, headers)
        _drain(wire)
        if not self._origins.declares(target.origin) and wire.status in _LOCKED:
            return _gone(call, target, wire.status)
        failed = refusal(wire, call, target)
        if isinstance(failed, RetryableError):
            return Setback(error=failed, wait_s=told_wait_s(headers, now))
        return self._hinted(failed) if isinstance(failed, AuthError) else failed

    def _redirected(
        self, call: Call, target: Target, status: int, place: str
    ) -> SourceError | tuple[Call, Target]:
        try:
            there = self._origins_for(call).linked(target, place)
        except ForeignOrigin as error:
            return _located(error, call, target, status=status)
        goes_on = redirected(call, status, target)
        return goes_on if isinstance(goes_on, FatalError) else (goes_on, there)

    def _answer(
        self, call: Call, target: Target, wire: WireAnswer, headers: dict[str, str]
    ) -> Answer | Setback | SourceError:
        try:
            answer = self._whole(call, target, wire, headers)
            if call.accept == "application/json":
                # Read while it can still be asked for again; it is kept for the reader.
                _ = answer.data
        except SourceError as error:
            facts: Facts = {"status": wire.status, "request_id": request_id(headers)}
            located = _located(error, call, target, **facts)
            may_again = isinstance(error, RetryableError | TruncatedAnswer)
            return Setback(error=located) if may_again else located
        return answer

    def _whole(
        self, call: Call, target: Target, wire: WireAnswer, headers: dict[str, str]
    ) -> Answer:
        if call.file_bytes:
            file = read_file(wire, headers, most_bytes=call.file_bytes)
            return evolve(self._told(target, wire, headers, b""), file=file)
        body = read_body(wire, headers, most_bytes=self._options.most_bytes)
        check_type(headers, body, accept=call.accept)
        return self._told(target, wire, headers, body)

    def _told(
        self, target: Target, wire: WireAnswer, headers: dict[str, str], body: bytes
    ) -> Answer:
        now = self._runtime.clock()
        skew_s = _skew_s(headers, now)
        flags = {"clock_skew": bool(skew_s), "charset": is_other_charset(headers)}
        headers.pop("set-cookie", None)
        return Answer(
            status=wire.status,
            headers=headers,
            body=body,
            url=target.url,
            received_at=now,
            request_id=request_id(headers),
            links=_links(value for name, value in wire.headers if name == "link"),
            skew_s=skew_s,
            notes=tuple(name for name, is_set in flags.items() if is_set),
        )

    def _learn(self, target: Target, headers: Mapping[str, str], now: datetime) -> None:
        """Keep still until a budget that the source counts is full again."""
        for name, wait_s in spent_budgets(headers, now).items():
            budget = self._gate.budget_of(name, target.path)
            self._gate.shut(now + timedelta(seconds=wait_s), budget)

    def _hinted(self, error: AuthError) -> AuthError:
        hint = (
            f"look whether the secret {self._secret_name} is still good"
            if self._secret_name
            else None
        )
        return AuthError(error.message, hint=hint, **error.context)


def _addresses(transport: Transport, runtime: Runtime, options: Options) -> Addresses | None:
    """Whoever carries requests without sockets needs no address, unless the host checks them."""
    needs = getattr(transport, "needs_address", False)
    resolver = runtime.resolver or (machine_addresses if needs else None)
    if resolver is None:
        return None
    return Addresses(resolver, clock=runtime.clock, allow_private=options.allow_private)


def _head(call: Call, target: Target) -> tuple[Headers, bytes]:
    own = (
        ("host", target.origin.authority),
        ("user-agent", "cxm"),
        ("accept", call.accept or "*/*"),
        ("accept-encoding", "gzip"),
    )
    kind, body = _body(call)
    sent = (("content-type", kind), ("content-length", str(len(body)))) if kind else ()
    return (*own, *sent, *call.headers), body


def _body(call: Call) -> tuple[str, bytes]:
    if call.form is not None:
        return "application/x-www-form-urlencoded", urlencode(call.form).encode()
    if call.json is not None:
        return "application/json", json.dumps(call.json, separators=(",", ":")).encode()
    return "", b""


def _drain(wire: WireAnswer) -> None:
    """Read a short body to its end, so that the connection can be used again."""
    size = 0
    try:
        for piece in wire.pieces:
            size += len(piece)
            if size > _DRAINED:
                return
    except RetryableError:
        return


def _facts(call: Call) -> Facts:
    return {"method": call.method, "status": None, "request_id": None}


def _located(error: _E, call: Call, target: Target, **facts: object) -> _E:
    """The same error, with where and of what it speaks."""
    context = _facts(call) | dict(error.context) | facts
    message = f"{call.method} {target.shown}: {error.message}"
    return type(error)(message, hint=error.hint, **context)


def _gone(call: Call, target: Target, status: int) -> FatalError:
    """Error for an address that was a key for a while: to be treated as what is there no more."""
    return FatalError(
        f"{call.method} {target.shown}: the address of the file is good no more.",
        hint="the next sync asks for a new one",
        method=call.method,
        status=410,
        answered=status,
        request_id=None,
    )


def _skew_s(headers: Mapping[str, str], now: datetime) -> float:
    told = http_date(headers.get("date", ""))
    skew_s = 0.0 if told is None else (told - now).total_seconds()
    return skew_s if abs(skew_s) > _SKEW_S else 0.0


def _links(texts: Iterable[str]) -> dict[str, str]:
    """Targets of `Link` headers by their relation (RFC 8288)."""
    found: dict[str, str] = {}
    for place, parameters in (pair for text in texts for pair in _LINK.findall(text)):
        told = _REL.search(parameters)
        for relation in told.group(1).lower().split() if told else ():
            found.setdefault(relation, place)
    return found
