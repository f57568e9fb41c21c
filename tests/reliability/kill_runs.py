"""What is run, from which store, and how one sees where it stands."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from reliability.kill import ForkServer, Job


@frozen(kw_only=True)
class Workload:
    """What is run, and how one sees where it stands.

    Attributes
    ----------
    name : str
        For people.
    work, look, open : str
        Jobs: one that does it from where the store stands to the end, one that tells that stand,
        one that opens the store and ends.
    arguments, looking : mapping
        Of the two jobs, beside the path.
    prepare, truth : Job or None
        With their arguments: one that makes the store at the beginning, one that compares
        the end with what was served.
    share : float
        Longest time until a kill, as a share of the time of an undisturbed run.
    begins_at_saved : bool
        The work is told where to begin: behind what was acknowledged.
    """

    name: str
    work: str
    look: str = "kill_stand:stand"
    open: str = "kill_stand:just_open"
    arguments: Mapping[str, Any]
    looking: Mapping[str, Any] = field(factory=dict)
    prepare: Job | None = None
    truth: Job | None = None
    share: float = 1.0
    begins_at_saved: bool = False


@define
class Runs:
    """Stores of a workload, and its jobs on them.

    Parameters
    ----------
    server : ForkServer
        Runs the jobs.
    workload : Workload
        What is run.
    folder : pathlib.Path
        Stores are made in it.
    """

    server: ForkServer
    workload: Workload
    folder: Path

    def jobs(self, name: str) -> list[Job]:
        """The optional job of a name, if there is one."""
        found = getattr(self.workload, name)
        return [found] if found else []

    def store(self, name: str, *, is_made: bool = False) -> Path:
        """Path of a store at the beginning: prepared, made and empty, or not there at all."""
        path = self.folder / f"{name}.duckdb"
        self.forget(name)
        for job, arguments in self.jobs("prepare") or [("kill_stand:make", {})] * is_made:
            template = self.folder / f"template-{job.partition(':')[2]}.duckdb"
            if not template.exists():
                self.server.run((job, {"path": str(template), **arguments})).check()
            for one in self.folder.glob(template.name + "*"):
                copy = shutil.copytree if one.is_dir() else shutil.copy
                copy(one, path.with_name(one.name.replace(template.name, path.name)))
        return path

    def forget(self, name: str) -> None:
        """Remove a store with all that lies beside it."""
        for path in self.folder.glob(f"{name}.duckdb*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def work(self, path: Path, attempt: int, *, saved: int = 0, **how: Any) -> Job:
        """Job that goes on from where the store stands."""
        first = {"first": saved} if self.workload.begins_at_saved else {}
        known = {"path": str(path), "attempt": attempt, **first}
        return self.workload.work, {**known, **self.workload.arguments, **how}

    def look(self, path: Path, *, is_closed: bool = True) -> Job:
        """Job that tells where a store stands."""
        known = {"path": str(path), "is_closed": is_closed}
        return self.workload.look, {**known, **self.workload.looking}

    def open(self, path: Path) -> Job:
        """Job that opens a store, and ends as a killed process does."""
        return self.workload.open, {"path": str(path)}

    def export(self, path: Path) -> Job:
        """Job that tells the hash of the canonical export."""
        return "kill_stand:export", {"path": str(path)}

    def truth(self, path: Path) -> list[Job]:
        """Job that compares the end with what was served, if there is one."""
        return [(job, {"path": str(path), **more}) for job, more in self.jobs("truth")]
