"""Connectors: what is installed, what may be read, and a new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shops import Command


class TestList:
    """`cxm connectors` and `cxm connectors list`."""

    def test_both_are_the_same(self, cxm: Command) -> None:
        """Without a word more, they are listed."""
        assert cxm("connectors") == cxm("connectors", "list")
        assert cxm("connectors", "--json") == cxm("connectors", "list", "--json")

    def test_options_before_a_command(self, cxm: Command) -> None:
        """An option that would be lost in silence is refused."""
        assert cxm("connectors", "--json", "list").code == 2


class TestCheck:
    """`cxm connectors check` asks one source."""

    def test_ready(self, shop: Path, cxm: Command) -> None:
        """A source that can be read says which streams it has."""
        done = cxm("connectors", "check", "files:shops")
        assert done == (0, "files:shops: ready, streams rows\n", "")

    def test_only_those_that_are_named(self, with_lost_file: Path, cxm: Command) -> None:
        """What is wrong with one source ends the command only where it is asked for."""
        assert cxm("connectors", "check", "files:shops").code == 0
        done = cxm("connectors", "check", "files:lost")
        assert done.code == 3
        assert "files:lost: 1 problem" in done.out
        assert list(cxm("connectors", "check", "--json").json) == ["files:shops", "files:lost"]

    def test_nothing_is_kept(self, shop: Path, cxm: Command) -> None:
        """A look makes no store, and no folder for tokens."""
        before = sorted(shop.iterdir())
        cxm("connectors", "check")
        assert sorted(shop.iterdir()) == before


class TestNew:
    """`cxm connectors new` writes a package."""

    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_files(self, tmp_path: Path, cxm: Command) -> None:
        """Each line is a file that was written, and the next step is told beside it."""
        done = cxm("connectors", "new", "acme")
        assert done.code == 0
        paths = [Path(line) for line in done.out.splitlines()]
        assert Path("cxm-connector-acme/pyproject.toml") in paths
        assert all((tmp_path / path).is_file() for path in paths)
        assert 'pip install -e ".[test]"' in done.err

    def test_elsewhere(self, tmp_path: Path, cxm: Command) -> None:
        """The folder can be another."""
        found = cxm("connectors", "new", "acme", "--out", "plugins", "--json").json
        assert all(Path(path).parts[0] == "plugins" for path in found["files"])

    def test_twice(self, cxm: Command) -> None:
        """What is there is never written over."""
        cxm("connectors", "new", "acme")
        assert cxm("connectors", "new", "acme").code == 2
