"""`cxm measure` on logs: tickets that a store holds, by a metric or by an engine's own name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.shops import Command
from cxm_core.workspace import Workspace
from workspace.log_desks import desk_of

PROGRAM = """
name = "Desk"
zone = "UTC"
[store]
url = "desk.duckdb"
[[metrics]]
name = "slow"
engine = "resolution_time"
q = 0.75
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program and a store of five tickets, from which commands are run."""
    monkeypatch.chdir(tmp_path)
    # The command reads the clock, so this lies long ago.
    monkeypatch.setattr("workspace.log_desks.FIRST", datetime(2020, 11, 2, 9, tzinfo=UTC))
    (tmp_path / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
    with Workspace("cxm.toml") as workspace:
        workspace.add(desk_of([2.0, 4.0, 8.0, 1.0, 9.0]))
    return tmp_path


def test_an_engine_by_its_own_name(desk: Path, cxm: Command) -> None:
    """The figure is in seconds for a machine, and in hours for people."""
    found = cxm("measure", "resolution_time", "--json").json
    assert (found["value"], found["unit"], found["n"]) == (4 * 3600.0, "seconds", 5)
    assert "4.0 hours" in cxm("measure", "resolution_time").out


def test_a_metric_of_the_program(desk: Path, cxm: Command) -> None:
    """Settings of the program are used, and filters and groups are those of tickets."""
    words = ["--by", "channel", "--where", "channel=chat"]
    found = cxm("measure", "slow", *words, "--json").json
    assert [(row["labels"], row["value"]) for row in found["groups"]] == [(["chat"], 8 * 3600.0)]


def test_a_panel_is_no_gate(desk: Path, cxm: Command) -> None:
    """What is several figures is printed, and refused as a gate."""
    assert "contacts" in cxm("measure", "effort").out
    refused = cxm("measure", "effort", "--fail-under", "1")
    assert refused.code == 2
    assert "more than one figure" in refused.err


def test_a_gate(desk: Path, cxm: Command) -> None:
    """A share of a log is a gate like any other figure."""
    assert cxm("measure", "reopen_rate", "--fail-under", "0.5").code == 5
    assert cxm("measure", "resolution_time", "--fail-under", "3600").code == 0


def test_the_report(desk: Path, cxm: Command) -> None:
    """`cxm report` writes the chapter of tickets."""
    path = Path(cxm("report").out.strip().splitlines()[-1])
    assert '<h2 id="tickets">Tickets</h2>' in path.read_text(encoding="utf-8")
