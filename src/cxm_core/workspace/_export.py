"""Everything that a store holds as files that any program reads, and the way back."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from tempfile import mkstemp
from typing import Literal, TypeAlias

from cxm_core.errors import ConfigurationError, StoreFull, UsageError, did_you_mean
from cxm_core.records import KINDS, FieldType, Plain, Record, describe, from_row, record_class
from cxm_core.report import Column, Table, read_csv, to_csv
from cxm_core.store import Store, export_lines, records_of_lines
from cxm_core.vocabulary import takes

__all__ = ["ExportFormat", "export_records", "read_export"]

ExportFormat: TypeAlias = Literal["jsonl", "csv", "parquet"]
_CellType: TypeAlias = Literal["text", "integer", "number", "boolean", "instant"]

_FORMATS = ("jsonl", "csv", "parquet")
_STORED = tuple(kind for kind in KINDS if kind != "deletion")
_KEYS = ("record_id", "content_hash")
_PAGE = 5_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_COLUMN_TYPES: dict[FieldType, _CellType] = {
    "text": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "instant": "instant",
    "date": "text",
    "json": "text",
}


def export_records(store: Store, folder: Path, *, format: ExportFormat) -> tuple[Path, ...]:  # noqa: A002  (the word of Reader)
    """Write one file for each kind of record that the store holds."""
    if format not in _FORMATS:
        raise UsageError(
            f"No records are written as {format!r}.", hint=did_you_mean(str(format), _FORMATS)
        )
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    targets = {kind: folder / f"{kind}.{format}" for kind in _STORED}
    # A file of an earlier export does not outlive the records that it holds.
    wanted = {kind: path for kind, path in targets.items() if store.count(kind) or path.exists()}
    return tuple(_written(store, kind, path, format) for kind, path in wanted.items())


def _written(store: Store, kind: str, target: Path, format: ExportFormat) -> Path:  # noqa: A002
    if format == "parquet":
        return store.write_table(store.read(kind), target, format="parquet")
    make = _lines if format == "jsonl" else _csv
    with _told(target):
        _write_whole(target, make(store, kind))
    return target


def _lines(store: Store, kind: str) -> Iterator[bytes]:
    return (line.encode() + b"\n" for line in export_lines(store, kind))


def _csv(store: Store, kind: str) -> Iterator[bytes]:
    types = csv_types(kind)
    head = to_csv(_table(kind, types, []))
    # Spreadsheets take a file for UTF-8 by its mark.
    yield head.encode("utf-8-sig")
    rows = iter(store.rows(kind))
    while page := list(islice(rows, _PAGE)):
        yield to_csv(_table(kind, types, page))[len(head) :].encode()


def _table(kind: str, types: Mapping[str, _CellType], rows: Sequence[Mapping[str, Plain]]) -> Table:
    columns = (
        Column(name=name, type=type_, values=[_cell(row[name], type_) for row in rows])
        for name, type_ in types.items()
    )
    return Table(name=kind, columns=columns)


def _cell(value: Plain, type_: _CellType) -> str | float | datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return float(value) if type_ == "number" and isinstance(value, int) else value


def csv_types(kind: str) -> dict[str, _CellType]:
    """Columns of a kind in its CSV file, and their types there."""
    fields = describe(record_class(kind)).fields
    keys: dict[str, _CellType] = dict.fromkeys(_KEYS, "text")
    return keys | {one.name: _COLUMN_TYPES[one.type] for one in fields}


def _write_whole(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file so that a reader finds the old one or the new one, never a half."""
    descriptor, name = mkstemp(prefix=".cxm-", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                f"The disk is full, so {place.name!r} was not written.",
                hint="make room and do it again; files that were there are as they were",
            ) from error
        raise ConfigurationError(
            f"{str(place)!r} cannot be written: {error.strerror}.", hint="choose another folder"
        ) from error


@takes(path="path")
def read_export(path: str | Path) -> Iterator[Record]:
    """Records of a file that `Workspace.export` wrote, to be added to any workspace.

    Parameters
    ----------
    path : str or Path
        A file such as `response.jsonl` or `response.csv`, under the name that it was given.

    Returns
    -------
    iterator of Record
        Each with the source and the moments that it had.

    Raises
    ------
    UsageError
        The file is no such export; the message names the line or column, never what stands there.

    Examples
    --------
    >>> from cxm_core.program import Program
    >>> from cxm_core.records import Note
    >>> from cxm_core.workspace import Workspace, read_export
    >>> note = Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
    >>> shop = Program(name="Shop", zone="UTC")
    >>> with Workspace(shop, store="memory:") as one, Workspace(shop, store="memory:") as other:
    ...     receipt = one.add([note])
    ...     (file,) = one.export("export")
    ...     other.add(read_export(file)).applied
    1
    """
    file = Path(path)
    if file.suffix == ".csv":
        return _records_of_csv(file)
    if file.suffix == ".jsonl":
        return _records_of_lines(file)
    raise UsageError(
        f"{file.name!r} is not read back.",
        hint="a .jsonl or .csv file of an export; Parquet is for other programs",
    )


def _records_of_lines(file: Path) -> Iterator[Record]:
    with _readable(file), file.open(encoding="utf-8", newline="\n") as stream:
        yield from records_of_lines(stream)


def _records_of_csv(file: Path) -> Iterator[Record]:
    if file.stem not in _STORED:
        raise UsageError(
            f"{file.name!r} is named after no kind of record.",
            hint=did_you_mean(file.stem, _STORED),
        )
    with _readable(file):
        data = read_csv(file, types=csv_types(file.stem))
    names = list(data.types)
    for row in data.rows:
        cells = dict(zip(names, row, strict=True))
        yield from_row(file.stem, {name: cells[name] for name in names if name not in _KEYS})


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    else:
        return
    # Raised outside, for Python's own error may hold what stands in the file.
    raise UsageError(f"{file.name!r} {problem}.")
