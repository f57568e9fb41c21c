"""Files of text made plain: one regular file, not compressed, in UTF-8, without a mark in front.

Whatever cannot be made plain is refused with its reason; a byte that is no character of the
declared encoding becomes one that is none of UTF-8, so that it costs its own row and no other.
"""

from __future__ import annotations

import codecs
import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from os import stat_result
from pathlib import Path
from shutil import copyfile
from typing import cast

from cxm_core.errors import (
    ConfigurationError,
    NotFound,
    RetryableError,
    SchemaChanged,
    TruncatedAnswer,
)

BLOCK = 1 << 20
_NO_CHARACTER = "\udcff"  # written as the byte FF, which UTF-8 never has
_GZIP = b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save it as CSV",
    b"PK\x05\x06": "an empty zip archive",
    b"BZh": "packed by bzip2; unpack it",
    b"\xfd7zXZ": "packed by xz; unpack it",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it",
    b"<?xml": "XML, for which no reader is ever loaded; save it as CSV",
    b"<!DOCTYPE": "HTML or XML, for which no reader is ever loaded; save it as CSV",
    b"PAR1": "a Parquet file; declare format = 'parquet'",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as CSV",
    b"ARROW1": "an Arrow file",
}
# Longer marks first: the mark of UTF-32 begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r")
_TOO_MANY_CONTROLS = 0.05
# Text packs to a tenth, a table of few distinct rows to a hundredth; gzip ends at a thousandth.
_LARGEST_RATIO = 200
_NO_BOMB = 64 << 20


def _mark(error: UnicodeError) -> tuple[str, int]:
    return _NO_CHARACTER, cast("UnicodeDecodeError", error).end


codecs.register_error("cxm.mark", _mark)


@contextmanager
def unchanging(path: Path) -> Iterator[Path]:
    """Path of a regular file that must not change while it is read."""
    before = _look(path)
    yield path
    after = _look(path)
    if _stamp(before) != _stamp(after):
        raise RetryableError(
            f"The file {path.name!r} changed while it was read.",
            hint="sync again when it is written to the end",
        )


def _stamp(seen: stat_result) -> tuple[int, int, int]:
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


def _look(path: Path) -> stat_result:
    if not path.exists():
        raise NotFound(f"There is no file {path.name!r}.", hint=f"looked in {path.parent}")
    if not path.is_file():
        raise NotFound(f"{path.name!r} is a folder or a device, not a file.")
    return path.stat()


def plain_text(path: Path, *, encoding: str, folder: Path) -> Path:
    """Path of the same text in plain UTF-8: a link or a copy in `folder`, which was empty."""
    codec = _codec(encoding)
    with _opened(path) as stream:
        head = stream.read(BLOCK)
        _check_head(path, head, codec)
        plain = folder / "text"
        if codec == "utf-8" and isinstance(stream, BufferedReader):
            return linked(path, plain)
        limit = max(_NO_BOMB, _LARGEST_RATIO * path.stat().st_size)
        with plain.open("xb") as copy:
            while head:
                copy.write(head)
                _check_size(path, copy.tell(), limit)
                head = stream.read(BLOCK)
    return plain if codec == "utf-8" else _transcoded(plain, codec)


def _check_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise SchemaChanged(
            f"The file {path.name!r} unpacks to more than {_LARGEST_RATIO} times its size.",
            hint="no honest table does; unpack it yourself if you know better",
        )


def linked(path: Path, place: Path) -> Path:
    """Make the file reachable at another place: a plain name in a private folder."""
    try:
        place.symlink_to(path.absolute())
    except OSError:
        # Windows lets not everybody make links.
        copyfile(path, place)
    return place


def _codec(encoding: str) -> str:
    try:
        "".encode(encoding)
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise ConfigurationError(
            f"No encoding of text is named {encoding!r}.",
            hint="such as 'utf-8', 'cp1252', 'latin-1' or 'utf-16'",
        ) from error
    return "utf-8" if name == "utf-8-sig" else name


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader | gzip.GzipFile]:
    with _opened_file(path) as raw:
        is_gzip = raw.peek(2)[:2] == _GZIP
        if path.suffix == ".gz" and not is_gzip and raw.peek(1):
            raise SchemaChanged(f"The file {path.name!r} is not compressed as its name says.")
        if not is_gzip:
            yield raw
            return
        with _readable(path), gzip.GzipFile(fileobj=raw) as stream:
            yield stream


def _opened_file(path: Path) -> BufferedReader:
    """Open a regular file; a pipe that somebody has just put there is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    raw = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        raw.close()
        raise NotFound(f"{path.name!r} is a folder or a device, not a file.")
    return raw


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TruncatedAnswer(
            f"The compressed file {path.name!r} ends before its end, or is damaged.",
            hint="fetch it again",
        ) from error


def _check_head(path: Path, head: bytes, codec: str) -> None:
    foreign = next((kind for magic, kind in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise SchemaChanged(f"The file {path.name!r} is not text.", hint=f"it is {foreign}")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked and not codec.startswith(marked):
        raise SchemaChanged(
            f"The file {path.name!r} is declared as {codec} and marked as {marked}.",
            hint=f"encoding = {marked!r}",
        )
    if not codec.startswith(("utf-16", "utf-32")) and _is_binary(head):
        raise SchemaChanged(
            f"The file {path.name!r} is not text.",
            hint="it is binary, or text in an encoding such as utf-16 that is not declared",
        )


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _TOO_MANY_CONTROLS * len(head)


def _transcoded(plain: Path, codec: str) -> Path:
    target = plain.with_name("text-utf-8")
    decoder = codecs.getincrementaldecoder(codec)(errors="cxm.mark")
    with plain.open("rb") as source, target.open("xb") as copy:
        while block := source.read(BLOCK):
            copy.write(decoder.decode(block).encode("utf-8", "surrogateescape"))
        copy.write(decoder.decode(b"", final=True).encode("utf-8", "surrogateescape"))
    plain.unlink()
    return target
