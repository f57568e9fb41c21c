"""Secrets stay out of logs: known values are masked, and what a client logs of answers is cut."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable
from functools import cache
from threading import Lock
from urllib.parse import quote, quote_plus

_MASK = "[masked]"
# Shorter values, and common words, stand in honest text: masking them would hide it.
_SHORTEST = 8
_WORDS = frozenset({"password", "changeme", "secret", "default", "example", "unknown", "username"})
_CLIENT_LOGS = (
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpx2",
)


class SecretMask(logging.Filter):
    """Masks known secret values in log records, in every form that they are sent in.

    The toolkit's own, `MASK`, knows every secret that a client of this process has used; add it to
    a handler to be safe against what other libraries log.

    Examples
    --------
    >>> import logging
    >>> from cxm_connectors.toolkit import MASK, SecretMask
    >>> logging.StreamHandler().addFilter(MASK)
    >>> mask = SecretMask()
    >>> mask.learn("s3cr3t-t0ken")
    >>> mask.masked("sent Bearer s3cr3t-t0ken")
    'sent Bearer [masked]'
    """

    def __init__(self) -> None:
        super().__init__()
        self._forms: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        return "SecretMask()"

    def learn(self, *values: str) -> None:
        """Mask these values from now on; too short or too common ones cannot be."""
        lines = [line.strip() for value in values for line in (value, *value.splitlines())]
        kept = [line for line in lines if _can_mask(line)]
        forms = {form for value in kept for form in _forms(value) if len(form) >= _SHORTEST}
        with self._lock:
            if forms - self._forms:
                self._forms |= forms
                ordered = sorted(self._forms, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def masked(self, text: str) -> str:
        """Give the text without the known values."""
        return self._pattern.sub(_MASK, text) if self._pattern else text

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's message; every record goes on."""
        if self._pattern is None:
            return True
        message = record.getMessage()
        shown = self.masked(message)
        if shown != message:
            record.msg, record.args = shown, None
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            if self._pattern.search(text):
                record.exc_info, record.exc_text = None, self.masked(text)
        return True


def _can_mask(value: str) -> bool:
    is_frame = value.startswith("-----")
    return len(value) >= _SHORTEST and value.lower() not in _WORDS and not is_frame


def _forms(value: str) -> Iterable[str]:
    raw = value.encode()
    yield value
    yield quote(value, safe="")
    yield quote_plus(value, safe="/")
    yield ascii(value)[1:-1]
    yield repr(raw)[2:-1]
    yield raw.hex()
    for shift in range(3):
        # Letters at either end also depend on what stands beside.
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : -4].decode()


class _NoHeaders(logging.Filter):
    """Cuts what the HTTP client tells of answers' headers: they may set a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and "return_value=" in record.msg:
            record.msg = record.msg.partition("return_value=")[0] + "return_value=[not shown]"
            record.args = None
        return True


MASK = SecretMask()
"""Knows the secrets of all sources that this process reads."""


@cache
def hush() -> None:
    """Have the HTTP client's own loggers mask what they say."""
    for name in _CLIENT_LOGS:
        logger = logging.getLogger(name)
        logger.addFilter(_NoHeaders())
        logger.addFilter(MASK)
