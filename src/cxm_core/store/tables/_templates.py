"""Lines of JSON that one machine wrote: all alike but for their values, so one look proves them.

A line is regular if it is what a template makes of its own values, to the byte. Then each key
stands in it once, nothing is nested deeper or hidden between, no text has an escape in it, and no
number is written in a way that means something else to somebody. All other lines are looked at
one thing at a time, in `_json_lines`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from cxm_core.store._sql import json_pointer, quote_text

from ._cells import matches, when
from ._json_lines import PLAIN_NUMBER

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\]:,"]+)')
# Lines that tell what the others are like.
HEAD = 200
_MOST_SLOTS = 200
_MOST_DIGITS = 18


@frozen
class Slot:
    """Place of a value: the keys that lead to it, and whether it stands between quotes."""

    path: tuple[str, ...]
    is_text: bool

    @property
    def name(self) -> str:
        """Name of the column that it is."""
        return ".".join(self.path)


@frozen
class Template:
    """What all lines have in common.

    Attributes
    ----------
    pieces : tuple of str
        What stands before each slot, and behind the last; the quotes of a text are none of it.
    slots : tuple of Slot
        Places of the values, in the order of the line.
    objects : frozenset of str
        Names of the objects in which they stand.
    """

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]
    objects: frozenset[str]

    @property
    def keys(self) -> list[str]:
        """Keys on top of a line."""
        return list(dict.fromkeys(slot.path[0] for slot in self.slots))

    def serves(self, wanted: Iterable[str]) -> bool:
        """Whether each wanted column is one value of a line, or none."""
        names = [slot.name for slot in self.slots]
        return not self.objects & {*wanted, *names} and len({*names}) == len(names)

    def regular_sql(self, source: str, *, has_nulls: bool = True) -> str:
        """SQL for `row`, `line`, `is_regular` and the values `v1`, `v2` ... of a table of lines.

        Without `has_nulls` no line with a null in it is regular.
        """
        pointers = ", ".join(json_pointer(slot.path) for slot in self.slots)
        # Only CASE keeps a function from looking at a line that is no JSON, and failing.
        texts = when(("json_valid(line)", f"json_extract_string(line, [{pointers}])"))
        values = ", ".join(f"x[{n}] AS v{n}" for n in range(1, 1 + len(self.slots)))
        found = f"SELECT row, line, {values} FROM (SELECT row, line, {texts} AS x FROM {source})"
        is_regular = self._is_regular(has_nulls=has_nulls)
        return f"SELECT *, coalesce({is_regular}, false) AS is_regular FROM ({found})"

    def _is_regular(self, *, has_nulls: bool) -> str:
        bare = [f"v{n}" for n, slot in enumerate(self.slots, 1) if not slot.is_text]
        are_plain = " AND ".join(map(_is_plain, bare)) or "true"
        # Lines without a null are compared in half the time.
        without = f"{self._written()} = line"
        is_written = when((without, "true"), otherwise=f"{self._written_with_nulls()} = line")
        return f"{are_plain} AND {is_written if has_nulls else without}"

    def _written(self) -> str:
        """SQL: line that the template makes of values that are all there."""
        quotes = ["", *('"' if slot.is_text else "" for slot in self.slots), ""]
        pieces = [
            quote_text(quotes[n] + piece + quotes[n + 1]) for n, piece in enumerate(self.pieces)
        ]
        values = [f", v{n}, " for n in range(1, 1 + len(self.slots))]
        return f"concat({''.join(a + b for a, b in zip(pieces, [*values, ''], strict=True))})"

    def _written_with_nulls(self) -> str:
        """SQL: line that the template makes of all values."""
        pieces = [part for n, slot in enumerate(self.slots) for part in self._value(n, slot)]
        return f"concat({', '.join([*pieces, quote_text(self.pieces[-1])])})"

    def _value(self, place: int, slot: Slot) -> Iterator[str]:
        piece, value = self.pieces[place], f"v{place + 1}"
        if not slot.is_text:
            yield quote_text(piece)
            yield f"coalesce({value}, 'null')"
            return
        no, yes = quote_text(piece + "null"), quote_text(piece + '"')
        yield when((f"{value} IS NULL", no), otherwise=yes)
        yield value
        yield when((f"{value} IS NULL", "''"), otherwise="'\"'")


def _is_plain(value: str) -> str:
    """SQL: value without quotes that Python and DuckDB write alike; most are whole numbers."""
    is_same = f"TRY_CAST({value} AS BIGINT)::VARCHAR = {value}"
    is_word = f"{value} IS NULL OR {value} IN ('true', 'false')"
    return when(
        (f"strlen({value}) <= {_MOST_DIGITS} AND {is_same}", "true"),
        otherwise=f"{is_word} OR {matches(value, PLAIN_NUMBER)}",
    )


def common_template(lines: Sequence[str]) -> Template | None:
    """Template that most of these lines have which hold a value at every place."""
    found = Counter(template for line in lines if (template := template_of(line)))
    return found.most_common(1)[0][0] if found else None


def template_of(line: str) -> Template | None:
    """Template of a line; None if it has a list, a null, or anything else that is unusual."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _Walk(line).template() if isinstance(value, dict) else None


class _Walk:
    """A walk through the text of a line that is known to be an object."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.path: list[str] = []
        self.slots: dict[tuple[str, ...], tuple[Slot, tuple[int, int]]] = {}
        self.objects: set[str] = set()
        self.is_key = False

    def template(self) -> Template | None:
        """Take all tokens; None if any is unusual."""
        for token in _TOKEN.finditer(self.line):
            if not self._take(token):
                return None
        if not 0 < len(self.slots) <= _MOST_SLOTS:
            return None
        slots, spans = zip(*self.slots.values(), strict=True)
        places = [0, *(place for span in spans for place in span), len(self.line)]
        pieces = (self.line[a:b] for a, b in zip(places[::2], places[1::2], strict=True))
        return Template(tuple(pieces), slots, frozenset(self.objects))

    def _take(self, token: re.Match[str]) -> bool:
        text, mark, bare = token.groups()
        if mark:
            return self._pass(mark)
        if text and self.is_key:
            self.path[-1], self.is_key = text[1:-1], False
            return "\\" not in text
        return bare != "null" and self._add(token, is_text=bool(text))

    def _pass(self, mark: str) -> bool:
        if mark == "{":
            self.objects |= {".".join(self.path)} if self.path else set()
            self.path.append("")
        elif mark == "}":
            self.path.pop()
        self.is_key = mark in "{," if mark != ":" else False
        return mark not in "[]"

    def _add(self, token: re.Match[str], *, is_text: bool) -> bool:
        path = tuple(self.path)
        is_new = path not in self.slots
        # The quotes of a text belong to it.
        self.slots[path] = Slot(path, is_text), token.span()
        return is_new
