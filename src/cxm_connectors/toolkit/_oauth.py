"""OAuth 2: tokens are fetched when they are needed, and kept before they are used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, Literal

from attrs import evolve, field, frozen, validators

from cxm_core.errors import AuthError, FatalError, MissingExtraError, SchemaChanged, UsageError
from cxm_core.plugins import Headers

from ._auth import Access, Credentials, Sealed, basic_header
from ._calls import Call
from ._masking import MASK
from ._tokens import MemoryTokens, Slot

Flow = Literal["refresh", "client_credentials", "jwt"]

# A token that ends while a call is under way lets nobody in.
_EARLY = timedelta(seconds=60)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_KEY_TYPES: Mapping[str, Literal["RSA", "EC", "OKP"]] = {"ES": "EC", "Ed": "OKP"}
_REFUSED = frozenset({400, 401, 403})
_TOKEN = re.compile(r"\A[^\x00-\x20\x7f]+\Z")


@frozen(kw_only=True)
class Assertion:
    """What is signed with a private key in the JWT flow (RFC 7523); needs the extra ``oauth``.

    Parameters
    ----------
    key : str
        Name of the secret that is the private key, in PEM form.
    issuer : str
        Name of the secret that says who signs: a client id, a service account's address.
    audience : str
        For whom; an empty text means the token endpoint.
    subject : str
        Name of the secret that says on whose behalf; an empty text means nobody's.
    algorithm : str
        Such as ``"RS256"`` or ``"ES256"``.
    lifetime_s : int
        Seconds that the assertion is good for.

    Examples
    --------
    >>> Assertion(key="ACME_PRIVATE_KEY", issuer="ACME_CLIENT_ID").algorithm
    'RS256'
    """

    key: str
    issuer: str
    audience: str = ""
    subject: str = ""
    algorithm: str = "RS256"
    lifetime_s: int = 300


@frozen
class OAuth2:
    """Sign in by tokens of short life (RFC 6749), fetched from the vendor's token endpoint.

    Parameters
    ----------
    token_url : str
        Token endpoint: a path below the connector's origin, or a whole address.
    flow : {'refresh', 'client_credentials', 'jwt'}
        What a new access token is asked for with.
    client_id : str
        Name of the secret that is the client's id; an empty text for none.
    client_secret : str
        Name of the secret that is the client's own; an empty text for none.
    refresh_token : str
        Name of the secret that is the first refresh token; later ones are kept in the host's
        token store.
    scope : str
        Scopes, with spaces between; an empty text leaves it to the vendor.
    assertion : Assertion or None
        What is signed in the JWT flow.
    client_in : {'body', 'header'}
        Where the client's id and secret stand.
    extra : tuple of (str, str)
        More form fields, such as an audience.

    Raises
    ------
    UsageError
        The flow lacks what it asks with.

    Examples
    --------
    >>> OAuth2("/oauth/token", client_id="ACME_ID", refresh_token="ACME_REFRESH").secret_name
    'ACME_REFRESH'
    """

    token_url: str
    flow: Flow = field(
        default="refresh",
        kw_only=True,
        validator=validators.in_(("refresh", "client_credentials", "jwt")),
    )
    client_id: str = field(default="", kw_only=True)
    client_secret: str = field(default="", kw_only=True)
    refresh_token: str = field(default="", kw_only=True)
    scope: str = field(default="", kw_only=True)
    assertion: Assertion | None = field(default=None, kw_only=True)
    client_in: Literal["body", "header"] = field(default="body", kw_only=True)
    extra: tuple[tuple[str, str], ...] = field(default=(), kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.secret_name:
            raise UsageError(
                f"The {self.flow} flow of OAuth2 has nothing to ask with.",
                hint="name refresh_token, client_secret, or an assertion's key",
            )

    @property
    def secret_name(self) -> str:
        """Name of the secret that the flow rests on; the configuration's token takes its place."""
        key = self.assertion.key if self.assertion else ""
        names = {"refresh": self.refresh_token, "client_credentials": self.client_secret}
        return names.get(self.flow, key)

    def credentials(self, access: Access) -> Credentials:
        """Fetch a token on first use."""
        return _Tokens(self, access)


class _Tokens:
    """The tokens of one account; several threads share them."""

    def __init__(self, oauth: OAuth2, access: Access) -> None:
        self._oauth = oauth
        self._access = access
        self._store = access.runtime.tokens or MemoryTokens()
        self._slot: Slot | None = None
        self._headers: Headers = ()
        self._lock = Lock()

    def headers(self) -> Headers:
        """Give the header of a token that is still good."""
        with self._lock:
            if self._slot is None or self._is_late(self._slot):
                self._take(self._good_slot())
            return self._headers

    def renew(self, refused: Headers) -> bool:
        """Fetch another token, unless another thread has done so meanwhile."""
        with self._lock:
            if self._headers == refused:
                self._take(self._fetched(self._kept()))
            return True

    def _take(self, slot: Slot) -> None:
        self._headers = Sealed((("Authorization", f"Bearer {slot.access}"),))
        self._slot = slot

    def _good_slot(self) -> Slot:
        kept = self._kept()
        return self._fetched(kept) if kept.access is None or self._is_late(kept) else kept

    def _is_late(self, slot: Slot) -> bool:
        now = self._access.runtime.clock()
        return slot.expires_at is not None and now >= slot.expires_at - _EARLY

    def _main(self) -> str:
        has_lines = self._oauth.flow == "jwt"
        return self._access.secret(self._oauth.secret_name, has_lines=has_lines)

    def _named(self, name: str) -> str:
        is_main = name == self._oauth.secret_name
        return self._access.secret(name, is_main=is_main) if name else ""

    def _key(self) -> str:
        """Under which tokens are kept: another first secret is another sign-in."""
        oauth = self._oauth
        parts = (oauth.token_url, oauth.flow, oauth.scope, self._named(oauth.client_id))
        told = "\0".join((*parts, self._main()))
        return "oauth:" + sha256(told.encode()).hexdigest()

    def _kept(self) -> Slot:
        slot = Slot.from_text(self._store.get(self._key()))
        MASK.learn(*(token for token in (slot.access, slot.refresh) if token))
        return slot

    def _keep(self, slot: Slot) -> Slot:
        self._store.set(self._key(), slot.to_text())
        return slot

    def _fetched(self, before: Slot) -> Slot:
        """Ask for tokens, and keep them before anyone uses them.

        That a request is under way is kept first.
        If the process dies before its answer is kept, the next run finds that out and asks once
        more with the token it has: many vendors allow it for a while, and if not, a person is told.
        """
        self._keep(evolve(before, is_renewing=True))
        call = Call(
            path=self._oauth.token_url,
            method="POST",
            form=self._form(before),
            headers=self._client_header(),
        )
        try:
            answer = self._access.exchange(call)
        except FatalError as error:
            if error.context.get("status") not in _REFUSED:
                raise
            facts, refusal = dict(error.context), before
        else:
            return self._keep(_read_slot(answer.data, before, answer.received_at))
        raise self._signed_out(refusal, facts)

    def _signed_out(self, before: Slot, facts: dict[str, Any]) -> AuthError:
        why = ", perhaps since an earlier run was stopped amid it" if before.is_renewing else ""
        return AuthError(
            f"The source does not renew the sign-in (status {facts.get('status')}){why}.",
            hint=f"sign in again and put the new token where {self._oauth.secret_name} is kept",
            **facts,
        )

    def _form(self, before: Slot) -> dict[str, str]:
        oauth = self._oauth
        form = dict(oauth.extra) | self._grant(before)
        if oauth.scope and oauth.flow != "refresh":
            form["scope"] = oauth.scope
        if oauth.client_in == "body":
            own = (("client_id", oauth.client_id), ("client_secret", oauth.client_secret))
            form |= {field_: self._named(name) for field_, name in own if name}
        return form

    def _client_header(self) -> Headers:
        oauth = self._oauth
        if oauth.client_in == "body":
            return ()
        pair = basic_header(self._named(oauth.client_id), self._named(oauth.client_secret))
        return Sealed((pair,))

    def _grant(self, before: Slot) -> dict[str, str]:
        if self._oauth.flow == "refresh":
            token = before.refresh or self._main()
            return {"grant_type": "refresh_token", "refresh_token": token}
        if self._oauth.assertion is None:
            return {"grant_type": "client_credentials"}
        return {"grant_type": _JWT_GRANT, "assertion": self._signed(self._oauth.assertion)}

    def _endpoint(self) -> str:
        place = self._oauth.token_url
        return place if "://" in place else self._access.origin + place

    def _signed(self, assertion: Assertion) -> str:
        now = int(self._access.runtime.clock().timestamp())
        return _signed(
            self._main(),
            assertion,
            claims={
                "issuer": self._named(assertion.issuer),
                "subject": self._named(assertion.subject) or None,
                "audience": assertion.audience or self._endpoint(),
                "issued_at": now,
                "expires_at": now + assertion.lifetime_s,
            },
        )


def _signed(key: str, assertion: Assertion, *, claims: Mapping[str, Any]) -> str:
    try:
        from authlib.oauth2.rfc7523 import JWTBearerGrant  # noqa: PLC0415  (an optional library)
        from joserfc.errors import JoseError  # noqa: PLC0415  (what authlib signs with)
        from joserfc.jwk import import_key  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("oauth", "Signing in by a JWT") from None
    try:
        own = import_key(key, _KEY_TYPES.get(assertion.algorithm[:2], "RSA"))
        signed = JWTBearerGrant.sign(own, **claims, alg=assertion.algorithm)
    except (JoseError, ValueError) as error:
        problem = type(error).__name__
    else:
        return str(signed)
    # A traceback may show variables.
    del key
    raise AuthError(
        f"The secret {assertion.key} is no private key for {assertion.algorithm} ({problem}).",
        hint="it should be in PEM form, with its first and last line",
    )


def _read_slot(data: object, before: Slot, now: datetime) -> Slot:
    """Read a token endpoint's answer (RFC 6749, section 5.1)."""
    told = data if isinstance(data, dict) else {}
    access, refresh, lasts_s = (
        told.get(name) for name in ("access_token", "refresh_token", "expires_in")
    )
    if not _is_token(access) or not (refresh is None or _is_token(refresh)):
        raise SchemaChanged("The token endpoint's answer holds no access token.")
    MASK.learn(*(token for token in (access, refresh) if token))
    return Slot(
        access=access,
        refresh=refresh or before.refresh,
        expires_at=_ends_at(lasts_s, now),
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and _TOKEN.match(value) is not None


def _ends_at(lasts_s: object, now: datetime) -> datetime | None:
    try:
        seconds = float(str(lasts_s))
        return now + timedelta(seconds=seconds) if seconds >= 0 else None
    except (ValueError, OverflowError):
        return None
