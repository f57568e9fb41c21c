"""Counting answers where they lie: ours beside the engine's own SQL, on one file of Parquet.

Both give the counts of every score in every region. Ours checks each score against its scale,
counts who is left out, and makes a tally that every metric can be made of. Prints seconds, the
shortest of several runs, and the ratio to the engine's own SQL.

    python benchmarks/bench_where.py [rows, default 50 million] [duckdb | spark]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import cxm_core as cx

RUNS = 5
SQL = "SELECT region, score, count(*) AS n FROM {} GROUP BY ALL"
MAKE = """
COPY (
    SELECT hash(i) % 11 AS score, 'region ' || hash(i + 1) % 200 AS region
    FROM range({}) AS t(i)
) TO '{}' (FORMAT parquet)
"""


def show(title: str, work: dict[str, Callable[[], object]]) -> None:
    """Run all in turn, print the shortest of each, and its ratio to the first."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(RUNS):
        for name, run in work.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    bare = next(iter(best.values()))
    print(title)
    for name, took in best.items():
        print(f"  {name:<24} {took:9.3f} s  {took / bare:6.2f} x the first")


def on_duckdb(path: Path, rows: int) -> None:
    """DuckDB: a relation over the file."""
    con = duckdb.connect()
    sql = SQL.format(f"'{path}'")
    ours = lambda: cx.tally(con.read_parquet(str(path)), "score", scale="0-10", by="region")  # noqa: E731  (one job of a table)
    assert int(ours().n.sum()) == rows
    show(f"DuckDB, {rows:,} rows", {"SQL": lambda: con.sql(sql).fetchall(), "cx.tally": ours})


def on_spark(path: Path, rows: int) -> None:
    """Spark on this machine alone, two threads."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (only here, and of no small size)

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.getOrCreate()
    frame = session.read.parquet(str(path))
    frame.createOrReplaceTempView("answers")
    sql = SQL.format("answers")
    ours = lambda: cx.tally(frame, "score", scale="0-10", by="region")  # noqa: E731  (one job of a table)
    assert int(ours().n.sum()) == rows
    show(f"Spark, {rows:,} rows", {"SQL": lambda: session.sql(sql).collect(), "cx.tally": ours})


ENGINES = {"duckdb": on_duckdb, "spark": on_spark}


def main(rows: int, engines: list[str]) -> None:
    """Write the file, then count it on every engine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        duckdb.connect().execute(MAKE.format(rows, path)).fetchall()
        for name in engines:
            ENGINES[name](path, rows)


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    main(size, sys.argv[2:] or ["duckdb"])
