"""A store that this user, or anybody, may only read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cxm_core.errors import StoreReadOnly
from cxm_core.records import Note
from cxm_core.store import open_store

pytest.importorskip("duckdb")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOBODY = """
import json, os, sys
from datetime import UTC, datetime
from pathlib import Path
from cxm_core.errors import CxmError
from cxm_core.records import Note
from cxm_core.store import open_store
clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
# All that is imported late is imported now, since another user may not reach it.
warm = open_store(Path(sys.argv[2]) / "warm.duckdb", clock=clock)
warm.count("note")
warm.close()
if os.getuid() == 0:
    os.setuid(65534)
def attempt(name, read_only=False):
    try:
        store = open_store(Path(sys.argv[1]) / name, clock=clock, read_only=read_only)
        count = store.count("note")
        if not read_only:
            with store.transaction() as transaction:
                note = Note(native_id="2", occurred_at=clock(), text="x")
                transaction.apply([note], source="app")
        store.close()
        return count
    except CxmError as error:
        return type(error).__name__
print(json.dumps({
    "new": attempt("new.duckdb"),
    "fixed file": attempt("fixed.duckdb"),
    "fixed folder": attempt("open.duckdb"),
    "to read": attempt("fixed.duckdb", read_only=True),
    "secret": attempt("secret.duckdb", read_only=True),
}))
"""


def clock() -> datetime:
    """Return one and the same instant."""
    return NOW


def make(path: Path) -> None:
    """Make a store with one record."""
    store = open_store(path, clock=clock)
    with store.transaction() as transaction:
        transaction.apply([Note(native_id="1", occurred_at=NOW, text="x")], source="app")
    store.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Folder that everybody may look into, and nobody may write to."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, mode in (("fixed", 0o444), ("open", 0o666), ("secret", 0o000)):
            make(folder / f"{file}.duckdb")
            (folder / f"{file}.duckdb").chmod(mode)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def test_a_user_without_permission(folder: Path, tmp_path: Path) -> None:
    """What a user may not write is told as such; what he may read is read."""
    done = subprocess.run(
        [sys.executable, "-c", NOBODY, str(folder), str(tmp_path)],
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "new": "StoreReadOnly",
        "fixed file": "StoreReadOnly",
        "fixed folder": "StoreReadOnly",
        "to read": 1,
        "secret": "StoreReadOnly",
    }


@pytest.fixture
def fixed_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with a store that nobody can write to; skips where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("this user may not mount a disk in memory")
    make(disk / "cxm.duckdb")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_read_only(fixed_disk: Path) -> None:
    """A store on such a disk is read, and says why it cannot be written."""
    for name in ("cxm.duckdb", "new.duckdb"):
        with pytest.raises(StoreReadOnly, match="Hint: "):
            open_store(fixed_disk / name, clock=clock)
    store = open_store(fixed_disk / "cxm.duckdb", clock=clock, read_only=True)
    assert store.count("note") == 1
    store.close()
