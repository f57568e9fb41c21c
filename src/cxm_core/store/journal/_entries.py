"""What a frame of the journal says, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from attrs import field, frozen

from cxm_core.errors import UsageError
from cxm_core.records import Plain, Problem, Reason, Record, check, to_row

MOST_RECORDS = 1_000
# Then a batch is spread over frames by its size too.
MOST_CHARACTERS = 1 << 20
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@frozen(kw_only=True)
class JournalRow:
    """A record as it stands in the journal.

    Attributes
    ----------
    kind : str
        Kind of record, such as `note`.
    cells : mapping of str to str, int, float or bool
        Its columns that hold something; times are ISO texts.
    """

    kind: str
    cells: Mapping[str, Plain] = field(repr=False)

    @property
    def source(self) -> str | None:
        """Source that the record came from, as it was called then."""
        source = self.cells.get("source")
        return source if isinstance(source, str) else None

    def record(
        self, *, source: str | None = None, known_at: datetime | None = None
    ) -> Record | Problem:
        """Return the record, or why this library takes it for none.

        Parameters
        ----------
        source : str or None
            Present name of the source; the name of then if not given.
        known_at : datetime or None
            When we learnt of it, if the row does not say so.
        """
        cells = {"known_at": known_at, **self.cells, "source": source or self.source}
        try:
            return check(self.kind, cells)
        except UsageError:
            return Problem(Reason.BAD_ROW, None, "This library knows no such kind of record.")


@frozen(kw_only=True)
class Entry:
    """What one frame says.

    Attributes
    ----------
    writer : str
        Who wrote it.
    number, after : int
        Its number; number of the frame before this batch that was not withdrawn, 0 for none.
    part : int
        Place of the frame in its batch, from 0.
    is_last : bool
        Whether the batch is whole with it.
    at : datetime
        When it was written.
    source : str
        Source of the batch.
    rows : tuple of JournalRow
        Records.
    rename : tuple of str and str, or None
        Old and new name of a source.
    """

    writer: str
    number: int
    after: int
    part: int = 0
    is_last: bool = True
    at: datetime
    source: str = ""
    rows: tuple[JournalRow, ...] = ()
    rename: tuple[str, str] | None = None

    def payload(self) -> bytes:
        """Return the entry as bytes."""
        values: dict[str, object] = {
            "writer": self.writer,
            "number": self.number,
            "after": self.after,
            "part": self.part,
            "is_last": self.is_last,
            "at": self.at.astimezone(UTC).isoformat(),
            "source": self.source,
        }
        if self.rename is not None:
            values["rename"] = self.rename
        values["records"] = [[row.kind, row.cells] for row in self.rows]
        return _JSON.encode(values).encode("utf-8", "surrogatepass")


def read_entry(payload: bytes | memoryview) -> Entry | None:
    """Entry of a payload; None if it is none, though its checksum is right."""
    try:
        values = json.loads(bytes(payload))
        return Entry(
            writer=_of(str, values["writer"]),
            number=_of(int, values["number"]),
            after=_of(int, values["after"]),
            part=_of(int, values["part"]),
            is_last=_of(bool, values["is_last"]),
            at=_instant(values["at"]),
            source=_of(str, values["source"]),
            rows=tuple(_row(kind, cells) for kind, cells in values["records"]),
            rename=_names(values.get("rename")),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _of(type_: Any, value: object) -> Any:
    if type(value) is not type_:
        raise TypeError
    return value


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError
    return at


def _row(kind: str, cells: dict[str, Plain]) -> JournalRow:
    return JournalRow(kind=_of(str, kind), cells=_of(dict, cells))


def _names(value: list[str] | None) -> tuple[str, str] | None:
    if value is None:
        return None
    old, new = value
    return _of(str, old), _of(str, new)


def journal_row(record: Record) -> JournalRow:
    """Row of a record, whose source and moment are filled in."""
    row = to_row(record)
    cells = {name: _cell(value) for name, value in row.items() if value is not None}
    return JournalRow(kind=record.record_kind, cells=cells)


def _cell(value: Plain) -> Plain:
    return value.isoformat() if isinstance(value, date) else value


def parts(rows: Iterable[JournalRow]) -> Iterator[tuple[JournalRow, ...]]:
    """Cut a batch into pieces of which each fills a frame; an empty batch has none."""
    piece, size = list[JournalRow](), 0
    for row in rows:
        piece.append(row)
        size += sum(len(cell) for cell in row.cells.values() if isinstance(cell, str))
        if len(piece) == MOST_RECORDS or size >= MOST_CHARACTERS:
            yield tuple(piece)
            piece, size = [], 0
    if piece:
        yield tuple(piece)
