"""Recorded conversations with a vendor, as VCR (Python and Ruby), betamax and Nango write them."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, MissingExtraError

from ._nango import interactions, is_nango

Pairs = tuple[tuple[str, str], ...]
# They tell of the connection that was recorded, not of the answer.
_OF_THE_CONNECTION = {"connection", "content-length", "keep-alive", "transfer-encoding"}


@frozen(kw_only=True)
class Exchange:
    """One request and its answer.

    Parameters
    ----------
    method : str
        Upper case.
    url : str
        Whole address.
    request_headers : tuple of (str, str)
        Names in lower case.
    request_body : bytes
        Empty for none.
    status : int
        Status code of the answer.
    headers : tuple of (str, str)
        Of the answer, without those of the connection.
    body : bytes
        As it was sent, still packed if it was.
    recorded_at : datetime or None
        When it was recorded, if the file says so.
    """

    method: str
    url: str = field(repr=False)
    request_headers: Pairs = field(default=(), repr=False)
    request_body: bytes = field(default=b"", repr=False)
    status: int = 200
    headers: Pairs = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    recorded_at: datetime | None = None


@frozen(kw_only=True)
class Cassette:
    """A recorded conversation, in its order.

    Parameters
    ----------
    exchanges : tuple of Exchange
        At least one.
    name : str
        Name of the file, for messages.
    """

    exchanges: tuple[Exchange, ...] = field(repr=False)
    name: str = "cassette"

    @property
    def recorded_at(self) -> datetime | None:
        """When its last exchange was recorded; None if the file does not say."""
        stamps = [one.recorded_at for one in self.exchanges if one.recorded_at]
        return max(stamps, default=None)

    @classmethod
    def read(cls, data: Mapping[str, Any], *, name: str = "cassette") -> Cassette:
        """Read a cassette that was loaded from JSON or YAML.

        Parameters
        ----------
        data : mapping
            The whole file: `interactions` as VCR for Python has it, `http_interactions` as betamax
            and VCR for Ruby have it, or `api` as a test file of Nango has it.
        name : str
            Name of the file, for messages.

        Returns
        -------
        Cassette
            The conversation.

        Raises
        ------
        ConfigurationError
            It has none of them, or an interaction lacks its request or answer.

        Examples
        --------
        >>> request = {"method": "GET", "uri": "https://api.acme.com/v1/ping"}
        >>> response = {"status": {"code": 200}, "body": {"string": "{}"}}
        >>> tape = Cassette.read({"interactions": [{"request": request, "response": response}]})
        >>> tape.exchanges[0].status
        200
        """
        found = data.get("interactions") or data.get("http_interactions")
        if found is None and is_nango(data):
            found = interactions(data)
        if not isinstance(found, list):
            raise ConfigurationError(
                f"{name} is no cassette: it has neither `interactions` nor `http_interactions`.",
                hint="record one with cxm_connectors.testing.Recorder",
            )
        return cls(exchanges=tuple(_exchange(one, name) for one in found), name=name)


def cassette(path: str | Path) -> Cassette:
    """Load a recorded conversation with a vendor from a JSON or YAML file.

    Parameters
    ----------
    path : str or Path
        From the current folder, or from one above the file that calls.

    Returns
    -------
    Cassette
        For `connector_suite` or `Replay`.

    Raises
    ------
    ConfigurationError
        There is no such file, or it is no cassette.
    MissingExtraError
        It is YAML, and PyYAML is not installed.

    Examples
    --------
    >>> import json
    >>> from pathlib import Path
    >>> ping = {"request": {"method": "GET", "uri": "https://api.acme.com/v1/ping"},
    ...         "response": {"status": {"code": 200}, "body": {"string": "{}"}}}
    >>> _ = Path("ping.json").write_text(json.dumps({"interactions": [ping], "version": 1}))
    >>> len(cassette("ping.json").exchanges)
    1
    """
    # The caller's own file, so that tests run from any folder.
    caller = Path(str(sys._getframe(1).f_globals.get("__file__", ".")))  # noqa: SLF001  (documented)
    place = _found(Path(path), caller)
    try:
        data = _loaded(place.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{place.name} is neither JSON nor YAML.") from error
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"{place.name} is no cassette: it holds no mapping.")
    return Cassette.read(data, name=place.name)


def _found(path: Path, caller: Path) -> Path:
    for folder in (Path(), *caller.resolve().parents[:4]):
        if (folder / path).is_file():
            return folder / path
    raise ConfigurationError(
        f"There is no cassette {path.as_posix()}.", hint="give its path from the project's folder"
    )


def _loaded(text: str) -> Any:
    if text.lstrip()[:1] in "{[":
        return json.loads(text)
    try:
        import yaml  # noqa: PLC0415  (only for YAML)
    except ImportError as error:
        raise MissingExtraError(
            "A cassette in YAML needs PyYAML.", hint="pip install pyyaml"
        ) from error
    try:
        return _tolerant(yaml)(text).get_single_data()
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error


def _tolerant(yaml: Any) -> Any:
    """Safe loader that also reads texts which Python 2 wrote with a tag of its own."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # a module in a variable
        """Builds plain values only."""

    for word in ("unicode", "str"):
        Loader.add_constructor(
            f"tag:yaml.org,2002:python/{word}", yaml.SafeLoader.construct_yaml_str
        )
    return Loader


def _exchange(one: Mapping[str, Any], name: str) -> Exchange:
    try:
        asked, told = one["request"], one["response"]
        # `content` and `status_code` are how earlier versions of both wrote them.
        body = _bytes(told["body"] if "body" in told else told["content"])
        headers = _pairs(told.get("headers"))
        return Exchange(
            method=str(asked["method"]).upper(),
            url=str(asked["uri"]),
            request_headers=_pairs(asked.get("headers")),
            request_body=_bytes(asked.get("body")),
            status=int(told["status"]["code"] if "status" in told else told["status_code"]),
            headers=tuple(_true_headers(headers, body)),
            body=body,
            recorded_at=_instant(one.get("recorded_at")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"{name} has an interaction without a whole request and answer "
            f"({type(error).__name__}).",
        ) from error


def _pairs(headers: Mapping[str, Any] | None) -> Pairs:
    found = []
    for name, value in (headers or {}).items():
        for one in [value] if isinstance(value, str) else value:
            found.append((str(name).lower(), str(one)))  # noqa: PERF401  (two loops)
    return tuple(found)


def _true_headers(headers: Pairs, body: bytes) -> Iterator[tuple[str, str]]:
    """Headers of the answer; a body that was unpacked when recorded is no longer packed."""
    for name, value in headers:
        unpacked = name == "content-encoding" and value == "gzip" and body[:2] != b"\x1f\x8b"
        if name not in _OF_THE_CONNECTION and not unpacked:
            yield name, value


def _bytes(body: Any) -> bytes:
    """A body: a text, bytes, or a mapping with its encoding, as each format has it."""
    if isinstance(body, Mapping):
        if body.get("base64_string"):
            return base64.b64decode(body["base64_string"])
        return _bytes(body.get("string"))
    if isinstance(body, bytes):
        return body
    return b"" if body is None else str(body).encode()


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def as_vcr(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """Mapping of a whole cassette as VCR for Python writes it, with when each was recorded."""
    return {"interactions": [_interaction(one) for one in exchanges], "version": 1}


def _interaction(one: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = {
        "request": {
            "method": one.method,
            "uri": one.url,
            "headers": _grouped(one.request_headers),
            "body": one.request_body.decode() if one.request_body else None,
        },
        "response": {
            "status": {"code": one.status, "message": ""},
            "headers": _grouped(one.headers),
            "body": _told_body(one.body),
        },
    }
    return found | ({"recorded_at": one.recorded_at.isoformat()} if one.recorded_at else {})


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _told_body(body: bytes) -> dict[str, str]:
    try:
        return {"string": body.decode()}
    except UnicodeDecodeError:
        return {"base64_string": base64.b64encode(body).decode()}
