"""Two processes that want one store; run as a program, this is one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cxm_core.errors import StoreLocked
from cxm_core.records import Note
from cxm_core.store import Store, open_store
from cxm_core.sync import add
from reliability.kill import SOURCES, TESTS
from reliability.kill_stand import START

SOURCE = "app:own"


class Rival:
    """A process that opens a store, writes to it and closes it, as it is told."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reliability.contention", str(path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (TESTS, SOURCES)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid

    def ask(self, command: str) -> None:
        """Say what to do next; do not wait for it."""
        assert self._process.stdin
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What came of it."""
        assert self._process.stdout
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End the process, which ends when nothing more is asked."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


def _tried(path: str, *, read_only: bool) -> tuple[Store | None, dict[str, Any]]:
    wall, cpu = time.monotonic(), time.process_time()
    try:
        store = open_store(path, clock=lambda: START, read_only=read_only)
    except StoreLocked as error:
        took = {"seconds": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}
        return None, {"holder": error.context.get("pid"), "text": str(error), **took}
    return store, {"won": True}


def main(path: str) -> None:
    """Do what the lines of the standard input say, and answer each with a line."""
    store: Store | None = None
    for number, line in enumerate(sys.stdin):
        told: dict[str, Any] = {"closed": True}
        if line.strip() == "close":
            assert store is not None
            store.close()
        else:
            is_reader = line.strip() == "read"
            store, told = _tried(path, read_only=is_reader)
            if store is not None and not is_reader:
                own = f"{os.getpid()}.{number}"
                add(store, [Note(native_id=own, occurred_at=START, text="Cold")], source=SOURCE)
                told["kept"] = own
        print(json.dumps(told), flush=True)  # noqa: T201  (this is how it answers)


if __name__ == "__main__":
    main(sys.argv[1])
