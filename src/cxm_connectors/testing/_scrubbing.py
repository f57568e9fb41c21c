"""Take secrets and personal data out of an exchange before it is written down."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from ._cassettes import Exchange, Pairs

SCRUBBED = "scrubbed"
_SECRET_HEADER = re.compile(r"(?i)authorization|cookie|token|secret|signature|api-?key|password")
_SECRET_KEY = re.compile(
    r"(?i)^(access_?token|refresh_?token|id_?token|client_?secret|password|secret|api_?key"
    r"|assertion|code_verifier|signature|authorization)$"
)
_PERSONAL_KEY = re.compile(
    r"(?i)(^|_)((first|last|full|middle|user|display|nick)_?name|name|phone(_?number)?|mobile|fax"
    r"|address|street|city|zip|postal_?code|ip(_?address)?|birth\w*|avatar\w*|photo\w*|user_?agent)$"
)
# What stands there somebody has said, be it one word.
_SPOKEN_KEY = re.compile(
    r"(?i)(^|_)(subject|comment|body|description|content|text|message|verbatim|note|remark"
    r"|feedback)$"
)
_LINKED = re.compile(r"<([^<>]*)>")
_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_PHONE = re.compile(r"(?<![\w.:-])\+?\d[\d ()/-]{7,}\d(?![\w:])")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$")
_SHORTEST = 3  # a secret of so few characters would be found in common words
_LONGEST_SCHEME = 7  # characters of the words `Bearer` and `Basic`, which are no secrets
_LONGEST_PLAIN = 2  # words: a status or a title; more are somebody's sentence


@frozen(kw_only=True)
class Scrubber:
    """Writes the same made-up word for the same person, so that what belongs together stays so.

    Parameters
    ----------
    secrets : tuple of str
        Values that must not be seen anywhere; shorter than four characters they are only
        looked for where a secret stands by its name.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    _words: dict[tuple[str, str], str] = field(factory=dict, init=False, repr=False)

    def exchange(self, one: Exchange) -> Exchange:
        """The same exchange without secrets and personal data; its body is unpacked."""
        body, headers = _unpacked(one)
        return evolve(
            one,
            url=self._url(one.url),
            request_headers=self._headers(one.request_headers),
            request_body=self._body(one.request_body),
            headers=self._headers(headers),
            body=self._body(body),
        )

    def _headers(self, headers: Pairs) -> Pairs:
        return tuple(
            (name, SCRUBBED if _SECRET_HEADER.search(name) else self._header(name, value))
            for name, value in headers
        )

    def _header(self, name: str, value: str) -> str:
        """A link leads where it led, or the list that was recorded could not be read on."""
        if name == "location":
            return self._url(value)
        if name == "link":
            return _LINKED.sub(lambda found: f"<{self._url(found[1])}>", value)
        return self._text(value)

    def _url(self, url: str) -> str:
        parts = urlsplit(url)
        query = self._form(parts.query) if parts.query else ""
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, self._text(parts.path), query, ""))

    def _form(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        return urlencode([(name, str(self._leaf(name, value))) for name, value in pairs])

    def _body(self, body: bytes) -> bytes:
        if not body:
            return body
        try:
            data = json.loads(body.decode("utf-8-sig"))
        except ValueError:
            return self._plain(body)
        return json.dumps(self._value("", data), ensure_ascii=False).encode()

    def _plain(self, body: bytes) -> bytes:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return SCRUBBED.encode()  # nobody can say what it holds
        if re.fullmatch(r"[\w.%+-]+=[^\s<>]*", text):
            return self._form(text).encode()
        return self._text(text).encode()

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._value(name, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._value(key, one) for one in value]
        return self._leaf(key, value)

    def _leaf(self, key: str, value: Any) -> Any:
        if _SECRET_KEY.search(key) and value:
            return SCRUBBED
        if isinstance(value, int) and not isinstance(value, bool) and _PERSONAL_KEY.search(key):
            return int(self._made_up("number", str(value), lambda n: f"555{n:07}"))
        if not isinstance(value, str) or _TIME.match(value):
            return value
        if "://" in value:
            return self._url(value)
        return self._words_of(key, value)

    def _words_of(self, key: str, value: str) -> str:
        if _PERSONAL_KEY.search(key) and value and not _EMAIL.search(value):
            return self._made_up(key.lower(), value, lambda n: f"{key} {n}")
        if len(value.split()) > _LONGEST_PLAIN or (value and _SPOKEN_KEY.search(key)):
            return self._made_up("words", value, lambda n: f"These are words {n}.")
        return self._text(value)

    def _text(self, text: str) -> str:
        for secret in self.secrets:
            if len(secret) > _SHORTEST:
                text = text.replace(secret, SCRUBBED)
        text = _EMAIL.sub(
            lambda found: self._made_up("email", found[0], lambda n: f"person{n}@example.com"), text
        )
        text = _ADDRESS.sub(
            lambda found: self._made_up("ip", found[0], lambda n: f"192.0.2.{n % 256}"), text
        )
        return _PHONE.sub(
            lambda found: (
                found[0]
                if found[0].isdigit()
                else self._made_up("phone", found[0], lambda n: f"+1 555 {n:07}")
            ),
            text,
        )

    def _made_up(self, kind: str, value: str, say: Callable[[int], str]) -> str:
        known = self._words
        if (kind, value) not in known:
            known[kind, value] = say(1 + sum(one == kind for one, _ in known))
        return known[kind, value]


def sent_secrets(one: Exchange) -> set[str]:
    """What a request showed in its headers to be let in, also what was handed out before."""
    shown = {
        word
        for name, value in one.request_headers
        if _SECRET_HEADER.search(name)
        for word in re.split(r"[\s;,=]+", value)
    }
    pairs = {_of_base64(word) for word in shown}
    return {word for word in shown | pairs if len(word) > _LONGEST_SCHEME}


def _of_base64(word: str) -> str:
    """Password of a pair as Basic sends it; nothing for anything else."""
    try:
        return b64decode(word + "==").decode().partition(":")[2]
    except ValueError:
        return ""


def _unpacked(one: Exchange) -> tuple[bytes, Pairs]:
    if ("content-encoding", "gzip") not in one.headers:
        return one.body, one.headers
    kept = tuple(pair for pair in one.headers if pair[0] != "content-encoding")
    return gzip.decompress(one.body), kept


def leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """Secrets of four characters or more that a text shows, plain or in one of their codings."""
    return [one for one in secrets if any(form in text for form in _forms(one))]


def _forms(secret: str) -> set[str]:
    coded = {b64encode(secret.encode()).decode().rstrip("="), quote(secret, safe="")}
    return {form for form in (secret, *coded) if len(form) > _SHORTEST}
