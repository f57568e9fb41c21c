"""`cxm doctor` looks at everything, whatever is broken, and changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shops import SRC, Command
from cli.test_store import ENVIRONMENT, KILLED, MARKER, digests, spoil_log
from cxm_core.records import Note
from cxm_core.store import journal_folder
from cxm_core.workspace import Workspace

CONNECTORS = "connectors: dataframe, dlt, files, hubspot, singer, typeform, warehouse, zendesk"
PLUGINS = {
    "ends": "import sys\nsys.exit(3)",
    "breaks": "raise RuntimeError('boom')",
    "lacks": "import no_such_package_of_ours",
    "is_none": "Connector = 7",
}


def planted(folder: Path) -> Path:
    """Folder with installed plugins, each broken in another way."""
    folder.mkdir()
    for name, code in PLUGINS.items():
        (folder / f"{name}_plugin.py").write_text(code + "\n", encoding="utf-8")
        info = folder / f"bad_{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: bad-{name}\nVersion: 1.0\n", encoding="utf-8")
        entry = f"[cxm.connectors]\n{name.replace('_', '-')} = {name}_plugin:Connector\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")
    return folder


class TestHealthy:
    """Nothing is wrong."""

    def test_text(self, synced: Path, cxm: Command) -> None:
        """Versions, extras, connectors and the store's health are told, in short lines."""
        before = digests(synced)
        done = cxm("doctor")
        assert done.code == 0
        assert done.out.endswith("Nothing is wrong.\n")
        lines = done.out.splitlines()
        assert any(line.startswith("python: 3.") for line in lines)
        assert any(line.startswith("extra duckdb: duckdb ") for line in lines)
        assert CONNECTORS in lines
        assert digests(synced) == before

    def test_json(self, synced: Path, cxm: Command) -> None:
        """The same for a machine."""
        seen = cxm("doctor", "--json").json
        assert seen["problems"] == []
        assert seen["extras"]["duckdb"]["duckdb"]
        assert seen["store"]["bytes"]["file"] == (synced / "shops.duckdb").stat().st_size

    def test_what_befell_the_store(self, synced: Path, cxm: Command) -> None:
        """The last events are told, and a log that is whole stays as it is."""
        cxm("store", "compact")
        assert " UTC: compacted" in cxm("doctor").out
        subprocess.run([sys.executable, "-c", KILLED, "shops.duckdb"], check=True, env=ENVIRONMENT)
        before = digests(synced)
        assert "shops.duckdb.wal" in before
        assert cxm("doctor").code == 0
        assert digests(synced) == before

    def test_no_store_yet(self, shop: Path, cxm: Command) -> None:
        """A store that is not there yet is no problem, and is not made."""
        done = cxm("doctor")
        assert done.code == 0
        assert "There is no store yet" in done.out
        assert not (shop / "shops.duckdb").exists()


class TestBroken:
    """One part after the other."""

    def test_no_program(
        self, tmp_path: Path, cxm: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a program file everything else is told."""
        monkeypatch.chdir(tmp_path)
        done = cxm("doctor")
        assert done.code == 3
        assert "no program file" in done.out
        assert CONNECTORS in done.out

    def test_program_with_a_mistake(self, synced: Path, cxm: Command) -> None:
        """A mistake in the program is told with its key."""
        (synced / "cxm.toml").write_text('name = "x"\nzoen = "UTC"\n', encoding="utf-8")
        done = cxm("doctor")
        assert done.code == 3
        assert "zoen" in done.out

    def test_broken_plugins(self, synced: Path, shell: Command) -> None:
        """Each broken plugin is named with its distribution and reason; the others work."""
        folder = planted(synced / "plugins")
        done = shell("doctor", "--json", PYTHONPATH=f"{SRC}{os.pathsep}{folder}")
        assert done.code == 3
        broken = {one["distribution"].split()[0]: one for one in done.json["broken_plugins"]}
        assert {name.replace("_", "-") for name in broken} >= {
            f"bad-{name.replace('_', '-')}" for name in PLUGINS
        }
        assert all(one["reason"] for one in broken.values())
        assert "files" in done.json["connectors"]
        assert done.json["store"]["problems"] == []

    def test_without_duckdb(self, synced: Path, shell: Command) -> None:
        """Without the extra the store cannot be looked at, and everything else is told."""
        done = shell("doctor", before="import sys\nsys.modules['duckdb'] = None")
        assert done.code == 3
        assert "pip install 'cxm[duckdb]'" in done.out
        assert CONNECTORS in done.out

    def test_locked_store(self, synced: Path, cxm: Command) -> None:
        """A store in use names the process that holds it."""
        with subprocess.Popen(
            [sys.executable, "-c", HOLDS, "cxm.toml"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()
            done = cxm("doctor")
            other.communicate()
        assert f"Process {other.pid}" in done.out


HOLDS = """
import sys
from cxm_core.workspace import Workspace
with Workspace(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


class TestDamage:
    """Five kinds of damage: what is wrong, what it costs, what to do."""

    @pytest.fixture
    def worn(self, synced: Path) -> Path:
        """A shop that has kept notes of its own."""
        with Workspace("cxm.toml") as workspace:
            for number in range(3):
                note = Note(native_id=str(number), occurred_at="2026-11-05T09:00Z", text=MARKER)
                workspace.add([note])
        return synced

    @pytest.mark.parametrize("damage", ["garbage", "empty", "block", "log", "journal"])
    def test_damage(self, worn: Path, cxm: Command, damage: str) -> None:
        """The damaged part is named, in no customer's words, and no file is changed."""
        _damage(worn / "shops.duckdb", damage)
        before = digests(worn)
        done = cxm("doctor")
        assert done.code == 3, done.out
        assert "1 problem" in done.out or "problems:" in done.out
        assert MARKER not in done.out + done.err
        assert digests(worn) == before
        assert cxm("doctor", "--json").json["store"]["problems"]


def _damage(path: Path, kind: str) -> None:
    if kind in {"garbage", "empty"}:
        path.write_bytes(b"" if kind == "empty" else b"garbage" * 9_000)
    elif kind == "log":
        spoil_log(path)
    elif kind == "journal":
        (segment, *_) = sorted(journal_folder(path).glob("*.cxmj"))
        _flip(segment, range(40, segment.stat().st_size // 2))
    else:
        _flip(path, range(12_288 + 100, path.stat().st_size, 262_144))


def _flip(path: Path, places: range) -> None:
    data = bytearray(path.read_bytes())
    for place in places:
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))
