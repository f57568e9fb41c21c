"""Steps and ways beside those of pm4py, and its XES beside ours."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cxm_core as cx
from cxm_core.columns import EventColumns, LogTable, read_events
from cxm_core.engines import FLOW_END, FLOW_START
from cxm_core.stats import distinct_chains
from journey_logs import shop_log

SCRIPT = Path(__file__).resolve().parents[2] / "pm4py_oracle.py"


@pytest.fixture(scope="module")
def python() -> str:
    """Interpreter that has pm4py."""
    found = os.environ.get("CXM_PM4PY")
    if not found:
        pytest.skip("CXM_PM4PY names no interpreter with pm4py; `nox -s pm4py` makes one")
    return found


def random_log(seed: int) -> dict[str, list[Any]]:
    """Five hundred cases whose events have come in a random order."""
    rng = np.random.default_rng(seed)
    n = 4_000
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "case": [f"case {i}" for i in rng.integers(0, 500, n)],
        "activity": [f"step {i}" for i in rng.geometric(0.4, n)],
        "occurred_at": [start + timedelta(milliseconds=int(i)) for i in rng.permutation(10**6)[:n]],
    }


def check(log: dict[str, list[Any]], python: str, folder: Path) -> LogTable:
    """Compare what pm4py finds in our XES with what we find; its XES as a log of ours."""
    ours, theirs = folder / "ours.xes", folder / "theirs.xes"
    ours.write_text(cx.to_xes(log), encoding="utf-8")
    run = subprocess.run(
        [python, str(SCRIPT), str(ours), str(theirs)], capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout.splitlines()[-1])
    flow = cx.flow(log)
    wanted = {
        (row, column): int(flow.counts[i, j])
        for i, row in enumerate(flow.rows)
        for j, column in enumerate(flow.columns)
        if flow.counts[i, j]
    }
    steps = {(before, after): n for before, after, n in found["steps"]}
    steps |= {(FLOW_START, first): n for first, n in found["starts"].items()}
    steps |= {(last, FLOW_END): n for last, n in found["ends"].items()}
    assert steps == wanted
    ways = distinct_chains(read_events(log, EventColumns()).chains)
    assert sorted((n for _, n in found["variants"]), reverse=True) == ways.n.tolist()
    return cx.from_xes(theirs.read_bytes())


class TestByReference:
    def test_random_log(self, python: str, tmp_path: Path) -> None:
        """Steps, starts, ends and ways are those of pm4py, whose own XES gives them again."""
        log = random_log(1)
        back = check(log, python, tmp_path)
        assert (cx.flow(back).counts == cx.flow(log).counts).all()

    def test_shop(self, python: str, shared: Path, tmp_path: Path) -> None:
        """The same on 31,106 events of a shop, ties and all."""
        log = shop_log(shared)
        back = check(log, python, tmp_path)
        assert (cx.flow(back).counts == cx.flow(log).counts).all()
