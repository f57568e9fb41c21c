"""Random histories: whatever befalls source, store, clock and disk, the store is as the model."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reliability.model_machine import MET, MemoryMachine, StoreMachine

pytest.importorskip("duckdb")

FEW = settings(
    max_examples=int(os.environ.get("CXM_HISTORIES", "8")),
    stateful_step_count=20,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def run(machine: type[StoreMachine], chosen: settings) -> None:
    """Run histories, and say what they met."""
    MET.clear()
    run_state_machine_as_test(machine, settings=chosen)
    print(f"{machine.__name__}: {dict(sorted(MET.items()))}")  # noqa: T201  (a failure shows it)


class TestHistories:
    def test_in_memory(self) -> None:
        """The store in memory holds what the model holds, after each step of each history."""
        run(MemoryMachine, settings(FEW, max_examples=3 * FEW.max_examples))
        assert MET["applied"]

    def test_in_a_file(self) -> None:
        """The store in a file holds what the model holds, after each step of each history."""
        run(StoreMachine, FEW)
        assert MET["applied"]

    @pytest.mark.slow
    @pytest.mark.parametrize("machine", [MemoryMachine, StoreMachine])
    def test_long_and_many(self, machine: type[StoreMachine]) -> None:
        """What holds for few short histories holds for many long ones."""
        run(machine, settings(FEW, max_examples=25 * FEW.max_examples, stateful_step_count=50))
        assert MET["applied"]
