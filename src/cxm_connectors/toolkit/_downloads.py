"""Files that a source makes ready: how their rows are written, and how they are packed."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any, Literal, Self, TypeAlias

from attrs import asdict, field, frozen, validators

from cxm_core.errors import UsageError

from ._calls import Answer

Format: TypeAlias = Literal["json", "ndjson", "csv"]
_FORMATS = ("json", "ndjson", "csv")


def _is_known(instance: Download, attribute: object, value: str) -> None:
    del instance, attribute
    if value not in _FORMATS:
        raise UsageError("There is no such format of a file.", hint="json, ndjson or csv")


def _is_encoding(instance: Download, attribute: object, value: str) -> None:
    del instance, attribute
    try:
        codecs.lookup(value)
    except LookupError:
        raise UsageError("There is no such encoding.", hint="utf-8, utf-16 or latin-1") from None


@frozen
class Download:
    """How the rows of a downloaded file are written.

    A file is read only when all of it is there: as long as was declared, unpacked to its own end,
    and not cut in its last row.

    Parameters
    ----------
    format : {"json", "ndjson", "csv"}
        One JSON document, one in each line, or cells below a head with the columns' names.
    is_zip : bool
        Whether it comes as a zip archive, whose files are read one behind the other. What is
        packed by gzip is unpacked in any case.
    separator : str
        What stands between two cells.
    encoding : str
        Encoding of the text.
    skip : int
        Rows between the head and the first row, such as the labels that some sources add.
    columns : tuple of str
        Columns that the file must have; each further one is drift. Without them nothing is known
        of the head.
    size : int
        Rows in a page, each with its checkpoint.
    most_bytes : int
        Largest file, packed or unpacked.

    Raises
    ------
    UsageError
        There is no such format or encoding.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Download, Job
    >>> export = Download("csv", is_zip=True, skip=2, columns=("ResponseId", "Q1"))
    >>> Job(id="id", status="status", done=("complete",), format=export).format.skip
    2
    """

    format: Format = field(default="json", validator=_is_known)
    is_zip: bool = field(default=False, kw_only=True)
    separator: str = field(default=",", kw_only=True, validator=validators.max_len(1))
    encoding: str = field(default="utf-8", kw_only=True, validator=_is_encoding)
    skip: int = field(default=0, kw_only=True, validator=validators.ge(0))
    columns: tuple[str, ...] = field(default=(), kw_only=True)
    size: int = field(default=1_000, kw_only=True, validator=validators.gt(0))
    most_bytes: int = field(default=2 << 30, kw_only=True, validator=validators.gt(0))


def declared(value: Download | Format) -> Download:
    """Read the short form: the format alone."""
    return value if isinstance(value, Download) else Download(value)


@frozen(kw_only=True, slots=False)
class FilePage(Answer):
    """Some rows of a file.

    Parameters
    ----------
    rows : list
        Of this page.
    mark : mapping
        Where in the file the next page begins.
    is_end : bool
        Whether there is no next one.
    flags : tuple of str
        What is odd about them, a word each time.
    """

    rows: list[dict[str, Any]] = field(factory=list, repr=False)
    mark: Mapping[str, Any] = field(factory=dict)
    is_end: bool = False
    flags: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer, *, mark: Mapping[str, Any], **told: Any) -> Self:
        """Page of the file that an answer brought; its mark tells it from the others."""
        head = asdict(answer, recurse=False)
        own = f"{mark['digest']}:{mark['row']}".encode()
        return cls(**head | {"body": own, "file": None}, mark=mark, **told)

    @property
    def data(self) -> Any:
        """Rows, in place of a document."""
        return self.rows
