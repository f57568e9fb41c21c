"""How a source knows us: what is declared on the connector, and the header that comes of it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Protocol

from attrs import field, frozen

from cxm_core.errors import AuthError
from cxm_core.plugins import Headers, Runtime

from ._calls import Answer, Call
from ._masking import MASK

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Revealing(Protocol):
    """What keeps a secret and gives it on demand: pydantic's `SecretStr`."""

    def get_secret_value(self) -> str:
        """Give it."""


@frozen(kw_only=True)
class Access:
    """What signing in may use.

    Parameters
    ----------
    runtime : Runtime
        Secrets, tokens and clock of the host.
    token : SecretStr or None
        Secret from the source's own configuration; it goes before the host's.
    exchange : callable
        Sends a call without credentials: how a token is fetched.
    origin : str
        Where paths are relative to.
    """

    runtime: Runtime = field(repr=False)
    token: Revealing | None = field(default=None, repr=False)
    exchange: Callable[[Call], Answer] = field(repr=False)
    origin: str

    def secret(self, name: str, *, is_main: bool = True, has_lines: bool = False) -> str:
        """Give the secret of the configuration (if it is the main one), else the host's.

        Raises
        ------
        AuthError
            There is none, or it is none that a header can carry.
        """
        told = self.token.get_secret_value() if is_main and self.token is not None else None
        value = (told or self.runtime.secrets(name) or "").strip()
        MASK.learn(value)
        if value and (has_lines or not _CONTROL.search(value)):
            return value
        problem = "has line ends or control characters inside" if value else "is not there"
        more = ", or `token` in the source's configuration" if is_main else ""
        # A traceback may show variables.
        del told, value
        raise AuthError(
            f"The secret {name} {problem}.",
            hint=f"set {name} in the environment{more}",
            secret_name=name,
            **dict.fromkeys(("method", "status", "request_id")),
        )


class Credentials(Protocol):
    """Headers that let a call in."""

    def headers(self) -> Headers:
        """Give them; they are kept ready."""

    def renew(self, refused: Headers) -> bool:
        """Get others after the source refused these; False if there are none."""


class Auth(Protocol):
    """How to sign in, as it is declared on a connector."""

    @property
    def secret_name(self) -> str:
        """Name of the main secret, for a hint."""

    def credentials(self, access: Access) -> Credentials:
        """Make the credentials; nothing is read or sent before they are first used."""


@frozen
class Bearer:
    """Sign in by a token that the vendor handed out once.

    Parameters
    ----------
    secret_name : str
        Name that the host knows the token by.
    header : str
        Header that carries it.
    prefix : str
        What stands before it.

    Examples
    --------
    >>> Bearer("ACME_TOKEN")
    Bearer(secret_name='ACME_TOKEN', header='Authorization', prefix='Bearer ')
    """

    secret_name: str
    header: str = field(default="Authorization", kw_only=True)
    prefix: str = field(default="Bearer ", kw_only=True)

    def credentials(self, access: Access) -> Credentials:
        """Make the header on first use."""
        return Fixed(lambda: ((self.header, self.prefix + access.secret(self.secret_name)),))


@frozen
class Basic:
    """Sign in by a user and a password, or what a vendor has in their place.

    Parameters
    ----------
    user : str
        User, such as ``"name@example.org/token"``; no secret.
    secret_name : str
        Name that the host knows the password by.

    Examples
    --------
    >>> Basic("X", "ACME_KEY").secret_name
    'ACME_KEY'
    """

    user: str = field(repr=False)
    secret_name: str

    def credentials(self, access: Access) -> Credentials:
        """Make the header on first use."""
        return Fixed(lambda: (basic_header(self.user, access.secret(self.secret_name)),))


@frozen
class Key:
    """Sign in by a key in a header of the vendor's own.

    Parameters
    ----------
    secret_name : str
        Name that the host knows the key by.
    header : str
        Header that carries it.

    Examples
    --------
    >>> Key("ACME_KEY", header="X-API-TOKEN")
    Key(secret_name='ACME_KEY', header='X-API-TOKEN')
    """

    secret_name: str
    header: str = field(default="X-API-Key", kw_only=True)

    def credentials(self, access: Access) -> Credentials:
        """Make the header on first use."""
        return Fixed(lambda: ((self.header, access.secret(self.secret_name)),))


def basic_header(user: str, password: str) -> tuple[str, str]:
    """Give the header of HTTP's basic scheme."""
    packed = b64encode(f"{user}:{password}".encode()).decode()
    MASK.learn(packed)
    return ("Authorization", f"Basic {packed}")


class Sealed(tuple[tuple[str, str], ...]):
    """Headers that do not show themselves, not even as a local variable in a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("credentials are not to be copied or kept")


class Fixed:
    """Credentials that stay as they are."""

    def __init__(self, make: Callable[[], Headers]) -> None:
        self._make = make
        self._headers: Sealed | None = None

    def headers(self) -> Headers:
        """Make them once."""
        if self._headers is None:
            self._headers = Sealed(self._make())
        return self._headers

    def renew(self, refused: Headers) -> bool:
        """There are no others."""
        del refused
        return False
