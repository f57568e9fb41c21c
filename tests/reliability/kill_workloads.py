"""The workloads, in any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reliability.kill import ForkServer
from reliability.kill_runs import Workload

PAGES = ("scripted:office", "responses", ["response"])
FILES = ("files:answers", "rows", ["response", "question"])
ADDS = ("app:own", "records", ["note"])
REPLAY = ("scripted:office", "quarantine", ["note"])


def pages(rows: int, page: int, *, share: float = 1.0) -> Workload:
    """A source that serves page by page."""
    return Workload(
        name=f"{rows:,} rows in pages",
        work="kill_pages:sync",
        arguments={"rows": rows, "page": page},
        looking={"where": PAGES},
        truth=("kill_pages:truth", {"rows": rows}),
        share=share,
    )


def files(
    server: ForkServer, folder: Path, rows: int, *, files: int = 5, share: float = 1.0
) -> Workload:
    """Files that are loaded as whole tables."""
    size = {"rows": rows, "files": files}
    server.run(("kill_files:write", {"folder": str(folder), **size})).check()
    return Workload(
        name=f"{rows:,} rows in {files} files",
        work="kill_files:sync",
        arguments={"folder": str(folder), **size},
        looking={"where": FILES},
        truth=("kill_files:truth", size),
        share=share,
    )


def adds(batches: int, *, share: float = 1.0) -> Workload:
    """An app's own records, which nobody serves again."""
    return Workload(
        name=f"{batches} batches of an app",
        work="kill_adds:work",
        arguments={"batches": batches},
        looking={"where": ADDS},
        share=share,
        begins_at_saved=True,
    )


def replays(rows: int) -> Workload:
    """Rows that were set aside, read once more."""
    return Workload(
        name=f"{rows:,} rows replayed",
        work="kill_replay:work",
        arguments={"rows": rows},
        looking={"where": REPLAY},
        prepare=("kill_replay:prepare", {"rows": rows}),
        truth=("kill_replay:truth", {"rows": rows}),
    )


def migrations(notes: int) -> Workload:
    """A store of an older schema."""
    return Workload(
        name="a store brought up to date",
        work="kill_schema:work",
        look="kill_schema:look",
        arguments={},
        prepare=("kill_schema:prepare", {"notes": notes}),
        truth=("kill_schema:truth", {}),
    )


def compactions(batches: int) -> Workload:
    """A store that is written anew into a smaller file."""
    return Workload(
        name="a store compacted",
        work="kill_compaction:work",
        arguments={},
        looking={"where": ADDS},
        prepare=("kill_compaction:prepare", {"batches": batches}),
        truth=("kill_compaction:truth", {}),
    )


def rebuilds() -> Workload:
    """A damaged store that is made anew, and pulled into from all sources."""
    return Workload(
        name="a damaged store made anew",
        work="kill_rebuild:work",
        look="kill_rebuild:look",
        open="kill_rebuild:just_look",
        arguments={},
        prepare=("kill_wreck:prepare", {}),
        truth=("kill_rebuild:truth", {}),
    )


def vendors(vendor: str, config: Mapping[str, Any], kinds: Sequence[str]) -> Workload:
    """All streams of a simulated vendor, page by page."""
    return Workload(
        name=f"all streams of {vendor}",
        work="kill_vendors:sync",
        look="kill_vendors:stand",
        arguments={"vendor": vendor, "config": config},
        looking={"source": f"{vendor}:northwind", "kinds": kinds},
    )
