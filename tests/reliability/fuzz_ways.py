"""The real ways in for fuzzed rows, and what must be true of whatever comes of them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from cxm_core.plugins import Item, Rejected
from cxm_core.records import (
    Cell,
    Problem,
    Reader,
    Reason,
    RowMapping,
    Table,
    check,
    read_row,
    scale_constants,
)
from cxm_core.store import LoadReport, Store, open_store
from cxm_core.sync import pull
from cxm_core.testing import PERSONAL_MARKER
from reliability.fuzz import Mutator, Row, good_row
from sync.scripted import Scripted

NOW = datetime(2026, 11, 21, tzinfo=UTC)
COLUMNS = ("id", "at", "stamp", "score", "weight", "said", "mail")
MAPPING = RowMapping(
    kind="response",
    cells=(
        ("native_id", Cell(template="{id}")),
        ("occurred_at", Cell(template="{at}", zone="Europe/Berlin")),
        ("recorded_at", Cell(template="{stamp}", zone="Europe/Berlin")),
        ("score_value", Cell(template="{score}", missing=(("11", "no_answer"),))),
        ("weight", Cell(template="{weight}")),
        ("verbatim", Cell(template="{said}")),
    ),
    customer=(("email", Cell(template="{mail}")),),
    constants=(("question", "q"), *scale_constants("0-10")),
)
_REASONS = {reason.value for reason in Reason}
_POSITION = re.compile(r"rows(\.\w+)?(:\d+)?")


def table_of(path: Path, format: Any) -> Table:  # noqa: A002  (the reader's own word)
    """Table that one file is."""
    reader = Reader(format=format, paths=(str(path),))
    return Table(stream="rows", reader=reader, mappings=(MAPPING,))


def jsonl(folder: Path, count: int, rng: Random) -> None:
    """Lines of JSON with changed bytes or structure: every line is served, and accounted for."""
    mutator, path = Mutator(rng), folder / "rows.jsonl"
    # The first line is good: without it a file might lack a column altogether.
    lines = [json.dumps(good_row(0, rng)).encode()]
    lines += [mutator.json_line(good_row(n, rng)) for n in range(1, count)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    # A carriage return ends a line too, and a line that shows nothing is none.
    served = sum(bool(one.strip(b" \t")) for line in lines for one in line.split(b"\r"))
    assert _loaded(folder, path, "jsonl").served == served >= count


def csv_cells(folder: Path, count: int, rng: Random) -> None:
    """CSV with strange cells: every row is accounted for, as the row lane says of it."""
    mutator, path = Mutator(rng), folder / "rows.csv"
    rows = [mutator.cells(good_row(n, rng)) for n in range(count)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    report = _loaded(folder, path, "csv")
    assert report.served == count
    told = [read_row(MAPPING, row) for row in rows]
    expected = Counter(one.reason.value for one in told if isinstance(one, Problem))
    assert Counter(report.reasons) == expected


def csv_bytes(folder: Path, count: int, rng: Random) -> None:
    """CSV with changed bytes, quotes among them: whatever the rows are, all are accounted for."""
    mutator, path = Mutator(rng), folder / "rows.csv"
    lines = [",".join(COLUMNS).encode()]
    for number in range(count):
        line = io.StringIO(newline="")
        csv.writer(line).writerow(good_row(number, rng).values())
        raw = line.getvalue().rstrip().encode()
        lines.append(mutator.line(raw) if rng.random() < 0.2 else raw)
    path.write_bytes(b"\n".join(lines) + b"\n")
    # A quote that never closes takes the rows behind it along, and is told once.
    assert 0 < _loaded(folder, path, "csv").served <= 2 * count


def records(folder: Path, count: int, rng: Random) -> None:
    """Objects of strange types: every one becomes a record, or is rejected with its reason."""
    mutator = Mutator(rng)
    rows = [mutator.values(_flat(good_row(n, rng))) for n in range(count)]

    def serve(_: object) -> Iterator[Item]:
        for row in rows:
            found = check("response", row)
            if isinstance(found, Problem):
                yield Rejected(kind="response", raw=row, problem=found)
            else:
                yield found.stamped(source="scripted:fuzz") if found.source else found

    store = open_store(folder / "cxm.duckdb", clock=lambda: NOW)
    connector = Scripted({"rows": serve}, account="fuzz")
    (receipt,) = pull(store, connector, source="scripted:fuzz", clock=lambda: NOW)
    assert (receipt.served, receipt.balances, receipt.is_complete) == (count, True, True)
    judge(store, receipt.quarantined)
    store.close()


def _flat(row: Row) -> Row:
    scored = row["score"] < 11
    return {
        "native_id": row["id"],
        "occurred_at": row["at"],
        "recorded_at": row["stamp"],
        "question": "q",
        "score_value": row["score"] if scored else None,
        **({"score_scale": "0-10", "score_low": 0, "score_high": 10} if scored else {}),
        "weight": row["weight"],
        "verbatim": row["said"],
        "customer": [["email", row["mail"]]],
    }


def _loaded(folder: Path, path: Path, format: str) -> LoadReport:  # noqa: A002
    store = open_store(folder / "cxm.duckdb", clock=lambda: NOW)
    with store.transaction() as transaction:
        report = transaction.load(table_of(path, format), source="files:fuzz")
    counts = report.counts
    assert counts.applied + counts.duplicate + counts.stale + report.quarantined == report.served
    assert store.count("response") == counts.applied
    judge(store, report.quarantined)
    store.close()
    return report


def judge(store: Store, quarantined: int) -> None:
    """Every row that was set aside has reason, position and raw form, and is told without words."""
    entries = store.quarantined()
    assert sum(entry.seen for entry in entries) == quarantined
    for entry in entries:
        assert entry.reason in _REASONS
        assert _POSITION.fullmatch(entry.position), entry.position
        assert entry.raw
        assert entry.message
        said = f"{entry.message} {entry.position} {entry!r}".lower()
        assert PERSONAL_MARKER.lower() not in said


WAYS = {"jsonl": jsonl, "csv cells": csv_cells, "csv bytes": csv_bytes, "records": records}
