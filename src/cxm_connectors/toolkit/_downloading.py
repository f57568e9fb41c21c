"""Files that a job made ready: fetched once, and served in pages that can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import IO, Any, Protocol

from attrs import evolve

from cxm_core.errors import SchemaChanged

from ._calls import Answer, Call
from ._downloads import FilePage
from ._file_rows import FileRows
from ._jobs import Job
from ._stream import Row

_MOST_BYTES = 64 << 20
_STEP = 1 << 20


class Sender(Protocol):
    """What fetches."""

    def send(self, call: Call) -> Answer:
        """Send a call."""


class Downloads:
    """The file that is read at present.

    Parameters
    ----------
    sender : Sender
        What fetches it.
    job : Job
        What tells where it is, and how it is written.
    """

    def __init__(self, sender: Sender, job: Job) -> None:
        self._sender, self._job = sender, job
        self._name: tuple[Any, ...] = ()
        self._answer: Answer | None = None
        self._file: IO[bytes] | None = None
        self._rows: Iterator[Row] = iter(())
        self._reader: FileRows | None = None
        self._digest, self._served = "", 0

    def page(self, base: Call, place: Mapping[str, Any], *, size: int | None) -> Answer:
        """Rows from a place on; a file that is not as it was is read from its beginning."""
        name = (place["job"], place.get("file"), place.get("at"))
        if self._answer is None or name != self._name or place.get("row", 0) != self._served:
            self._fetch(base, place)
            self._name = name
        if self._job.format.format == "json":
            return self._document()
        return self._next_rows(size or self._job.format.size)

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
        self._file, self._answer, self._rows = None, None, iter(())

    def _fetch(self, base: Call, place: Mapping[str, Any]) -> None:
        self.close()
        call = self._job.call(base, place)
        if self._job.link is not None:
            # An address with its own key is asked for when it is needed, and never kept.
            status = self._sender.send(self._job.call(base, {"job": place["job"]}))
            call = evolve(call, path=self._job.address(status, place), params=())
        self._answer = self._sender.send(call)
        self._file = self._answer.file
        if self._file is None:
            raise SchemaChanged("The source gave no file.")
        self._digest = _digest(self._file)
        self._restart()
        if place.get("row") and place.get("digest") == self._digest:
            self._served = sum(1 for _ in islice(self._rows, place["row"]))

    def _restart(self) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._reader = FileRows(self._file, self._job.format)
            self._rows, self._served = self._reader.rows(), 0

    def _document(self) -> Answer:
        if self._answer is None or self._reader is None:
            raise SchemaChanged("The source gave no file.")
        answer = evolve(self._answer, body=self._reader.whole(_MOST_BYTES), file=None)
        self.close()
        return answer

    def _next_rows(self, size: int) -> FilePage:
        if self._answer is None or self._reader is None:
            raise SchemaChanged("The source gave no file.")
        rows = list(islice(self._rows, size))
        self._served += len(rows)
        is_end = len(rows) < size
        page = FilePage.of(
            self._answer,
            rows=rows,
            mark={"row": self._served, "digest": self._digest},
            is_end=is_end,
            flags=self._reader.taken(),
        )
        if is_end:
            self.close()
        return page


def _digest(file: IO[bytes]) -> str:
    found = blake2b(digest_size=16)
    while piece := file.read(_STEP):
        found.update(piece)
    return found.hexdigest()


def downloads_of(sender: Sender, paging: object) -> Downloads | None:
    """What reads the files of a list; None for a list without any."""
    is_job = isinstance(paging, Job) and paging.is_file
    return Downloads(sender, paging) if is_job else None  # type: ignore[arg-type]  # seen to be one
