"""Upkeep through a workspace: it hands on what the store does."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError, StoreError, UsageError
from cxm_core.program import Program, StoreSettings
from cxm_core.store import open_store
from cxm_core.workspace import Workspace, rebuild
from workspace.desks import NOON, Clock, answer, answers, shop

pytest.importorskip("duckdb")


class TestUpkeep:
    """Verify, compact, retain."""

    def test_verify_and_compact(self, tmp_path: Path) -> None:
        """A sound store stays sound when it is written anew, and says where it is."""
        path = tmp_path / "shop.duckdb"
        with Workspace(shop(), store=path, clock=Clock()) as workspace:
            workspace.add(answers([9, 3]))
            assert workspace.compact().bytes_after == path.stat().st_size
            assert workspace.verify().is_sound
            assert workspace.store_path == path
            assert workspace.opening.is_clean

    def test_memory_has_no_path(self) -> None:
        """A store in memory, and one that was passed in, have no path here."""
        store = open_store("memory:", clock=Clock())
        assert Workspace(shop(), store="memory:").store_path is None
        assert Workspace(shop(), store=store).store_path is None

    def test_limits_of_the_program(self) -> None:
        """What is older than the program's limit goes; with a dry run it stays."""
        settings = StoreSettings(retention={"response": "30 days"})
        program = Program(name="Shop", zone="UTC", store=settings)
        with Workspace(program, store="memory:", clock=Clock()) as workspace:
            workspace.add([answer(1, 9, "2026-01-02"), answer(2, 9, "2026-11-20")])
            assert workspace.retain(dry_run=True).rows == 1
            assert workspace.store.count("response") == 2
            assert workspace.retain().rows == 1
            assert workspace.store.count("response") == 1

    def test_no_limits(self) -> None:
        """A program without limits is told so; nothing is deleted by accident."""
        with (
            Workspace(shop(), store="memory:") as workspace,
            pytest.raises(ConfigurationError, match="no limit"),
        ):
            workspace.retain()

    def test_read_only(self, tmp_path: Path) -> None:
        """A workspace that only reads refuses to write anew and to delete."""
        path = tmp_path / "shop.duckdb"
        Workspace(shop(), store=path, clock=Clock()).close()
        with Workspace(shop(), store=path, read_only=True) as workspace:
            with pytest.raises(StoreError):
                workspace.compact()
            assert workspace.verify().is_sound


class TestRebuild:
    """A store that cannot be opened."""

    def test_own_records_come_back(self, tmp_path: Path) -> None:
        """What the app has kept is there again, from the journal."""
        path = tmp_path / "shop.duckdb"
        program = Program(name="Shop", zone="UTC", store=StoreSettings(url=str(path)))
        with Workspace(program, clock=Clock()) as workspace:
            workspace.add(answers([9, 3, 8]))
        path.write_bytes(b"")
        done = rebuild(program, clock=lambda: NOON)
        assert done.set_aside == ("shop.duckdb.damaged-20261121T120000Z",)
        with Workspace(program, clock=Clock()) as workspace:
            assert workspace.store.count("response") == 3

    def test_memory(self) -> None:
        """A store in memory cannot be rebuilt."""
        program = Program(name="Shop", zone="UTC", store=StoreSettings(url="memory:"))
        with pytest.raises(UsageError, match="in memory"):
            rebuild(program)
