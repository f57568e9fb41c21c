"""Runs that are killed again and again, judged after each kill by an undisturbed run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field

from reliability.kill import Job, Outcome
from reliability.kill_runs import Runs
from reliability.kill_tally import Tally

Stand = Mapping[str, Any]


@define
class Campaign:
    """Kills of one workload.

    Parameters
    ----------
    runs : Runs
        Its stores and jobs.
    rng : random.Random
        When to kill.
    """

    runs: Runs
    rng: Random = field(factory=Random)
    tally: Tally = field(init=False)
    commits: list[Stand] = field(factory=list, init=False)
    export: str = field(default="", init=False)
    seconds: float = field(default=0.0, init=False)
    points: list[str] = field(factory=list, init=False)
    ended: Outcome | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.tally = Tally(self.runs.workload.name)
        self._undisturbed()

    def _undisturbed(self) -> None:
        """Run twice without a kill: once to learn each stand between, once for the time."""
        one, other = self.runs.store("reference"), self.runs.store("undisturbed")
        first = self.runs.server.run(
            self.runs.work(one, 0, in_full=True), self.runs.export(one)
        ).check()
        work, look = self.runs.work(other, 0), self.runs.look(other)
        second = self.runs.server.run(
            work, look, self.runs.export(other), *self.runs.truth(other)
        ).check()
        self.commits = first.all("commit")
        self.points = first.last("reached")
        self.seconds = second.all("took")[0]
        self.export = second.last("export")
        assert self.export == first.last("export")
        assert self.judge(second, saved=0, before=0) == self._last
        self.runs.forget("reference")
        self.runs.forget("undisturbed")

    @property
    def _last(self) -> int:
        return int(self.commits[-1]["position"])

    def judge(self, outcome: Outcome, *, saved: int, before: int) -> int | None:
        """Position at which a killed run stands; what is wrong with it goes into the tally."""
        stands = outcome.all("stand")
        if not stands:
            self.tally.refuse(outcome)
            return None
        promised = max(saved, before)
        same = [one for one in self.commits if _agree(one, stands[0])]
        if not same:
            self.tally.blame(stands[0], self.commits, at_least=promised)
            return None
        position = int(same[-1]["position"])
        self.tally.lost += max(0, promised - position)
        self.tally.unacknowledged += position > promised
        return position

    def random_kills(self, kills: int) -> Tally:
        """Kill run after run at random moments, and go on from there, until all runs are whole."""
        began, goal = time.monotonic(), self.tally.kills + kills
        for number in count():
            if self.tally.kills >= goal:
                break
            self._killed_run(f"run{number}", goal)
        self.tally.seconds += time.monotonic() - began
        return self.tally

    def _killed_run(self, name: str, goal: int) -> None:
        path, position, saved = self.runs.store(name), 0, 0
        reach = self.seconds * self.runs.workload.share
        for attempt in count():
            is_free = self.tally.kills >= goal
            delay = None if is_free else self.rng.uniform(0, reach)
            work = self.runs.work(path, attempt, saved=saved)
            outcome = self.runs.server.run(work, kill_after=delay).check()
            saved = max(saved, outcome.last("saved", 0))
            if not outcome.was_killed:
                break
            found = self._after_kill(path, outcome, saved=saved, before=position)
            if found is None:
                return
            # Where a kill comes too early to get on, the next may come later.
            reach *= 1.0 if found > position else 1.25
            position = found
        self._finish(self.runs.server.run(self.runs.look(path), self.runs.export(path)))
        self.runs.forget(name)

    def _after_kill(self, path: Path, outcome: Outcome, *, saved: int, before: int) -> int | None:
        self.tally.kills += 1
        self.tally.inside_open += not outcome.all("opened")
        if not path.exists():
            self.tally.lost += saved
            return 0
        while self.rng.random() < 0.15:
            self.kill_open(path)
        looked = self.runs.server.run(self.runs.look(path, is_closed=self.rng.random() < 0.5))
        return self.judge(looked, saved=saved, before=before)

    def kill_open(self, path: Path) -> None:
        """Kill a process that opens the store, 0 to 30 ms after it began to."""
        delay = self.rng.uniform(0, 0.03)
        job = self.runs.open(path)
        outcome = self.runs.server.run(job, kill_after=delay, kill_from="opening").check()
        self.tally.kills += outcome.was_killed
        self.tally.inside_open += outcome.was_killed and not outcome.all("opened")

    def tampered(self, sql: str) -> Tally:
        """Finish a run, do something to its tables behind the store's back, and judge that."""
        path = self.runs.store("tampered")
        tamper: Job = ("kill_stand:tamper", {"path": str(path), "sql": sql})
        looked = self.runs.server.run(self.runs.work(path, 0), tamper, self.runs.look(path)).check()
        self.judge(looked, saved=self._last, before=0)
        return self.tally

    def open_kills(self, kills: int) -> Tally:
        """Kill a run after a commit, then who opens the store and replays its log, then look."""
        began = time.monotonic()
        for number in range(1, kills + 1):
            path = self.runs.store("opening", is_made=True)
            spec = f"store.after_commit:{1 + number % self.points.count('store.after_commit')}"
            killed = self.runs.server.run(self.runs.work(path, 0, fault=spec)).check()
            saved = killed.last("saved", 0)
            self.tally.kills += killed.was_killed
            self.kill_open(path)
            looked = self.runs.server.run(self.runs.look(path))
            self.judge(looked, saved=saved, before=0)
        self.tally.seconds += time.monotonic() - began
        return self.tally

    def _finish(self, looked: Outcome) -> None:
        """Judge a run that came to its end."""
        if self.judge(looked, saved=self._last, before=0) == self._last:
            self.tally.runs += 1
            self.tally.other_exports += looked.last("export") != self.export

    def kill_at(self, spec: str) -> bool:
        """Kill a new run at a fault point and finish it; whether the run got that far."""
        path = self.runs.store("point", is_made=not spec.startswith(("*", "store.open")))
        outcome = self.runs.server.run(self.runs.work(path, 0, fault=spec)).check()
        if not outcome.was_killed:
            return False
        saved = outcome.last("saved", 0)
        self.tally.kills += 1
        self.tally.points.append(outcome.last("fault"))
        self.tally.inside_open += not outcome.all("opened")
        again = self.runs.work(path, 1, saved=saved)
        looked = self.runs.server.run(
            self.runs.look(path), again, self.runs.look(path), self.runs.export(path)
        )
        if self.judge(looked, saved=saved, before=0) is not None:
            self.ended = looked.check().after("stand")
            self._finish(self.ended)
        return True

    def every_point(self, prefix: str = "") -> Tally:
        """Kill once at each such point that a run reaches, each time going on from there."""
        began = time.monotonic()
        path, position, saved = self.runs.store("points"), 0, 0
        points = dict.fromkeys(point for point in self.points if point.startswith(prefix))
        for attempt, point in enumerate(points):
            if point.startswith("store.open."):
                # Whoever looks at a store completes its opening.
                path = self.runs.store("points")
            work = self.runs.work(path, attempt, saved=saved, fault=f"{point}:1")
            outcome = self.runs.server.run(work).check()
            assert outcome.last("fault") == point
            self.tally.points.append(point)
            saved = max(saved, outcome.last("saved", 0))
            position = self._after_kill(path, outcome, saved=saved, before=position) or 0
        work = self.runs.work(path, len(self.points), saved=saved)
        self._finish(self.runs.server.run(work, self.runs.look(path), self.runs.export(path)))
        self.tally.seconds += time.monotonic() - began
        return self.tally

    def every_moment(self) -> Tally:
        """Kill at the first, the second, ... fault point until a run ends without one."""
        began = time.monotonic()
        assert next(k for k in count(1) if not self.kill_at(f"*:{k}")) > len(self.points)
        self.tally.seconds += time.monotonic() - began
        return self.tally


def _agree(one: Stand, other: Stand) -> bool:
    names = ("holds", "checkpoint", "applied", "balances", "is_whole")
    return all(one[name] == other[name] for name in names)
