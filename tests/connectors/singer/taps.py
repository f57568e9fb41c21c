"""Taps of our own that behave in one way each: `python taps.py NAME`, as a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SCHEMA = {
    "type": "SCHEMA",
    "stream": "letters",
    "schema": {"properties": {"id": {}, "sent_at": {}, "body": {}}},
    "key_properties": ["id"],
    "bookmark_properties": ["sent_at"],
}
LETTERS = [
    {"id": number, "sent_at": f"2026-11-{1 + number // 2:02}T09:00:00Z", "body": f"Letter {number}"}
    for number in range(10)
]


def option(name: str) -> Any:
    """Value of a file that the tap was handed."""
    if f"--{name}" not in sys.argv:
        return None
    return json.loads(Path(sys.argv[sys.argv.index(f"--{name}") + 1]).read_text())


def say(*messages: object) -> None:
    """Write messages, a line each."""
    for message in messages:
        sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def row(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Message of one letter."""
    return {"type": "RECORD", "stream": "letters", "record": values, **more}


def mark(value: Any) -> dict[str, Any]:
    """Message of a state."""
    return {"type": "STATE", "value": value}


def good() -> None:
    """Serve letters from the bookmark on, the bookmark's own included, in pages of four."""
    if "--discover" in sys.argv:
        streams = [{"stream": "letters", "tap_stream_id": "letters", "schema": {}}]
        say({"streams": [*streams, {"stream": "others", "schema": {}}]})
        return
    selected = [one for one in option("catalog")["streams"] if one["selected"]]
    assert [one["stream"] for one in selected] == ["letters"]
    since = (option("state") or {}).get("since", "")
    letters = [one for one in LETTERS if one["sent_at"] >= since][: option("config").get("most")]
    say(SCHEMA)
    for start in range(0, len(letters), 4):
        page = letters[start : start + 4]
        say(*map(row, page), mark({"since": page[-1]["sent_at"]}))
    say(mark(None))


def versions() -> None:
    """Serve a version of the stream as a whole, without what the configuration says is gone."""
    config = option("config")
    letters = [one for one in LETTERS if one["id"] not in config["gone"]]
    version = config["version"]
    say(SCHEMA, *(row(one, version=version) for one in letters))
    say({"type": "ACTIVATE_VERSION", "stream": "letters", "version": version}, mark({"done": 1}))


def half() -> None:
    """Stop in the middle of a line."""
    say(SCHEMA, row(LETTERS[0]), mark({"since": "a"}), row(LETTERS[1]))
    sys.stdout.write('{"type": "RECORD", "stream": "let')


def long() -> None:
    """Write a line that is longer than anybody would read."""
    say(SCHEMA, row({**LETTERS[0], "body": "x" * 100_000}))


def noisy() -> None:
    """Write what is no message among what is."""
    say(SCHEMA, row(LETTERS[0]), {"type": "HEARTBEAT"}, [1], row({**LETTERS[1], "mood": "good"}))
    sys.stdout.write("Fetching letters ...\n")
    say(row({"id": 7, "sent_at": "yesterday", "body": "When?"}), mark({"since": "b"}))


def failing() -> None:
    """Fail behind a page, and say why with a secret in it."""
    say(SCHEMA, row(LETTERS[0]), mark({"since": LETTERS[0]["sent_at"]}), row(LETTERS[1]))
    sys.stderr.write(f"CRITICAL 401 for token {option('config')['token']}\n")
    sys.exit(3)


def hanging() -> None:
    """Begin, start a child that lives on, and never end."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(option("config")["pids"]).write_text(f"{os.getpid()} {child.pid}")
    say(SCHEMA, row(LETTERS[0]), mark({"since": "c"}))
    time.sleep(600)


def endless() -> None:
    """Serve letters without end."""
    say(SCHEMA)
    Path(option("config")["pids"]).write_text(str(os.getpid()))
    number = 0
    while True:
        say(row({**LETTERS[0], "id": number}))
        number += 1


def early() -> None:
    """Write a row before its schema."""
    say(row(LETTERS[0]))


def batches() -> None:
    """Write files in place of rows."""
    say(SCHEMA, {"type": "BATCH", "stream": "letters", "manifest": ["a.jsonl"]})


def broken() -> None:
    """Write a row message without a row."""
    say(SCHEMA, {"type": "RECORD", "stream": "letters"})


def peeking() -> None:
    """Tell who may read the files that the tap was handed, and what it sees of the machine."""
    path = Path(sys.argv[sys.argv.index("--config") + 1])
    seen = {
        "mode": oct(path.stat().st_mode & 0o777),
        "path": str(path),
        "names": sorted(os.environ),
    }
    Path(option("config")["report"]).write_text(json.dumps(seen))
    say(SCHEMA)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
