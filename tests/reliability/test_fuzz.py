"""VALUE-23: whatever is served, each row is a record or is set aside with its reason."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from reliability.fuzz_ways import WAYS

pytest.importorskip("duckdb")

SEED = int(os.environ.get("CXM_SEED", "20261121"))
ALL = int(os.environ.get("CXM_FUZZ", "1000000"))
SHARES = {"jsonl": 0.45, "csv cells": 0.2, "csv bytes": 0.1, "records": 0.25}
CHUNK = 20_000


def fuzz(folder: Path, way: str, count: int, seed: int) -> None:
    """Fuzz one way in with so many rows, a file or a pull at a time."""
    for number, first in enumerate(range(0, count, CHUNK)):
        place = folder / str(number)
        place.mkdir()
        chunk = min(CHUNK, count - first)
        print(f"{way}: {chunk:,} rows, seed {seed + number}")  # noqa: T201  (a failure shows it)
        WAYS[way](place, chunk, Random(seed + number))


@pytest.fixture(autouse=True)
def _no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a source be as bad as it likes."""
    monkeypatch.setattr("cxm_core.sync._guard.MOST_BAD", 1.0)


@pytest.mark.parametrize("way", WAYS)
def test_value_23_mutated_rows(way: str, tmp_path: Path) -> None:
    """Ten thousand mutated rows by four ways in: nothing uncaught, and the ledger balances."""
    fuzz(tmp_path, way, round(10_000 * SHARES[way]), SEED)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_value_23_a_million_mutated_rows(way: str, tmp_path: Path) -> None:
    """A million mutated rows by four ways in: nothing uncaught, and the ledger balances."""
    fuzz(tmp_path, way, round(ALL * SHARES[way]), SEED + 1000)
