"""The store's commands: verify, compact, rebuild, export, retain."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shops import SRC, Command

MARKER = "MARKER-SECRET-WORDS"


def limited(folder: Path, limit: str = "200 days") -> None:
    """Give the shop's program a limit of keeping."""
    program = folder / "cxm.toml"
    text = program.read_text(encoding="utf-8")
    table = f'[store.retention]\nresponse = "{limit}"\n\n[[sources]]'
    program.write_text(text.replace("[[sources]]", table, 1), encoding="utf-8")


def digests(folder: Path) -> dict[str, str]:
    """Fingerprint of each file of a folder."""
    return {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest()
        for one in folder.iterdir()
        if one.is_file()
    }


class TestVerify:
    """`cxm store verify` reads everything."""

    def test_sound(self, synced: Path, cxm: Command) -> None:
        """A sound store ends with 0, says how much was read, and no file is changed."""
        before = digests(synced)
        done = cxm("store", "verify")
        assert done.code == 0
        assert done.out.startswith("Read ")
        assert done.out.endswith("The store is sound.\n")
        assert cxm("store", "verify", "--json").json["is_sound"] is True
        assert digests(synced) == before

    def test_damaged_block(self, synced: Path, cxm: Command) -> None:
        """A block that cannot be read ends with 3 or 1, says what to do, and no customer's word."""
        path = synced / "shops.duckdb"
        data = bytearray(path.read_bytes())
        for place in range(12_288 + 100, len(data), 262_144):
            data[place] ^= 0xFF
        path.write_bytes(bytes(data))
        done = cxm("store", "verify")
        assert done.code in {1, 3}
        assert "cxm store rebuild" in done.out + done.err
        assert MARKER not in done.out + done.err


class TestCompact:
    """`cxm store compact` writes the store anew."""

    def test_sizes(self, synced: Path, cxm: Command) -> None:
        """It says how large the file was and is."""
        done = cxm("store", "compact", "--json")
        assert done.code == 0
        assert done.json["bytes_after"] == (synced / "shops.duckdb").stat().st_size
        assert cxm("store", "compact").out.startswith("The store has ")
        assert cxm("store", "verify").code == 0

    def test_no_store(self, shop: Path, cxm: Command) -> None:
        """Where there is no store, none is made only to be written anew."""
        done = cxm("store", "compact")
        assert done.code == 1
        assert "There is no store 'shops.duckdb'." in done.err
        assert not (shop / "shops.duckdb").exists()

    def test_its_help_promises_no_erasure(self, cxm: Command) -> None:
        """It says that the history of what was deleted stays."""
        told = " ".join(cxm("store", "compact", "--help").out.split())
        assert "It erases nobody" in told
        assert "history" in told


class TestRebuild:
    """`cxm store rebuild` makes a damaged store anew."""

    def test_garbage(self, synced: Path, cxm: Command) -> None:
        """The sources give everything back, and the damaged file is kept."""
        cxm("store", "export", "before")
        (synced / "shops.duckdb").write_bytes(b"garbage")
        assert cxm("measure", "nps").code == 1
        done = cxm("store", "rebuild")
        assert done.code == 0
        assert "Nothing of the old file can be read." in done.out
        assert "files:shops rows: served 7" in done.out
        (kept,) = synced.glob("shops.duckdb.damaged-*")
        assert kept.read_bytes() == b"garbage"
        cxm("store", "export", "after")
        assert _answers(synced / "after") == _answers(synced / "before")

    def test_without_a_sync(self, synced: Path, cxm: Command) -> None:
        """With --no-sync nothing is pulled, and what could be read is there."""
        done = cxm("store", "rebuild", "--no-sync", "--json")
        assert done.code == 0
        assert done.json["receipts"] == []
        assert done.json["rebuild"]["lost"] == 0
        assert cxm("measure", "nps", "--json").json["n"] == 4

    def test_memory(self, shop: Path, cxm: Command) -> None:
        """A store in memory cannot be rebuilt."""
        program = shop / "cxm.toml"
        text = program.read_text(encoding="utf-8").replace("shops.duckdb", "memory:")
        program.write_text(text, encoding="utf-8")
        assert cxm("store", "rebuild").code == 2


def _answers(folder: Path) -> list[str]:
    """Lines of an export, without when the store learnt of them."""
    lines = (folder / "response.jsonl").read_text(encoding="utf-8").splitlines()
    return [line.split('"known_at"')[0] for line in lines]


class TestExport:
    """`cxm store export` writes files."""

    @pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
    def test_one_file_a_kind(self, synced: Path, cxm: Command, form: str) -> None:
        """The paths are printed, and each file is there."""
        done = cxm("store", "export", "out", "--format", form)
        assert done.code == 0
        assert done.out.splitlines() == [f"out/question.{form}", f"out/response.{form}"]
        assert all((synced / line).stat().st_size for line in done.out.splitlines())

    def test_again_gives_the_same(self, synced: Path, cxm: Command) -> None:
        """A second export replaces the first, byte for byte."""
        cxm("store", "export", "out")
        before = digests(synced / "out")
        cxm("store", "export", "out")
        assert digests(synced / "out") == before
        assert len(before) == 2

    def test_folder_that_is_a_file(self, synced: Path, cxm: Command) -> None:
        """A place that cannot be a folder is told, with what to do."""
        done = cxm("store", "export", "answers.csv/out")
        assert done.code == 4
        assert "choose another folder" in done.err


class TestRetain:
    """`cxm store retain` keeps limits."""

    def test_no_limit(self, synced: Path, cxm: Command) -> None:
        """A program without limits is told how to set one."""
        done = cxm("store", "retain")
        assert (done.code, "[store.retention]" in done.err) == (4, True)

    def test_dry_run_and_run(self, synced: Path, cxm: Command) -> None:
        """A dry run counts, a run deletes the same, and says how the bytes go."""
        limited(synced)
        counted = cxm("store", "retain", "--dry-run", "--trust-clock", "--json").json
        assert cxm("measure", "nps", "--json").json["n"] == 4
        done = cxm("store", "retain", "--trust-clock")
        assert done.code == 0
        assert "cxm store compact" in done.out
        assert counted["rows"] >= 4
        assert cxm("measure", "nps", "--json").json["n"] == 0
        assert cxm("store", "retain", "--json").json["rows"] == 0

    @pytest.mark.parametrize("limit", ["200", "200 weeks", "0 days", "-1 days"])
    def test_wrong_limit(self, synced: Path, cxm: Command, limit: str) -> None:
        """A limit of another form is a mistake of the program."""
        limited(synced, limit)
        done = cxm("store", "retain")
        assert (done.code, "store.retention.response" in done.err) == (4, True)


class TestOpening:
    """What an opening had to leave behind is told once, on standard error."""

    def test_log_that_cannot_be_read(self, synced: Path, cxm: Command) -> None:
        """The command does its work, and the person is told of the log."""
        spoil_log(synced / "shops.duckdb")
        done = cxm("sync")
        assert done.code == 0
        assert "set aside" in done.err
        assert cxm("sync").err == ""


def spoil_log(path: Path) -> None:
    """Leave a log as a killed process does, and flip bytes in it."""
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True, env=ENVIRONMENT)
    log = path.with_name(path.name + ".wal")
    data = bytearray(log.read_bytes())
    for place in range(len(data) // 3, len(data) // 3 + 40):
        data[place] ^= 0xFF
    log.write_bytes(bytes(data))


ENVIRONMENT = os.environ | {"PYTHONPATH": str(SRC)}
KILLED = """
import os, sys
from datetime import UTC, datetime
from cxm_core.records import Note
from cxm_core.store import open_store
store = open_store(sys.argv[1], clock=lambda: datetime.now(UTC))
for number in range(20):
    with store.transaction() as transaction:
        at = "2026-11-05T09:00Z"
        note = Note(native_id=str(number), occurred_at=at, text="MARKER-SECRET-WORDS")
        transaction.apply([note], source="app:notes")
os._exit(0)
"""
