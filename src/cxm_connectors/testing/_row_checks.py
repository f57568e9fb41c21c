"""Checks of rows: whatever one row holds, no other row is lost and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from cxm_connectors.simulation import SimResponse
from cxm_core.plugins import Rejected

from ._laws import Check, difference, every_stream, require, require_no_error, require_same
from ._openings import forgiven
from ._pages import data_of, each_row, edited, leaves, on_same, rows_in
from ._replay import is_instant
from ._stage import Sent
from ._subject import Key, Row, Run, Subject

NO_ROWS = "no page of any stream has two rows"
_NEW = {"cxm_kit_new_field": {"deep": [1, None, "x"]}}
_HOSTILE = (
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "=1+1",
    "<script>alert(1)</script>",
    "Robert'); DROP TABLE customers;--",
    "\u202eevil\u202c \u200b\ufeff",
    "../../etc/passwd",
    "{0.__class__} %s ${jndi:x}",
    "x" * 70_000,
    "a\x00b\nc",
    "",
)
_ODD: Mapping[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "a text": str,
    "a list": lambda value: [value],
    "an object": lambda value: {"value": value},
    "a negative number": lambda _: -1,
    "a huge number": lambda _: 10**30,
    "true": lambda _: True,
}


_MOST_INNER = 24
_MOST_PAGES = 3


def _turn(number: int) -> list[str]:
    """Three of the odd values, other ones for each field, so that all have their turn."""
    names = [*_ODD]
    return [names[(number * 3 + n) % len(names)] for n in range(3)]


def unknown_fields_change_nothing(subject: Subject) -> str | None:
    """A field that the vendor adds to its rows is at most counted: the records stay the same."""

    def look(run: Run) -> str | None:
        pages = _pages(run)
        for sent in pages:
            fault = on_same(sent, edited(each_row(lambda row: row.update(_NEW))))
            again = subject.run(subject.stage(fault=fault), run.stream)
            require_no_error(again, "with a new field")
            require_same(again.kept, run.kept, f"Stream {run.stream!r} with a new field")
        return None if pages else "no stream has rows"

    return every_stream(subject, look)


def _pages(run: Run) -> list[Sent]:
    """First requests whose answers hold rows."""
    return [sent for sent, answer in run.said if rows_in(data_of(answer))][:_MOST_PAGES]


def a_missing_field_harms_no_other_row(subject: Subject) -> str | None:
    """A row without one of its fields is read or set aside; all others come as ever."""

    def spoils(row: Row) -> Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]:
        for name in row:
            yield f"without {name!r}", partial(_drop, name)

    return _with_one_odd_row(subject, spoils)


def an_odd_value_harms_no_other_row(subject: Subject) -> str | None:
    """A row with null, another type or a huge number in a field is read or set aside, alone."""

    def spoils(row: Row) -> Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]:
        for number, (name, value) in enumerate(row.items()):
            for what in _turn(number):
                yield f"with {what} as {name!r}", partial(_put, name, _ODD[what](value))

    return _with_one_odd_row(subject, spoils)


def odd_nested_values_harm_no_other_row(subject: Subject) -> str | None:
    """The same holds for the values inside a row's lists and objects."""

    def spoils(row: Row) -> Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]:
        inner = [leaf for leaf in leaves(row) if len(leaf.path) > 1]
        for number, leaf in enumerate(inner[:_MOST_INNER]):
            for what in _turn(number)[:1]:
                change = partial(_change_at, leaf.path, _ODD[what])
                yield f"with {what} in {leaf.path[0]!r}", change

    return _with_one_odd_row(subject, spoils)


def _drop(name: str, row: dict[str, Any]) -> None:
    row.pop(name, None)


def _put(name: str, value: object, row: dict[str, Any]) -> None:
    row[name] = value


def _instead(word: str, _: object) -> str:
    return word


def _change_at(path: tuple[str, ...], change: Callable[[Any], Any], row: dict[str, Any]) -> None:
    for leaf in leaves(row):
        if leaf.path == path:
            leaf.home[leaf.key] = change(leaf.value)
            return


def hostile_texts_harm_nothing(subject: Subject) -> str | None:
    """Emoji, formulas, markup, control characters and endless texts are read or set aside."""

    def spoils(row: Row) -> Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]:
        texts = [
            leaf.path
            for leaf in leaves(row)
            if isinstance(leaf.value, str) and not is_instant(leaf.value)
        ]
        for number, path in enumerate(texts):
            word = _HOSTILE[number % len(_HOSTILE)]
            yield (
                f"with a hostile text in {path[0]!r}",
                partial(_change_at, path, partial(_instead, word)),
            )

    return _with_one_odd_row(subject, spoils)


Spoils = Callable[[Row], Iterator[tuple[str, Callable[[dict[str, Any]], Any]]]]


def _with_one_odd_row(subject: Subject, spoils: Spoils) -> str | None:
    """Spoil the first row of one page in many ways; everything but that row must still come."""

    def look(run: Run) -> str | None:
        found = _page_of_two(run)
        if found is None:
            return NO_ROWS
        sent, answer = found
        # The pages behind it tell that the sync goes on; not all of them are needed.
        pages = run.checkpoints_until(sent.number) + 2

        def read(change: Callable[[Any], Any]) -> Run:
            fault = forgiven(on_same(sent, edited(change)))
            return subject.run(subject.stage(fault=fault), run.stream, pages=pages)

        others = _shared(read(_beheaded), run)
        for what, spoil in spoils(rows_in(data_of(answer))[0]):
            _require_others(read(each_row(spoil, only=0)), others, what)
        return None

    return every_stream(subject, look)


def _shared(without: Run, whole: Run) -> dict[Key, Row]:
    """What comes with and without the row, and so does not hang on it."""
    return {key: row for key, row in without.kept.items() if whole.kept.get(key) == row}


def _require_others(run: Run, others: Mapping[Key, Row], what: str) -> None:
    require_no_error(run, f"a row {what}")
    aside = [json.dumps(one.raw, default=str) for one in run.items if isinstance(one, Rejected)]
    rest = {key: row for key, row in run.kept.items() if key in others}
    # What is set aside whole, such as a form with its questions, is not lost: its raw form is kept.
    wanted = {
        key: row
        for key, row in others.items()
        if key in rest or not any(key[1] in raw for raw in aside)
    }
    require(
        rest == wanted,
        f"Stream {run.stream!r}: a row {what} harms others: {difference(rest, wanted)}.",
    )


def _page_of_two(run: Run) -> tuple[Sent, SimResponse] | None:
    """The last kind of list that the stream asks for, with two rows or more on a page."""
    found = [pair for pair in run.said if len(rows_in(data_of(pair[1]))) > 1]
    own = [pair for pair in found if pair[0].path == found[-1][0].path]
    return own[0] if own else None


def _beheaded(data: Any) -> Any:
    del rows_in(data)[0]
    return data


def times_with_an_offset_mean_the_same(subject: Subject) -> str | None:
    """The same instants written with another offset give the same records."""

    def look(run: Run) -> str | None:
        pages, seen = _pages(run), 0
        for sent in pages:
            fault = on_same(sent, edited(_each_time(_elsewhere)))
            again = subject.run(subject.stage(fault=fault), run.stream)
            seen += 1
            require_no_error(again, "with times of another zone")
            require_same(
                _timely(again.kept), _timely(run.kept), f"Stream {run.stream!r} in another zone"
            )
        return None if seen else "no stream has rows"

    return every_stream(subject, look)


def _timely(found: Mapping[Key, Row]) -> Mapping[Key, Row]:
    """What was kept without attributes, where a vendor's words are kept as they came."""
    return {
        key: {name: one for name, one in row.items() if name not in {"attributes", "texts"}}
        for key, row in found.items()
    }


def _each_time(change: Callable[[str], str]) -> Callable[[Any], Any]:
    def whole(data: Any) -> Any:
        for row in rows_in(data):
            for leaf in [*leaves(row)]:
                if (
                    isinstance(leaf.value, str)
                    and leaf.value.endswith("Z")
                    and is_instant(leaf.value)
                ):
                    leaf.home[leaf.key] = change(leaf.value)
        return data

    return whole


def _elsewhere(text: str) -> str:
    zone = timezone(timedelta(hours=5, minutes=30))
    return datetime.fromisoformat(text).astimezone(zone).isoformat()


def naive_times_are_set_aside_or_declared(subject: Subject) -> str | None:
    """A time without an offset never breaks the sync, and no two runs read it differently."""

    def look(run: Run) -> str | None:
        found = _page_of_two(run)
        if found is None:
            return NO_ROWS
        naive = _each_time(lambda text: text.removesuffix("Z"))
        fault = on_same(found[0], edited(naive))
        one, two = (subject.run(subject.stage(fault=fault), run.stream) for _ in "ab")
        require_no_error(one, "with times without an offset")
        require_same(one.kept, two.kept, f"Stream {run.stream!r}, read twice")
        return None

    return every_stream(subject, look)


CHECKS: tuple[Check, ...] = (
    unknown_fields_change_nothing,
    a_missing_field_harms_no_other_row,
    an_odd_value_harms_no_other_row,
    odd_nested_values_harm_no_other_row,
    hostile_texts_harm_nothing,
    times_with_an_offset_mean_the_same,
    naive_times_are_set_aside_or_declared,
)
