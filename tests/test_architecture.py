"""House rules that import-linter and ruff cannot see; a failure names file, line and cure."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import io
import pickle
import re
import statistics
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from code_lines import ROOT, SRC, Function, Module, modules
from cxm_core import errors

LIGHT_ROOMS = [
    "cxm_core.errors",
    "cxm_core.vocabulary",
    "cxm_core.records",
    "cxm_core.program",
    "cxm_core.plugins",
    "cxm_connectors",
    "cxm_connectors.files",
]
HEAVY = {"duckdb", "nanoarrow", "narwhals", "numpy", "pandas", "polars", "pyarrow", "scipy"}
PYDANTIC_ROOMS = {"cxm_core.records", "cxm_core.program", "cxm_core.plugins", "cxm_core.testing"}
CLOCKLESS_ROOMS = {
    "cxm_core.columns",
    "cxm_core.engines",
    "cxm_core.program",
    "cxm_core.records",
    "cxm_core.report",
    "cxm_core.results",
    "cxm_core.stats",
    "cxm_core.vocabulary",
}
USER_ROOMS = [
    "cxm_core.engines",
    "cxm_core.plugins",
    "cxm_core.program",
    "cxm_core.records",
    "cxm_core.report",
    "cxm_core.results",
    "cxm_core.stats",
    "cxm_core.store",
    "cxm_core.vocabulary",
    "cxm_core.workspace",
]
TEST_KITS = {"cxm_connectors.testing", "cxm_core.testing"}
CUSTOMER_WORDS = re.compile(
    r"(?i)\b(customers?|tickets?|touchpoints?|nps|csat|promoters?|detractors?|verbatims?|journeys?"
    r"|respondents?|satisfaction|loyalty)\b"
)
VAGUE_FILES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base"}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "pickle.load",
    "pickle.loads",
    "marshal.load",
    "marshal.loads",
    "shelve.open",
    "os.system",
    "os.popen",
    "yaml.load",
    "yaml.unsafe_load",
    "yaml.full_load",
}
# Where a person calls and gives no time: the one place of such a room that reads the clock.
CLOCK_READERS = {"cxm_core.report._writing"}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "os.environ.get",
    "os.getenv",
}


MUTABLE_CLASS = re.compile(r"dataclass|define|mutable|attr\.s|attrs\.define")
# Public attrs classes that keep state, each with the reason why it cannot be frozen.
MUTABLE = {
    "cxm_core.plugins._catalogue.Catalogue": "learns what is broken while it loads plugins",
}


class Import(NamedTuple):
    """One imported module, or name of a module."""

    line: int
    target: str
    inside_function: bool
    for_types_only: bool


def told(offences: list[str], cure: str) -> str:
    """Failure message: every offence, then the cure."""
    return "\n".join([f"{len(offences)} places break this rule:", *offences, f"Cure: {cure}"])


@cache
def imports(module: Module) -> tuple[Import, ...]:
    """Every import of a module, with relative ones resolved."""
    return tuple(_imports(module, module.tree, inside=False, types=False))


def _imports(module: Module, node: ast.AST, *, inside: bool, types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(child.lineno, alias.name, inside, types)
        elif isinstance(child, ast.ImportFrom):
            base = _base(module, child)
            for alias in child.names:
                yield Import(child.lineno, f"{base}.{alias.name}", inside, types)
        else:
            deeper = inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            guarded = types or _for_types(child)
            yield from _imports(module, child, inside=deeper, types=guarded)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    if module.path.name != "__init__.py":
        package = package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every call whose function is a plain or dotted name, as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.lineno, ast.unparse(node.func)


def room_of(name: str) -> str:
    """First two parts of a dotted name: `cxm_core.stats` of `cxm_core.stats.intervals._shares`."""
    return ".".join(name.split(".")[:2])


@cache
def rooms() -> tuple[str, ...]:
    """Every door of the library: packages and single modules right under the two packages."""
    found = {room_of(m.name) for m in modules() if "." in m.name}
    return tuple(sorted(r for r in found if not r.rsplit(".", 1)[1].startswith("_")))


def public_names(room: str) -> list[str]:
    """What a room's door offers."""
    return list(getattr(importlib.import_module(room), "__all__", ()))


def public_functions() -> Iterator[Function]:
    """Functions and methods whose whole path has no private part but the file."""
    for module in modules():
        for function in module.functions:
            if not function.name.startswith("_"):
                yield function


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that git would track and that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this copy of the project is not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".gz", ".png", ".parquet"}:
            yield path, path.read_text(encoding="utf-8")


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Every comment of a Python file."""
    with io.StringIO(path.read_text(encoding="utf-8")) as text:
        for token in tokenize.generate_tokens(text.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def python_files() -> list[Path]:
    """Every Python file of the project."""
    folders = [SRC, ROOT / "tests", ROOT / "benchmarks"]
    return [ROOT / "noxfile.py", *(p for f in folders for p in sorted(f.rglob("*.py")))]


class TestDoors:
    """Rooms are entered by their door."""

    def test_private_files_stay_private(self) -> None:
        """A name with a leading underscore is imported only inside the folder that holds it."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if (home := _private_home(i.target)) and not (m.name + ".").startswith(home + ".")
        ]
        assert not offences, told(offences, "import the public name from the room's door.")

    def test_no_room_imports_the_top_door(self) -> None:
        """Only the outside says `from cxm_core import`; inside, names come from their room."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if m.name != "cxm_core" and re.fullmatch(r"cxm_core(\.\w+)?", i.target)
        ]
        assert not offences, told(offences, "import from the room that owns the name.")

    def test_siblings_are_imported_relatively(self) -> None:
        """Inside a room, files name their siblings by a relative import."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if m.path.name != "__main__.py"
            and _absolute_in_source(m, i)
            and room_of(i.target) == room_of(m.name)
            and i.target.startswith(_folder(m) + ".")  # a topic of engines has a door of its own
        ]
        assert not offences, told(offences, "write `from ._file import name`.")

    def test_files_in_rooms_are_private(self) -> None:
        """Every file inside a room begins with an underscore; the door is its `__init__`."""
        offences = [
            m.place
            for m in modules()
            if len(m.path.relative_to(SRC).parts) > 2 and not m.path.name.startswith("_")
        ]
        assert not offences, told(offences, "rename the file with a leading underscore.")

    @pytest.mark.parametrize("room", rooms())
    def test_door_lists_what_it_offers(self, room: str) -> None:
        """A door has a sorted `__all__` without private names, and each name resolves."""
        names = public_names(room)
        module = importlib.import_module(room)
        missing = [name for name in names if not hasattr(module, name)]
        assert not missing, told(missing, f"offer them in {room}, or take them out of __all__.")
        assert sorted(set(names)) == sorted(names), f"{room}.__all__ lists a name twice"
        assert not [n for n in names if n.startswith("_") and n != "__version__"]

    def test_testing_is_imported_by_nothing(self) -> None:
        """The library stands without its test kit."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if re.match(r"cxm_(core|connectors)\.testing\b", i.target)
            and not re.match(r"cxm_(core|connectors)\.testing\b", m.name)
        ]
        assert not offences, told(offences, "the kit may import the library, never the reverse.")

    def test_no_vague_files(self) -> None:
        """No file is named after nothing: a helper lives in the room that owns its noun."""
        offences = [m.place for m in modules() if m.path.stem.strip("_") in VAGUE_FILES]
        assert not offences, told(offences, "name the file after the noun it is about.")


def _private_home(target: str) -> str | None:
    """Package that holds the first private part of a dotted name of ours."""
    parts = target.split(".")
    if parts[0] not in {"cxm_core", "cxm_connectors"}:
        return None
    for at, part in enumerate(parts):
        if part.startswith("_") and not part.startswith("__"):
            return ".".join(parts[:at])
    return None


def _folder(module: Module) -> str:
    """Dotted name of the folder that holds a module."""
    is_door = module.path.name == "__init__.py"
    return module.name if is_door else module.name.rpartition(".")[0]


def _absolute_in_source(module: Module, found: Import) -> bool:
    line = module.path.read_text(encoding="utf-8").splitlines()[found.line - 1]
    return bool(re.match(r"\s*(from|import) cxm_", line))


class TestLibraries:
    """Each outside library has one home."""

    def test_scipy_is_loaded_inside_functions_of_stats(self) -> None:
        """SciPy is imported in stats only, on first use, and scipy.stats never."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if i.target.split(".")[0] == "scipy"
            and (
                room_of(m.name) != "cxm_core.stats"
                or not (i.inside_function or i.for_types_only)
                or i.target.startswith("scipy.stats")
            )
        ]
        assert not offences, told(offences, "import scipy.special inside the function, in stats.")

    def test_pydantic_stays_at_the_boundary(self) -> None:
        """Pydantic reads what comes from outside; everything else is attrs."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if i.target.split(".")[0] in {"pydantic", "pydantic_core"}
            and room_of(m.name) not in PYDANTIC_ROOMS
            and not m.name.startswith("cxm_connectors")
        ]
        assert not offences, told(offences, "use attrs, or read the value through a record.")

    def test_our_own_classes_are_frozen(self) -> None:
        """What we make ourselves is `attrs.frozen`: no dataclass, no mutable attrs class."""
        offences = [
            f"{m.place}:{node.lineno} @{ast.unparse(decorator)} on {node.name}"
            for m in modules()
            for node in ast.walk(m.tree)
            if isinstance(node, ast.ClassDef)
            for decorator in node.decorator_list
            if f"{m.name}.{node.name}" not in MUTABLE
            and not node.name.startswith("_")  # the working state of one file
            and MUTABLE_CLASS.match(ast.unparse(decorator))
        ]
        assert not offences, told(offences, "`from attrs import frozen`; `@frozen(kw_only=True)`.")

    def test_what_src_imports_is_declared(self) -> None:
        """Every outside library that is imported stands in pyproject.toml."""
        offences = [
            f"{m.place}:{i.line} imports {i.target}"
            for m in modules()
            for i in imports(m)
            if not i.for_types_only
            and (top := i.target.split(".")[0]) not in sys.stdlib_module_names
            and top not in _declared() | {"cxm_core", "cxm_connectors", "__future__"}
            and not (room_of(m.name) in TEST_KITS and top in {"hypothesis", "pytest", "yaml"})
        ]
        assert not offences, told(offences, "declare it in pyproject.toml, with a decision.")

    @pytest.mark.parametrize("room", LIGHT_ROOMS)
    def test_light_rooms_do_not_load_numbers(self, room: str) -> None:
        """What a plugin author imports loads no array, frame or database library."""
        assert not _loaded_by(room) & HEAVY

    def test_top_door_loads_names_on_first_use(self) -> None:
        """`import cxm_core` loads neither numpy, scipy nor pydantic."""
        assert not _loaded_by("cxm_core") & (HEAVY | {"pydantic", "pydantic_core", "typer", "rich"})


# Each of these comes with one of the declared, and is of no use without it.
_COME_WITH = {"annotated_types", "markupsafe", "pydantic_core", "typing_extensions"}
# The module of google-re2.
_NAMED_OTHERWISE = {"re2"}


@cache
def _declared() -> set[str]:
    """Top-level modules of the declared core and extra dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(item for extra in extras for item in extra)]
    names = {re.match(r"[A-Za-z0-9_.-]+", item).group() for item in wanted}  # type: ignore[union-attr]  # every requirement begins with a name
    return names | _COME_WITH | _NAMED_OTHERWISE


@cache
def _loaded_by(module: str) -> set[str]:
    """Top-level names in sys.modules after importing one module in a fresh process."""
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


class TestSizes:
    """Small files, small functions, few parameters."""

    def test_modules_are_short(self) -> None:
        """A module has at most 400 code lines; an engine's file, which is no door, at most 150."""
        engines = "cxm_core.engines."
        offences = [
            f"{m.place}: {len(m.lines)} code lines, at most {limit}"
            for m in modules()
            if len(m.lines) > (limit := 150 if m.name.startswith(engines) else 400)
        ]
        assert not offences, told(offences, "split the file by its nouns.")

    def test_functions_are_short(self) -> None:
        """A function has at most 50 code lines."""
        offences = [
            f"{m.place}:{f.line} {f.name}: {f.size} code lines, at most 50"
            for m in modules()
            for f in m.functions
            if f.size > 50
        ]
        assert not offences, told(offences, "name the steps, and make each a function.")

    def test_most_functions_fit_a_glance(self) -> None:
        """Half of all functions have at most eight code lines; two in three are under twelve."""
        sizes = [f.size for m in modules() for f in m.functions]
        assert statistics.median(sizes) <= 8
        assert sum(size < 12 for size in sizes) >= len(sizes) * 2 / 3

    def test_few_parameters(self) -> None:
        """At most three are required; six in all, or twelve after the data for an engine."""
        offences = [
            f"{f.module}.{f.name} (line {f.line}): {said}"
            for f in public_functions()
            for said in _too_many(f)
        ]
        assert not offences, told(offences, "give defaults, or pass one object with a name.")


def _too_many(function: Function) -> Iterator[str]:
    arguments = function.node.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    bound = positional[:1] in (["self"], ["cls"], ["mcs"])
    required = len(positional) - bound - len(arguments.defaults)
    required += sum(default is None for default in arguments.kw_defaults)
    in_all = len(positional) - bound + len(arguments.kwonlyargs)
    limit = 6
    if function.module.startswith("cxm_core.engines"):
        limit = 12 + min(len(positional), 2)  # twelve settings after the data
    if required > 3:
        yield f"{required} required parameters, at most 3"
    if in_all > limit and not function.module.startswith("cxm_core.cli"):
        yield f"{in_all} parameters, at most {limit}"


class TestWords:
    """What code may say and call."""

    def test_stats_has_no_customer_word(self) -> None:
        """Statistics speak of arrays, levels and groups, never of customers."""
        offences = [
            f"{m.place}:{number} says {found.group()!r}"
            for m in modules()
            if room_of(m.name) == "cxm_core.stats"
            for number, line in enumerate(m.path.read_text(encoding="utf-8").splitlines(), 1)
            for found in CUSTOMER_WORDS.finditer(line)
        ]
        assert not offences, told(offences, "say what the array holds; engines know the word.")

    def test_only_the_command_prints(self) -> None:
        """Nothing outside `cli` prints."""
        offences = [
            f"{m.place}:{line} calls {name}"
            for m in modules()
            if room_of(m.name) != "cxm_core.cli"
            for line, name in calls(m.tree)
            if name in {"print", "sys.stdout.write", "sys.stderr.write"}
        ]
        assert not offences, told(offences, "return the text, or log it.")

    def test_nothing_runs_what_it_reads(self) -> None:
        """No text or file is ever run or unpickled."""
        offences = [
            f"{m.place}:{line} calls {name}"
            for m in modules()
            for line, name in calls(m.tree)
            if name in FORBIDDEN_CALLS
        ]
        assert not offences, told(offences, "parse the value with a declared shape.")

    def test_rooms_that_compute_read_no_clock(self) -> None:
        """Time and environment are passed in as `now`, `clock` or a plain value."""
        offences = [
            f"{m.place}:{line} calls {name}"
            for m in modules()
            if room_of(m.name) in CLOCKLESS_ROOMS and m.name not in CLOCK_READERS
            for line, name in calls(m.tree)
            if name in CLOCKS
        ]
        assert not offences, told(offences, "take `now` as an argument.")

    def test_duckdb_is_called_as_both_versions_allow(self) -> None:
        """No call that DuckDB 2 took away, and no extension that would be downloaded."""
        gone = re.compile(r"\.(fetch_arrow_table|fetch_record_batch|fetch_df|pl|arrow|df)$")
        offences = [
            f"{m.place}:{line} calls {name}"
            for m in modules()
            if room_of(m.name) == "cxm_core.store"
            for line, name in calls(m.tree)
            if gone.search(name) or name.endswith((".install_extension", ".load_extension"))
        ]
        assert not offences, told(offences, "fetchall, fetchnumpy, or __arrow_c_stream__.")

    def test_duckdb_is_run_in_few_places(self) -> None:
        """A statement is read to its end by one function, or has a cursor of its own."""
        homes = {
            f"cxm_core.store.{name}"
            for name in ("_driver", "_duckdb", "_session", "tables._scratch")
        }
        offences = [
            f"{m.place}:{line} calls {name}"
            for m in modules()
            if room_of(m.name) == "cxm_core.store" and m.name not in homes
            for line, name in calls(m.tree)
            if name.endswith((".execute", ".executemany", ".sql", ".query"))
        ]
        assert not offences, told(offences, "call `run` of `_driver`.")

    def test_every_exception_to_a_rule_is_named(self) -> None:
        """No bare `type: ignore` or `noqa`: each names its code."""
        bare = re.compile(r"type:\s*ignore(?!\[)|\bnoqa(?!:\s*[A-Z])")
        offences = [
            f"{path.relative_to(ROOT)}:{line} {text}"
            for path in python_files()
            for line, text in comments(path)
            if bare.search(text)
        ]
        assert not offences, told(offences, "`# type: ignore[code]  # reason`.")

    def test_no_file_names_a_registry_or_a_machine(self) -> None:
        """The tree holds no registry's host name and no path of one machine."""
        hosts = ["pypi" + ".org", "python" + "hosted", "npmjs" + ".", "anaconda" + ".org"]
        banned = re.compile(
            "|".join(map(re.escape, hosts)) + r"|(?<![\w./<}])/(?:work|root|home|opt|tmp|Users)/\w"
        )
        offences = [
            f"{path.relative_to(ROOT)}:{number} has {found.group()!r}"
            for path, text in text_files()
            for number, line in enumerate(text.splitlines(), 1)
            for found in banned.finditer(line)
        ]
        assert not offences, told(offences, "say it without the place.")


class TestErrors:
    """One tree of errors, and every one of them travels."""

    def test_errors_live_in_one_file(self) -> None:
        """No class outside `errors.py` is an exception."""
        ours = {*errors.__all__, "Exception", "ValueError", "TypeError", "KeyError", "RuntimeError"}
        offences = [
            f"{m.place}:{node.lineno} {node.name}"
            for m in modules()
            if m.name != "cxm_core.errors"
            for node in ast.walk(m.tree)
            if isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")  # a signal inside one file reaches nobody
            and any(ast.unparse(b).rsplit(".", 1)[-1] in ours for b in node.bases)
        ]
        assert not offences, told(offences, "put it into cxm_core/errors.py, or reuse one.")

    @pytest.mark.parametrize("name", [n for n in errors.__all__ if n != "did_you_mean"])
    def test_every_error_survives_pickle_and_copy(self, name: str) -> None:
        """Class, message, hint and context come back whole from pickle and copy."""
        cls = getattr(errors, name)
        if name == "PluginProblem":
            made = cls(name="a", distribution="b", reason="c")
            assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
            return
        made = cls("What happened.", hint="The cure.", rows=3)
        for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
            assert type(again) is cls
            assert str(again) == "What happened.\nHint: The cure."
            assert again.context == {"rows": 3}


class TestTellings:
    """Tests and public functions say what they are for."""

    def test_every_test_states_its_law(self) -> None:
        """Each test function has a docstring whose first line is a sentence."""
        offences = []
        for path in sorted((ROOT / "tests").rglob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    law = (ast.get_docstring(node) or "").split("\n")[0]
                    if not law.endswith((".", "?", "!")):
                        offences.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        assert not offences, told(offences, "say the law in one line, as a sentence.")

    @pytest.mark.parametrize("room", [r for r in rooms() if r.startswith("cxm_core.")])
    def test_public_names_have_docstrings(self, room: str) -> None:
        """Every public function and class of a room says what it is."""
        module = importlib.import_module(room)
        found = {name: getattr(module, name) for name in public_names(room)}
        offences = [
            f"{room}.{name}"
            for name, thing in found.items()
            if (inspect.isroutine(thing) or inspect.isclass(thing)) and not inspect.getdoc(thing)
        ]
        assert not offences, told(offences, "one sentence, in a reader's words.")

    @pytest.mark.parametrize("room", USER_ROOMS)
    def test_public_functions_tell_how_they_are_used(self, room: str) -> None:
        """A public function's docstring has its parameters, what it returns, and an example."""
        module = importlib.import_module(room)
        offences = [
            f"{room}.{name} has no {section}"
            for name in public_names(room)
            if inspect.isfunction(function := getattr(module, name))
            for section in _wanted_sections(function)
            if not _has_section(function, section)
        ]
        assert not offences, told(offences, "write the numpydoc section.")

    def test_engines_tell_what_they_stand_on(self) -> None:
        """An engine's docstring says when it refuses, and which source its method comes from."""
        engines = importlib.import_module("cxm_core.engines")
        offences = [
            f"{name} has no {section}"
            for name in [*engines.ENGINES, "compare"]
            for section in ("Raises", "References")
            if (engine := getattr(engines, name, None)) and not _has_section(engine, section)
        ]
        assert not offences, told(offences, "write the numpydoc section.")


def _wanted_sections(function: Callable[..., object]) -> Iterator[str]:
    signature = inspect.signature(function)
    if signature.parameters:
        yield "Parameters"
    if signature.return_annotation not in {None, "None", "NoReturn"}:
        yield "Returns"
    yield "Examples"


def _has_section(thing: object, section: str) -> bool:
    doc = inspect.getdoc(thing) or ""
    return bool(re.search(rf"^{section}\n-+$", doc, re.MULTILINE))
