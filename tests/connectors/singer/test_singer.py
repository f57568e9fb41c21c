"""Singer taps as real processes, and what becomes of everything that they write."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.singer import Singer
from cxm_core.errors import ConfigurationError, NotFound
from cxm_core.plugins import Connector, ReadRequest, Runtime, build
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TAPS = Path(__file__).with_name("taps.py")
TABLE = {
    "row": {"id": "id", "occurred_at": "sent_at", "recorded_at": "sent_at"},
    "records": [{"kind": "note", "fields": {"text": "body"}}],
}
SECRET = "s3cr3t-t0ken-of-acme"  # noqa: S105  (of nobody)
NO_CATALOG: dict[str, Any] = {"streams": []}


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("memory:", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def tap(tmp_path: Path) -> Any:
    """Make a connector of one of our taps."""

    def made(name: str, **more: Any) -> Connector:
        command = [sys.executable, str(TAPS), name]
        config = {"command": command, "streams": {"letters": TABLE}, **more}
        runtime = Runtime(clock=lambda: NOW, root=tmp_path)
        return build(Singer, config, runtime, source="singer:acme")

    return made


def pulled(store: Store, connector: Connector, **request: Any) -> SyncReceipt:
    """Receipt of a sync of its only stream."""
    wanted = ReadRequest(**request)
    (receipt,) = pull(store, connector, source="singer:acme", clock=lambda: NOW, request=wanted)
    assert receipt.balances
    return receipt


def kept(store: Store) -> set[str]:
    """Native ids of the letters that stand in the store."""
    return {record.native_id for record in store.records("note")}


def is_alive(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def assert_gone(pids: str) -> None:
    """Nothing of the tap is left."""
    deadline = time.monotonic() + 10
    while any(is_alive(int(pid)) for pid in pids.split()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestRun:
    def test_all_that_it_writes_is_kept(self, store: Store, tap: Any) -> None:
        """Every row becomes a record, and the receipt says that the tap came to its end."""
        receipt = pulled(store, tap("good"))
        assert (receipt.applied, receipt.verdict) == (10, "complete")

    def test_second_run_goes_on_from_the_state(self, store: Store, tap: Any) -> None:
        """The tap gets its state back; the rows of its bookmark are known again."""
        pulled(store, tap("good", config={"most": 7}))
        receipt = pulled(store, tap("good"))
        assert len(kept(store)) == 10
        assert (receipt.applied, receipt.duplicate) == (3, 1)

    def test_null_takes_no_state_away(self, store: Store, tap: Any) -> None:
        """The null behind the last page leaves the state before it standing."""
        pulled(store, tap("good"))
        state = store.checkpoint("singer:acme", "letters")
        assert state is not None
        assert state["tap"] == {"since": "2026-11-05T09:00:00Z"}

    def test_unchanged_source_serves_nothing_new(self, store: Store, tap: Any) -> None:
        """A run over the same letters applies none, and ends in the same state."""
        pulled(store, tap("good"))
        before = store.checkpoint("singer:acme", "letters")
        receipt = pulled(store, tap("good"))
        assert (receipt.applied, receipt.duplicate) == (0, 2)
        assert store.checkpoint("singer:acme", "letters") == before

    def test_limit_ends_it_early(self, store: Store, tap: Any) -> None:
        """A sync that asks for a few rows is partial, and the tap is ended."""
        receipt = pulled(store, tap("good"), limit=5)
        assert receipt.verdict == "partial"
        assert 5 <= receipt.served < 10

    def test_what_vanished_is_taken_away(self, store: Store, tap: Any) -> None:
        """A new version of the stream takes away what it does not serve any more."""
        pulled(store, tap("versions", config={"gone": [], "version": 1}))
        receipt = pulled(store, tap("versions", config={"gone": [3, 4], "version": 2}))
        assert receipt.deleted == 2
        assert kept(store) == {"0", "1", "2", "5", "6", "7", "8", "9"}
        back = pulled(store, tap("versions", config={"gone": [], "version": 3}))
        assert back.deleted == 0


class TestOddOutput:
    def test_half_a_line_is_no_end(self, store: Store, tap: Any) -> None:
        """A tap that stops in a line delivered what its state covers, and no more."""
        receipt = pulled(store, tap("half"))
        assert (receipt.verdict, receipt.note.partition(":")[0]) == ("partial", "TruncatedAnswer")
        assert store.checkpoint("singer:acme", "letters")["tap"] == {"since": "a"}  # type: ignore[index]

    def test_endless_line_is_cut(self, store: Store, tap: Any) -> None:
        """A line that is longer than it may be ends the stream, and is not shown."""
        receipt = pulled(store, tap("long", longest_line=4096))
        assert "longer than 4,096 bytes" in receipt.note
        assert "xxx" not in receipt.note

    def test_what_is_no_message_is_counted(self, store: Store, tap: Any) -> None:
        """Words between messages, unknown types and unknown fields are drift; the rest counts."""
        receipt = pulled(store, tap("noisy"))
        assert (receipt.applied, receipt.reasons) == (2, {"bad_datetime": 1})
        assert receipt.drift == {
            "field:mood": 1,
            "message:HEARTBEAT": 1,
            "message:no JSON": 1,
            "message:no message": 1,
        }

    @pytest.mark.parametrize(
        ("name", "told"),
        [("early", "before its schema"), ("batches", "BATCH"), ("broken", "RECORD message")],
    )
    def test_broken_protocol_is_told(self, store: Store, tap: Any, name: str, told: str) -> None:
        """A tap that does not keep to the protocol ends its stream, and the note says how."""
        receipt = pulled(store, tap(name))
        assert receipt.verdict == "partial"
        assert told in receipt.note


class TestEnd:
    def test_failure_keeps_what_was_promised(
        self, store: Store, tap: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The code is told, the state stands, and the secret in its words stays masked."""
        caplog.set_level(logging.DEBUG)
        receipt = pulled(store, tap("failing", config={"token": SECRET}, logs_messages=True))
        assert "code 3" in receipt.note
        assert store.checkpoint("singer:acme", "letters") is not None
        assert "CRITICAL 401" in caplog.text
        assert SECRET not in caplog.text + receipt.note

    def test_its_words_are_not_logged_unasked(
        self, store: Store, tap: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What a tap says may hold customers' words, so nobody repeats it."""
        caplog.set_level(logging.DEBUG)
        pulled(store, tap("failing", config={"token": SECRET}))
        assert "CRITICAL" not in caplog.text

    def test_time_is_limited(self, store: Store, tap: Any, tmp_path: Path) -> None:
        """A tap that hangs is ended with all that it started; what it delivered stands."""
        pids = tmp_path / "pids"
        receipt = pulled(
            store, tap("hanging", config={"pids": str(pids)}, budget_s=2.0, catalog=NO_CATALOG)
        )
        assert "longer than 2 seconds" in receipt.note
        assert len(kept(store)) == 1
        assert_gone(pids.read_text())

    def test_it_ends_when_we_end(self, tap: Any, tmp_path: Path) -> None:
        """Whoever stops listening stops the tap."""
        pids = tmp_path / "pids"
        connector = tap("endless", config={"pids": str(pids)}, catalog=NO_CATALOG)
        items = connector.read("letters", None, ReadRequest())
        for _ in range(5):
            next(items)
        items.close()
        assert_gone(pids.read_text())


class TestHandedOver:
    def test_files_are_private_and_gone(
        self, store: Store, tap: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only this user can read the configuration, and only while the tap runs."""
        report = tmp_path / "report.json"
        monkeypatch.setenv("CXM_TEST_SECRET", SECRET)
        more = {"catalog": NO_CATALOG, "environment": {"MODE": "x"}}
        pulled(store, tap("peeking", config={"report": str(report)}, **more))
        seen = json.loads(report.read_text())
        assert seen["mode"] == "0o600"
        assert not Path(seen["path"]).exists()
        assert "MODE" in seen["names"]
        assert "CXM_TEST_SECRET" not in seen["names"]

    def test_repr_shows_no_configuration(self, tap: Any) -> None:
        """Neither the connector nor its configuration shows a secret."""
        connector = tap("good", config={"token": SECRET})
        assert SECRET not in repr(vars(connector)) + repr(connector)


class TestCheck:
    def test_ready(self, tap: Any) -> None:
        """A tap that has the stream is ready."""
        report = tap("good").check()
        assert report.problems == ()
        assert [(one.name, one.kinds) for one in report.streams] == [("letters", ("note",))]

    def test_unknown_stream(self, tap: Any) -> None:
        """A stream that the tap does not have is named, with what is near."""
        (problem,) = tap("good", streams={"leters": TABLE}).check().problems
        assert problem == "The tap has no stream 'leters'. Did you mean 'letters'?"

    def test_missing_command(self, tap: Any, store: Store) -> None:
        """A tap that is not installed is told by its name, before and in a sync."""
        connector = tap("good", command=["tap-nowhere"])
        assert connector.check().problems == ("There is no command 'tap-nowhere'.",)
        with pytest.raises(ConfigurationError, match="tap-nowhere"):
            pulled(store, connector)

    def test_stream_must_be_declared(self, tap: Any) -> None:
        """Another stream is not found."""
        with pytest.raises(NotFound, match="others"):
            list(tap("good").read("others", None, ReadRequest()))
