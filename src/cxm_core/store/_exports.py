"""Tables that leave the store as files."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from cxm_core.errors import StoreError, UsageError, did_you_mean

from ._arrow import ArrowTable
from ._driver import Limits, connect_scratch, run, translated
from ._protocol import TableFormat
from ._sql import quote_text

_OPTIONS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def write_table(
    stream: object,
    path: str | Path,
    *,
    format: TableFormat,  # noqa: A002  (the word of Reader)
    limits: Limits | None = None,
) -> Path:
    """Write an Arrow stream to a file, whole or not at all.

    Parameters
    ----------
    stream : object
        Anything with `__arrow_c_stream__`.
    path : str or pathlib.Path
        The file; one that is there is replaced when the new one is complete.
    format : {"parquet"}
        What to write. CSV is written by `cxm_core.report.write_csv` alone, which marks what a
        spreadsheet would take for a formula.
    limits : Limits or None
        What writing may use of the machine.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    UsageError
        The format is unknown, or the folder does not exist.
    StoreError
        The file cannot be written.
    MissingExtraError
        The extra `duckdb` is not installed.
    """
    target = Path(path)
    if format not in _OPTIONS:
        raise UsageError(
            f"No table is written as {format!r}.", hint=did_you_mean(str(format), _OPTIONS)
        )
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent.name!r} to write into.")
    try:
        with TemporaryDirectory(prefix=".cxm-", dir=target.parent) as folder:
            draft = Path(folder).resolve() / "table"
            _copy(stream, draft, _OPTIONS[format], limits or Limits())
            os.replace(draft, target)  # noqa: PTH105  (the same on every system)
    except OSError as error:
        raise StoreError(f"The file {target.name!r} cannot be written.") from error
    return target


def _copy(stream: object, draft: Path, options: str, limits: Limits) -> None:
    table = stream if isinstance(stream, ArrowTable) else ArrowTable(stream)
    with translated(draft.name):
        con = connect_scratch(limits, folder=draft.parent)
        try:
            con.register("outgoing", table)
            run(con, f"COPY (FROM outgoing) TO {quote_text(str(draft))} ({options})")
        finally:
            con.close()
