"""Documents are true: every example runs, every name stands in the reference, every path exists."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, get_args

import pytest
from pydantic import BaseModel
from sybil import Document, Example, Region
from sybil.parsers.markdown import PythonCodeBlockParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer, RawFencedCodeBlockLexer

from code_lines import ROOT, SRC, modules
from cxm_connectors.files import FilesConfig
from cxm_core.program import Program

DOCS = ROOT / "docs"
TOP_DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
DOCUMENTS = [*(ROOT / name for name in TOP_DOCUMENTS), *sorted(DOCS.rglob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = [p for p in DOCUMENTS if p not in DECISIONS]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NAMED_FILE = re.compile(r'\w+ title="(?P<name>[\w./-]+)"$\n', re.MULTILINE)
COMMAND = re.compile(
    r"^(?:\$ )?(?:.*uv run (?:--\S+ \w+ )*)?(?P<call>cxm .*?)(?:\s+# exit code (?P<code>\d))?$"
)
TEST_COMMAND = re.compile(r"^python3 -m pip .*nox$", re.MULTILINE)
MAIN_COMMAND = re.compile(r"^python3 -m pip .*cxm demo$", re.MULTILINE)


def named(path: Path) -> str:
    """Path below the project's top folder."""
    return path.relative_to(ROOT).as_posix()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples in it, made the current one."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- how a document is run ------------------------------------------------------------------


def written_files(document: Document) -> Iterator[Region]:
    """Blocks with a title are files: the reader is told to write them, so the test does."""
    for region in RawFencedCodeBlockLexer(NAMED_FILE)(document):
        region.parsed, region.evaluator = region.lexemes["source"], _write_file
        yield region


def _write_file(example: Example) -> None:
    path = Path(example.region.lexemes["name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(example.parsed), encoding="utf-8")


def typed_commands(document: Document) -> Iterator[Region]:
    """Shell blocks: each line that calls `cxm` is run; in `console` blocks output is compared."""
    for region in FencedCodeBlockLexer("sh|console")(document):
        region.parsed, region.evaluator = region.lexemes["source"], _run_commands
        yield region


def _run_commands(example: Example) -> str | None:
    problems = []
    for call, code, wanted in _commands(example):
        done = cxm(*shlex.split(call)[1:])
        if done.returncode != code or "Traceback" in done.stderr:
            problems.append(f"{call}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        elif wanted and not doctest.OutputChecker().check_output(wanted, done.stdout, FLAGS):
            problems.append(f"{call}: expected\n{wanted}\ngot\n{done.stdout}")
    return "\n".join(problems) or None


def _commands(example: Example) -> Iterator[tuple[str, int, str]]:
    """Each command of a block with its exit code and, in a console block, its output."""
    is_console = example.region.lexemes["language"] == "console"
    for step in re.split(r"^(?=\$ )" if is_console else r"\n", example.parsed, flags=re.MULTILINE):
        line, _, output = step.partition("\n")
        if found := COMMAND.match(line.strip()):
            yield found["call"], int(found["code"] or 0), output


def cxm(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the current folder, as a person without a terminal would."""
    return subprocess.run(
        [sys.executable, "-m", "cxm_core.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONPATH": str(SRC)},
    )


def examples(path: Path) -> list[Example]:
    """Everything in a document that can be run, from top to bottom."""
    python = PythonCodeBlockParser(doctest_optionflags=FLAGS)
    return list(Document.parse(str(path), python, written_files, typed_commands).examples())


class TestExamples:
    """What documents show, works."""

    @pytest.mark.parametrize("path", [p for p in DOCUMENTS if examples(p)], ids=named)
    def test_document_runs(self, path: Path, desk: Path) -> None:
        """Each block works after the ones before it, in a folder that holds the examples."""
        for example in examples(path):
            example.evaluate()

    @pytest.mark.parametrize(
        "module", [m.name for m in modules() if ">>>" in m.path.read_text(encoding="utf-8")]
    )
    def test_docstrings_run(self, module: str, desk: Path) -> None:
        """Every example in a docstring prints what it says."""
        result = doctest.testmod(importlib.import_module(module), optionflags=FLAGS)
        assert result.failed == 0
        assert result.attempted > 0


class TestCommands:
    """README's two commands are the ones that are meant."""

    def test_ci_runs_the_test_command_of_the_readme(self, root: Path) -> None:
        """The last line of `.ci/run` is README's test command, letter by letter."""
        readme = (root / "README.md").read_text(encoding="utf-8")
        ci = (root / ".ci" / "run").read_text(encoding="utf-8")
        (command,) = TEST_COMMAND.findall(readme)
        assert ci.rstrip().splitlines()[-1] == command
        assert os.access(root / ".ci" / "run", os.X_OK)

    def test_readme_has_one_main_command(self, root: Path) -> None:
        """README says once how to run the main job, and it sets up everything by itself."""
        (command,) = MAIN_COMMAND.findall((root / "README.md").read_text(encoding="utf-8"))
        assert ".uv/bin/uv run --extra app cxm demo" in command

    def test_exit_codes_are_those_of_the_command(self) -> None:
        """The page on exit codes tells of the codes that `cxm --help` names, and no other."""
        done = cxm("--help")
        named_there = re.findall(r"(?:codes:|,)\s+(\d+)\s", done.stdout)
        page = (DOCS / "how-to" / "exit-codes.md").read_text(encoding="utf-8")
        assert re.findall(r"^\| (\d+) \|", page, re.MULTILINE) == named_there


class TestReference:
    """The reference has every public name, once."""

    def test_every_room_stands_once(self) -> None:
        """Each room with public names has one `:::` line in `docs/reference`, and no other has."""
        text = "\n".join(p.read_text(encoding="utf-8") for p in (DOCS / "reference").glob("*.md"))
        listed = re.findall(r"^::: (\S+)$", text, re.MULTILINE)
        assert sorted(listed) == sorted(_rooms_with_names())

    def test_names_of_the_top_door(self) -> None:
        """The table of `import cxm_core as cx` says of each name which room it comes from."""
        door = importlib.import_module("cxm_core")
        text = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
        wanted = [
            f"| `cx.{name}` | [`{room}`]({room}.md) |"
            for name in sorted(door.__all__)
            if (room := _home_of(getattr(door, name)))
        ]
        shown = re.findall(r"^\| `cx\..*\|$", text, re.MULTILINE)
        assert shown == wanted, "the table should read:\n" + "\n".join(wanted)

    def test_engines_stand_by_what_they_answer(self) -> None:
        """The table above the engines has every function of the room, and nothing else."""
        room = importlib.import_module("cxm_core.engines")
        page = (DOCS / "reference" / "engines.md").read_text(encoding="utf-8")
        told = re.findall(r"`(\w+)`", page)
        functions = [name for name in room.__all__ if inspect.isfunction(getattr(room, name))]
        assert sorted(told) == sorted(functions)


def _rooms_with_names() -> list[str]:
    """Doors with a non-empty `__all__`, but for the command and the top door itself."""
    names = {".".join(m.name.split(".")[:2]) for m in modules()} - {"cxm_core", "cxm_core.cli"}
    doors = [n for n in names if not n.rsplit(".", 1)[-1].startswith("_")]
    return [d for d in doors if getattr(importlib.import_module(d), "__all__", ())]


def _home_of(thing: object) -> str | None:
    """Room of a class or function; None for plain values such as the version."""
    module = getattr(thing, "__module__", "")
    return module.split(".")[1] if module.startswith("cxm_core.") else None


class TestProgramFile:
    """The page on the program file lists each key, and no other."""

    def test_lists_every_key(self) -> None:
        """Each table of the page has the keys of one part of the program or of its files."""
        text = (DOCS / "how-to" / "program-file.md").read_text(encoding="utf-8")
        tables = [re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in text.split("\n## ")]
        listed = sorted(sorted(keys) for keys in tables if keys)
        parts = {*_parts(Program), *_parts(FilesConfig)}
        wanted = sorted(sorted(part.model_fields) for part in parts)
        assert listed == wanted


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A class of the document, and those that its fields are made of."""
    yield model
    for field in model.model_fields.values():
        yield from _models_in(field.annotation)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _parts(annotation)
    for argument in get_args(annotation):
        yield from _models_in(argument)


class TestDecisions:
    """Decision records are short, whole and listed."""

    HEADINGS: ClassVar = ["Question", "Answer", "Why", "What was refused", "When to look again"]

    @pytest.mark.parametrize("path", DECISIONS, ids=named)
    def test_is_short_and_whole(self, path: Path) -> None:
        """A record has a title, five headings in order, and forty lines at most."""
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == self.HEADINGS
        assert re.match(rf"# {int(path.name[:4])}\. \S", text)
        assert len(text.splitlines()) <= 40

    def test_are_numbered_without_gaps(self) -> None:
        """Numbers run from 1 on, each used once."""
        assert [int(p.name[:4]) for p in DECISIONS] == list(range(1, len(DECISIONS) + 1))

    def test_every_requirement_has_a_record(self) -> None:
        """Each outside package named in pyproject.toml is named in a decision."""
        told = "\n".join(p.read_text(encoding="utf-8") for p in DECISIONS).lower()
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        wanted = set(re.findall(r'"([a-z][\w-]*)(?:\[[^\]]*\])?[<>=;]', text)) - {"cxm"}
        assert not {name for name in wanted if name not in told}


class TestBenchmarks:
    """The page of speeds."""

    PAGE = DOCS / "benchmarks.md"

    def test_every_script_is_named(self) -> None:
        """Each script is there with its command, and each command names a script."""
        text = self.PAGE.read_text(encoding="utf-8")
        told = set(re.findall(r"`python (benchmarks/\w+\.py)[^`]*`", text))
        assert told == {f"benchmarks/{path.name}" for path in ROOT.glob("benchmarks/bench_*.py")}

    def test_every_goal_has_a_figure_and_a_command(self) -> None:
        """Each job with a goal says what was reached and how to see it."""
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in self.PAGE.read_text(encoding="utf-8").splitlines()
            if line.count("|") == 6
        ]
        jobs = [row for row in rows if row[0] not in {"job", "---"}]
        assert len(jobs) > 15
        for job, _beside, goal, reached, command in jobs:
            assert goal, job
            assert re.search(r"\d", reached), job
            assert command == "the same" or command.startswith("`python benchmarks/"), job


class TestWords:
    """Documents are plain and point at things that exist."""

    @pytest.mark.parametrize("path", DOCUMENTS, ids=named)
    def test_one_sentence_per_line(self, path: Path) -> None:
        """No line of prose holds the end of one sentence and the start of the next."""
        doubled = [line for line in _prose(path) if re.search(r"[a-z`)\]][.?!] [A-Z`]", line)]
        assert not doubled, "break these lines:\n" + "\n".join(doubled)

    @pytest.mark.parametrize("path", DOCUMENTS, ids=named)
    def test_named_paths_exist(self, path: Path) -> None:
        """A path of the project in backticks is there."""
        text = path.read_text(encoding="utf-8")
        roots = r"(?:src|tests|docs|examples|benchmarks|changelog\.d|cxm_core|cxm_connectors)/"
        found = set(re.findall(rf"`({roots}[\w./*-]*)`", text))
        lost = {name for name in found if not _exists(name)}
        assert not lost

    @pytest.mark.parametrize("path", PAGES, ids=named)
    def test_links_between_files_lead_somewhere(self, path: Path) -> None:
        """A relative link points at a file of the project."""
        links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        assert not {link for link in links if not (path.parent / link).exists()}

    def test_every_page_can_be_reached(self, root: Path) -> None:
        """Each page of the documentation stands in the navigation of the site."""
        text = (root / "mkdocs.yml").read_text(encoding="utf-8")
        pages = [path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))]
        assert not [page for page in pages if not re.search(rf"[ :]{re.escape(page)}$", text, re.M)]

    def test_architecture_fits_two_pages_and_links_nothing(self, root: Path) -> None:
        """ARCHITECTURE.md names things, links none, and stays short."""
        text = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
        assert "](" not in text
        assert len(text.split()) <= 1100

    def test_news_files_are_named_after_their_kind(self, root: Path) -> None:
        """Each file in `changelog.d` is README.md or `name.added|changed|fixed|removed.md`."""
        names = [p.name for p in (root / "changelog.d").iterdir()]
        kinds = r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md"
        assert not [n for n in names if n != "README.md" and not re.fullmatch(kinds, n)]


def _prose(path: Path) -> Iterator[str]:
    """Lines outside code blocks and tables."""
    inside = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside and not line.lstrip().startswith("|"):
            yield line


def _exists(name: str) -> bool:
    return any(
        (base / name).exists() or list(base.glob(name.rstrip("/")))
        for base in (ROOT, SRC, SRC / "cxm_core")
    )


@pytest.fixture
def site() -> Path:
    """The site as `nox -s docs` has built it, with every warning an error."""
    if "CXM_SITE" not in os.environ:
        pytest.skip("the site is built and checked by `nox -s docs`")
    return ROOT / os.environ["CXM_SITE"]


class TestSite:
    """The built site is whole and asks nobody for anything."""

    def test_reference_has_every_public_name(self, site: Path) -> None:
        """Each name that a room offers has an anchor in the site."""
        packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
        listed = {line.split()[0] for line in zlib.decompress(packed).decode().splitlines()}
        wanted = {
            f"{room}.{name}"
            for room in _rooms_with_names()
            for name in importlib.import_module(room).__all__
        }
        lost = sorted(wanted - listed)
        assert not lost, "without an anchor:\n" + "\n".join(lost)

    def test_pages_load_nothing_from_elsewhere(self, site: Path) -> None:
        """No page names a font, script, style or picture of another host."""
        loads = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"?https?://[^>]*>")
        found = {
            hit
            for page in site.rglob("*.html")
            for hit in loads.findall(page.read_text(encoding="utf-8"))
        }
        assert not found
