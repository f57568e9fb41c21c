"""A small shop, the airport after its run, and the command to type."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from cli.shops import ANSWERS, PROGRAM, SECOND_SOURCE, SRC, Command, Done
from cxm_core.cli import main
from cxm_core.workspace import Workspace


@pytest.fixture
def cxm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, typed in this process."""

    def type_in(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["cxm", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        code = end.value.code
        assert isinstance(code, int)
        return Done(code, out, err)

    return type_in


@pytest.fixture
def shell() -> Command:
    """The command in a process of its own, as in a shell without a terminal."""

    def run(*words: str, before: str = "", **environment: str) -> Done:
        code = f"{before}\nimport sys\nsys.argv[0] = 'cxm'\nfrom cxm_core.cli import main\nmain()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PYTHONPATH": str(SRC)} | environment,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a small shop, made the current one; nothing was pulled yet."""
    monkeypatch.chdir(tmp_path)
    return _laid_out(tmp_path)


@pytest.fixture(scope="session")
def _synced_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = _laid_out(tmp_path_factory.mktemp("synced"))
    with Workspace(folder / "cxm.toml") as workspace:
        workspace.sync()
    return folder


@pytest.fixture
def synced(_synced_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same after a sync."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(_synced_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _laid_out(folder: Path) -> Path:
    (folder / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (folder / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
    return folder


@pytest.fixture
def with_lost_file(shop: Path) -> Path:
    """The shop with a second source, whose file is not there."""
    program = shop / "cxm.toml"
    program.write_text(PROGRAM + SECOND_SOURCE, encoding="utf-8")
    return shop


@pytest.fixture(scope="session")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with what a wheel of this tree installs; the tree itself where none can be built."""
    if find_spec("hatchling") is None:
        return SRC
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture(scope="session")
def airport(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """Folder of the airport example after `cxm demo --json`, and what the command said."""
    return _demo(installed, tmp_path_factory.mktemp("airport") / "demo", "--from", "sfo")


@pytest.fixture(scope="session")
def company(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The same of the made-up company, which three simulated systems serve."""
    if find_spec("httpcore2") is None:
        pytest.skip("simulated systems are reached by HTTP (extra `http`)")
    return _demo(installed, tmp_path_factory.mktemp("company") / "demo")


def _demo(installed: Path, folder: Path, *words: str) -> tuple[Path, Done]:
    done = subprocess.run(
        [sys.executable, "-m", "cxm_core.cli", "demo", "--json", "--out", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )
    return folder, Done(done.returncode, done.stdout, done.stderr)
