"""Files of answers in three formats, each loaded as a whole: CSV, JSON lines, Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from csv import DictWriter
from pathlib import Path
from typing import Any

from cxm_connectors.files import Files
from cxm_core.plugins import Runtime, build
from cxm_core.store._driver import connect_file, run
from cxm_core.sync import pull
from reliability.kill import KillAt
from reliability.kill_stand import LIMITS, START, Commits, attempt_clock, opened

Tell = Callable[..., None]
SOURCE, STREAM, KINDS = "files:answers", "rows", ("response", "question")
WHERE = (SOURCE, STREAM, KINDS)
NAMES = ("a.csv", "b.parquet", "c.jsonl", "d.csv", "e.jsonl")
CONFIG: dict[str, Any] = {
    "row": {"id": "id", "customer": {"email": "email"}, "occurred_at": "answered_at"},
    "questions": [
        {"id": "recommend", "scale": "0-10", "column": "score", "verbatim": "comment"},
    ],
}


def rows_of(file: int, rows: int) -> Iterator[dict[str, Any]]:
    """Rows of one file: one in a hundred is bad, one in twenty stands in the file before, too."""
    first = file * rows
    for number in range(first, first + rows):
        own = number - rows if file and number % 20 == 5 else number
        yield {
            "id": f"r{own}",
            "email": f"c{own % 5_000}@example.com",
            "answered_at": f"2026-{1 + file:02}-{1 + number % 28:02}T10:00:00Z",
            "score": 99 if number % 100 == 99 else number % 11,
            "comment": "It took a while, but everybody was friendly in the end.",
        }


def write(tell: Tell, *, folder: str, rows: int, files: int) -> None:
    """Write so many of the files, with so many rows in all."""
    for file, name in enumerate(NAMES[:files]):
        found = list(rows_of(file, rows // files))
        path = Path(folder, name)
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as lines:
                table = DictWriter(lines, list(found[0]))
                table.writeheader()
                table.writerows(found)
        else:
            path.write_text("\n".join(map(json.dumps, found)) + "\n", encoding="utf-8")
        if path.suffix == ".parquet":
            _to_parquet(path)
    tell(done=True)


def _to_parquet(path: Path) -> None:
    """Turn JSON lines into Parquet, in their place."""
    import duckdb  # noqa: PLC0415  (in a child, like every connection)

    lines = path.rename(path.with_suffix(".lines"))
    columns = (
        "{id: 'VARCHAR', email: 'VARCHAR', answered_at: 'VARCHAR', score: 'INTEGER', "
        "comment: 'VARCHAR'}"
    )
    read = f"read_json('{lines}', format = 'newline_delimited', columns = {columns})"
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM {read}) TO '{path}' (FORMAT parquet)").fetchall()
    lines.unlink()


def sync(
    tell: Tell,
    *,
    path: str,
    attempt: int,
    folder: str,
    rows: int,
    files: int,
    fault: str | None = None,
    in_full: bool = False,
) -> None:
    """Load the files that the store has not."""
    faults = KillAt.of(fault, tell)
    commits = Commits(tell, path, WHERE, in_full=in_full)
    config = {**CONFIG, "files": list(NAMES[:files])}
    connector = build(Files, config, Runtime(clock=lambda: START, root=Path(folder)))
    with opened(path, tell, faults=faults) as store:
        state = store.checkpoint(SOURCE, STREAM)
        # Behind the one question come the files, a record a row.
        first = 0 if state is None else 1 + len(state["files"]) * (rows // files)
        commits.told(store, first)
        (receipt,) = pull(
            store,
            connector,
            source=SOURCE,
            clock=attempt_clock(attempt),
            progress=lambda _, served: commits.told(store, first + served),
        )
        assert receipt.is_complete, receipt.note
    tell(done=True, reached=faults.reached)


def truth(tell: Tell, *, path: str, rows: int, files: int) -> None:
    """Compare the ids at the end with the plain truth: a response a good row."""
    served = (row for file in range(files) for row in rows_of(file, rows // files))
    want = {f"{row['id']}/recommend" for row in served if row["score"] <= 10}
    con = connect_file(Path(path), LIMITS, read_only=False)
    found = {row[0] for row in run(con, "SELECT native_id FROM response")}
    con.close()
    assert found == want, (len(found - want), len(want - found))
    tell(truth=len(found))
