"""A small program over files of answers, for tests of what odd files and odd rows do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from cxm_core.records import Response
from cxm_core.results import SyncReceipt
from cxm_core.workspace import Workspace

PROGRAM = """
name = "Desk"
zone = "UTC"

[store]
url = "{store}"

[[sources]]
name = "files:desk"

[sources.config]
files = [{files}]
{reader}

[sources.config.row]
id = "id"
occurred_at = {at}
channel = "channel"
attributes = {{ hall = "hall" }}

[[sources.config.questions]]
id = "recommend"
scale = "0-10"
column = "score"
verbatim = "comment"

[[metrics]]
name = "nps"
engine = "nps"
question = "recommend"
"""
GOOD: Mapping[str, object] = {
    "id": "a1",
    "at": "2026-11-05T09:00:00Z",
    "score": 9,
    "comment": "Quick and kind",
    "channel": "web",
    "hall": "A",
}


def rows(count: int = 30, **values: object) -> list[dict[str, object]]:
    """Good rows, each with an id of its own."""
    return [{**GOOD, "id": f"g{number}", **values} for number in range(count)]


def jsonl(items: Iterable[Mapping[str, object]]) -> bytes:
    """Lines of JSON, as Python writes them."""
    return "".join(json.dumps(item) + "\n" for item in items).encode()


class Desk:
    """A folder with a program, its files and its store."""

    def __init__(
        self, folder: Path, *, at: str = '"at"', reader: str = "", store: str = "memory:"
    ) -> None:
        self.folder, self._at, self._reader, self._store = folder, at, reader, store
        self._files: list[str] = []
        self._workspace: Workspace | None = None

    def put(self, name: str, content: bytes) -> None:
        """Write a file of the source."""
        (self.folder / name).write_bytes(content)
        if name not in self._files:
            self._files.append(name)

    @property
    def workspace(self) -> Workspace:
        """Workspace of the program, opened when it is first used."""
        if self._workspace is None:
            text = PROGRAM.format(
                store=self._store,
                files=", ".join(map(json.dumps, self._files)),
                reader=self._reader,
                at=self._at,
            )
            (self.folder / "cxm.toml").write_text(text, encoding="utf-8")
            self._workspace = Workspace(self.folder / "cxm.toml")
        return self._workspace

    def sync(self) -> SyncReceipt:
        """Pull, and see to it that the receipt balances."""
        receipts = self.workspace.sync()
        for one in receipts:
            parts = one.applied + one.duplicate + one.stale + one.quarantined + one.suppressed
            assert parts == one.served
        return receipts[0]

    def answers(self) -> dict[str, Response]:
        """Answers by the id of their row."""
        found = self.workspace.store.records("response")
        return {str(one.native_id).partition("/")[0]: one for one in found}

    def close(self) -> None:
        """Let go of the workspace."""
        if self._workspace is not None:
            self._workspace.close()
