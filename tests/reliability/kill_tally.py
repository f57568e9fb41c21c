"""What came of many kills, and the line that tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, fields

from reliability.kill import Outcome


@define
class Tally:
    """Sums over the kills of one workload.

    Attributes
    ----------
    kills, inside_open : int
        All kills; those that came before the store was open.
    lost, doubled : int
        Rows that a commit or an acknowledgement promised and that are not there; rows that are
        there twice.
    wrong : list of str
        Other ways in which a store was not what its checkpoint says.
    failed_reopens : int
        Stores that did not open again.
    unacknowledged : int
        Commits that were done when the kill came before anybody was told.
    runs, other_exports : int
        Runs that came to their end; those whose export was not that of the undisturbed run.
    seconds : float
        Time of the kills with all that is around them.
    points : list of str
        Fault points at which a run was killed.
    """

    name: str
    kills: int = 0
    inside_open: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(factory=list)
    failed_reopens: int = 0
    unacknowledged: int = 0
    runs: int = 0
    other_exports: int = 0
    seconds: float = 0.0
    points: list[str] = field(factory=list)

    def refuse(self, outcome: Outcome) -> None:
        """Count a store that did not open."""
        self.failed_reopens += 1
        self.wrong.append(f"{outcome.last('error')}: {outcome.last('text')}")

    def blame(
        self, stand: Mapping[str, Any], commits: Sequence[Mapping[str, Any]], *, at_least: int
    ) -> None:
        """Count what is wrong with a stand that no commit of the undisturbed run had."""
        due = [one for one in commits if one["position"] >= at_least] or commits[-1:]
        want = min(due, key=lambda one: _distance(one["holds"], stand["holds"]))["holds"]
        for table, (rows, distinct, _) in stand["holds"].items():
            self.doubled += rows - distinct
            self.lost += max(0, want[table][1] - distinct)
        self.wrong.append(f"The store stands where no undisturbed run ever stood: {stand}")

    def add(self, other: Tally) -> None:
        """Add the sums of another workload."""
        for one in fields(Tally):
            if one.name != "name":
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all went wrong."""
        bad = (self.lost, self.doubled, self.failed_reopens, self.other_exports, self.wrong)
        return not any(bad)

    def __str__(self) -> str:
        """One line with every figure."""
        return (
            f"{self.name}: {self.kills} kills, {self.lost} lost, {self.doubled} doubled, "
            f"{self.failed_reopens} failed reopens, {self.inside_open} kills inside open, "
            f"{self.unacknowledged} commits done but not acknowledged, "
            f"{self.runs} runs to the end, {self.other_exports} other exports, "
            f"{len(self.wrong)} otherwise wrong, "
            f"{self.seconds:.0f} seconds"
        )


def _distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(abs(int(one[table][0]) - int(other[table][0])) for table in one)
