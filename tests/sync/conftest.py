"""Every store to keep what a source serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cxm_core.store import Store, open_store
from sync.scripted import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that never stands still."""
    return Clock()


@pytest.fixture(params=["memory", "duckdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """An empty store."""
    url = "memory:" if request.param == "memory" else str(tmp_path / "cxm.duckdb")
    opened = open_store(url, clock=clock)
    yield opened
    opened.close()
