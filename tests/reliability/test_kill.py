"""Processes that are killed while they write: nothing lost, nothing kept twice, always open again.

The full figures: `CXM_KILLS=1000 pytest -m slow tests/reliability/test_kill.py -s`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from cxm_core.store import FAULT_POINTS
from reliability import kill_workloads as of
from reliability.kill import ForkServer, needs_fork, serving
from reliability.kill_campaign import Campaign
from reliability.kill_rebuild import EXCHANGE
from reliability.kill_runs import Runs, Workload
from reliability.kill_tally import Tally

pytest.importorskip("duckdb")
pytestmark = needs_fork

SEED = int(os.environ.get("CXM_SEED", random.randrange(1_000_000)))
KILLS = int(os.environ.get("CXM_KILLS", "1000"))
ROWS = int(os.environ.get("CXM_KILL_ROWS", "200000"))
Begin = Callable[[str], Campaign]


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """A fork server for all tests of this file."""
    yield from serving()


def small(name: str, server: ForkServer, folder: Path) -> Workload:
    """A workload in the size of the ordinary run."""
    makers: Mapping[str, Callable[[], Workload]] = {
        "pages": lambda: of.pages(1_700, 340),
        "files": lambda: of.files(server, folder, 300, files=2),
        "adds": lambda: of.adds(3),
        "replay": lambda: of.replays(1_000),
        "migration": lambda: of.migrations(100),
        "compaction": lambda: of.compactions(2),
        "rebuild": of.rebuilds,
    }
    return makers[name]()


@pytest.fixture(scope="module")
def begin(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """Campaign of a workload by name; each is prepared once."""
    begun: dict[str, Campaign] = {}

    def of_name(name: str) -> Campaign:
        if name not in begun:
            folder = tmp_path_factory.mktemp(name)
            workload = small(name, server, folder)
            begun[name] = Campaign(Runs(server, workload, folder), random.Random(SEED))
        campaign = begun[name]
        campaign.tally = Tally(campaign.runs.workload.name)
        return campaign

    return of_name


def approve(tally: Tally) -> None:
    """Tell the figures and the seed, and refuse anything that is not as it must be."""
    print(f"seed {SEED}: {tally}")  # noqa: T201  (figures are read by people)
    assert tally.is_clean, f"seed {SEED}: {tally}\n" + "\n".join(tally.wrong[:3])


@pytest.mark.parametrize(("name", "kills"), [("pages", 8), ("files", 4), ("adds", 5)])
def test_crash_01_killed_at_random(begin: Begin, name: str, kills: int) -> None:
    """P1: killed at any moment and gone on from there, a run ends with what nothing disturbed."""
    tally = begin(name).random_kills(kills)
    approve(tally)
    assert tally.kills >= kills
    assert tally.runs > 0


@pytest.mark.parametrize("name", ["pages", "files", "adds"])
def test_crash_01_killed_at_every_point(begin: Begin, name: str) -> None:
    """P1: killed at each named point, a run goes on from there, and ends like any other."""
    tally = begin(name).every_point()
    approve(tally)
    assert tally.kills >= len(set(tally.points)) >= 8
    assert tally.runs == 1


def test_crash_02_killed_before_the_acknowledgement(begin: Begin) -> None:
    """P2: who goes on asks the store where it stands, so no page that was kept is served again."""
    campaign = begin("pages")
    whole = campaign.commits[-1]["served"]
    last = campaign.points.count("store.after_commit")
    for number in (2, 4, last):
        assert campaign.kill_at(f"store.after_commit:{number}")
        assert campaign.ended is not None
        served = campaign.ended.last("stand")["served"]
        # The second page is committed in two parts, and only the last part has its checkpoint.
        assert served in (whole, whole + 1_000)
    approve(campaign.tally)
    assert campaign.tally.unacknowledged > 0


def test_crash_04_killed_while_it_opens(begin: Begin) -> None:
    """P3: killed while the log is replayed, a store opens again with all that was committed."""
    tally = begin("pages").open_kills(5)
    approve(tally)
    assert tally.kills >= 5


def test_crash_06_killed_while_brought_up_to_date(begin: Begin) -> None:
    """P3: a store of an older schema has the old one or the new one, whole, whatever is killed."""
    campaign = begin("migration")
    campaign.random_kills(4)
    approve(campaign.every_point())
    assert {"store.open.before_migrate", "store.open.before_commit"} <= set(campaign.tally.points)


def test_crash_09_killed_in_a_replay(begin: Begin) -> None:
    """P6: of 1,000 rows that were set aside, each is applied once or still set aside."""
    campaign = begin("replay")
    campaign.random_kills(3)
    approve(campaign.every_point())
    assert "store.before_release" in campaign.tally.points


def test_killed_while_compacted(begin: Begin) -> None:
    """P3: a store that is compacted is the old file or the new one, and holds the same."""
    tally = begin("compaction").every_point()
    approve(tally)
    compacting = {point for point in FAULT_POINTS if point.startswith("store.compact.")}
    assert compacting <= set(tally.points)


def test_killed_while_rebuilt(begin: Begin) -> None:
    """P3: a damaged store is the old file to the byte or a sound one; nothing it had is lost."""
    campaign = begin("rebuild")
    campaign.random_kills(3)
    assert campaign.kill_at(EXCHANGE)
    approve(campaign.every_point("store.rebuild."))
    assert {point for point in FAULT_POINTS if "rebuild" in point} <= set(campaign.tally.points)


@pytest.mark.parametrize(
    ("sql", "lost", "doubled", "wrong"),
    [
        ("INSERT INTO note FROM note WHERE native_id = '0.2'", 0, 1, 1),
        ("DELETE FROM note WHERE native_id IN ('0.1', '0.2')", 2, 0, 1),
        ("UPDATE note SET text = 'other' WHERE native_id = '0.2'", 0, 0, 1),
    ],
)
def test_the_harness_sees_what_is_wrong(
    begin: Begin, sql: str, lost: int, doubled: int, wrong: int
) -> None:
    """A row that is missing, there twice or other than it was is found, and counted as that."""
    tally = begin("adds").tampered(sql)
    assert (tally.lost, tally.doubled, len(tally.wrong)) == (lost, doubled, wrong)
    assert not tally.is_clean


@pytest.mark.slow
def test_crash_01_a_thousand_kills(server: ForkServer, tmp_path: Path) -> None:
    """P1: 1,000 random kills in syncs of 200,000 rows: 0 lost, 0 doubled, 0 failed reopens."""
    total = Tally(f"syncs of {ROWS:,} rows")
    folders = {name: tmp_path / name for name in ("pages", "files")}
    for folder in folders.values():
        folder.mkdir()
    loads = {
        "pages": (of.pages(ROWS, 1_000, share=0.05), 0.6),
        "files": (of.files(server, folders["files"], ROWS, share=0.4), 0.4),
    }
    for name, (workload, part) in loads.items():
        campaign = Campaign(Runs(server, workload, folders[name]), random.Random(SEED))
        campaign.open_kills(5)
        campaign.random_kills(round(part * KILLS))
        approve(campaign.tally)
        total.add(campaign.tally)
    approve(total)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["pages", "files", "adds", "replay", "migration", "compaction", "rebuild"]
)
def test_crash_01_every_moment(begin: Begin, name: str) -> None:
    """P1: killed at the 1st, the 2nd, ... fault point, until a run ends without reaching it."""
    campaign = begin(name)
    approve(campaign.every_moment())
    assert len(campaign.tally.points) == len(campaign.points)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adds", "replay", "migration", "compaction", "rebuild"])
def test_crash_01_other_workloads(begin: Begin, name: str) -> None:
    """P1, P4, P6: 100 random kills of each other workload."""
    approve(begin(name).random_kills(100))
