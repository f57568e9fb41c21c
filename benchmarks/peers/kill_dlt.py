"""The same kills against another library: a dlt pipeline into DuckDB, killed at random moments.

A child process pulls records in ten pipeline runs, from where dlt's own incremental state stands.
The parent kills it three times at a random moment, then lets it run to the end, and counts what
the tables hold. It needs an environment of its own, for it is no dependency of ours:

    python -m venv .venv/peers
    .venv/peers/bin/pip install "dlt[duckdb]"
    .venv/peers/bin/python benchmarks/peers/kill_dlt.py [append or merge] [runs] [seed]
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORDS, PAGE, KILLS = 3_000, 300, 3
COUNTS = {
    "records": "SELECT count(*), count(DISTINCT number) FROM shop.answers",
    "their lists": "SELECT count(*), count(DISTINCT value) FROM shop.answers__tags",
}


def child(folder: Path, mode: str) -> None:
    """Pull page after page until the source has no more."""
    import dlt  # noqa: PLC0415  (only the child's environment has it)

    served = []

    @dlt.resource(name="answers", primary_key="number", write_disposition=mode)
    def answers(
        at: Any = dlt.sources.incremental("number", initial_value=-1),  # noqa: B008  (dlt's way)
    ) -> Iterator[Any]:
        first = at.last_value + 1
        page = range(first, min(RECORDS, first + PAGE))
        served.append(len(page))
        for number in page:
            yield {"number": number, "text": f"The hall is cold, {number}.", "tags": [number]}

    pipeline = dlt.pipeline(
        pipeline_name="kills",
        destination=dlt.destinations.duckdb(str(folder / "peer.duckdb")),
        dataset_name="shop",
        pipelines_dir=str(folder / "state"),
    )
    print("begun", flush=True)
    while True:
        pipeline.run(answers())
        if served and not served[-1]:
            return


def start(folder: Path, mode: str) -> subprocess.Popen[str]:
    """Child process that has imported everything."""
    process = subprocess.Popen(
        [sys.executable, __file__, "child", mode, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"},
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n", process.communicate()[1]
    return process


def to_the_end(folder: Path, mode: str) -> float:
    """Run without a kill; seconds that it took."""
    process = start(folder, mode)
    began = time.monotonic()
    _, error = process.communicate()
    if process.returncode:
        raise RuntimeError(error[-2_000:])
    return time.monotonic() - began


def undisturbed(mode: str) -> float:
    """Seconds that a whole run takes; a machine with other work tells too many."""
    with tempfile.TemporaryDirectory() as name:
        return to_the_end(Path(name), mode)


def killed(folder: Path, mode: str, delay: float) -> bool:
    """Kill a run after some seconds; whether it was still there."""
    process = start(folder, mode)
    try:
        process.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def counted(folder: Path) -> dict[str, tuple[int, int]]:
    """Rows and different rows of each table."""
    import duckdb  # noqa: PLC0415  (of the child's environment, too)

    with duckdb.connect(str(folder / "peer.duckdb"), read_only=True) as con:
        return {name: con.execute(sql).fetchall()[0] for name, sql in COUNTS.items()}


def main(mode: str, runs: int, seed: int) -> None:
    """Run, kill, count, and print a line a run and the sums."""
    rng = random.Random(seed)
    kills = failed = 0
    lost, doubled = dict.fromkeys(COUNTS, 0), dict.fromkeys(COUNTS, 0)
    bad_runs = 0
    took = min(undisturbed(mode) for _ in range(2))
    print(f"dlt, {mode}, seed {seed}: an undisturbed run takes {took:.1f} s", flush=True)
    for number in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            delays = [rng.uniform(0, took / KILLS) for _ in range(KILLS)]
            kills += sum(killed(folder, mode, delay) for delay in delays)
            try:
                to_the_end(folder, mode)
            except RuntimeError as error:
                failed += 1
                print(f"  run {number}: did not go on: {error}", flush=True)
                continue
            found = counted(folder)
        for table, (rows, different) in found.items():
            lost[table] += RECORDS - different
            doubled[table] += rows - different
        bad_runs += any(rows != RECORDS for rows, _ in found.values())
        print(f"  run {number}: {found}", flush=True)
    print(
        f"dlt, {mode}: {runs} runs, {kills} kills, {bad_runs} runs with other than {RECORDS:,} "
        f"rows, lost {lost}, doubled {doubled}, {failed} runs that did not go on"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(Path(sys.argv[3]), sys.argv[2])
    else:
        words = [*sys.argv[1:], *("append", "14", "20261121")[len(sys.argv) - 1 :]]
        main(words[0], int(words[1]), int(words[2]))
