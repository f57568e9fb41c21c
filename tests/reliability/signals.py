"""A real `cxm sync` in a process of its own, which a test asks to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from cxm_core.store import open_store
from reliability.kill import SOURCES
from reliability.kill_stand import START

PROGRAM = """
name = "Signals"
zone = "UTC"

[store]
url = "cxm.duckdb"

[[sources]]
name = "files:answers"

[sources.config]
files = ["a.jsonl", "b.jsonl", "c.jsonl"]

[sources.config.row]
id = "id"
occurred_at = "answered_at"

[[sources.config.questions]]
id = "recommend"
scale = "0-10"
column = "score"
"""
# Tells when the command has begun: from then on it ends with an exit code of its own.
COMMAND = """
import sys
from cxm_core import cli
make = cli._command
cli._command = lambda: print("begun", flush=True) or make()
sys.argv[0] = "cxm"
cli.main()
"""


@frozen(kw_only=True)
class Ended:
    """How a command ended, and how long after it was asked to."""

    code: int
    seconds: float
    error: str


def lay_out(folder: Path, rows: int) -> None:
    """Write a program and three files with so many rows each."""
    (folder / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
    for file, name in enumerate(("a", "b", "c")):
        lines = (
            json.dumps({"id": f"{name}{n}", "answered_at": "2026-11-05T10:00Z", "score": n % 11})
            for n in range(rows)
        )
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(folder / f"{name}.jsonl", (file, file))


def sync(folder: Path, *, number: int | None = None, after: float = 0.0) -> Ended:
    """Run `cxm sync` and, once it has begun, send it a signal after some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "sync"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if number is not None:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=after)
        process.send_signal(number)
    began = time.monotonic()
    _, error = process.communicate(timeout=120)
    return Ended(code=process.returncode, seconds=time.monotonic() - began, error=error)


def check(folder: Path, rows: int, *, is_whole: bool = False) -> None:
    """Files that the checkpoint tells of are there whole, the others not at all."""
    if not (folder / "cxm.duckdb").exists():
        assert not is_whole
        return
    store = open_store(folder / "cxm.duckdb", clock=lambda: START)
    files = (store.checkpoint("files:answers", "rows") or {"files": {}})["files"]
    assert len(files) == 3 or not is_whole
    assert store.count("response") == rows * len(files)
    assert all(receipt.balances for receipt in store.receipts())
    store.close()
