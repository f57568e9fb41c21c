"""A disk without room: a typed error, the state unchanged, and the same process goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reliability.kill import ForkServer, needs_fork, serving

pytest.importorskip("duckdb")
pytestmark = needs_fork

LIMITS = int(os.environ.get("CXM_LIMITS", "4"))
MIB = 1 << 20
LIMITED = "full_disk:under_a_limit"
Told = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """A fork server for all tests of this file: a limit on files is one on a whole process."""
    yield from serving()


@pytest.fixture
def told(server: ForkServer) -> Told:
    """What a job found in a process of its own."""

    def told(job: str, path: Path, **arguments: object) -> dict[str, Any]:
        outcome = server.run((job, {"path": str(path), **arguments})).check()
        assert outcome.exit_code == 0, f"the child died: {outcome.signal}"
        found: dict[str, Any] = outcome.last("found")
        return found

    return told


def check_full(found: dict[str, Any]) -> None:
    """Nothing is lost, nothing is half there, and the sync goes on when there is room."""
    assert set(found["errors"]) == {"StoreFull"}, found
    assert found["during"] == found["before"], found
    assert found["is_whole"], found
    assert found["is_complete"], found


class TestStore:
    """Writing to the store itself."""

    @pytest.mark.parametrize("seed", range(LIMITS))
    def test_crash_16_a_disk_that_fills_up(self, told: Told, tmp_path: Path, seed: int) -> None:
        """A full disk is told; what was kept is there, and the same process goes on later."""
        size = Random(f"limit {seed}").randrange(300_000, MIB)
        sys.stdout.write(f"seed {seed}: files of at most {size} bytes\n")
        check_full(told(LIMITED, tmp_path / "cxm.duckdb", size=size))

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(1000, 1100))
    def test_crash_16_a_hundred_limits(self, told: Told, tmp_path: Path, seed: int) -> None:
        """The same holds wherever the room ends."""
        size = Random(f"limit {seed}").randrange(200_000, MIB)
        check_full(told(LIMITED, tmp_path / "cxm.duckdb", size=size))

    @pytest.mark.slow
    def test_crash_16_no_room_for_a_checkpoint(self, told: Told, tmp_path: Path) -> None:
        """A transaction that DuckDB kept, though the checkpoint after it failed, counts as kept."""
        found = told("full_disk:past_a_checkpoint", tmp_path / "cxm.duckdb")
        assert found["error"] == "StoreFull"
        # The log alone would have been full at the fiftieth.
        assert found["acknowledged"] >= 49
        assert found["during"] == found["acknowledged"]
        assert found["after"] == found["again"] == found["acknowledged"] + 1
        assert found["is_clean"]

    def test_crash_16_a_small_disk(self, told: Told, small_disk: Path) -> None:
        """The same holds on a real disk of 24 MiB."""
        ballast = shutil.disk_usage(small_disk).free - MIB
        check_full(told("full_disk:on_a_small_disk", small_disk / "cxm.duckdb", ballast=ballast))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB in memory; skips where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("this user may not mount a disk in memory")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


class TestBeside:
    """Writing what stands beside the records."""

    def test_crash_17_no_room_for_the_quarantine(self, told: Told, tmp_path: Path) -> None:
        """A page whose bad rows could not be kept is not kept at all, and comes again."""
        found = told("full_beside:quarantine", tmp_path / "cxm.duckdb")
        assert found["error"] == "StoreFull"
        assert found["during"] == {"pages": 0, "quarantined": 0, "notes": 0}
        assert found["after"] == {"pages": 1, "quarantined": 5_000, "notes": 1}

    @pytest.mark.parametrize("what", ["table", "report", "export"])
    def test_crash_17_no_room_for_a_file(self, told: Told, tmp_path: Path, what: str) -> None:
        """A file that cannot be written whole leaves the one before it, and no piece of itself."""
        found = told("full_beside:file", tmp_path, what=what)
        assert found["error"] in {"StoreFull", "StoreError", "ConfigurationError"}
        assert found["before"]
        assert found["during"] == found["before"]
        assert found["names"] == found["names_before"]
        assert found["after"] != found["before"]
