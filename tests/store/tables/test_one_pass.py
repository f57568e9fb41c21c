"""Lines that are taken where they are read: the row lane would say the same of each of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from attrs import asdict, evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.records import (
    Cell,
    Reader,
    Record,
    RowMapping,
    Table,
    content_hash,
    scale_constants,
    to_row,
)
from cxm_core.store import open_store
from cxm_core.store._driver import Limits
from cxm_core.store._selection import handed_out
from cxm_core.store.tables import _loading as loading
from cxm_core.store.tables._columns import Stamps
from cxm_core.store.tables._judging import Accepted, Judging
from cxm_core.store.tables._loading import Loader, SetAside
from cxm_core.store.tables._one_pass import OnePass
from cxm_core.store.tables._raw import Taken

pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
STAMPS = Stamps(source="acme:eu", known_at=NOW)
MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="{id}/nps"),
        "occurred_at": Cell(template="{at}"),
        "channel": Cell(template="{way}"),
        "verbatim": Cell(template="{said}"),
        "score_value": Cell(template="{score}", missing=(("-1", "not_applicable"),)),
    },
    constants={"question": "nps", **dict(scale_constants("0-10"))},
    attributes={"region": Cell(template="{where.region}"), "late": Cell(template="{late}")},
    customer={"email": Cell(template="{by.mail}"), "account": Cell(template="{by.account}")},
)
USUAL: dict[str, Any] = {
    "id": "r",
    "by": {"mail": "A@example.com", "account": "a1"},
    "at": "2026-03-01T10:00:00Z",
    "score": 7,
    "way": "web",
    "where": {"region": "North", "floor": 2},
    "said": "good, quick",
}


class Outcome(NamedTuple):
    """What a lane makes of a file."""

    records: dict[str, dict[str, Any]]
    entries: list[dict[str, Any]]
    drift: Counter[str]
    taken: int


def table_of(*paths: Path, mapping: RowMapping = MAPPING) -> Table:
    """Files of lines, and how they are read."""
    reader = Reader(format="jsonl", paths=tuple(map(str, paths)))
    return Table(stream="rows", reader=reader, mappings=(mapping,))


def written(path: Path, lines: Iterable[str]) -> Path:
    """Write lines into a file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogatepass")
    return path


def usual(count: int, **changes: object) -> list[str]:
    """Lines about which nothing is odd."""
    return [json.dumps(USUAL | {"id": f"u{n}"} | changes) for n in range(count)]


def outcome(table: Table, monkeypatch: pytest.MonkeyPatch, *, by_row: bool = False) -> Outcome:
    """Load the lines, all of them by the row lane or as few as may be."""
    records, entries, taken = list[dict[str, Any]](), list[dict[str, Any]](), list[int]()
    take = OnePass.take

    def counted(self: OnePass, *args: Any) -> Taken | None:
        found = take(self, *args)
        taken.append(found.count if found else 0)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(OnePass, "take", (lambda *_: None) if by_row else counted)
        if by_row:
            patch.setattr(Judging, "has_columns", property(lambda _: False))
        loader = Loader(table, STAMPS, Limits(threads=1))
        for part in loader.parts():
            if isinstance(part, Accepted):
                assert not by_row
                found = list(part.rows())
                assert len(found) == part.count
                records += [{name: handed_out(cell) for name, cell in one.items()} for one in found]
            elif isinstance(part, SetAside):
                # The id of a record that a row is none of is told by columns alone.
                entries += [asdict(entry) | {"record_id": None} for entry in part.entries]
            else:
                records += map(_kept, part.records)
    entries.sort(key=lambda entry: entry["position"])
    by_id = {one["native_id"]: one for one in records}
    assert len(by_id) == len(records)
    return Outcome(by_id, entries, +loader.drift, sum(taken))


def _kept(record: Record) -> dict[str, Any]:
    known = record.stamped(source=STAMPS.source, known_at=NOW)
    ids = {"record_id": known.record_id, "content_hash": content_hash(known)}
    return {**to_row(known), **ids}


def compared(table: Table, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """What both lanes say, which is the same."""
    quick = outcome(table, monkeypatch)
    slow = outcome(table, monkeypatch, by_row=True)
    assert quick.entries == slow.entries
    assert quick.drift == slow.drift
    assert quick.records.keys() == slow.records.keys()
    for name, row in slow.records.items():
        assert {key: quick.records[name][key] for key in row} == row
    return quick


class TestByHand:
    """What is taken at once, and what is left."""

    def test_nothing_is_odd(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """All lines are taken where they are read, and their keys are counted."""
        found = compared(table_of(written(tmp_path / "a.jsonl", usual(30))), monkeypatch)
        assert (found.taken, len(found.records), found.entries) == (30, 30, [])

    def test_blank_lines_have_no_number(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A line that is set aside keeps the position that all ways of reading give it."""
        lines = [*usual(9), "", "  ", *usual(20)[9:], "{", *usual(21)[20:]]
        found = compared(table_of(written(tmp_path / "a.jsonl", lines)), monkeypatch)
        assert found.taken == 21
        assert [one["position"] for one in found.entries] == ["a.jsonl:21"]

    @pytest.mark.parametrize("share", [2, 30])
    def test_lines_with_a_null(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int
    ) -> None:
        """A few are left over; where they are many, they are taken, too."""
        nulls = [json.dumps(USUAL | {"id": f"n{n}", "said": None}) for n in range(share)]
        lines = [*usual(60), *nulls]
        found = compared(table_of(written(tmp_path / "a.jsonl", lines)), monkeypatch)
        assert found.taken == (60 if share == 2 else 90)
        assert len(found.records) == len(lines)

    def test_other_letters(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lines of visible ASCII are taken, though there are others."""
        other = json.dumps(USUAL | {"id": "ü", "said": "gut, schön"}, ensure_ascii=False)
        bad = json.dumps(USUAL | {"id": "x", "said": "a\x7fb"}, ensure_ascii=False)
        lines = [*usual(30), other, bad]
        found = compared(table_of(written(tmp_path / "a.jsonl", lines)), monkeypatch)
        assert (found.taken, len(found.records)) == (30, 32)

    def test_a_column_of_the_others(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What only a line that is left over has is found there."""
        late = json.dumps(USUAL | {"id": "l", "late": "yes", "new": 1})
        found = compared(table_of(written(tmp_path / "a.jsonl", [*usual(30), late])), monkeypatch)
        assert found.taken == 30
        assert found.records["l/nps"]["attributes"] == '{"late":"yes","region":"North"}'
        assert found.drift["new"] == 1

    def test_files_one_by_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each file is taken for itself, and one in which all is odd by the long look."""
        first = written(tmp_path / "a.jsonl", [*usual(30), "[]"])
        second = written(tmp_path / "b.jsonl", ["x", json.dumps(USUAL | {"id": "s", "at": "?"})])
        third = written(tmp_path / "c.jsonl", [line.replace("u", "w") for line in usual(25)])
        found = compared(table_of(first, second, third), monkeypatch)
        assert found.taken == 55
        assert len(found.entries) == 3

    def test_clocks_that_change(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Times of a zone are only known beside all others, so no line is taken at once."""
        cells = dict(MAPPING.cells) | {"occurred_at": Cell(template="{at}", zone="Europe/Berlin")}
        mapping = evolve(MAPPING, cells=tuple(cells.items()))
        lines = usual(30, at="2026-03-29T02:30:00")
        found = compared(
            table_of(written(tmp_path / "a.jsonl", lines), mapping=mapping), monkeypatch
        )
        assert (found.taken, len(found.records)) == (0, 30)
        assert found.drift["occurred_at: times that the clocks skipped"] == 30

    def test_two_mappings(self, tmp_path: Path) -> None:
        """Lines that serve two mappings are taken apart once, so none is taken at once."""
        table = table_of(written(tmp_path / "a.jsonl", usual(30)))
        twice = evolve(table, mappings=(*table.mappings, *table.mappings))
        assert Loader(table, STAMPS, Limits())._one_pass()
        assert Loader(twice, STAMPS, Limits())._one_pass() is None

    @pytest.mark.parametrize("last", ["plain", "nulls", "odd"])
    def test_versions_of_a_record(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
    ) -> None:
        """Of several lines of one record the last counts, whichever way each was read."""
        changes: dict[str, dict[str, Any]] = {
            "plain": {"said": "later"},
            "nulls": {"said": None},
            "odd": {"said": "später", "score": "8"},
        }
        versions = [
            json.dumps(USUAL | {"id": "v"} | changes[way]) for way in changes if way != last
        ]
        lines = [*usual(40), *versions, json.dumps(USUAL | {"id": "v"} | changes[last])]
        table = table_of(written(tmp_path / "a.jsonl", lines))
        found = [_stored(table, tmp_path / f"{way}.duckdb", monkeypatch, way) for way in (0, 1)]
        assert found[0] == found[1]
        assert found[0]["v/nps"] == changes[last]["said"]


def _stored(
    table: Table, path: Path, monkeypatch: pytest.MonkeyPatch, is_by_row: int
) -> dict[str, str | None]:
    """Text of each record after a load."""
    with monkeypatch.context() as patch:
        if is_by_row:
            patch.setattr(loading.Loader, "_one_pass", lambda _: None)
            patch.setattr(Judging, "has_columns", property(lambda _: False))
        with closing(open_store(str(path), clock=lambda: NOW)) as store:
            with store.transaction() as transaction:
                transaction.load(table, source="acme:eu")
            return {one.native_id: one.verbatim for one in store.records("response")}  # type: ignore[attr-defined]  # responses


TEXTS = st.sampled_from(
    ["", " ", " x", "x ", "a\tb", 'say "x"', "\\", "\u00fc", "\x7f", "7", "null", "web", "x" * 600]
) | st.text(max_size=5)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": TEXTS | st.none() | st.integers(-5, 5) | st.floats(),
    "at": TEXTS
    | st.none()
    | st.sampled_from(
        ["2026-03-01 10:00:00Z", "2026-03-01T24:00:00Z", "2026-13-01T10:00:00Z", "2026-03-01"]
    )
    | st.sampled_from(
        ["2026-03-01T10:00:00.5+01:30", "1750-03-01T10:00:00Z", "2026-03-01T9:00:00Z"]
    ),
    "score": TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-3, 13)
    | st.sampled_from([7.0, 1.5, -0.0, 1e300, 10**19, "7", " 7 ", "+7", [7], {"x": 7}]),
    "way": TEXTS | st.none() | st.sampled_from(["phone", "Phone", "fax", "other", "e-mail"]),
    "by": st.none()
    | TEXTS
    | st.fixed_dictionaries({"mail": TEXTS | st.none()}, optional={"account": TEXTS, "z": TEXTS}),
    "where": st.fixed_dictionaries({"region": TEXTS | st.integers() | st.lists(st.none())}),
    "said": TEXTS | st.none() | st.integers(),
    "late": TEXTS,
    "more": TEXTS | st.lists(st.integers(), max_size=2),
    "where.region": TEXTS,
}
CHANGES = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
)
SPOILT = ("", "", "", "cut", "twice", "spaced", "tight", "escaped", "nan", "deep")


def _line(number: int, changes: dict[str, Any], way: str) -> str:
    row = USUAL | {"id": f"c{number}"} | changes
    line = json.dumps(row, separators=(",", ":")) if way == "tight" else json.dumps(row)
    return {
        "cut": line[:-9],
        "twice": line[:-1] + ', "score": 3}',
        "spaced": " " + line.replace(", ", ",  "),
        "escaped": line.replace('"score"', '"sc\\u006fre"'),
        "nan": line.replace(": 7", ": NaN"),
        "deep": line[:-1] + ', "d": ' + "[" * 210 + "]" * 210 + "}",
    }.get(way, line)


class TestByLaw:
    """Whatever stands in a line, both lanes say the same of it."""

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(CHANGES, st.sampled_from(SPOILT)), max_size=8), st.booleans())
    def test_odd_lines_among_usual_ones(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        odd: Sequence[tuple[dict[str, Any], str]],
        has_nulls: bool,
    ) -> None:
        """Verdict, reason, position, raw form, values, ids and drift are those of the row lane."""
        lines = [_line(number, *one) for number, one in enumerate(odd)]
        lines = usual(40, **({"said": None} if has_nulls else {})) + lines
        if has_nulls:
            lines += [json.dumps(USUAL | {"id": f"f{n}"}) for n in range(40)]
        found = _without_twins(lines)
        table = table_of(written(tmp_path / "a.jsonl", found))
        assert compared(table, monkeypatch).taken >= 40


def _without_twins(lines: Sequence[str]) -> list[str]:
    """Lines of which no two have one id: which of these counts is told elsewhere."""
    kept: dict[object, str] = {}
    for number, line in enumerate(lines):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        key = str(row.get("id")).strip() if isinstance(row, dict) and row.get("id") else number
        kept.setdefault(key, line)
    return list(kept.values())
