"""A disk without room: a typed error, the state unchanged, and the same process goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reliability.damage_child import python

pytest.importorskip("duckdb")
pytest.importorskip("resource")

LIMITS = int(os.environ.get("CXM_LIMITS", "4"))
MIB = 1 << 20


def told(code: str, *arguments: str) -> dict[str, Any]:
    """What a child said in its last line."""
    with python(code, *arguments) as child:
        out, _ = child.communicate(timeout=300)
    assert child.returncode == 0, f"the child died: {child.returncode}"
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


LIMITED = """
import sys
from pathlib import Path
from reliability.full_disk import say, under_a_limit
say(under_a_limit(Path(sys.argv[1]), int(sys.argv[2])))
"""


def check_full(found: dict[str, Any]) -> None:
    """Nothing is lost, nothing is half there, and the sync goes on when there is room."""
    assert set(found["errors"]) == {"StoreFull"}, found
    assert found["during"] == found["before"], found
    assert found["is_whole"], found
    assert found["is_complete"], found


class TestStore:
    """Writing to the store itself."""

    @pytest.mark.parametrize("seed", range(LIMITS))
    def test_crash_16_a_disk_that_fills_up(self, tmp_path: Path, seed: int) -> None:
        """A full disk is told; what was kept is there, and the same process goes on later."""
        size = Random(f"limit {seed}").randrange(300_000, MIB)
        sys.stdout.write(f"seed {seed}: files of at most {size} bytes\n")
        check_full(told(LIMITED, str(tmp_path / "cxm.duckdb"), str(size)))

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(1000, 1100))
    def test_crash_16_a_hundred_limits(self, tmp_path: Path, seed: int) -> None:
        """The same holds wherever the room ends."""
        size = Random(f"limit {seed}").randrange(200_000, MIB)
        check_full(told(LIMITED, str(tmp_path / "cxm.duckdb"), str(size)))

    @pytest.mark.slow
    def test_crash_16_no_room_for_a_checkpoint(self, tmp_path: Path) -> None:
        """A transaction that DuckDB kept, though the checkpoint after it failed, counts as kept."""
        code = """
import sys
from pathlib import Path
from reliability.full_disk import past_a_checkpoint, say
say(past_a_checkpoint(Path(sys.argv[1])))
"""
        found = told(code, str(tmp_path / "cxm.duckdb"))
        assert found["error"] == "StoreFull"
        # The log alone would have been full at the fiftieth.
        assert found["acknowledged"] >= 49
        assert found["during"] == found["acknowledged"]
        assert found["after"] == found["again"] == found["acknowledged"] + 1
        assert found["is_clean"]

    def test_crash_16_a_small_disk(self, small_disk: Path) -> None:
        """The same holds on a real disk of 24 MiB."""
        code = """
import sys
from pathlib import Path
from reliability.full_disk import on_a_small_disk, say
say(on_a_small_disk(Path(sys.argv[1]), int(sys.argv[2])))
"""
        free = shutil.disk_usage(small_disk).free
        check_full(told(code, str(small_disk / "cxm.duckdb"), str(free - MIB)))


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

    def test_crash_17_no_room_for_the_quarantine(self, tmp_path: Path) -> None:
        """A page whose bad rows could not be kept is not kept at all, and comes again."""
        code = """
import sys
from pathlib import Path
from reliability.full_beside import quarantine
from reliability.full_disk import say
say(quarantine(Path(sys.argv[1])))
"""
        found = told(code, str(tmp_path / "cxm.duckdb"))
        assert found["error"] == "StoreFull"
        assert found["during"] == {"pages": 0, "quarantined": 0, "notes": 0}
        assert found["after"] == {"pages": 1, "quarantined": 5_000, "notes": 1}

    @pytest.mark.parametrize("what", ["table", "report", "export"])
    def test_crash_17_no_room_for_a_file(self, tmp_path: Path, what: str) -> None:
        """A file that cannot be written whole leaves the one before it, and no piece of itself."""
        code = """
import sys
from pathlib import Path
from reliability.full_beside import file
from reliability.full_disk import say
say(file(Path(sys.argv[1]), sys.argv[2]))
"""
        found = told(code, str(tmp_path), what)
        assert found["error"] in {"StoreFull", "StoreError", "ConfigurationError"}
        assert found["before"]
        assert found["during"] == found["before"]
        assert found["names"] == found["names_before"]
        assert found["after"] != found["before"]
