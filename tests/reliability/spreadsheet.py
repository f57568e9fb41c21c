"""A CSV file opened by LibreOffice as a careless person opens it: formulas are run."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# Separator, quote, UTF-8, first line, ... and at the last place: evaluate formulas.
_FILTER = "CSV:{},34,76,1,,0,false,true,false,false,false,-1,true"
_CELL = re.compile(r"<table:table-cell([^>]*?)(?:/>|>(.*?)</table:table-cell>)", re.DOTALL)
_FORMULA = re.compile(r'table:formula="([^"]*)"')


class Opened(NamedTuple):
    """What a spreadsheet made of a file: its formulas, and its cells without white space."""

    formulas: tuple[str, ...]
    texts: tuple[str, ...]


def opened(files: Sequence[Path], folder: Path, *, separator: str = ",") -> dict[str, Opened]:
    """What LibreOffice makes of each file; skips where it is not installed."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice on this machine")
    out = folder / f"fods-{ord(separator)}"
    command = [
        *(SOFFICE, "--headless", "--norestore"),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        f"--infilter={_FILTER.format(ord(separator))}",
        *("--convert-to", "fods", "--outdir", str(out)),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {file.stem: _read((out / f"{file.stem}.fods").read_text("utf-8")) for file in files}


def _read(document: str) -> Opened:
    cells = _CELL.findall(document)
    found = (_FORMULA.search(head) for head, _ in cells)
    return Opened(
        formulas=tuple(html.unescape(one[1]) for one in found if one),
        texts=tuple(bare(html.unescape(re.sub("<[^>]*>", "", body))) for _, body in cells if body),
    )


def bare(text: str) -> str:
    """Text without what a spreadsheet's file does not keep: white space and control characters."""
    return "".join(char for char in text if not char.isspace() and char.isprintable())
