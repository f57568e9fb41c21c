"""Loading millions: a Parquet file beside plain DuckDB, lines of JSON beside bare pydantic.

Each way runs in a process of its own, so that its peak of memory is its own, and all of them read
the same files in one run. Prints rows a second by the clock and by CPU time, with the ratio to ours
by both: where other work loads the machine, trust the ratio by CPU. The rows that ours set aside
and those that pydantic refused must be the same, or this stops.

    python benchmarks/bench_bulk.py [rows of Parquet, 500 thousand] [lines of JSON, 200 thousand]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import nanoarrow as na
import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

import cxm_core as cx
from cxm_core.records import Cell, Reader, RowMapping, Table, scale_constants
from cxm_core.store._driver import Limits
from cxm_core.store._schema import columns_of
from cxm_core.store.tables._columns import Stamps
from cxm_core.store.tables._judging import Accepted
from cxm_core.store.tables._loading import Loader, SetAside

BAD_SHARE = 0.02
PAGE = 5_000
WORDS = (
    *("the", "staff", "was", "friendly", "quick", "slow", "parking", "gate", "clean", "line"),
    *("security", "waited", "long", "early", "late", "food", "expensive", "good", "bad", "sign"),
    *("lost", "bag", "helpful", "nobody", "everybody", "really", "never", "again"),
)
Took = dict[str, Any]
PROGRAM = """
name = "Bench"
zone = "UTC"

[store]
url = "bench.duckdb"

[[sources]]
name = "files:bench"

[sources.config]
files = ["{file}"]

[sources.config.row]
id = "id"
{row}

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
PARQUET = """customer = { email = "email" }
occurred_at = { column = "answered_at", zone = "UTC" }
attributes = { region = "region", segment = "segment" }"""
LINES = """customer = { email = "customer.email", account = "customer.account" }
occurred_at = "answered_at"
channel = "channel"
attributes = { region = "region", survey = "survey.name" }"""
MAPPING = RowMapping(
    kind="response",
    cells={
        "native_id": Cell(template="{id}/recommend"),
        "occurred_at": Cell(template="{answered_at}"),
        "channel": Cell(template="{channel}"),
        "verbatim": Cell(template="{comment}"),
        "score_value": Cell(template="{score}"),
    },
    constants={"question": "recommend", **dict(scale_constants("0-10"))},
    attributes={"region": Cell(template="{region}"), "survey": Cell(template="{survey.name}")},
    customer={
        "email": Cell(template="{customer.email}"),
        "account": Cell(template="{customer.account}"),
    },
)


class Frozen(BaseModel):
    """What the pydantic classes have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Customer(Frozen):
    """Who answered."""

    email: str
    account: str


class Survey(Frozen):
    """Which survey it was."""

    name: str
    wave: int


class Answer(Frozen):
    """The same line as a bare pydantic class of eight fields, two of them nested."""

    id: Annotated[str, Field(min_length=1)]
    customer: Customer
    survey: Survey
    answered_at: AwareDatetime
    score: Annotated[int, Field(ge=0, le=10)]
    channel: Literal["web", "app", "phone"]
    region: str
    comment: str


def write_parquet(path: Path, rows: int) -> None:
    """Write answers whose every column a hash of their number decides."""
    words = "[" + ", ".join(f"'{word}'" for word in WORDS) + "]"
    comment = ", ".join(
        f"{words}[1 + (hash(i, {place}) % {len(WORDS)})::INTEGER]" for place in range(100, 109)
    )
    duckdb.connect().execute(
        f"""COPY (
            SELECT 'r' || lpad(i::VARCHAR, 9, '0') AS id,
                'customer' || (hash(i, 1) % 800000)::VARCHAR || '@example.com' AS email,
                TIMESTAMP '2025-01-01' + to_seconds((hash(i, 2) % 31000000)::BIGINT) AS answered_at,
                (hash(i, 3) % 11)::INTEGER AS score,
                ['North', 'South', 'East', 'West'][1 + (hash(i, 4) % 4)::INTEGER] AS region,
                ['web', 'app', 'desk', 'phone'][1 + (hash(i, 5) % 4)::INTEGER] AS segment,
                concat_ws(' ', {comment}) AS comment
            FROM range({rows}) AS t(i)
        ) TO '{path}' (FORMAT parquet)"""
    ).fetchall()


def write_lines(path: Path, rows: int) -> None:
    """Write lines of JSON, two in a hundred wrong, in one of five ways."""
    rng = np.random.default_rng(20261121)
    is_bad, ways = rng.random(rows) < BAD_SHARE, rng.integers(0, 5, rows)
    words, scores = rng.integers(0, len(WORDS), (rows, 9)), rng.integers(0, 11, rows)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = {
                "id": f"r{number}",
                "customer": {"email": f"c{number % 50_000}@example.com", "account": f"a{number}"},
                "survey": {"name": "exit", "wave": number % 4},
                "answered_at": f"2026-03-{1 + number % 28:02}T10:{number % 60:02}:00Z",
                "score": int(scores[number]),
                "channel": ("web", "app", "phone")[number % 3],
                "region": ("North", "South", "East")[number % 3],
                "comment": " ".join(WORDS[place] for place in words[number]),
            }
            file.write((_spoilt(row, ways[number]) if is_bad[number] else json.dumps(row)) + "\n")


def _spoilt(row: dict[str, Any], way: int) -> str:
    changes: tuple[dict[str, Any], ...] = (
        {"score": 99}, {"score": "n/a"}, {"id": None}, {"answered_at": "2026-13-45T10:00:00Z"}, {}
    )  # fmt: skip
    line = json.dumps(row | changes[way])
    return line if changes[way] else line[:-9]


def _synced(folder: Path, rows: int) -> cx.Workspace:
    workspace = cx.Workspace(folder / "cxm.toml")
    (receipt,) = workspace.sync()
    assert receipt.served >= rows, receipt
    return workspace


def sync_parquet(folder: Path, rows: int) -> list[int]:
    """Sync the file into a new store."""
    _synced(folder, rows).close()
    return []


def sync_and_measure(folder: Path, rows: int) -> list[int]:
    """Sync the file into a new store, and measure by two group columns."""
    with _synced(folder, rows) as workspace:
        workspace.measure("nps", by=["region", "segment"])
    return []


def plain_staged(folder: Path, rows: int) -> list[int]:
    """Read, delete by id, insert: in one transaction, without a check."""
    _plain(folder, rows, "CREATE TEMP TABLE page AS FROM {}", "page")
    return []


def plain_twice_read(folder: Path, rows: int) -> list[int]:
    """The same with the file read for each of the two."""
    _plain(folder, rows, "SELECT 1", None)
    return []


def plain_same_columns(folder: Path, rows: int) -> list[int]:
    """Read, delete by id, insert: of all the columns that cxm keeps, made beforehand."""
    _plain(folder, rows, "CREATE TEMP TABLE page AS FROM {}", "page", name="kept", key="record_id")
    return []


def write_kept(folder: Path) -> None:
    """Write what cxm makes of the file into another file, and leave no store behind."""
    _synced(folder, 0).close()
    with duckdb.connect(str(folder / "bench.duckdb")) as con:
        con.execute(f"COPY response TO '{folder}/kept.parquet' (FORMAT parquet)").fetchall()


def _plain(
    folder: Path,
    rows: int,
    first: str,
    page: str | None,
    *,
    name: str = "answers",
    key: str = "id",
) -> None:
    file = f"read_parquet('{folder}/{name}.parquet')"
    with duckdb.connect(str(folder / "plain.duckdb"), config={"memory_limit": "1GiB"}) as con:
        con.execute(f"CREATE TABLE answers AS FROM {file} WHERE false").fetchall()
        for sql in (
            "BEGIN",
            first.format(file),
            f"DELETE FROM answers WHERE {key} IN (SELECT {key} FROM {page or file})",
            f"INSERT INTO answers FROM {page or file}",
            "COMMIT",
        ):
            con.execute(sql).fetchall()
        assert con.execute("SELECT count(*) FROM answers").fetchall() == [(rows,)]


def lane(folder: Path, rows: int) -> list[int]:
    """Read the lines and check them into typed columns; a bad one becomes an entry."""
    del rows
    table = Table(
        stream="rows",
        reader=Reader(format="jsonl", paths=(str(folder / "answers.jsonl"),)),
        mappings=(MAPPING,),
    )
    stamps = Stamps(source="files:bench", known_at=datetime(2026, 11, 21, tzinfo=UTC))
    bad = list[int]()
    for part in Loader(table, stamps, Limits()).parts():
        if isinstance(part, Accepted):
            # Ids and fingerprints are made for the merge, so they count in the whole sync alone.
            made = {*part.constants, "record_id", "content_hash"}
            columns = ", ".join(name for name in columns_of(part.kind) if name not in made)
            rows_sql = f"SELECT {columns} FROM ({part.query})"
            for _ in na.ArrayStream(part.scratch.stream(rows_sql)).iter_chunks():
                pass
        elif isinstance(part, SetAside):
            bad += [_row(entry.position) for entry in part.entries]
    return sorted(bad)


def sync_lines(folder: Path, rows: int) -> list[int]:
    """Sync the lines into a new store."""
    with _synced(folder, rows) as workspace:
        return sorted(_row(entry.position) for entry in workspace.quarantined())


def _row(position: str) -> int:
    return int(position.rpartition(":")[2])


def bare_pydantic(folder: Path, rows: int) -> list[int]:
    """Check pages of lines, and drop each page; the cyclic collector stays on."""
    page, bad, number = list[Answer](), list[int](), 0
    with (folder / "answers.jsonl").open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                page.append(Answer.model_validate_json(line))
            except ValidationError:
                bad.append(number)
            if number % PAGE == 0:
                page = []
    assert number == rows
    return bad


Work = Callable[[Path, int], list[int]]
PARQUET_WORK: dict[str, Work] = {
    "cxm, the whole sync into a file": sync_parquet,
    "cxm, the same, and a metric by two columns": sync_and_measure,
    "DuckDB: read, delete, insert": plain_staged,
    "DuckDB: delete, insert, the file read twice": plain_twice_read,
    "DuckDB: the first, of all columns that cxm keeps": plain_same_columns,
}
LINES_WORK: dict[str, Work] = {
    "cxm, read and check into columns": lane,
    "cxm, the whole sync into a file": sync_lines,
    "pydantic, pages of 5,000 dropped after use": bare_pydantic,
}


def run_one(title: str, folder: Path, rows: int) -> None:
    """Do one piece of work here, and print what it took."""
    work = (PARQUET_WORK if (folder / "answers.parquet").exists() else LINES_WORK)[title]
    wall, cpu = time.perf_counter(), time.process_time()
    bad = work(folder, rows)
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bad": bad}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps(took | {"rss": usage.ru_maxrss / 1024}))


def measured(
    work: dict[str, Work], folder: Path, rows: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each piece of work took, in a process of its own and with new files."""
    for title in work:
        for old in folder.glob("*.duckdb*"):
            old.unlink()
        command = [sys.executable, __file__, "--one", title, str(folder), str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        yield title, json.loads(done.stdout.splitlines()[-1])


def show(work: dict[str, Work], folder: Path, rows: int) -> dict[str, Took]:
    """Print one table, and give what it is made of."""
    found = dict(measured(work, folder, rows))
    ours = next(iter(found.values()))
    for title, took in found.items():
        print(
            f"  {title:<48} {rows / took['wall']:10,.0f} rows/s {rows / took['cpu']:10,.0f} by CPU"
            f" {ours['wall'] / took['wall']:6.2f} and {ours['cpu'] / took['cpu']:5.2f} x ours"
            f" {took['rss']:7,.0f} MB {took['cpu']:6.1f} CPU s"
        )
    return found


def main(parquet_rows: int, lines: int) -> None:
    """Write both files, run everything, print the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cxm.toml").write_text(PROGRAM.format(file="answers.parquet", row=PARQUET))
        write_parquet(folder / "answers.parquet", parquet_rows)
        # In a process of its own: what it needs of memory would count for those that follow.
        subprocess.run([sys.executable, __file__, "--keep", name], check=True)
        print(f"{parquet_rows:,} answers in a Parquet file")
        show(PARQUET_WORK, folder, parquet_rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cxm.toml").write_text(PROGRAM.format(file="answers.jsonl", row=LINES))
        write_lines(folder / "answers.jsonl", lines)
        print(f"{lines:,} lines of JSON, one in fifty bad")
        found = show(LINES_WORK, folder, lines)
    first, *others = (took["bad"] for took in found.values())
    assert all(other == first for other in others), "the verdicts differ"
    print(f"  the same {len(first):,} lines are bad to all of them")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--keep"]:
        write_kept(Path(sys.argv[2]))
    else:
        sizes = [int(text) for text in sys.argv[1:3]]
        main(*[*sizes, *(500_000, 200_000)[len(sizes) :]])
