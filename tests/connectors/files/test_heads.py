"""The look at a file's first rows: whatever lies there, the outcome has a name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cxm_connectors.files._config import FilesConfig
from cxm_connectors.files._files import DataFile, find_files
from cxm_connectors.files._heads import HEAD_ROWS, filled, read_head
from cxm_core.errors import SchemaChanged, TruncatedAnswer


def planted(folder: Path, name: str, raw: bytes, **more: object) -> tuple[DataFile, FilesConfig]:
    """One file with its configuration."""
    (folder / name).write_bytes(raw)
    config = FilesConfig.model_validate(
        {
            "files": [name],
            "row": {"id": "id", "occurred_at": "at"},
            "questions": [{"id": "q", "verbatim": "q"}],
            **more,
        }
    )
    return find_files(config, root=folder)[0][0], config


@pytest.mark.parametrize(
    ("name", "raw", "more"),
    [
        ("a.csv", b"id,word\n1,\xc3\xa9t\xc3\xa9\n", {}),
        ("a.csv", b"\xef\xbb\xbfid,word\r\n1,\xc3\xa9t\xc3\xa9", {}),
        ("a.csv", "id;word\n1;été\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        ("a.csv", "id,word\n1,été\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a.tsv", "id\tword\n1\tété\n".encode(), {}),
        ("a.csv", "id,word\n1,'été'\n".encode(), {"quote": "'"}),
        ("a.csv.gz", gzip.compress("id,word\n1,été\n".encode(), mtime=0), {}),
        ("a.jsonl", '{"id": 1, "word": "été"}\n'.encode(), {}),
    ],
)
def test_spellings(tmp_path: Path, name: str, raw: bytes, more: dict[str, object]) -> None:
    """FILE-01: the same rows are seen in every declared spelling."""
    head = read_head(*planted(tmp_path, name, raw, **more))
    assert head.columns == ("id", "word")
    assert head.rows == ({"id": "1", "word": "été"},)


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b" \n\n", "empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "empty"),
        ("a.csv", b"\x00\x01\x02\x03,\x04\n", "no CSV text"),
        ("a.csv", b"id,\xff\xfe\n", "not written in utf-8"),
        ("a.csv.gz", b"id,word\n", "no gzip file"),
        ("a.jsonl", b"id,word\n1,2\n", "no JSONL"),
        ("a.jsonl", b"[1, 2]\n", "no JSONL"),
        ("a.parquet", b"id,word\n", "no parquet file"),
        ("a.arrow", b"PAR1", "no arrow file"),
    ],
)
def test_not_what_it_says(tmp_path: Path, name: str, raw: bytes, told: str) -> None:
    """A file that is not what its format says is an error that names the file."""
    with pytest.raises(SchemaChanged, match=told) as caught:
        read_head(*planted(tmp_path, name, raw))
    assert name in caught.value.message


def test_cut_archive(tmp_path: Path) -> None:
    """A packed file that ends in its middle is told as such."""
    raw = gzip.compress(b"id,word\n" + bytes(range(48, 58)) * 5000)[:-20]
    with pytest.raises(TruncatedAnswer, match="ends in its middle"):
        read_head(*planted(tmp_path, "a.csv.gz", raw))


def test_binary_formats_are_left_to_the_store(tmp_path: Path) -> None:
    """Columns of Parquet and Arrow are not known here."""
    assert read_head(*planted(tmp_path, "a.parquet", b"PAR1....")).columns is None
    assert read_head(*planted(tmp_path, "a.arrow", b"ARROW1..")).columns is None


def test_only_the_first_rows(tmp_path: Path) -> None:
    """A long file is only looked into, and the last row seen is a whole one."""
    raw = b"id,word\n" + b"".join(b"%d,%d\n" % (i, i) for i in range(400_000))
    head = read_head(*planted(tmp_path, "a.csv", raw))
    assert len(head.rows) == HEAD_ROWS
    raw = b"id,word\n" + b"".join(b"%d,%s\n" % (i, b"x" * 3000) for i in range(600))
    head = read_head(*planted(tmp_path, "a.csv", raw))
    assert 300 < len(head.rows) < 600
    assert {len(str(row["word"])) for row in head.rows} == {3000}


def test_huge_cell(tmp_path: Path) -> None:
    """A row of many megabytes ends the look, not the read."""
    raw = b"id,word\n1,a\n2," + b"x" * (3 << 20) + b"\n3,b\n"
    head = read_head(*planted(tmp_path, "a.csv", raw))
    assert head.rows == ({"id": "1", "word": "a"},)


def test_quote_that_never_closes(tmp_path: Path) -> None:
    """A quote that never closes takes the rest of the look with it and raises nothing."""
    raw = b'id,word\n1,a\n2,"open\n' + b"3,b\n" * 100_000
    head = read_head(*planted(tmp_path, "a.csv", raw))
    assert head.rows[0] == {"id": "1", "word": "a"}


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A byte that is no character of the encoding costs nothing but its own row."""
    head = read_head(*planted(tmp_path, "a.csv", b"id,word\n1,\xe9t\xe9\n2,ok\n"))
    assert head.rows[1] == {"id": "2", "word": "ok"}


def test_mark_that_is_missing(tmp_path: Path) -> None:
    """A file that is declared as UTF-16 and is none is told as such."""
    with pytest.raises(SchemaChanged, match="not written in utf-16"):
        read_head(*planted(tmp_path, "a.csv", b"id,word\n1,a\n", encoding="utf-16"))


def test_filled_cells() -> None:
    """Cells that hold only blanks, or are not there, are left out."""
    assert filled([{"a": "1"}, {"a": " "}, {"a": None}, {}], "a") == ["1"]
