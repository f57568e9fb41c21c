"""Where a connector may speak to: the origins it declares, and one reader of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, ForeignOrigin

_PORTS = {"http": 80, "https": 443}
# What different parsers read differently is refused before any reads it.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_HOST = re.compile(r"\A(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])\Z")
_PLAIN = re.compile(r"\A(?:[A-Za-z][A-Za-z_.-]*|v\d+|\d{4}-\d{2})\Z")
_KEPT = "/%:@!$&'()*+,;=~-._[]"


@frozen
class Origin:
    """Scheme, host and port of an address: what credentials are good for.

    Parameters
    ----------
    scheme : str
        ``http`` or ``https``.
    host : str
        Lower case, ASCII; an IPv6 address in brackets.
    port : int
        1 to 65,535.
    """

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host, and the port unless it is the scheme's own: what the ``Host`` header says."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@frozen(kw_only=True)
class Target:
    """One address that was read, checked and found within the declared origins.

    Parameters
    ----------
    origin : Origin
        Declared by the connector.
    path : str
        Path without query, encoded.
    query : str
        Encoded, without the question mark.
    """

    origin: Origin
    path: str = field(repr=False)
    query: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Whole address."""
        return f"{self.origin}{self.path}{'?' if self.query else ''}{self.query}"

    @property
    def shown(self) -> str:
        """Host and path as they may be told: what could be an id or an address is left out."""
        return f"{self.origin.host}{shown_path(self.path)}"


def shown_path(path: str) -> str:
    """Path with everything left out that is not a plain word."""
    return "/".join(part if not part or _PLAIN.match(part) else "*" for part in path.split("/"))


class Origins:
    """The declared origins; the first is the one that paths are relative to.

    Parameters
    ----------
    declared : str or sequence of str
        Such as ``https://api.acme.com``; the first may have a path that stands before all others.
    files : sequence of str
        Origins of files that a source points to.

    Raises
    ------
    ConfigurationError
        One is no origin.
    """

    def __init__(self, declared: str | Sequence[str], *, files: Sequence[str] = ()) -> None:
        texts = [declared] if isinstance(declared, str) else list(declared)
        parts = [_declared(text) for text in texts]
        if not parts:
            raise ConfigurationError("The connector declares no origin.")
        self._known = frozenset(_origin(part) for part in (*parts, *map(_declared, files)))
        self.first = _origin(parts[0])
        self._prefix = parts[0].path.rstrip("/")

    def declares(self, origin: Origin) -> bool:
        """Whether it is one of them."""
        return origin in self._known

    def target(self, place: str, params: Iterable[tuple[str, str]] = ()) -> Target:
        """Read a path below the first origin, or a whole address that a source gave.

        Raises
        ------
        ForeignOrigin
            It leads elsewhere, or cannot be read in one way only.
        """
        if _is_whole(place):
            return self._whole(place, params)
        return _below(self.first, f"{self._prefix}/{place.removeprefix('/')}", params)

    def linked(self, base: Target, place: str) -> Target:
        """Read the target of a redirect, which may be relative to where it was given.

        Raises
        ------
        ForeignOrigin
            It leads elsewhere, or cannot be read in one way only.
        """
        if _is_whole(place):
            return self._whole(place, ())
        if place.startswith("/"):
            return _below(base.origin, place, ())
        before = base.path if place.startswith("?") else base.path.rpartition("/")[0] + "/"
        return _below(base.origin, before + place, ())

    def _whole(self, place: str, params: Iterable[tuple[str, str]]) -> Target:
        parts = _split(place)
        if parts is None:
            raise _foreign("The source gave an address that cannot be trusted")
        origin = _origin(parts)
        if origin not in self._known:
            raise _foreign("The source pointed to another origin than the declared ones")
        rest = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        return _below(origin, rest, params)


def _is_whole(place: str) -> bool:
    """Whether a reader of addresses could take it for more than a path."""
    return place.startswith(("//", "\\")) or ":" in re.split(r"[/?#]", place, maxsplit=1)[0]


def _foreign(message: str) -> ForeignOrigin:
    return ForeignOrigin(
        f"{message}; nothing was sent there.",
        hint="if it is one of the vendor's own hosts, the connector must declare it",
    )


def _below(origin: Origin, place: str, params: Iterable[tuple[str, str]]) -> Target:
    if _UNSAFE.search(place.replace(" ", "")):
        raise _foreign("The source gave an address with characters that none may have")
    path, _, query = place.partition("#")[0].partition("?")
    more = urlencode(list(params), quote_via=quote, safe="")
    kept = "&".join(part for part in (quote(query, safe=_KEPT + "?"), more) if part)
    return Target(origin=origin, path=quote(path, safe=_KEPT), query=kept)


def _split(place: str) -> SplitResult | None:
    """Parts of a whole address, or None unless every parser reads it alike."""
    if _UNSAFE.search(place) or not place.isascii():
        return None
    try:
        parts = urlsplit(place)
        port = parts.port
    except ValueError:
        return None
    has_user = "@" in parts.netloc
    is_known = parts.scheme in _PORTS and port != 0
    return parts if is_known and not has_user and _HOST.match(_host(parts)) else None


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").lower()
    return f"[{name}]" if ":" in name else name


def _origin(parts: SplitResult) -> Origin:
    return Origin(parts.scheme, _host(parts), parts.port or _PORTS[parts.scheme])


def _declared(text: str) -> SplitResult:
    parts = _split(text)
    if parts is None or parts.query or parts.fragment:
        raise ConfigurationError(
            "A declared origin cannot be read.",
            hint="write it as scheme and host, such as 'https://api.acme.com'",
        )
    return parts
