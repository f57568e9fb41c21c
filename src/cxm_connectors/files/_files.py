"""The files of a source: found inside one folder, regular, and known again by their content."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from attrs import frozen

from cxm_core.errors import (
    ConfigurationError,
    NotFound,
    PermissionDenied,
    SchemaChanged,
    SourceError,
    TruncatedAnswer,
)

from ._config import ENDINGS, FileFormat, FilesConfig, FileSpec

_CHUNK = 1 << 20
_WILD = frozenset("*?[")


@frozen(kw_only=True)
class DataFile:
    """One file of a source.

    `name` is its path inside the root, the same on every machine; `path` is where it really is.
    """

    name: str
    path: Path
    format: FileFormat
    values: tuple[tuple[str, str], ...] = ()

    @property
    def is_packed(self) -> bool:
        """Whether the file is compressed by gzip."""
        return self.path.suffix.lower() == ".gz"


@frozen
class Fingerprint:
    """What makes a file the same one: its content."""

    sha256: str
    bytes: int


@frozen
class Stamp:
    """What changes when somebody writes to a file; cheap to look at."""

    inode: int
    bytes: int
    modified_ns: int


def find_files(config: FilesConfig, *, root: Path) -> tuple[list[DataFile], list[SourceError]]:
    """Files that a configuration names, and what is wrong with those that cannot be read.

    Raises
    ------
    ConfigurationError
        A path leads out of `root` or to something that is no file, or is named twice.
    """
    home = Path(os.path.realpath(root))
    found: dict[str, DataFile] = {}
    lost: list[SourceError] = []
    for spec in config.files:
        try:
            files = [
                _data_file(path, spec, home=home, written_as=config.format)
                for path in _matches(home, spec)
            ]
        except SourceError as error:
            lost.append(error)
            continue
        for file in files:
            if found.setdefault(file.name, file) is not file:
                raise ConfigurationError(f"The file {file.name!r} is named twice.")
    return list(found.values()), lost


def _matches(home: Path, spec: FileSpec) -> list[Path]:
    if "\0" in spec.path:
        raise ConfigurationError(f"The path {spec.path!r} holds a NUL character.")
    literal = home / spec.path
    if os.path.lexists(literal):
        return [literal]
    if not _WILD & set(spec.path) or PurePath(spec.path).is_absolute():
        raise _not_found(spec.path) if _is_inside(literal, home) else _outside(spec.path)
    # A folder that a pattern happens to match is nobody's mistake.
    matches = sorted(path for path in home.glob(spec.path) if not path.is_dir())
    if not matches:
        raise _not_found(spec.path)
    return matches


def _is_inside(path: Path, home: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(home)


def _data_file(
    path: Path, spec: FileSpec, *, home: Path, written_as: FileFormat | None = None
) -> DataFile:
    if not _is_inside(path, home):
        raise _outside(spec.path)
    real = Path(os.path.realpath(path))
    with _told(spec.path):
        mode = real.stat().st_mode
    if not stat.S_ISREG(mode):
        raise _no_file(spec.path)
    return DataFile(
        name=real.relative_to(home).as_posix(),
        path=real,
        format=written_as or _format_of(real),
        values=tuple(sorted(spec.values.items())),
    )


def _outside(path: str) -> ConfigurationError:
    return ConfigurationError(
        f"The path {path!r} leads out of the program's folder.",
        hint="put the file beside the program file, or in a folder below it",
    )


def _not_found(path: str) -> NotFound:
    what = "No file matches" if _WILD & set(path) else "There is no file"
    return NotFound(
        f"{what} {path!r}.", hint="paths start at the folder of the program file", path=path
    )


def _format_of(path: Path) -> FileFormat:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    ending = suffixes[-1] if suffixes else ""
    if ending not in ENDINGS:
        raise ConfigurationError(
            f"The ending of {path.name!r} does not say how the file is written.",
            hint='format = "csv", "jsonl", "parquet" or "arrow"',
        )
    return ENDINGS[ending]


def _no_file(path: str) -> ConfigurationError:
    return ConfigurationError(
        f"The path {path!r} is not a file.",
        hint="a folder's files are named by a pattern, such as 'answers/*.csv'",
    )


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _not_found(path) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PermissionDenied(f"The file {path!r} cannot be read: {reason}.") from None


@contextmanager
def opened(file: DataFile, *, unpack: bool = True) -> Iterator[BinaryIO]:
    """Open a file's bytes; what is no regular file is refused without waiting for it."""
    # Between finding and opening somebody may put a pipe there, and opening a pipe waits.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with ExitStack() as stack:
        with _told(file.name):
            raw = stack.enter_context(os.fdopen(os.open(file.path, flags), "rb"))
        if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
            raise _no_file(file.name)
        yield stack.enter_context(_unpacked(raw)) if unpack and file.is_packed else raw


@contextmanager
def whole_packing(file: DataFile) -> Iterator[None]:
    """Say in our words what is wrong with a file that cannot be unpacked."""
    try:
        yield
    except EOFError:
        raise TruncatedAnswer(f"The file {file.name!r} ends in its middle.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise SchemaChanged(f"The file {file.name!r} is no gzip file.") from None


def _unpacked(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=packed))


def fingerprint(file: DataFile) -> Fingerprint:
    """Hash a file's content as it lies there."""
    digest, size = hashlib.sha256(), 0
    with opened(file, unpack=False) as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Fingerprint(digest.hexdigest(), size)


def stamp(file: DataFile) -> Stamp:
    """Look at a file without reading it."""
    with _told(file.name):
        seen = file.path.stat()
    return Stamp(seen.st_ino, seen.st_size, seen.st_mtime_ns)
