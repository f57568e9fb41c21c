"""What the model vendor holds, and all that can happen to it while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve, frozen

START = datetime(2026, 3, 1, tzinfo=UTC)


class Script:
    """Choices, one byte each: what a history is made of, and what Hypothesis makes smaller.

    Parameters
    ----------
    choices : bytes
        When they are used up, nothing more happens.
    """

    def __init__(self, choices: bytes) -> None:
        self._choices = iter(choices)
        self.is_over = False

    def pick(self, bound: int) -> int:
        """Give a number below a bound; 0, where nothing happens, when all is used up."""
        choice = next(self._choices, None)
        self.is_over = choice is None
        return 0 if choice is None else choice % bound


@frozen(kw_only=True)
class ModelRow:
    """One row of the vendor.

    Parameters
    ----------
    id : int
        Its id.
    value : int
        Its content; another after each change.
    stamp : int
        Second of its last change, by the vendor's clock.
    visible_at : int
        Second from which it is served: some rows come late.
    is_deleted : bool
        Whether it is a tombstone.
    sequence : int
        Its place in the log of changes.
    """

    id: int
    value: int
    stamp: int
    visible_at: int = 0
    is_deleted: bool = False
    sequence: int = 0

    def plain(self) -> dict[str, Any]:
        """As it is served."""
        at = (START + timedelta(seconds=self.stamp)).isoformat().replace("+00:00", "Z")
        return {
            "id": str(self.id),
            "value": self.value,
            "updated_at": at,
            "updated_s": int((START + timedelta(seconds=self.stamp)).timestamp()),
            "is_deleted": self.is_deleted,
        }


class ModelRows:
    """Rows, the vendor's clock, and what happens to both.

    Parameters
    ----------
    script : Script
        Where choices come from.
    lag_s : int
        Longest time for which a row stays hidden.
    """

    def __init__(self, script: Script, *, lag_s: int = 5) -> None:
        self.script, self.lag_s = script, lag_s
        self.now, self.changes = 1_000, 0
        self.rows: dict[int, ModelRow] = {}

    def happen(self) -> None:
        """Let up to three things happen."""
        for _ in range(self.script.pick(4)):
            (self._insert, self._update, self._delete, self._merge, self._late, self._tick)[
                self.script.pick(6)
            ]()

    def visible(self) -> Iterator[ModelRow]:
        """Rows that are served by now."""
        return (row for row in self.rows.values() if row.visible_at <= self.now)

    def hidden(self) -> list[ModelRow]:
        """Rows that are not served yet."""
        return [row for row in self.rows.values() if row.visible_at > self.now]

    def truth(self) -> dict[str, int]:
        """Content of each row that is there, by id."""
        return {str(row.id): row.value for row in self.rows.values() if not row.is_deleted}

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds)

    def settle(self) -> None:
        """Let time pass until nothing is hidden any more."""
        self.now += self.lag_s + 1

    def _insert(self) -> None:
        self._put(ModelRow(id=len(self.rows) + 1, value=0, stamp=self.now))

    def _update(self) -> None:
        row = self._any()
        if row is not None and not row.is_deleted:
            self._touch(row)

    def _delete(self) -> None:
        row = self._any()
        if row is not None and not row.is_deleted:
            self._touch(evolve(row, is_deleted=True))

    def _merge(self) -> None:
        """One row goes into another; both change in the same second."""
        self._delete()
        self._update()

    def _late(self) -> None:
        """A row is stamped now, but served only later."""
        late = 1 + self.script.pick(self.lag_s)
        row = ModelRow(id=len(self.rows) + 1, value=0, stamp=self.now, visible_at=self.now + late)
        self._put(row)

    def _tick(self) -> None:
        self.now += 1 + self.script.pick(3)

    def _any(self) -> ModelRow | None:
        number = 1 + self.script.pick(len(self.rows) or 1)
        return self.rows.get(number)

    def _touch(self, row: ModelRow) -> None:
        # What nobody could see yet cannot be changed by anybody.
        if row.visible_at <= self.now:
            self._put(evolve(row, stamp=self.now))

    def _put(self, row: ModelRow) -> None:
        self.changes += 1
        self.rows[row.id] = evolve(row, value=self.changes, sequence=self.changes)
