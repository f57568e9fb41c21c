"""Small tables are read as large ones are, so that few rows show what many would."""

from __future__ import annotations

import pytest

from cxm_core.store.tables import _judging


@pytest.fixture(autouse=True)
def _glance_at_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the glance at plain rows pay for any number of them."""
    monkeypatch.setattr(_judging, "FEWEST_ROWS", 0)
