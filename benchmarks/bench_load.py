"""Loading a file of answers: our whole sync beside its parts done bare, in one run.

Ours reads, checks every row, sets bad ones aside, merges by id, and writes receipt and
checkpoint. The others do one part each, with nothing around it. Prints rows a second and the
ratio to ours. Ratios travel between machines; rows a second do not.

    python benchmarks/bench_load.py [rows, default 200 thousand]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import duckdb
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import cxm_core as cx

RUNS = 3
BAD_SHARE = 0.02
PROGRAM = """
name = "Bench"
zone = "UTC"

[store]
url = "bench.duckdb"

[[sources]]
name = "files:bench"

[sources.config]
files = ["answers.jsonl"]

[sources.config.row]
id = "id"
customer = { email = "email" }
occurred_at = "answered_at"

[[sources.config.questions]]
id = "recommend"
scale = "0-10"
column = "score"
verbatim = "comment"

[[metrics]]
name = "nps"
engine = "nps"
question = "recommend"
"""
COLUMNS = (
    "{id: 'VARCHAR', email: 'VARCHAR', answered_at: 'TIMESTAMP', score: 'INTEGER', "
    "comment: 'VARCHAR'}"
)


class Answer(BaseModel):
    """The same row as a bare pydantic class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    email: str
    answered_at: datetime
    score: Annotated[int, Field(ge=0, le=10)]
    comment: str


def write_answers(path: Path, rows: int) -> None:
    """Write JSON lines, two in a hundred with a score off its scale."""
    rng = np.random.default_rng(20261121)
    scores = rng.integers(0, 11, rows)
    scores[rng.random(rows) < BAD_SHARE] = 99
    with path.open("w", encoding="utf-8") as file:
        for number, score in enumerate(scores.tolist()):
            row = {
                "id": f"r{number}",
                "email": f"c{number % 50_000}@example.com",
                "answered_at": f"2026-03-{1 + number % 28:02}T10:00:00Z",
                "score": score,
                "comment": "It took a while, but everybody was friendly in the end.",
            }
            file.write(json.dumps(row) + "\n")


def ours(folder: Path, rows: int) -> None:
    """Sync the file into a new store."""
    (folder / "bench.duckdb").unlink(missing_ok=True)
    with cx.Workspace(folder / "cxm.toml") as workspace:
        (receipt,) = workspace.sync()
    assert receipt.served >= rows


def ours_again(folder: Path, rows: int) -> None:
    """Sync the unchanged file once more."""
    del rows
    with cx.Workspace(folder / "cxm.toml") as workspace:
        (receipt,) = workspace.sync()
    assert receipt.applied == 0


def bare_pydantic(folder: Path, rows: int) -> None:
    """Check one row after the other, and keep nothing."""
    good = bad = 0
    with (folder / "answers.jsonl").open("rb") as lines:
        for line in lines:
            try:
                Answer.model_validate_json(line)
                good += 1
            except ValidationError:
                bad += 1
    assert good + bad == rows


def bare_duckdb(folder: Path, rows: int) -> None:
    """Read, delete by id, insert: into a file, without a check."""
    (folder / "plain.duckdb").unlink(missing_ok=True)
    con = duckdb.connect(str(folder / "plain.duckdb"))
    con.execute(
        """CREATE TABLE answers
        (id VARCHAR, email VARCHAR, answered_at TIMESTAMP, score INTEGER, comment VARCHAR)"""
    ).fetchall()
    con.execute("BEGIN").fetchall()
    con.execute(
        f"CREATE TEMP TABLE page AS FROM read_json('{folder}/answers.jsonl', columns = {COLUMNS})"
    ).fetchall()
    con.execute("DELETE FROM answers WHERE id IN (SELECT id FROM page)").fetchall()
    con.execute("INSERT INTO answers FROM page").fetchall()
    con.execute("COMMIT").fetchall()
    assert con.execute("SELECT count(*) FROM answers").fetchall() == [(rows,)]
    con.close()


WORK: dict[str, Callable[[Path, int], None]] = {
    "cxm, the whole sync into a file": ours,
    "cxm, sync of the unchanged file": ours_again,
    "pydantic, one row at a time, nothing kept": bare_pydantic,
    "DuckDB, read, delete and insert, no check": bare_duckdb,
}


def seconds(work: Callable[[Path, int], None], folder: Path, rows: int) -> float:
    """Shortest of several runs: what else the machine does only ever adds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work(folder, rows)
        times.append(time.perf_counter() - start)
    return min(times)


def main(rows: int) -> None:
    """Write the file, run everything, print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
        write_answers(folder / "answers.jsonl", rows)
        took = {title: seconds(work, folder, rows) for title, work in WORK.items()}
    first = next(iter(took.values()))
    print(f"{rows:,} answers, one in fifty off its scale")
    for title, time_s in took.items():
        print(f"  {title:<44} {rows / time_s:12,.0f} rows/s  {first / time_s:7.2f} x ours")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
