"""What stands beside the records, written to a disk without room."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

from cxm_core.errors import CxmError
from cxm_core.records import Note, Problem, Reason
from cxm_core.report import write_file
from cxm_core.store import Origin, Store, open_store, quarantine_entry
from cxm_core.workspace._export import export_records
from reliability.damage_stand import NOW, clock
from reliability.full_disk import SOURCE, STREAM, Tell, no_file_larger, pages_of

BAD_ROWS = 5_000
SMALL = 20_000


def quarantine(tell: Tell, *, path: str) -> None:
    """Keep a page of bad rows with no room for them, and then with room."""
    store = open_store(path, clock=clock)
    found: dict[str, Any] = {"error": None}
    try:
        with no_file_larger(1 << 20):
            _keep_page(store)
    except CxmError as error:
        found["error"] = type(error).__name__
    found["during"] = _counts(store)
    _keep_page(store)
    found["after"] = _counts(store)
    store.close()
    tell(found=found)


def _counts(store: Store) -> dict[str, int]:
    return {
        "pages": pages_of(store),
        "quarantined": len(store.quarantined()),
        "notes": store.count("note"),
    }


def _keep_page(store: Store) -> None:
    """One good row, many bad ones that no compression makes small, and the checkpoint."""
    origin = Origin(kind="note", source=SOURCE, stream=STREAM, name="notes.csv")
    problem = Problem(reason=Reason.MISSING_FIELD, field="text", message="There is no text.")
    rng = Random("bad rows")
    entries = [
        quarantine_entry(origin, problem, rng.randbytes(200).hex(), position=row, now=NOW)
        for row in range(BAD_ROWS)
    ]
    with store.transaction() as transaction:
        good = Note(native_id="1", occurred_at=NOW, text="x")
        transaction.apply([good], source=SOURCE)
        transaction.quarantine(entries)
        transaction.set_checkpoint(SOURCE, STREAM, {"pages": 1})


def file(tell: Tell, *, path: str, what: str) -> None:
    """Write a file anew with no room for it, and then with room."""
    folder = Path(path)
    found: dict[str, Any] = {"error": None}
    _write(folder, what, rows=1)
    found["before"], found["names_before"] = _content(folder)
    for limit in (no_file_larger(SMALL), nullcontext()):
        try:
            with limit:
                _write(folder, what, rows=500)
        except CxmError as error:
            found["error"] = type(error).__name__
            found["during"], found["names"] = _content(folder)
    found["after"], _ = _content(folder)
    tell(found=found)


def _write(folder: Path, what: str, *, rows: int) -> None:
    store = open_store("memory:", clock=clock)
    rng = Random(f"{rows} rows")
    notes = [
        Note(native_id=str(row), occurred_at=NOW, text=rng.randbytes(200).hex())
        for row in range(rows)
    ]
    with store.transaction() as transaction:
        transaction.apply(notes, source=SOURCE)
    if what == "table":
        store.write_table(store.read("note"), folder / "notes.parquet", format="parquet")
    elif what == "export":
        export_records(store, folder, format="jsonl")
    else:
        write_file(folder / "report.html", "".join(note.text or "" for note in notes).encode())


def _content(folder: Path) -> tuple[dict[str, str], list[str]]:
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return {one.name: one.read_bytes().hex() for one in files}, [one.name for one in files]
