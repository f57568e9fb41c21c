"""A file for people, written whole or not at all, and the report of results made by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import get_ident

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.results import Shape
from cxm_core.vocabulary import takes

from ._html import to_html
from ._markdown import to_markdown
from ._page import ReportPage, page_of

__all__ = ["report", "write_file", "write_page"]

_FORMS = {".html": to_html, ".htm": to_html, ".md": to_markdown}


@takes(path="path", title="text")
def report(
    results: Shape | Iterable[Shape],
    path: str | Path,
    *,
    title: str = "Results",
    now: datetime | None = None,
) -> Path:
    """Write results as one file to send around: their figures, pictures, caveats and receipts.

    Parameters
    ----------
    results : one result, or several
        Whatever the functions of this library give, in the order to show.
    path : str or Path
        File to write: ``.html`` for one that opens anywhere without a network, ``.md`` for
        Markdown. One that is there is replaced, whole or not at all.
    title : str
        What the report is about.
    now : datetime or None
        Aware; when the report is made. None for the present instant.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        Something among them is no result, `now` has no time zone, or the file's name ends
        otherwise.
    MissingExtraError
        The extra ``report`` is not installed, and HTML is asked for.
    ConfigurationError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import cxm_core as cx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cx.report([cx.nps([10, 9, 8, 3] * 25)], f"{folder}/weekly.html").name
    'weekly.html'
    """
    target = Path(path)
    form_of(target)
    shown = [results] if isinstance(results, Shape) else results
    page = page_of(shown, title=title, now=datetime.now(UTC) if now is None else now)
    return write_page(page, target)


def write_page(page: ReportPage, target: Path) -> Path:
    """Write a report in the form that the name of its file asks for.

    Parameters
    ----------
    page : ReportPage
        What it says.
    target : Path
        The file: ``.html`` or ``.htm``, or ``.md`` for Markdown.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        The name ends otherwise.
    MissingExtraError
        The extra ``report`` is not installed, and HTML is asked for.
    ConfigurationError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import cxm_core as cx
    >>> from cxm_core.report import page_of, write_page
    >>> page = page_of([cx.nps([10, 9, 8, 3] * 25)], title="Week", now=datetime.now(UTC))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page(page, Path(folder) / "week.md").read_text().splitlines()[0]
    '# Week'
    """
    return write_file(target, form_of(target)(page).encode())


def form_of(target: Path) -> Callable[[ReportPage], str]:
    """What writes a report of this name; a `UsageError` where nothing does."""
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise UsageError(
            f"A report is not written as {target.suffix or 'a file without an ending'}.",
            hint="weekly.html, or weekly.md",
        )
    return form


def write_file(target: Path, content: bytes) -> Path:
    """Write a file so that a reader finds the old one or the new one, never a half.

    Parameters
    ----------
    target : Path
        The file; folders above it are made.
    content : bytes
        What goes in.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigurationError
        It cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> from cxm_core.report import write_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(Path(folder) / "n.txt", b"2746").read_text()
    '2746'
    """
    if not target.name:
        raise ConfigurationError(
            f"{str(target)!r} is a folder, and no file.", hint="name a file in it"
        )
    # A name of one's own, for another thread may be writing the same file.
    part = target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}.part")
    with _named(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return target


@contextmanager
def _named(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{str(place)!r} cannot be written: {error.strerror}.", hint="choose another place"
        ) from error
