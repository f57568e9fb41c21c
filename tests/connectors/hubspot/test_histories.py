"""Any history of edits, pages and kills: what is kept in the end is what the account holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.plugins import Checkpoint

KINDS = ("contacts", "companies", "tickets")
EDITS = ("add", "change", "delete", "restore", "merge")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(EDITS), st.integers(0, 99)),
        st.tuples(st.just("wait"), st.sampled_from((0.5, 10.0, 45.0, 900.0))),
        st.tuples(st.just("read"), st.integers(0, 12)),
        st.tuples(st.just("read"), st.just(1_000)),
    ),
    min_size=4,
    max_size=30,
)


class History:
    """Plays one history."""

    def __init__(self, desk: Any, kept: Any, kind: str) -> None:
        self.desk, self.kept, self.kind = desk, kept, kind
        self.archived: list[str] = []
        for number in range(7):
            desk.vendor.add(kind, email=f"{number}@example.com", name=str(number))

    def play(self, steps: list[tuple[Any, ...]]) -> None:
        """Play it from its beginning to its end, and let the last sync come to its end."""
        for name, *values in steps:
            getattr(self, f"_{name}")(*values)
        self.desk.clock.sleep(60)
        self.desk.sync(self.kept)

    def _wait(self, seconds: float) -> None:
        self.desk.clock.sleep(seconds)

    def _read(self, most: int) -> None:
        """Read some items, then the process dies: a page is kept with its checkpoint or not."""
        page: list[Any] = []
        state = self.kept.states.get(self.kind)
        for number, item in enumerate(self.desk.items(self.kind, state)):
            page.append(item)
            if isinstance(item, Checkpoint):
                for one in page:
                    self.kept.take(one, stream=self.kind)
                page.clear()
            elif number >= most:
                return

    def _edit(self, what: str, chance: int) -> None:
        self.desk.clock.sleep(0.001)
        vendor, archived = self.desk.vendor, self.archived
        ids = [str(row["id"]) for row in vendor.truth()[self.kind]]
        first, second = (ids[(chance + step) % len(ids)] if ids else "" for step in (0, 1))
        if what == "add":
            vendor.add(self.kind, email=f"{chance}@example.com", name=str(chance))
        elif what == "restore" and archived:
            vendor.restore(self.kind, archived.pop(chance % len(archived)))
        elif what == "change" and ids:
            vendor.change(self.kind, first, lastname=str(chance), subject=str(chance))
        elif what == "delete" and ids:
            vendor.delete(self.kind, first)
            archived.append(first)
        elif what == "merge" and first != second:
            vendor.merge(self.kind, first, second)


def check(steps: list[tuple[Any, ...]], kind: str, fixtures: tuple[Any, ...]) -> None:
    """Play a history on a fresh account."""
    desk, kept, same = fixtures
    one = desk(page_size=3, quirks=("late_rows",), window=6)
    history = History(one, type(kept)(), kind)
    history.play(steps)
    same(history.kept, one.vendor)


class TestByLaw:
    """Histories."""

    @settings(
        max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(steps=STEPS, kind=st.sampled_from(KINDS))
    def test_what_is_kept_is_what_is_held(
        self, steps: list[tuple[Any, ...]], kind: str, desk: Any, kept: Any, same: Any
    ) -> None:
        """Whatever happens, in whatever order, and wherever a run is killed."""
        check(steps, kind, (desk, kept, same))

    @pytest.mark.slow
    @settings(
        max_examples=3_000,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        deadline=None,
    )
    @given(steps=STEPS, kind=st.sampled_from(KINDS))
    def test_many_histories(
        self, steps: list[tuple[Any, ...]], kind: str, desk: Any, kept: Any, same: Any
    ) -> None:
        """The same, many times."""
        check(steps, kind, (desk, kept, same))
