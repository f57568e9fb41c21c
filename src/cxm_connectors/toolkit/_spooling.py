"""Large bodies on their way to a file of their own: whole, unpacked, and no larger than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO

from cxm_core.errors import FatalError, SchemaChanged, TruncatedAnswer
from cxm_core.plugins import WireAnswer

from ._bodies import (
    GZIP,
    check_length,
    coding_of,
    declared_length,
    has_end,
    too_large,
    truncated,
    window_of,
)

ZIP = b"PK\x03\x04"
_IN_MEMORY = 4 << 20
_STEP = 1 << 20
# Pages that stand before a source, or tell of an error, though the status says that all is well.
_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml"})


def read_file(answer: WireAnswer, headers: Mapping[str, str], *, most_bytes: int) -> IO[bytes]:
    """Read a body to its end into a file that nobody else sees, and unpack it on the way.

    Raises
    ------
    TruncatedAnswer
        It ended early, or does not say where its end is.
    SchemaChanged
        It is a page for people.
    FatalError
        It is larger than `most_bytes`, packed or unpacked.
    RetryableError
        The connection broke.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() in _PAGES:
        raise SchemaChanged(
            "The answer is a page of text where a file was expected.",
            hint="often a sign-in or maintenance page stands before the source",
        )
    coding = coding_of(headers)
    pieces: Iterator[bytes] = _counted(answer.pieces, headers, most_bytes)
    if coding is not None:
        pieces = _unpacked(pieces, window_of(coding))
    first, pieces = _peeked(pieces)
    if first.startswith(GZIP):
        pieces = _unpacked(pieces, window_of("gzip"))
    elif not (coding or first.startswith(ZIP) or has_end(headers)):
        raise truncated("The file does not say where it ends, so that none can tell if it did.")
    return _kept(pieces, most_bytes)


def _counted(
    pieces: Iterator[bytes], headers: Mapping[str, str], most_bytes: int
) -> Iterator[bytes]:
    """Pieces as they come over the wire, as many bytes as were declared."""
    size, declared = 0, declared_length(headers)
    if declared is not None and declared > most_bytes:
        raise _too_large(most_bytes)
    for piece in _measured(pieces, most_bytes):
        size += len(piece)
        yield piece
    check_length(size, declared)


def _measured(pieces: Iterator[bytes], most_bytes: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most_bytes:
            raise _too_large(most_bytes)
        yield piece


def _peeked(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """First bytes, and all pieces with them."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= len(ZIP):
            break
    return first, chain((first,), pieces)


def _unpacked(pieces: Iterator[bytes], window: int) -> Iterator[bytes]:
    """Unpack step by step; several packed parts may stand one behind the other."""
    unpack, is_begun = zlib.decompressobj(window), False
    for piece in pieces:
        rest = piece
        while rest:
            if unpack.eof:
                unpack = zlib.decompressobj(window)
            is_begun = True
            yield _step(unpack, rest)
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if is_begun and not unpack.eof:
        raise _cut()


def _step(unpack: zlib._Decompress, rest: bytes) -> bytes:
    try:
        return unpack.decompress(rest, _STEP)
    except zlib.error:
        pass
    raise _cut()


def _kept(pieces: Iterator[bytes], most_bytes: int) -> IO[bytes]:
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (its reader closes it)
    try:
        for piece in _measured(pieces, most_bytes):
            file.write(piece)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _cut() -> TruncatedAnswer:
    return truncated("The packed file ended before its end, or is not packed.")


def _too_large(most_bytes: int) -> FatalError:
    return too_large(most_bytes, what="file", hint="ask for a shorter time in each file")
