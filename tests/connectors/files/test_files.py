"""Paths of a source: what is found, and what is refused (FILE-05, FILE-13, FILE-14)."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from cxm_connectors.files._config import FilesConfig
from cxm_connectors.files._files import find_files, fingerprint, opened, stamp
from cxm_core.errors import ConfigurationError, NotFound, PermissionDenied

ROW = {"id": "id", "occurred_at": "at"}


def config(*files: object, **more: object) -> FilesConfig:
    """Configuration of some files with one column of words."""
    questions = [{"id": "q", "verbatim": "q"}]
    return FilesConfig.model_validate(
        {"files": list(files), "row": ROW, "questions": questions, **more}
    )


def test_named_file(tmp_path: Path) -> None:
    """A file is found below the root, with its values and the format of its ending."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.JSONL").write_text("{}")
    wanted = config({"path": "in/a.JSONL", "values": {"wave": "1"}})
    (file,), lost = find_files(wanted, root=tmp_path)
    assert (file.name, file.format, file.values) == ("in/a.JSONL", "jsonl", (("wave", "1"),))
    assert lost == []


def test_pattern(tmp_path: Path) -> None:
    """A pattern finds its files in order, and passes over folders."""
    for name in ("b.csv", "a.csv", "c.txt"):
        (tmp_path / name).touch()
    (tmp_path / "d.csv").mkdir()
    files, _ = find_files(config("*.csv"), root=tmp_path)
    assert [file.name for file in files] == ["a.csv", "b.csv"]


def test_name_with_pattern_characters(tmp_path: Path) -> None:
    """A file whose name looks like a pattern is found by its name."""
    (tmp_path / "a[1].csv").touch()
    (file,), _ = find_files(config("a[1].csv"), root=tmp_path)
    assert file.name == "a[1].csv"


@pytest.mark.parametrize("path", ["none.csv", "none*.csv", "none/a.csv", "a\nb.csv"])
def test_missing_file(tmp_path: Path, path: str) -> None:
    """A file that is not there is told by its path as written, on one line; the rest is found."""
    (tmp_path / "here.csv").touch()
    files, (error,) = find_files(config(path, "here.csv"), root=tmp_path)
    assert [file.name for file in files] == ["here.csv"]
    assert isinstance(error, NotFound)
    assert repr(path) in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize(
    "form", ["parent", "absolute", "glob", "link", "link_folder", "absolute_glob"]
)
def test_outside_the_root(tmp_path: Path, form: str) -> None:
    """FILE-05: no way of writing a path leads out of the root."""
    root = tmp_path / "root"
    root.mkdir()
    secret = tmp_path / "secret.csv"
    secret.touch()
    (root / "link.csv").symlink_to(secret)
    (root / "folder").symlink_to(tmp_path)
    path = {
        "parent": "../secret.csv",
        "absolute": str(secret),
        "glob": "../*.csv",
        "absolute_glob": f"{tmp_path}/*.csv",
        "link": "link.csv",
        "link_folder": "folder/secret.csv",
    }[form]
    with pytest.raises(ConfigurationError, match="leads out"):
        find_files(config(path), root=root)


def test_link_inside_the_root(tmp_path: Path) -> None:
    """A link that stays inside the root is followed, and the root itself may be one."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.csv").touch()
    (root / "b.csv").symlink_to(root / "a.csv")
    (tmp_path / "way").symlink_to(root)
    (file,), _ = find_files(config("b.csv"), root=tmp_path / "way")
    assert file.name == "a.csv"


def test_absolute_inside_the_root(tmp_path: Path) -> None:
    """A whole path inside the root is known by its place in the root."""
    (tmp_path / "a.csv").touch()
    (file,), _ = find_files(config(str(tmp_path / "a.csv")), root=tmp_path)
    assert file.name == "a.csv"


def test_fifo_and_folder(tmp_path: Path) -> None:
    """FILE-13: a pipe, a device or a folder is refused, and nothing waits."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "folder.csv", "zero.csv"):
        with pytest.raises(ConfigurationError, match=r"not a file|leads out"):
            find_files(config(name), root=tmp_path)


def test_pipe_put_there_later(tmp_path: Path) -> None:
    """FILE-13: a pipe that takes a file's place is refused when it is opened."""
    path = tmp_path / "a.csv"
    path.touch()
    (file,), _ = find_files(config("a.csv"), root=tmp_path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="not a file"), opened(file):
        pass


def test_file_gone_later(tmp_path: Path) -> None:
    """A file that vanishes between finding and opening is not there."""
    (tmp_path / "a.csv").touch()
    (file,), _ = find_files(config("a.csv"), root=tmp_path)
    (tmp_path / "a.csv").unlink()
    with pytest.raises(NotFound):
        stamp(file)
    with pytest.raises(NotFound), opened(file):
        pass


def test_dangling_and_circular_links(tmp_path: Path) -> None:
    """A link to nothing is a file that is not there; a link in a circle cannot be read."""
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "ring.csv").symlink_to(tmp_path / "ring.csv")
    _, errors = find_files(config("gone.csv", "ring.csv"), root=tmp_path)
    assert [type(error) for error in errors] == [NotFound, PermissionDenied]


def test_nul_in_a_path(tmp_path: Path) -> None:
    """FILE-14: a path with a NUL character is refused in words."""
    with pytest.raises(ConfigurationError, match="NUL"):
        find_files(config("a\0b.csv"), root=tmp_path)


def test_named_twice(tmp_path: Path) -> None:
    """A file that two entries name would be read under two meanings, so it is refused."""
    (tmp_path / "a.csv").touch()
    with pytest.raises(ConfigurationError, match="named twice"):
        find_files(config("a.csv", "*.csv"), root=tmp_path)


def test_unknown_ending(tmp_path: Path) -> None:
    """A file whose ending says nothing needs its format declared."""
    (tmp_path / "a.dat").touch()
    with pytest.raises(ConfigurationError, match=r"a\.dat"):
        find_files(config("a.dat"), root=tmp_path)
    (file,), _ = find_files(config("a.dat", format="csv"), root=tmp_path)
    assert file.format == "csv"


def test_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    """Two files of one content have one fingerprint; another byte gives another."""
    for name, raw in (("a.csv", b"x"), ("b.csv", b"x"), ("c.csv", b"y")):
        (tmp_path / name).write_bytes(raw)
    a, b, c = (fingerprint(file) for file in find_files(config("*.csv"), root=tmp_path)[0])
    assert a == b != c
    assert a.bytes == 1


def test_packed_file(tmp_path: Path) -> None:
    """A packed file is read unpacked, and its fingerprint is of the file as it lies there."""
    raw = gzip.compress(b"words")
    (tmp_path / "a.csv.gz").write_bytes(raw)
    (file,), _ = find_files(config("a.csv.gz"), root=tmp_path)
    with opened(file) as content:
        assert content.read() == b"words"
    assert fingerprint(file).bytes == len(raw)
