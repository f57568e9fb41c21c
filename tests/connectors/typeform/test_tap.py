"""tap-typeform from PyPI, run as a process of its own, reads the same responses that we read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors.typeform.stand import TOKEN, Stand
from cxm_connectors.simulation import Company, Serving
from taps import python_of

PYTHON = python_of("tap-typeform")
# The tap has no setting for the host, so its constant is set before it starts.
START = (
    "import sys, tap_typeform, tap_typeform.client as client;"
    "client.Client.BASE_URL = sys.argv.pop(1); sys.argv[0] = 'tap-typeform'; tap_typeform.main()"
)
STREAMS = ("forms", "questions", "submitted_landings", "answers")
PAGE = 4

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="tap-typeform is not installed: python tests/taps.py"
)


class Tap:
    """What the tap said of an account."""

    def __init__(self, stand: Stand, folder: Path) -> None:
        settings = {"token": TOKEN, "start_date": "2020-01-01T00:00:00Z", "page_size": PAGE}
        config, catalog = folder / "config.json", folder / "catalog.json"
        config.write_text(json.dumps(settings))
        with Serving(stand.sim) as served:
            found = json.loads(_run(served.origin, "--config", str(config), "--discover"))
            catalog.write_text(json.dumps(_selected(found)))
            said = _run(served.origin, "--config", str(config), "--catalog", str(catalog))
            self.calls = [one.request for one in served.log]
        self.messages = [json.loads(line) for line in said.splitlines()]

    def rows(self, stream: str) -> list[Any]:
        """Records of a stream."""
        return [
            one["record"]
            for one in self.messages
            if one["type"] == "RECORD" and one["stream"] == stream
        ]

    def answers(self) -> dict[str, Any]:
        """Answers by the id that we give them; addresses are none of ours."""
        return {
            f"{one['_sdc_form_id']}/{one['landing_id']}/{one['question_id']}": _value(one)
            for one in self.rows("answers")
            if one["data_type"] != "email"
        }


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-c", START, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _selected(catalog: dict[str, Any]) -> dict[str, Any]:
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in STREAMS
    return catalog


def _value(row: dict[str, Any]) -> Any:
    """Value of an answer as the tap writes it: all are texts, choices are JSON."""
    kind, text = row["data_type"], row["answer"]
    if kind == "number":
        return int(text)
    if kind == "choice":
        told = json.loads(text)
        return told.get("other"), told.get("label")
    if kind == "choices":
        return None, json.dumps(json.loads(text)["labels"], ensure_ascii=False)
    return (text, None) if kind == "text" else (None, text)


def _ours(stand: Stand) -> dict[str, Any]:
    """Our completed answers, a score or a number as the number alone."""
    kept = {}
    for one in stand.answers():
        value = one.attributes.get("answer")
        if one.score is not None:
            kept[one.native_id] = one.score.value
        else:
            kept[one.native_id] = value if isinstance(value, int) else (one.verbatim, value)
    return kept


@pytest.fixture(scope="module", params=["by hand", "made"])
def reading(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tap, Stand]:
    """One account, read by the tap over a socket, and by us."""
    made = {} if request.param == "by hand" else {"company": Company.made(customers=150, seed=4)}
    stand = Stand(**made, response_types=["completed"])
    tap = Tap(stand, tmp_path_factory.mktemp("tap"))
    stand.sync()
    return tap, stand


class TestTap:
    """Two readers, one truth."""

    def test_the_tap_reads_the_same_responses(self, reading: tuple[Tap, Stand]) -> None:
        """Each completed response of the tap is one of ours, and each of ours is one of its."""
        tap, stand = reading
        theirs = {
            f"{one['_sdc_form_id']}/{one['landing_id']}" for one in tap.rows("submitted_landings")
        }
        assert theirs == stand.outcomes().keys()
        assert len(theirs) > 2 * PAGE

    def test_the_tap_reads_the_same_answers(self, reading: tuple[Tap, Stand]) -> None:
        """Each answer has the same value, whether it is a score, words, or a choice."""
        tap, stand = reading
        assert tap.answers() == _ours(stand)

    def test_the_tap_reads_the_same_questions(self, reading: tuple[Tap, Stand]) -> None:
        """Questions have the same ids and wordings; only ours have a scale and a version."""
        tap, stand = reading
        theirs = {f"{q['form_id']}/{q['question_id']}": q["title"] for q in tap.rows("questions")}
        ours = {q.native_id: vars(q)["text"] for q in stand.store.records("question")}
        assert theirs == ours

    def test_the_tap_turned_pages(self, reading: tuple[Tap, Stand]) -> None:
        """The comparison went over several pages of the real protocol, not over one."""
        tap, _ = reading
        assert len([one for one in tap.calls if "before" in one.query]) > 1
