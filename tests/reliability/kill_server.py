"""The fork server: imports everything once, never connects, and forks children that may be killed.

Run as a program, it reads one request a line (JSON) and answers each with one line. A child runs
jobs, one after the other, and tells what it does through a pipe, which outlives it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

Tell = Callable[..., None]
JOBS = (
    "full_beside",
    "full_disk",
    "kill_adds",
    "kill_compaction",
    "kill_files",
    "kill_hooks",
    "kill_pages",
    "kill_rebuild",
    "kill_replay",
    "kill_schema",
    "kill_stand",
    "kill_vendors",
    "kill_wreck",
)
PATIENCE_S = 1_800.0


class Pipe:
    """What a child told, a line at a time; the lines stay whole when it dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self.lines: list[dict[str, Any]] = []

    def read(self, *, until: float) -> bool:
        """Take what comes next; false at the end, or when the moment has come."""
        wait = max(0.0, until - time.monotonic())
        ready, _, _ = select.select([self._descriptor], [], [], wait)
        data = os.read(self._descriptor, 1 << 16) if ready else b""
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.lines += [json.loads(line) for line in whole]
        return bool(data)

    def told(self, name: str) -> bool:
        """Whether a line with this name has come."""
        return any(name in line for line in self.lines)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run jobs in a child, and kill it when the request says so."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _child(request, writing)
    os.close(writing)
    began = time.monotonic()
    pipe = Pipe(reading)
    was_late = _watch(pid, pipe, request)
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "lines": pipe.lines,
        "was_late": was_late,
        "seconds": time.monotonic() - began,
    }


def _watch(pid: int, pipe: Pipe, request: dict[str, Any]) -> bool:
    """Follow a child to its end; whether it had to be ended since it took too long."""
    patience = time.monotonic() + PATIENCE_S
    name, delay = request.get("kill_from"), request.get("kill_after")
    while name and delay is not None and not pipe.told(name):
        if not pipe.read(until=patience):
            break
    moment = patience if delay is None else time.monotonic() + delay
    while pipe.read(until=moment):
        pass
    # At the end of the pipe the child is ending by itself, and another signal changes nothing.
    was_late = delay is None and time.monotonic() >= patience
    if time.monotonic() >= moment:
        os.kill(pid, signal.SIGKILL)
    while pipe.read(until=time.monotonic() + PATIENCE_S):
        pass
    return was_late


def _child(request: dict[str, Any], writing: int) -> None:
    def tell(**line: Any) -> None:
        os.write(writing, json.dumps(line).encode() + b"\n")

    try:
        for job, arguments in request["jobs"]:
            began = time.monotonic()
            module, _, name = job.partition(":")
            getattr(import_module("reliability." + module), name)(tell, **arguments)
            tell(took=time.monotonic() - began)
    except BaseException as error:  # noqa: BLE001  (whatever it is, the parent is told)
        tell(error=type(error).__name__, text="".join(traceback.format_exception(error)))
        os._exit(1)
    # No clean-up: what must be on disk is there by now, and what is not shall be missed.
    os._exit(0)


def main() -> None:
    """Answer requests until there are no more."""
    # The driver of the store, too: a child that has it all begins in no time, and is all its own.
    for module in ("duckdb", *(f"reliability.{job}" for job in JOBS)):
        import_module(module)
    # What is made on first use is made here, once: only a store in a file would connect.
    import_module("reliability.kill_pages").sync(
        lambda **_: None, path="memory:", attempt=0, rows=200, page=100
    )
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
    # Nothing is left to put away; the driver would complain of what was frozen.
    os._exit(0)


if __name__ == "__main__":
    main()
