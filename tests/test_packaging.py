"""What is shipped: wheel, source archive and editable install, and the pins that hold."""

from __future__ import annotations

import csv
import gzip
import importlib.resources
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

pytest.importorskip("hatchling", reason="builds need hatchling (dependency group `test`)")

EXAMPLES = "cxm_core/examples/"
PACKAGE_FILES = {".py", ".typed", ".j2", ".css", ".html", ".svg", ".sql", ".json", ".tmpl", ".toml"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    """Content of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a wheel and a source archive, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("dist")
    _build(root, folder, "sdist", "wheel")
    return folder


def _build(project: Path, folder: Path, *targets: str) -> None:
    wanted = [part for target in targets for part in ("-t", target)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", *wanted, "-d", str(folder)],
        cwd=project,
        check=True,
        capture_output=True,
    )


def _wheel_names(folder: Path) -> list[str]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


class TestWheel:
    """The wheel holds the two packages and the example, and nothing else."""

    def test_holds_only_the_two_packages(self, built: Path) -> None:
        """Every file belongs to a package of ours or to the wheel's own record."""
        tops = {name.split("/")[0] for name in _wheel_names(built)}
        assert {top for top in tops if not top.endswith(".dist-info")} == {
            "cxm_core",
            "cxm_connectors",
        }

    def test_holds_no_stray_file(self, built: Path) -> None:
        """Outside the example, only code, type markers and templates are shipped."""
        strays = [
            name
            for name in _wheel_names(built)
            if ".dist-info/" not in name
            and not name.startswith(EXAMPLES)
            and PurePosixPath(name).suffix not in PACKAGE_FILES
        ]
        assert not strays

    def test_is_typed(self, built: Path) -> None:
        """Both packages carry the marker for type checkers."""
        assert {"cxm_core/py.typed", "cxm_connectors/py.typed"} <= set(_wheel_names(built))

    def test_holds_every_module(self, root: Path, built: Path) -> None:
        """No file of the source tree is left behind."""
        source = root / "src"
        wanted = {
            path.relative_to(source).as_posix()
            for path in source.rglob("*")
            if path.is_file() and path.suffix in PACKAGE_FILES
        }
        assert wanted <= set(_wheel_names(built))

    def test_holds_the_example_with_its_data(self, built: Path) -> None:
        """The SFO example is shipped whole: program, data, attribution; no result of a run."""
        shipped = {
            name.removeprefix(EXAMPLES) for name in _wheel_names(built) if name.startswith(EXAMPLES)
        }
        assert shipped == {
            "sfo/README.md",
            "sfo/cxm.toml",
            "sfo/sfo_2017.csv.gz",
            "sfo/sfo_2018.csv.gz",
        }

    def test_is_small(self, built: Path) -> None:
        """The wheel stays under two megabytes."""
        (wheel,) = built.glob("*.whl")
        assert wheel.stat().st_size < 2_000_000

    def test_names_the_command_and_the_connectors(self, built: Path) -> None:
        """The console script and the built-in connectors are declared as entry points."""
        (wheel,) = built.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
            text = archive.read(name).decode()
        assert "cxm = cxm_core.cli:main" in text
        assert "[cxm.connectors]" in text


class TestSourceArchive:
    """The source archive is enough to build and to test."""

    def test_holds_what_a_packager_needs(self, built: Path) -> None:
        """Code, tests, documents, example and licence are there."""
        (archive,) = built.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            names = {name.split("/", 1)[1] for name in tar.getnames()}
        wanted = {"LICENSE", "README.md", "noxfile.py", "mkdocs.yml", "tests/conftest.py"}
        assert wanted | {"examples/sfo/cxm.toml", "docs/index.md", ".ci/run"} <= names
        assert not {name for name in names if name.startswith((".uv", ".venv", ".nox", "uv.lock"))}

    def test_gives_the_same_wheel(self, built: Path, tmp_path: Path) -> None:
        """A wheel built from the archive holds the same files as one built from the tree."""
        (archive,) = built.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(tmp_path, filter="data")
        (source,) = tmp_path.iterdir()
        _build(source, tmp_path / "again", "wheel")
        assert _wheel_names(tmp_path / "again") == _wheel_names(built)


class TestEditable:
    """An editable install finds the example where the wheel has it."""

    def test_points_at_the_source_tree(self, root: Path, tmp_path: Path) -> None:
        """The folder that an editable install puts on the path holds the example's program."""
        code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
        subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True)
        (wheel,) = tmp_path.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith(".pth"))
            folder = Path(archive.read(name).decode().strip())
        assert (folder / EXAMPLES / "sfo" / "cxm.toml").is_file()

    def test_example_is_found_as_package_data(self) -> None:
        """`importlib.resources` opens the real answers: 2,831 and 2,809 of them."""
        folder = importlib.resources.files("cxm_core") / "examples" / "sfo"
        counts = []
        for wave in ("sfo_2017.csv.gz", "sfo_2018.csv.gz"):
            with (folder / wave).open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8") as text:
                counts.append(sum(1 for _ in csv.DictReader(text)))
        assert counts == [2831, 2809]


class TestPins:
    """Choices that a careless upgrade would undo."""

    @pytest.mark.parametrize(
        ("requirement", "group"),
        [
            ("duckdb>=1.5,<3", "duckdb"),
            ("mkdocs>=1.6,<2", "docs"),
            ("mkdocs-material>=9.7,<10", "docs"),
        ],
    )
    def test_pin_stands(self, project: dict, requirement: str, group: str) -> None:
        """DuckDB is held under 3, MkDocs under 2 and its theme under 10."""
        extras = project["project"]["optional-dependencies"]
        groups = {**project["dependency-groups"], **extras}
        assert requirement in groups[group]

    def test_nothing_extra_is_installed_unasked(self, project: dict) -> None:
        """`uv run` adds no dependency group by itself."""
        assert project["tool"]["uv"]["default-groups"] == []

    def test_lock_file_is_never_committed(self, root: Path) -> None:
        """`uv.lock` is ignored, for it names the host that a machine installs from."""
        ignored = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
        assert {"uv.lock", ".uv/", ".venv/", ".nox/", "dist/", "site/"} <= set(ignored)

    def test_core_is_what_was_decided(self, project: dict) -> None:
        """The core install is eight requirements, the last only where the system lacks zones."""
        names = [re.split(r"[<>=; ]", r)[0] for r in project["project"]["dependencies"]]
        assert names == [
            "attrs",
            "entrypoints",
            "nanoarrow",
            "narwhals",
            "numpy",
            "pydantic",
            "scipy",
            "tzdata",
        ]

    def test_site_asks_nobody_for_anything(self, root: Path) -> None:
        """The site loads no font from elsewhere and uses only the plugins we settled on."""
        text = (root / "mkdocs.yml").read_text(encoding="utf-8")
        plugins = re.search(r"^plugins:\n((?:[ #].*\n|\n)+)", text, re.MULTILINE)
        assert plugins
        assert re.findall(r"^  - (\w+)", plugins.group(1), re.MULTILINE) == [
            "search",
            "mkdocstrings",
        ]
        assert re.search(r"^  font: false$", text, re.MULTILINE)
        assert 'NO_MKDOCS_2_WARNING": "1"' in (root / "noxfile.py").read_text(encoding="utf-8")
