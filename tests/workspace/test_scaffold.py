"""`cxm connectors new`: what it writes installs, is discovered, and passes every law."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

from code_lines import code_lines
from cxm_core.errors import UsageError
from cxm_core.workspace import new_connector

MOST_LINES = 30


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """The package of a connector called `acme`."""
    return new_connector("acme", folder=tmp_path)[0].parent


class TestPackage:
    """What is written."""

    def test_holds_what_a_package_needs(self, acme: Path) -> None:
        """Project file, readme, connector, cassette and a test are there."""
        found = sorted(p.relative_to(acme).as_posix() for p in acme.rglob("*") if p.is_file())
        assert found == [
            "README.md",
            "pyproject.toml",
            "src/cxm_connector_acme.py",
            "tests/acme.yaml",
            "tests/test_acme.py",
        ]

    def test_a_connector_has_at_most_thirty_lines(self, acme: Path) -> None:
        """The connector, its mapping included, has at most thirty lines of code."""
        text = (acme / "src" / "cxm_connector_acme.py").read_text(encoding="utf-8")
        assert len(code_lines(text, ast.parse(text))) <= MOST_LINES

    def test_its_test_has_three_lines(self, acme: Path) -> None:
        """The test is two imports and one assignment."""
        text = (acme / "tests" / "test_acme.py").read_text(encoding="utf-8")
        assert len(code_lines(text, ast.parse(text))) == 3

    def test_the_book_shows_the_real_files(self, acme: Path, root: Path) -> None:
        """What the book for authors prints is what is written, letter by letter."""
        book = (root / "docs" / "plugin-authors.md").read_text(encoding="utf-8")
        for name in ("src/cxm_connector_acme.py", "tests/test_acme.py"):
            text = (acme / name).read_text(encoding="utf-8")
            assert f'```python title="cxm-connector-acme/{name}"\n{text}```' in book

    def test_everything_bears_the_new_name(self, tmp_path: Path) -> None:
        """No file of another connector speaks of Acme, and its entry point is its own."""
        files = new_connector("shop_talk", folder=tmp_path)
        assert not [f.name for f in files if "acme" in f.read_text(encoding="utf-8").lower()]
        project = tomllib.loads(files[0].read_text(encoding="utf-8"))["project"]
        assert project["name"] == "cxm-connector-shop-talk"
        entry_points = project["entry-points"]["cxm.connectors"]
        assert entry_points == {"shop_talk": "cxm_connector_shop_talk:ShopTalk"}

    def test_what_its_test_needs_comes_with_an_extra(self, acme: Path) -> None:
        """Every pip knows extras; the readme names the one that brings what the suite imports."""
        project = tomllib.loads((acme / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert {"hypothesis", "pytest", "pyyaml"} == set(project["optional-dependencies"]["test"])
        assert 'pip install -e ".[test]"' in (acme / "README.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        "name", ["", "Acme", "9lives", "a-b", "../up", "a__b", "class", "a" * 41]
    )
    def test_a_name_that_is_none_is_refused(self, name: str, tmp_path: Path) -> None:
        """A name that could be no module writes nothing."""
        with pytest.raises(UsageError, match="no name"):
            new_connector(name, folder=tmp_path)
        assert not list(tmp_path.iterdir())

    def test_nothing_is_written_over(self, acme: Path) -> None:
        """A folder that holds something is left as it is."""
        (acme / "README.md").write_text("mine", encoding="utf-8")
        with pytest.raises(UsageError, match="already something"):
            new_connector("acme", folder=acme.parent)
        assert (acme / "README.md").read_text(encoding="utf-8") == "mine"


class Environment:
    """A fresh virtual environment that sees the libraries of this one, but no project."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False)
        self.bin = folder / ("Scripts" if os.name == "nt" else "bin")
        libraries = sysconfig.get_path("purelib")
        (site,) = folder.glob("[lL]ib/**/site-packages")
        # The libraries that both need; they were installed once already, and no network is asked.
        (site / "libraries.pth").write_text(libraries + "\n", encoding="utf-8")

    def install(self, uv: str, *wheels: Path) -> None:
        """Install wheels as a user's installer does."""
        wanted = ["--offline", "--no-deps", "--no-index", "--python", str(self.bin / "python")]
        self._run(uv, "pip", "install", *wanted, *map(str, wheels))

    def run(self, command: str, *words: str, folder: Path) -> str:
        """Run one of its commands."""
        return self._run(str(self.bin / command), *words, folder=folder)

    def _run(self, *words: str, folder: Path | None = None) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
        done = subprocess.run(
            words, cwd=folder, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def wheel_of(project: Path, folder: Path) -> Path:
    """Build a wheel without a network."""
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


class TestFreshEnvironment:
    """What is written, installed where nothing was before."""

    def test_is_installed_discovered_and_green(
        self, root: Path, acme: Path, tmp_path: Path
    ) -> None:
        """Both wheels are installed, `cxm connectors` lists Acme, and its suite passes."""
        pytest.importorskip("hatchling", reason="wheels are built with hatchling")
        pytest.importorskip("yaml", reason="the cassette is YAML")
        uv = shutil.which("uv") or pytest.skip("uv installs the wheels, and is not there")
        fresh = Environment(tmp_path / "fresh")
        fresh.install(uv, wheel_of(root, tmp_path / "cxm"), wheel_of(acme, tmp_path / "acme"))
        shutil.rmtree(acme / "src")

        listed = json.loads(fresh.run("cxm", "connectors", "--json", folder=acme))
        assert "acme" in [one["name"] for one in listed["connectors"]]
        told = fresh.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=acme)
        passed = [word for line in told.splitlines() for word in line.split() if "passed" in line]
        assert int(passed[0]) >= 40
        assert "failed" not in told
