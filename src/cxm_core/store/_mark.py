"""A mark beside the store: how many transactions it held, as far as this machine remembers.

The mark is not made to survive a loss of power, so it may be behind; never is it ahead, unless the
store's file or its log lost something.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from attrs import frozen

from ._driver import run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FORM = re.compile(rb"(cxm 1 ([0-9a-f]{32}) ([0-9]{20}) )([0-9a-f]{8})\n")


@frozen(kw_only=True)
class Mark:
    """How far a store has come.

    Attributes
    ----------
    store_id : str
        Which store; every new one has its own.
    commits : int
        How many transactions were written to it.
    """

    store_id: str
    commits: int

    def to_bytes(self) -> bytes:
        """Line of a fixed length, so that writing it never makes the file shorter first."""
        body = f"cxm 1 {self.store_id} {self.commits:020d} ".encode()
        return body + f"{crc32(body):08x}\n".encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Mark | None:
        """Mark of a line; None where it is not whole."""
        match = _FORM.fullmatch(data)
        if match is None or crc32(match[1]) != int(match[4], 16):
            return None
        return cls(store_id=match[2].decode(), commits=int(match[3]))


def mark_path(path: Path) -> Path:
    """Where the mark of a store stands."""
    return path.with_name(path.name + ".mark")


def read_mark(path: Path) -> Mark | None:
    """Mark beside a store; None where there is none that can be read."""
    try:
        return Mark.from_bytes(mark_path(path).read_bytes())
    except OSError:
        return None


def write_mark(path: Path, mark: Mark) -> None:
    """Leave the mark beside the store; where that cannot be done, nothing is lost but a warning."""
    with suppress(OSError):
        descriptor = os.open(mark_path(path), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, mark.to_bytes())
        finally:
            os.close(descriptor)


def mark_of(con: DuckDBPyConnection) -> Mark | None:
    """How far the open store has come; None for one that was made before there were marks."""
    known = dict(run(con, "SELECT key, value FROM cxm_meta WHERE key IN ('store_id', 'commits')"))
    if "store_id" not in known:
        return None
    return Mark(store_id=known["store_id"], commits=int(known["commits"]))


def count_commit(con: DuckDBPyConnection) -> Mark | None:
    """Count the transaction that is about to end; None for a store without marks."""
    run(con, _COUNT)
    return mark_of(con)


_COUNT = """
UPDATE cxm_meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'commits'
"""
