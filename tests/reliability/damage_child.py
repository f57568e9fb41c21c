"""A child process that looks at damaged stores, so that its own death can be seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from reliability.damage_stand import Look


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Run code in a child that finds what this process finds."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for a child to end; its exit code."""
    with process:
        process.communicate(timeout=120)
    return process.returncode


class Onlooker:
    """One child for many cases; a new one is started where one dies."""

    def __init__(self) -> None:
        self.deaths: list[str] = []
        self._child: subprocess.Popen[str] | None = None

    def look(self, path: Path) -> Look | None:
        """What the child finds; None if it died of it."""
        if self._child is None:
            self._child = python("from reliability.damage_stand import serve; serve()")
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{path}\n")
        child.stdin.flush()
        line = child.stdout.readline()
        if not line:
            self.deaths.append(f"{path.parent.name}: exit {ended(child)}")
            self._child = None
            return None
        found = json.loads(line)
        return Look(**{k: tuple(v) if isinstance(v, list) else v for k, v in found.items()})

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            ended(self._child)
