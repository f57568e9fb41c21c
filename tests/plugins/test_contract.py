"""The small values of the connector contract."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cxm_core.errors import UsageError
from cxm_core.plugins import Checkpoint, Guarantees, Runtime


@pytest.mark.parametrize("state", [{}, {"cursor": "a", "at": [1, 2.5, None, True, {"b": "c"}]}])
def test_plain_state(state: dict[str, object]) -> None:
    """A state of plain JSON makes a checkpoint."""
    assert Checkpoint(state).state == state


@pytest.mark.parametrize(
    "state",
    [{"at": date(2026, 11, 21)}, {"pair": (1, 2)}, {1: "a"}, {"x": float("nan")}, {"s": {1}}],
)
def test_state_that_would_change(state: dict[str, object]) -> None:
    """A state that would come back from the store as another one is refused."""
    with pytest.raises(UsageError, match="plain JSON"):
        Checkpoint(state)


def test_guarantees_in_words() -> None:
    """Every guarantee is told, also the one that does not hold."""
    told = Guarantees(sees_deletions=True, reads_again=False, notes=("Slow.",)).sentences
    assert len(told) == 4
    assert "Deletions are seen." in told
    assert told[-1] == "Slow."


def test_runtime_hides_secrets() -> None:
    """Neither a secret nor its reader shows when a runtime is printed."""
    runtime = Runtime(clock=lambda: datetime.now(UTC), root=Path(), secrets={"A": "canary"}.get)
    assert "canary" not in repr(runtime)
    assert runtime.secrets("A") == "canary"


def test_door_is_light() -> None:
    """Importing the door loads neither NumPy nor DuckDB nor Arrow."""
    code = (
        "import sys, cxm_core.plugins; "
        "print(sorted({'numpy', 'duckdb', 'pyarrow', 'scipy', 'narwhals'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
