"""A source into a file: our connector beside fetching and parsing alone, and beside dlt.

A vendor on loopback, in a process of its own, serves survey responses in pages of a thousand, each
with three answers, hidden fields and metadata, about 1,100 bytes a row. Three readers take turns,
each in a process of its own: one that fetches each page and parses its JSON by the standard
library, as one writes it at first, and no more; our connector, with its mapping, quarantine,
checkpoints and receipt, into a DuckDB file; and dlt's `rest_api` source into a DuckDB file by its
Parquet loader, which was the fastest of its loaders.
Prints seconds on the clock and of CPU, the shortest of several rounds, rows a second, the most
memory that a reader had, and how many times as long as fetching and parsing each took. One row in
fifty is off its scale, and our receipt must count exactly those. Ratios travel between machines;
times do not.

    python benchmarks/bench_connector.py [rows, default 200 thousand] [rounds, default 3]

dlt is measured where it is installed: ``pip install 'dlt[duckdb,parquet]'``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cxm_connectors.simulation import Serving, SimRequest, SimResponse
from cxm_connectors.toolkit import Connector, Cursor, Since, stream
from cxm_core.plugins import Runtime, build
from cxm_core.records import Response, Score
from cxm_core.store import open_store
from cxm_core.sync import pull
from cxm_core.vocabulary import Scale

PAGE, BAD_EVERY, BUDGET_S = 1_000, 50, 3_600
START = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = (
    "It took a while, but everybody was friendly in the end.",
    "The parcel was late, and nobody told me until I asked twice.",
    "Quick and easy; I would do it again.",
)


def row(number: int) -> dict[str, Any]:
    """One response as a vendor of surveys serves it."""
    at = (START + timedelta(seconds=7 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    score = 99 if number % BAD_EVERY == 0 else number % 11
    field = {"id": "kJH3", "type": "opinion_scale", "ref": "recommend-this-service"}
    return {
        "landing_id": f"landing-{number:010}",
        "token": f"token-{number:010}",
        "response_id": f"response-{number:010}",
        "response_type": "completed",
        "landed_at": at,
        "submitted_at": at,
        "metadata": {
            "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
            "platform": "other",
            "referer": "https://survey.example/to/abcDEF?source=mail",
            "network_id": f"{number % 7919:010x}",
            "browser": "default",
        },
        "hidden": {"customer": f"c{number % 50_000}@example.com", "region": "north"},
        "calculated": {"score": 0},
        "answers": [
            {"field": field, "type": "number", "number": score},
            {
                "field": {"id": "q7Tx", "type": "long_text", "ref": "why-this-number"},
                "type": "text",
                "text": TEXTS[number % len(TEXTS)],
            },
            {
                "field": {"id": "Zp2c", "type": "multiple_choice", "ref": "which-channel"},
                "type": "choice",
                "choice": {"id": "c1", "ref": "web", "label": "On the website"},
            },
        ],
    }


class Vendor:
    """Pages that were made ready before anybody asks."""

    def __init__(self, rows: int) -> None:
        self.origin = ""
        self._bodies = {str(start): self._page(start, rows) for start in range(0, rows, PAGE)}

    def respond(self, request: SimRequest) -> SimResponse:
        """Serve a page."""
        body = self._bodies[request.query.get("cursor", "0")]
        return SimResponse(headers=(("content-type", "application/json"),), body=body)

    def _page(self, start: int, rows: int) -> bytes:
        end = min(start + PAGE, rows)
        meta = {"next": str(end) if end < rows else None, "has_more": end < rows}
        items = [row(number) for number in range(start, end)]
        return json.dumps({"items": items, "meta": meta}, separators=(",", ":")).encode()


class Surveys(Connector):
    """The vendor's connector, as its author would write it."""

    name, origin = "surveys", "https://api.surveys.example"

    @stream(
        "responses",
        path="/responses",
        rows="items",
        key="response_id",
        page=Cursor(next="meta.next", more="meta.has_more"),
        since=Since(param="since", stamp="submitted_at", lookback="30m"),
    )
    def responses(self, row: Mapping[str, Any]) -> Response:
        """Map one response."""
        number, text, channel = row["answers"]
        return Response(
            native_id=row["response_id"],
            customer=[("email", row["hidden"]["customer"])],
            occurred_at=row["landed_at"],
            recorded_at=row["submitted_at"],
            question=number["field"]["ref"],
            score=Score(number["number"], Scale.named("0-10")),
            verbatim=text["text"],
            attributes={"region": row["hidden"]["region"], "via": channel["choice"]["label"]},
        )


def utc_now() -> datetime:
    """Present instant."""
    return datetime.now(UTC)


def fetch_and_parse(origin: str, folder: Path) -> int:
    """Fetch each page by the same client and parse it, and keep nothing."""
    del folder
    import httpx2  # noqa: PLC0415  (so that each reader has only its own library in memory)

    rows, cursor = 0, "0"
    with httpx2.Client(base_url=origin, trust_env=False) as client:
        while cursor is not None:
            data = json.loads(client.get("/responses", params={"cursor": cursor}).content)
            rows, cursor = rows + len(data["items"]), data["meta"]["next"]
    return rows


def ours(origin: str, folder: Path) -> int:
    """Pull into a store in a file."""
    config = {"base_url": origin, "allow_private_addresses": True}
    source = build(Surveys, config, Runtime(clock=utc_now, root=folder))
    store = open_store(folder / "ours.duckdb", clock=utc_now)
    (receipt,) = pull(store, source, source="surveys:bench", clock=utc_now)
    store.close()
    assert receipt.is_complete
    assert receipt.quarantined == -(-receipt.served // BAD_EVERY)
    return receipt.served


def dlt_rest_api(origin: str, folder: Path) -> int:
    """Load by dlt's own source and its fastest loader."""
    os.environ |= {
        "DLT_DATA_DIR": str(folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
    }
    import dlt  # noqa: PLC0415
    from dlt.sources.rest_api import rest_api_source  # noqa: PLC0415

    source = rest_api_source(
        {
            "client": {
                "base_url": origin,
                "paginator": {"type": "cursor", "cursor_path": "meta.next"},
            },
            "resources": [
                {
                    "name": "responses",
                    "primary_key": "response_id",
                    "endpoint": {"path": "responses", "data_selector": "items"},
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="bench",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(source, loader_file_format="parquet")
    with pipeline.sql_client() as client:
        return int(client.execute_sql("select count(*) from responses")[0][0])


READERS: Mapping[str, Callable[[str, Path], int]] = {
    "fetch and parse": fetch_and_parse,
    "cxm into a DuckDB file": ours,
    "dlt rest_api into a DuckDB file": dlt_rest_api,
}


def measured(name: str, origin: str) -> None:
    """Run one reader in this process, and print what it took as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        start, cpu = time.perf_counter(), time.process_time()
        rows = READERS[name](origin, Path(folder))
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    sys.stdout.write(json.dumps({"rows": rows, "wall": wall, "cpu": cpu, "peak": peak}) + "\n")


@contextmanager
def vendor(rows: int) -> Iterator[str]:
    """Serve in a process of its own."""
    command = [sys.executable, __file__, "--serve", str(rows)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def serve(rows: int) -> None:
    """Serve until the one who began it has enough."""
    with Serving(Vendor(rows)) as serving:
        sys.stdout.write(serving.origin + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def read_by(name: str, origin: str) -> dict[str, float]:
    """What one round of a reader took."""
    command = [sys.executable, __file__, "--read", name, origin]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=BUDGET_S)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(rows: int, rounds: int) -> None:
    """Let the readers take turns, so that a busy machine slows all alike; print the table."""
    names = [name for name in READERS if "dlt" not in name or find_spec("dlt")]
    best: dict[str, dict[str, float]] = {}
    with vendor(rows) as origin:
        for _ in range(rounds):
            for name in names:
                told = read_by(name, origin)
                assert told["rows"] == rows, (name, told)
                before = best.get(name, told)
                best[name] = {key: min(told[key], before[key]) for key in told}
    show(rows, best)


def show(rows: int, best: Mapping[str, Mapping[str, float]]) -> None:
    """Print one line a reader."""
    first = best["fetch and parse"]
    print(f"{rows:,} rows in pages of {PAGE:,}")
    for name, told in best.items():
        ratio, cpu = told["wall"] / first["wall"], told["cpu"] / first["cpu"]
        print(
            f"  {name:<32} {told['wall']:6.2f} s {ratio:5.1f}x   CPU {told['cpu']:6.2f} s "
            f"{cpu:5.1f}x   {rows / told['wall']:9,.0f} rows/s   {told['peak']:5.0f} MB"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    elif sys.argv[1:2] == ["--read"]:
        measured(sys.argv[2], sys.argv[3])
    else:
        main(*(int(word) for word in [*sys.argv[1:], *("200000", "3")[len(sys.argv) - 1 :]]))
