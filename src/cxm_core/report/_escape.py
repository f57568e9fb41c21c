"""Text that came from somewhere else, made safe to show: what a reader sees is what is there."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clip", "lines", "visible", "width"]

# Overrides and embeddings reach past their own text and can reverse what stands beside it.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# White space without end would push what follows out of sight.
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")
# More marks on one letter than any script writes only paint over the lines around it.
_MOST_MARKS = 5
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def visible(text: str) -> str:
    """Same text without what a reader cannot see and a page must not obey.

    Line breaks of every kind become a plain one, and several empty lines become one.
    Control characters become their picture, what UTF-8 cannot hold becomes the replacement sign.
    Direction overrides go, and so do marks that are piled on a letter.
    """
    plain = _EMPTY_LINES.sub("\n\n", _BREAK.sub("\n", _BIDI.sub("", text)))
    return _UNSHOWABLE.sub(_picture, plain if plain.isascii() else _unpiled(plain))


def _unpiled(text: str) -> str:
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where one ends near, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    space = head.rfind(" ", limit * 3 // 4)
    return (head[:space] if space > 0 else head).rstrip() + "\u2026"


def width(text: str) -> int:
    """Room that `text` takes, in Latin letters: East Asian wide forms take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def lines(text: str, room: int, *, most: int = 2) -> tuple[str, ...]:
    """`text` on at most `most` lines of `room` letters; the last one tells that more was there."""
    found: list[str] = []
    rest = " ".join(text.split())
    while rest and len(found) < most:
        line, rest = _split(rest, room)
        found.append(line)
    if rest:
        found[-1] = _split(found[-1], room - 1)[0].rstrip() + "\u2026"
    return tuple(found) or ("",)


def _split(text: str, room: int) -> tuple[str, str]:
    end = _fitting(text, room)
    if end == len(text):
        return text, ""
    space = text.rfind(" ", 1, end + 1)
    cut = space if space > 0 else end
    return text[:cut].rstrip(), text[cut:].lstrip()


def _fitting(text: str, room: int) -> int:
    used = 0
    for index, char in enumerate(text):
        used += width(char)
        if used > room:
            return max(index, 1)
    return len(text)
