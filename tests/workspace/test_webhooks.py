"""A receiver beside a workspace: what is pushed is in the next figure, and polls change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cxm_core as cx
from cxm_core.errors import ConfigurationError, StoreFull, UsageError
from cxm_core.plugins import discover
from cxm_core.workspace import WebhookReceiver, Workspace
from sync.pushed import URL, event, signed
from workspace.desks import Clock

SOURCE = "pushing:office"
PROGRAM = """
name = "Shop"
zone = "UTC"
[[sources]]
name = "pushing:office"
[[sources]]
name = "files:shop"
config = { files = ["answers.csv"] }
[[metrics]]
name = "words"
engine = "nps"
question = "recommend"
"""
PLUGIN = """
from cxm_core.plugins import Checkpoint, Info
from pydantic import BaseModel
from sync.pushed import Pushing as _Pushing

class Config(BaseModel):
    pass

class Pushing(_Pushing):
    info = Info(name="pushing", version="1", config=Config)

    def __init__(self, config, runtime):
        super().__init__()
        self._runtime = runtime

    def parse(self, delivery):
        if b"thin" in delivery.body and self._runtime.transport is not None:
            self._runtime.transport.send(None)
        return super().parse(delivery)

    def read(self, stream, state, request):
        yield Checkpoint({}, reached_end=True)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program whose source pushes; its connector is installed as a plugin."""
    site = tmp_path / "site"
    info = site / "cxm_pushing-1.dist-info"
    info.mkdir(parents=True)
    (site / "cxm_pushing_plugin.py").write_text(PLUGIN, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cxm-pushing\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[cxm.connectors]\npushing = cxm_pushing_plugin:Pushing\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(site))
    path = tmp_path / "cxm.toml"
    path.write_text(PROGRAM, "utf-8")
    return path


@pytest.fixture
def workspace(program: Path) -> Iterator[Workspace]:
    """The workspace that holds the store."""
    with Workspace(program, clock=Clock()) as opened:
        yield opened


def push(receiver: WebhookReceiver, number: int, text: str = "The hall is cold") -> int:
    """Push one note."""
    body = event(number, text)
    return receiver.handle("POST", URL, signed(body), body).status


class TestBesideAWorkspace:
    def test_what_is_pushed_is_there_at_once(self, program: Path, workspace: Workspace) -> None:
        """While another holds the store, a receiver of the program's file takes a delivery."""
        receiver = cx.WebhookReceiver(program, SOURCE, clock=Clock())
        assert push(receiver, 1) == 200
        result = workspace.measure("words")
        assert workspace.store.count("note") == 1
        (status,) = result.receipt.sources
        assert (status.source, status.stream, status.verdict) == (SOURCE, "webhooks", "unknown")
        assert "only a sync can tell" in status.reason

    def test_a_report_has_it(self, program: Path, workspace: Workspace) -> None:
        """A report tells of what was pushed just before."""
        assert push(cx.WebhookReceiver(str(program), SOURCE, clock=Clock()), 1) == 200
        text = workspace.report().read_text(encoding="utf-8")
        assert f"{SOURCE} webhooks" in text

    def test_of_the_same_workspace(self, workspace: Workspace) -> None:
        """A receiver of the workspace itself uses its clock, its connectors and its store."""
        assert push(WebhookReceiver(workspace, SOURCE), 1) == 200
        workspace.take_in()
        assert workspace.store.count("note") == 1

    def test_a_workspace_that_only_reads(self, program: Path, workspace: Workspace) -> None:
        """One that only reads measures what the store holds, and leaves the journal as it is."""
        workspace.close()
        assert push(WebhookReceiver(program, SOURCE, clock=Clock()), 1) == 200
        with Workspace(program, clock=Clock(), read_only=True) as reading:
            reading.measure("words")
            assert reading.store.count("note") == 0

    def test_a_full_disk(
        self, program: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where there is no room to take it in, a figure is of what was kept before."""
        assert push(WebhookReceiver(program, SOURCE, clock=Clock()), 1) == 200

        def full() -> None:
            raise StoreFull("The disk is full.")

        with monkeypatch.context() as patched:
            patched.setattr(workspace.store, "fold", full)
            workspace.measure("words")
            assert workspace.store.count("note") == 0
        workspace.measure("words")
        assert workspace.store.count("note") == 1

    def test_what_has_to_be_fetched(self, program: Path, workspace: Workspace) -> None:
        """A receiver makes no calls: what only points to something is read by the workspace."""
        receiver = WebhookReceiver(program, SOURCE, clock=Clock())
        assert push(receiver, 1, "thin") == 200
        workspace.measure("words")
        assert workspace.store.count("note") == 0
        (receipt,) = workspace.take_in([SOURCE])
        assert (receipt.stream, receipt.new) == ("webhooks", 1)
        assert workspace.take_in() == ()

    def test_a_sync_takes_it_in(self, program: Path, workspace: Workspace) -> None:
        """A sync of the source reads first what waits of it."""
        assert push(WebhookReceiver(program, SOURCE, clock=Clock()), 1, "thin") == 200
        receipts = workspace.sync([SOURCE])
        assert [one.stream for one in receipts] == ["webhooks", "notes"]
        assert workspace.store.count("note") == 1

    def test_a_sync_reconciles(self, program: Path, workspace: Workspace) -> None:
        """After a complete sync, it does not matter any more what was pushed before."""
        assert push(WebhookReceiver(program, SOURCE, clock=Clock()), 1) == 200
        workspace.take_in()
        workspace.clock.pass_(seconds=1)
        workspace.sync([SOURCE])
        sources = workspace.measure("words").receipt.sources
        assert [(one.stream, one.verdict) for one in sources] == [("notes", "complete")]
        workspace.clock.pass_(seconds=1)
        assert push(WebhookReceiver(workspace, SOURCE), 2) == 200
        sources = workspace.measure("words").receipt.sources
        assert [one.stream for one in sources] == ["notes", "webhooks"]


class TestRefusing:
    def test_a_store_in_memory(self, program: Path) -> None:
        """Without a journal nothing can be kept, so nothing is taken."""
        with (
            Workspace(program, store="memory:") as memory,
            pytest.raises(UsageError, match="has no journal"),
        ):
            WebhookReceiver(memory, SOURCE)

    def test_a_source_that_is_not_there(self, program: Path) -> None:
        """A source that the program does not name is told with the nearest one."""
        with pytest.raises(UsageError, match="pushing:office"):
            WebhookReceiver(program, "pushing:offic")

    def test_a_connector_that_is_not_installed(self, workspace: Workspace) -> None:
        """What is not installed is named."""
        workspace.connectors = discover(path=[])
        with pytest.raises(ConfigurationError, match="no connector"):
            WebhookReceiver(workspace, SOURCE)
