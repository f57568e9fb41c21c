"""Files of text made plain, or refused with a reason."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError, NotFound, RetryableError, SchemaChanged
from cxm_core.store.tables import _files
from cxm_core.store.tables._files import plain_text, unchanging


def made_plain(folder: Path, content: bytes, encoding: str = "utf-8", name: str = "a.csv") -> bytes:
    """Content of the plain file."""
    path, private = folder / name, folder / "private"
    path.write_bytes(content)
    private.mkdir()
    return plain_text(path, encoding=encoding, folder=private).read_bytes()


class TestPlainText:
    """One encoding, no compression."""

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "cp1252", "latin-1"])
    def test_other_encodings_become_utf_8(
        self, tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Text in any encoding is the same text in UTF-8, also across the borders of blocks."""
        monkeypatch.setattr(_files, "BLOCK", 5)
        text = "größe,ab\n" * 20
        assert made_plain(tmp_path, text.encode(encoding), encoding) == text.encode()

    def test_compressed_text(self, tmp_path: Path) -> None:
        """Compressed text is decompressed, whatever the file is called, before it is decoded."""
        content = gzip.compress("größe".encode("cp1252"))
        assert made_plain(tmp_path, content, "cp1252", name="a.txt") == "größe".encode()

    def test_plain_text_is_not_copied(self, tmp_path: Path) -> None:
        """A plain file is read where it lies."""
        path = tmp_path / "a.csv"
        path.write_bytes(b"a")
        private = tmp_path / "private"
        private.mkdir()
        assert plain_text(path, encoding="UTF8", folder=private).is_symlink()
        assert path.read_bytes() == b"a"

    def test_a_byte_without_meaning_becomes_one_that_is_found(self, tmp_path: Path) -> None:
        """A byte that is no character is marked with one that UTF-8 never has."""
        assert made_plain(tmp_path, b"a\x81b,c", "cp1252") == b"a\xffb,c"

    def test_a_true_replacement_character_is_text(self, tmp_path: Path) -> None:
        """U+FFFD that stands in the source is no damage of ours."""
        text = "a\ufffdb"
        assert made_plain(tmp_path, text.encode("utf-16"), "utf-16") == text.encode()

    def test_half_a_character_at_the_end(self, tmp_path: Path) -> None:
        """A text that ends within a character has a mark there."""
        assert made_plain(tmp_path, "ab".encode("utf-16-le")[:-1], "utf-16-le") == b"a\xff"

    @pytest.mark.parametrize(
        ("content", "encoding", "words"),
        [
            ("a".encode("utf-16"), "utf-8", "encoding = 'utf-16'"),
            ("a".encode("utf-32"), "utf-16", "encoding = 'utf-32'"),
            ("a".encode("utf-8-sig"), "cp1252", "encoding = 'utf-8'"),
            ("abc".encode("utf-16-le"), "utf-8", "not declared"),
            (b"PAR1" + b"a" * 9, "utf-8", "parquet"),
            (b"%PDF-1.7", "utf-8", "PDF"),
        ],
    )
    def test_a_contradiction_is_told(
        self, tmp_path: Path, content: bytes, encoding: str, words: str
    ) -> None:
        """A mark or a beginning that contradicts the declaration is an error with the cure."""
        with pytest.raises(SchemaChanged, match=words):
            made_plain(tmp_path, content, encoding)

    def test_a_name_that_promises_compression(self, tmp_path: Path) -> None:
        """A file that is called .gz and is not compressed is told."""
        with pytest.raises(SchemaChanged, match="compressed"):
            made_plain(tmp_path, b"a,b\n", name="a.csv.gz")

    def test_an_unknown_encoding(self, tmp_path: Path) -> None:
        """An encoding that is none, or is none of text, is the configuration's mistake."""
        with pytest.raises(ConfigurationError, match="utf-88"):
            made_plain(tmp_path, b"a", "utf-88")

    def test_one_control_character_makes_no_binary(self, tmp_path: Path) -> None:
        """A long text with a stray NUL is still a text."""
        content = b"a,b\n" * 100 + b"\x00"
        assert made_plain(tmp_path, content) == content


class TestUnchanging:
    """A file that is one and stays the same."""

    def test_a_file_that_grows_is_told(self, tmp_path: Path) -> None:
        """A file that is written while it is read is to be read again."""
        path = tmp_path / "a.csv"
        path.write_bytes(b"a")
        with pytest.raises(RetryableError, match="changed"), unchanging(path):
            path.write_bytes(b"ab")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_pipe_is_no_file(self, tmp_path: Path) -> None:
        """A pipe would be waited for; it is refused."""
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(NotFound, match="device"), unchanging(tmp_path / "pipe"):
            pytest.fail("it was opened")
