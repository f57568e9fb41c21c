"""Rules that find words in what customers wrote; a person writes them, so RE2 compiles them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import field_validator

from cxm_core.errors import MissingExtraError, UsageError

from ._document import Document, Name, Text

# RE2 reads a text once, whatever the rule says; only its length counts.
LONGEST_TEXT = 500_000
_MEMORY = 8 << 20
_HALF = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class TextRule(Document):
    r"""What counts as a mention: a pattern, and what takes it back.

    Attributes
    ----------
    name : str
        Small letters, digits and underscores.
    pattern : str
        In the syntax of RE2; small and capital letters are the same.
    unless : str or None
        A text in which this is found, too, is none.

    Raises
    ------
    ConfigurationError
        RE2 takes no such pattern: it has no look-around and no back-reference, which could make a
        text take for ever.

    Notes
    -----
    A rule takes time in proportion to the length of a text, and never more.
    Of a text longer than 500,000 characters, the beginning is read.

    Examples
    --------
    >>> rule = TextRule(name="queue", pattern=r"\bqueue|\bwait(ed|ing)\b")
    >>> rule.found(["Waiting was fine", "No complaint", None])
    [True, False, None]
    """

    name: Name
    pattern: Text
    unless: Text | None = None

    @field_validator("pattern", "unless")
    @classmethod
    def _is_understood(cls, pattern: str | None) -> str | None:
        if pattern is not None and _re2() is not None:
            _compiled(pattern)
        return pattern

    def found(self, texts: Iterable[str | None]) -> list[bool | None]:
        """Whether each text is a mention.

        Parameters
        ----------
        texts : iterable of str or None
            What customers wrote; None for nothing.

        Returns
        -------
        list of bool or None
            None for a text that shows nothing.

        Raises
        ------
        MissingExtraError
            The extra ``text`` is not installed.
        """
        wanted = _compiled(self.pattern)
        unless = None if self.unless is None else _compiled(self.unless)
        return [_is_mention(wanted, unless, text) for text in texts]


def _is_mention(wanted: Any, unless: Any, text: str | None) -> bool | None:
    if text is None or not text.strip():
        return None
    read = text[:LONGEST_TEXT].translate(_HALF) if not text.isascii() else text[:LONGEST_TEXT]
    return bool(wanted.search(read)) and not (unless is not None and unless.search(read))


def _re2() -> Any:
    """The re2 package; None where it is not installed."""
    try:
        import re2  # noqa: PLC0415  (only who writes such a rule needs it)
    except ImportError:
        return None
    return re2


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    re2 = _re2()
    if re2 is None:
        raise MissingExtraError.of("text", "Finding words by rules")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise UsageError(
            "The pattern is none that RE2 understands.",
            hint="no look-around such as (?=...), no back-reference such as \\1",
        ) from error
