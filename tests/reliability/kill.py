"""Kill processes that write to a store: at a random moment, or at a fault point.

`ForkServer` runs jobs in forked children and kills them; `KillAt` is the fault that a child does
to itself. Only where there is `fork`: elsewhere the tests skip with that as their reason.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field, frozen

import cxm_core
from cxm_core.store import FAULT_POINTS

NO_FORK = "kills need Linux: a process is forked, and ended by a signal it cannot catch"
needs_fork = pytest.mark.skipif(not sys.platform.startswith("linux"), reason=NO_FORK)
Job = tuple[str, Mapping[str, Any]]
TESTS = Path(__file__).resolve().parent.parent
SOURCES = Path(cxm_core.__file__).resolve().parent.parent


@define
class KillAt:
    """Faults that end the process at the k-th time a point is reached; 0 for never.

    Parameters
    ----------
    point : str
        One of `FAULT_POINTS`, or ``*`` for any of them.
    number : int
        Which time, counted from 1.
    tell : callable or None
        Is told the point before the end.
    """

    point: str = "*"
    number: int = 0
    tell: Callable[..., None] | None = None
    reached: list[str] = field(factory=list, init=False)

    @classmethod
    def of(cls, spec: str | None, tell: Callable[..., None] | None = None) -> KillAt:
        """Read a spec like ``store.before_commit:2``; without one, what `CXM_FAULT` says."""
        point, _, number = (spec or os.environ.get("CXM_FAULT") or "*:0").rpartition(":")
        if point != "*" and point not in FAULT_POINTS:
            raise ValueError(f"There is no fault point {point!r}.")
        return cls(point, int(number), tell)

    def reach(self, point: str) -> None:
        """Take note of the point, and end the process when it is the one."""
        if self.point not in ("*", point):
            return
        self.reached.append(point)
        if len(self.reached) == self.number:
            if self.tell is not None:
                self.tell(fault=point)
            os.kill(os.getpid(), signal.SIGKILL)


@frozen(kw_only=True)
class Outcome:
    """How a child ended, and what it told before.

    Attributes
    ----------
    lines : tuple of dict
        What it told, in order.
    signal, exit_code : int or None
        What ended it.
    seconds : float
        How long it lived.
    """

    lines: tuple[dict[str, Any], ...]
    signal: int | None
    exit_code: int | None
    seconds: float

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it."""
        return self.signal == signal.SIGKILL

    def all(self, name: str) -> list[Any]:
        """Everything told under a name."""
        return [line[name] for line in self.lines if name in line]

    def last(self, name: str, default: Any = None) -> Any:
        """Last thing told under a name."""
        return next(reversed(self.all(name)), default)

    def after(self, name: str) -> Outcome:
        """The outcome without all that came before something was told the first time, and that."""
        place = next(at for at, line in enumerate(self.lines) if name in line)
        return evolve(self, lines=self.lines[place + 1 :])

    def check(self) -> Outcome:
        """Fail where the child failed by itself."""
        if error := self.last("error"):
            raise AssertionError(f"The child ended with {error}.\n{self.last('text')}")
        return self


class ForkServer:
    """The fork server while it runs."""

    def __init__(self) -> None:
        path = os.pathsep.join(map(str, (TESTS, SOURCES)))
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reliability.kill_server"],
            env={**os.environ, **threads, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *jobs: Job, kill_after: float | None = None, kill_from: str | None = None
    ) -> Outcome:
        """Run jobs in a child, one after the other.

        Parameters
        ----------
        *jobs : pair of str and mapping
            Module of this folder and function, such as ``kill_pages:sync``, and its arguments.
        kill_after : float or None
            Seconds until the child is killed; None lets it live.
        kill_from : str or None
            What the child must have told before these seconds begin; from its birth if None.
        """
        assert self._process.stdin
        assert self._process.stdout
        request = {"jobs": jobs, "kill_after": kill_after, "kill_from": kill_from}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert not found.pop("was_late"), f"a job did not end: {jobs}"
        return Outcome(**found | {"lines": tuple(found["lines"])})

    def close(self) -> None:
        """End the server, which ends when there are no more requests."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


def serving() -> Iterator[ForkServer]:
    """Body of a fixture: a fork server for as long as the tests last."""
    server = ForkServer()
    yield server
    server.close()
