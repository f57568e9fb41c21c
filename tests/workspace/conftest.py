"""A workspace in memory and one on disk, under a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cxm_core.workspace import Workspace
from workspace.desks import Clock, shop


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture(params=["memory:", "shop.duckdb"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A workspace of the shop, over each kind of store."""
    place = request.param
    store = place if place == "memory:" else tmp_path / place
    with Workspace(shop(), store=store, clock=clock) as opened:
        yield opened
