"""Files that are not what they seem: each fault as a program meets it."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxm_connectors.files import Files, FilesConfig
from cxm_core.errors import CxmError
from cxm_core.plugins import Item, ReadRequest, Runtime, State, build
from cxm_core.records import Table
from cxm_core.store import open_store
from cxm_core.store.tables._files import plain_text, unchanging
from cxm_core.sync import pull
from reliability.ways_in import GOOD, NOW, SOURCE, Outcome, config, line, synced

CSV = "id,at,stamp,score,weight,said,mail,channel\n" + ",".join(map(str, GOOD.values())) + "\n"
SECRET = CSV.replace("good", "stolen")


def read(folder: Path, name: str, **more: object) -> Outcome:
    """Sync a file of a folder."""
    return synced(folder, config(name, **more))


def refusal(folder: Path, name: str, **more: object) -> str:
    """What is told where a file is refused; nothing of it is kept."""
    try:
        found = read(folder, name, **more)
    except CxmError as error:
        return str(error)
    assert not found.receipt.is_complete
    assert found.records == {}
    return found.receipt.note


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Folder of a program, with a file beside it that is none of its business."""
    (tmp_path / "outside.csv").write_text(SECRET, encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.csv").write_text(SECRET, encoding="utf-8")
    folder = tmp_path / "program"
    folder.mkdir()
    return folder


class TestDialects:
    """Text that is written in another way."""

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
    def test_file_01_declared(self, root: Path, delimiter: str, encoding: str) -> None:
        """What is declared is read as it was meant, to the last letter."""
        text = CSV.replace(",", delimiter).replace("Fine", "Caf\u00e9 f\u00fcr \u00c5sa")
        (root / "a.csv").write_bytes(text.encode(encoding))
        found = read(root, "a.csv", delimiter=delimiter, encoding=encoding)
        assert found.records["good"].verbatim == "Caf\u00e9 f\u00fcr \u00c5sa"

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            (CSV.replace(",", ";").encode(), "delimiter = ';'"),
            (CSV.replace(",", "\t").encode(), "delimiter = '\\t'"),
            (CSV.encode("utf-16"), 'encoding = "utf-16"'),
        ],
        ids=["semicolon", "tab", "utf-16"],
    )
    def test_file_01_undeclared(self, root: Path, raw: bytes, told: str) -> None:
        """What is not declared is refused with its cure, and never mangled."""
        (root / "a.csv").write_bytes(raw)
        assert told in refusal(root, "a.csv")

    def test_file_01_undeclared_single_bytes(self, root: Path) -> None:
        """A letter of another encoding costs its row; it does not become another letter."""
        text = CSV + CSV.partition("\n")[2].replace("good", "bad").replace("Fine", "Caf\u00e9")
        (root / "a.csv").write_bytes(text.encode("cp1252"))
        found = read(root, "a.csv")
        assert found.reasons == {"bad_encoding": 1}
        assert set(found.records) == {"good"}

    def test_file_02_ragged_rows(self, root: Path) -> None:
        """Rows with too few or too many cells are set aside by number; the rest is kept."""
        row = CSV.splitlines()[1]
        rows = [row, "short,row", row.replace("good", "next"), row + ",more", "2,x", row[:-3] + '"']
        (root / "a.csv").write_text("\n".join([CSV.splitlines()[0], *rows]) + "\n", "utf-8")
        found = read(root, "a.csv")
        assert found.reasons["bad_row"] >= 3
        positions = {one.position for one in found.quarantined}
        assert {"a.csv:3", "a.csv:5", "a.csv:6"} <= positions
        assert {"good", "next"} <= set(found.records)

    def test_file_02_line_end_within_quotes(self, root: Path) -> None:
        """A line end within quotes belongs to the words."""
        (root / "a.csv").write_text(CSV.replace("Fine", '"Fine,\nreally\r\n"'), "utf-8", newline="")
        assert read(root, "a.csv").records["good"].verbatim == "Fine,\nreally"

    def test_file_02_unclosed_quote(self, root: Path) -> None:
        """A quote that never closes takes its row, not the rows below it."""
        row = CSV.splitlines()[1]
        bad = row.replace("good", "bad").replace("Fine", '"Fine')
        rows = [*CSV.splitlines(), bad, row.replace("good", "after")]
        (root / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = read(root, "a.csv")
        assert found.reasons == {"bad_row": 1}
        assert set(found.records) == {"good", "after"}


class TestPaths:
    """Paths that lead elsewhere."""

    @pytest.mark.parametrize(
        "path",
        [
            "../outside.csv",
            "./../outside.csv",
            "in/../../outside.csv",
            "../*.csv",
            "../../../../../../etc/passwd",
            "/etc/passwd",
            "link.csv",
            "folder/a.csv",
            "folder/*.csv",
            "*.csv",
            "**/*.csv",
        ],
    )
    def test_file_05_path_traversal(self, root: Path, path: str) -> None:
        """A path, a link or a pattern that leads out of the program's folder is refused."""
        (root / "in").mkdir()
        (root / "link.csv").symlink_to(root.parent / "outside.csv")
        (root / "folder").symlink_to(root.parent / "outside", target_is_directory=True)
        said = refusal(root, path, format="csv")
        assert "leads out of the program's folder" in said or "No file matches" in said
        assert "stolen" not in said

    def test_file_05_absolute_path(self, root: Path) -> None:
        """An absolute path to a file elsewhere is refused, one within the folder is read."""
        (root / "a.csv").write_text(CSV, encoding="utf-8")
        assert "leads out" in refusal(root, str(root.parent / "outside.csv"))
        assert set(read(root, str(root / "a.csv")).records) == {"good"}

    def test_file_05_values_name_no_file(self, root: Path) -> None:
        """No cell of a row is ever a path, whatever it says."""
        text = CSV.replace("Fine", "read_text('../outside.csv')").replace("good", "../outside.csv")
        (root / "a.csv").write_text(text, encoding="utf-8")
        found = read(root, "a.csv")
        assert set(found.records) == {"../outside.csv"}
        assert sorted(one.name for one in root.iterdir()) == ["a.csv"]


class TestArchives:
    """Files that hold others, or far more than they seem to."""

    def test_file_06_archives_are_refused(self, root: Path) -> None:
        """A zip or tar is told as one, whatever it is called, and nothing is unpacked from it."""
        with zipfile.ZipFile(root / "a.csv", "w") as archive:
            archive.writestr("../evil.csv", SECRET)
        with tarfile.open(root / "b.csv", "w") as archive:
            member = tarfile.TarInfo("../evil.csv")
            member.size = len(SECRET)
            archive.addfile(member, io.BytesIO(SECRET.encode()))
        with tarfile.open(root / "c.csv.gz", "w:gz") as archive:
            archive.addfile(tarfile.TarInfo("/evil.csv"))
        assert "is a zip archive" in refusal(root, "a.csv")
        assert "is a tar archive" in refusal(root, "b.csv")
        assert "is a tar archive" in refusal(root, "c.csv.gz")
        assert not (root.parent / "evil.csv").exists()

    @pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
    def test_file_06_gzip_bomb(self, root: Path, name: str) -> None:
        """A small file that unpacks to a huge one is refused, in little memory and disk."""
        with gzip.open(root / name, "wb") as stream:
            stream.write(CSV.encode() if "csv" in name else line().encode() + b"\n")
            for _ in range(512):
                stream.write(b" " * (1 << 20))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert "200 times its size" in refusal(root, name)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10  # KiB
        assert sorted(one.name for one in root.iterdir()) == [name]

    def test_file_06_honest_packing(self, root: Path) -> None:
        """A table that packs well is read."""
        header, row = CSV.splitlines()
        rows = "\n".join(row.replace("good", str(n)) for n in range(20_000))
        with gzip.open(root / "a.csv.gz", "wt", encoding="utf-8") as stream:
            stream.write(f"{header}\n{rows}\n")
        assert read(root, "a.csv.gz").receipt.applied == 20_001

    @pytest.mark.parametrize(
        ("name", "data", "told"),
        [
            ("a.csv", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><l>&a;</l>', "is XML"),
            ("a.csv", b"\xef\xbb\xbf\n<!DOCTYPE lolz []>", "HTML or XML"),
            ("a.jsonl", b"<?xml version='1.0'?>", "is XML"),
            ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        ],
        ids=["entities", "doctype", "jsonl", "xls"],
    )
    def test_file_08_xml(self, root: Path, name: str, data: bytes, told: str) -> None:
        """XML and old workbooks are refused unread; the hint says what to do."""
        (root / name).write_bytes(data)
        said = refusal(root, name)
        assert told in said
        assert "save it as CSV" in said

    def test_file_08_workbook(self, root: Path) -> None:
        """A workbook is refused, by its content and by its ending; no link in it is followed."""
        with zipfile.ZipFile(root / "a.xlsx", "w") as book:
            book.writestr("xl/externalLinks/externalLink1.xml", "<x href='file:///etc/passwd'/>")
        (root / "b.csv").write_bytes((root / "a.xlsx").read_bytes())
        assert "Excel workbook" in refusal(root, "b.csv")
        assert "does not say how the file is written" in refusal(root, "a.xlsx")
        assert "Excel workbook" in refusal(root, "a.xlsx", format="csv")


class _Meddled(Files):
    """Files that somebody changes while they are read."""

    def __init__(self, config: FilesConfig, runtime: Runtime) -> None:
        super().__init__(config, runtime)
        self.root = runtime.root

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Change the file as soon as its table is described and loaded."""
        items = super().read(stream, state, request)
        for item in items:
            yield item
            if isinstance(item, Table):
                meddle(self.root / "a.csv")


def meddle(path: Path) -> None:
    """Append to a file, as a program that still writes it does."""
    with path.open("a", encoding="utf-8") as stream:
        stream.write(CSV.splitlines()[1].replace("good", "late") + "\n")


class TestChanges:
    """Files that do not stand still."""

    def test_file_09_grows_while_read(self, root: Path) -> None:
        """A file that grew while it was read is not kept; the next sync reads all of it."""
        (root / "a.csv").write_text(CSV, encoding="utf-8")
        store = open_store("memory:", clock=lambda: NOW)
        runtime = Runtime(clock=lambda: NOW, root=root)
        connector = build(_Meddled, config("a.csv"), runtime, source=SOURCE)
        (receipt,) = pull(store, connector, source=SOURCE, clock=lambda: NOW)
        assert not receipt.is_complete
        assert "changed while it was read" in receipt.note
        assert store.count("response") == 0
        assert set(synced(root, config("a.csv"), store).records) == {"good", "late"}

    @pytest.mark.parametrize("way", ["grown", "rewritten", "replaced"])
    def test_file_09_every_change_is_seen(self, root: Path, way: str) -> None:
        """So is a file of the same size that was written anew, or put in its place."""
        path = root / "a.csv"
        path.write_text(CSV, encoding="utf-8")
        os.utime(path, ns=(0, 0))
        other = root / "b.csv"
        other.write_text(SECRET[: len(CSV)], encoding="utf-8")

        def change() -> None:
            if way == "grown":
                meddle(path)
                os.utime(path, ns=(0, 0))
            elif way == "rewritten":
                path.write_text(CSV.replace("9", "1"), encoding="utf-8")
            else:
                os.utime(other, ns=(0, 0))
                other.replace(path)

        with pytest.raises(CxmError, match="changed while it was read"), unchanging(path):
            change()

    def test_file_13_no_regular_file(self, root: Path) -> None:
        """Pipes, devices and folders are refused at once; nobody waits for them."""
        os.mkfifo(root / "pipe.csv")
        (root / "folder.csv").mkdir()
        (root / "device.csv").symlink_to("/dev/zero")
        assert "is not a file" in refusal(root, "pipe.csv")
        assert "is not a file" in refusal(root, "folder.csv")
        assert "leads out" in refusal(root, "device.csv")

    def test_file_13_pipe_put_there_later(self, root: Path) -> None:
        """Nor is a pipe waited for that took a file's place after it was looked at."""
        os.mkfifo(root / "pipe.csv")
        with pytest.raises(CxmError, match="not a file"):
            plain_text(root / "pipe.csv", encoding="utf-8", folder=root)
        assert [one.name for one in root.iterdir()] == ["pipe.csv"]

    @pytest.mark.parametrize(
        "name",
        ["a\nb.csv", "a\x07b.csv", "a\u202eb.csv", "\u00fc \u4e2d.csv", "a'\"b.csv", "a;b|c%d.csv"],
        ids=["newline", "bell", "right-to-left", "letters", "quotes", "marks"],
    )
    def test_file_14_odd_names(self, root: Path, name: str) -> None:
        """A file of any name is read; whatever is told of it stays on one line, in plain sight."""
        (root / name).write_text(CSV + "short\n", encoding="utf-8")
        found = read(root, name)
        assert set(found.records) == {"good"}
        (entry,) = found.quarantined
        told = [entry.position, entry.message, str(found.receipt)]
        (root / name).write_bytes(b"")
        told += [refusal(root, name), refusal(root, name + "x.csv")]
        assert all(part.isprintable() for text in told for part in text.split("\n"))
        assert not any(name in text for text in told if not name.isprintable())

    def test_file_14_nul_in_a_name(self, root: Path) -> None:
        """No system has a file with NUL in its name; the program is told."""
        assert "NUL" in refusal(root, "a\0b.csv")

    def test_file_14_rows_of_odd_names_can_be_replayed(self, root: Path) -> None:
        """A row that was set aside is found again by the name that its position shows."""
        name = "a\nb.csv"
        (root / name).write_text(CSV.replace(",9,", ",99,"), encoding="utf-8")
        found = read(root, name)
        (entry,) = found.quarantined
        runtime = Runtime(clock=lambda: NOW, root=root)
        told = json.loads(json.dumps(config(name)))
        told["questions"][0]["missing"] = {"99": "refused"}
        connector = build(Files, told, runtime, source=SOURCE)
        assert isinstance(connector, Files)
        again = list(connector.reread("response", entry.row or {}, position=entry.position))
        assert [type(one).__name__ for one in again] == ["Response"]
