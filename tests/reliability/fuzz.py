"""Mutators of good rows: bytes, cells and structure; all from one seeded source of chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from cxm_core.testing import PERSONAL_MARKER

Row = dict[str, Any]

TOKENS: tuple[bytes, ...] = (
    b"NaN", b"-Infinity", b"1e999", b"null", b"true", b"[]", b"{}", b'"', b'""', b"\\", b"\\u0000",
    b"\\ud800", b"\\udfff", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00",
    b"\r", b"\x1a", b"\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"9" * 25, b"9" * 400, b"-", b"0x1f",
    b"1_000", b"'", b"=1+1", b"{x}", b"%s", b";--", b"<b>", b",", b":", b"//", b"#", b"[" * 300,
    b'{"a":' * 200, b"\xf0\x9f\x98\x80", b"\xcc\x81" * 50, b"x" * 5000,
)  # fmt: skip
TEXTS: tuple[str, ...] = (
    "", " ", "\u200b", "nan", "inf", "1e999", "11", "10", "0", "-1", "5.5", "5.0", " 7 ", "1_0",
    "\u0665", "9" * 19, "9" * 400, "2026-02-30", "0001-01-01T00:00Z", "9999-12-31T23:59:59Z",
    "10000-01-01", "1700000000", "2026-11-05T24:00Z", "2026-11-05T09:00:00+99:00", "24:00", "null",
    "a\x00b", "a\x1fb", "a\u2028b", "\ufffe", "'); DROP TABLE response; --", "{id}", "x" * 600,
    "\u0301" * 40, "\U0001f600" * 300, '"', '""', "a,b", "a;b", "a\tb", "@=1", "a@b", "@", "a@b@c",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 11, 10**30, -(10**400), 1.5, 5.0, float("nan"), float("inf"), 1e308,
    b"x", b"\xff", [], [1], {}, {"a": 1}, (), {1}, Decimal("7"), Decimal("NaN"), 1j, object, ...,
    date(2026, 11, 5), datetime(2026, 11, 5), datetime(2026, 11, 5, tzinfo=UTC), datetime.max,
    datetime.min.replace(tzinfo=UTC), timedelta(1), "\ud800", "x" * 2_000, [[[[]]]], range(3),
)  # fmt: skip


def good_row(number: int, rng: Random) -> Row:
    """Row that is a record."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(400_000))
    return {
        "id": str(number),
        "at": at.isoformat(),
        "stamp": (at + timedelta(hours=1)).isoformat() if rng.random() < 0.7 else None,
        "score": rng.randrange(12),
        "weight": round(rng.random() * 3, 3),
        "said": rng.choice(["", "ok", f"{PERSONAL_MARKER} é, \u201cso\u201d; never again"]),
        "mail": f"{PERSONAL_MARKER.lower()}{number % 50}@example.com",
    }


class Mutator:
    """Changes rows a little, or much.

    Parameters
    ----------
    rng : Random
        Seeded, so that a run can be made again.
    """

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._ways: tuple[Callable[[bytearray, int], object], ...] = (
            self._flip,
            self._cut,
            self._repeat,
            self._insert,
            self._overwrite,
        )

    def line(self, line: bytes) -> bytes:
        """Line with one to four changes of its bytes; still one line, and not an empty one."""
        data = bytearray(line)
        for _ in range(self.rng.choice((1, 1, 2, 4))):
            self.rng.choice(self._ways)(data, self.rng.randrange(len(data) + 1))
        data = data.replace(b"\n", b"\x0b")
        return bytes(data) if data.strip() else b"x"

    def _flip(self, data: bytearray, at: int) -> None:
        if at < len(data):
            data[at] ^= 1 << self.rng.randrange(8)

    def _cut(self, data: bytearray, at: int) -> None:
        del data[at : at + self.rng.choice((1, 2, 8, 1000))]

    def _repeat(self, data: bytearray, at: int) -> None:
        data[at:at] = data[at : at + self.rng.choice((1, 4, 30))] * self.rng.choice((1, 2, 20))

    def _insert(self, data: bytearray, at: int) -> None:
        data[at:at] = self.rng.choice(TOKENS)

    def _overwrite(self, data: bytearray, at: int) -> None:
        token = self.rng.choice(TOKENS)
        data[at : at + len(token)] = token

    def cells(self, row: Mapping[str, Any]) -> Row:
        """Row of texts with strange ones in one to three cells."""
        changed = {name: "" if value is None else str(value) for name, value in row.items()}
        for name in self._some(changed):
            changed[name] = self._text(changed[name])
        return changed

    def _text(self, text: str) -> str:
        if self.rng.random() < 0.7:
            return self.rng.choice(TEXTS)
        at = self.rng.randrange(len(text) + 1)
        return (
            text[:at] + chr(self.rng.choice((0, 9, 32, 48, 57, 0xE9, 0x2009, 0x1F600))) + text[at:]
        )

    def values(self, row: Mapping[str, Any]) -> Row:
        """Row with values of strange types, keys that are gone, new, or called otherwise."""
        changed: Row = dict(row)
        for name in self._some(changed):
            way = self.rng.randrange(6)
            if way == 0:
                del changed[name]
            elif way == 1:
                changed[name + self.rng.choice(["", " ", "\x00", "_"])] = changed.pop(name)
            elif way == 2:
                changed[self.rng.choice(TEXTS)] = self.rng.choice(ODD)
            else:
                changed[name] = self.rng.choice(ODD + TEXTS)
        return changed

    def json_line(self, row: Mapping[str, Any]) -> bytes:
        """Line of JSON whose structure or bytes are changed."""
        if self.rng.random() < 0.6:
            return self.line(json.dumps(row, ensure_ascii=self.rng.random() < 0.5).encode())
        text = json.dumps(self.values(row), default=str, skipkeys=True)
        if self.rng.random() < 0.1:
            text = self.rng.choice([f"[{text}]", f'"{text}"', text + text, text[:-1] + ",}"])
        return text.encode()

    def _some(self, row: Mapping[str, Any]) -> list[str]:
        return self.rng.sample(sorted(row), min(len(row), self.rng.choice((1, 1, 2, 3))))
