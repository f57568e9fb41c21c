"""CODE-03, CODE-07, CODE-08: nothing that is read is ever run."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError, CxmError, UsageError
from cxm_core.plugins import Checkpoint
from cxm_core.program import Program
from cxm_core.results import Receipt, SyncReceipt
from cxm_core.stats import Tally
from cxm_core.store._saved import saved_receipt, saved_state
from cxm_core.vocabulary import Identifier, Scale
from cxm_core.workspace import Workspace
from reliability.hostile_texts import PACKS
from workspace.desks import answers, shop

MARKER = "zq-run-marker"
EXPRESSIONS = (
    *PACKS["ssti"],
    "__import__('os').system('touch pwned')",
    "().__class__.__bases__[0].__subclasses__()",
    "T(java.lang.Runtime).getRuntime().exec('x')",
    "score > 5 or exec('x')",
    "lambda: 1",
    "$(touch pwned)",
    "`touch pwned`",
    "%{touch pwned}",
    "!!python/object/apply:os.system ['touch pwned']",
    "f'{1+1}'",
    "{score.__class__}",
    "1+1",
)
#: Calls that turn text or bytes into something that runs, and what makes files that others own.
CALLS = {
    *("eval", "exec", "compile", "__import__", "breakpoint", "os.system", "os.popen"),
    *("os.execv", "os.spawnv", "yaml.load", "yaml.unsafe_load", "tempfile.mktemp"),
    *("pickle.load", "pickle.loads", "marshal.load", "marshal.loads", "shelve.open"),
    *("importlib.import_module", "import_module", "runpy.run_path", "runpy.run_module"),
    *("types.FunctionType", "types.CodeType", "code.interact", "ctypes.CDLL"),
}
MODULES = {
    *("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "yaml"),
    *("subprocess", "pty", "commands", "ctypes", "cffi", "runpy", "code", "codeop", "imp"),
    *("xml", "lxml", "tarfile", "telnetlib", "ftplib"),
}
METHODS = {"extractall", "extract", "unpack_archive", "read_pickle", "to_pickle", "from_string"}
#: File and name -> why it is there all the same.
ALLOWED = {
    ("cxm_connectors/singer/_process.py", "subprocess"): "starts a tap: a list, never a shell",
    ("cxm_connectors/testing/_cassettes.py", "yaml"): "reads by the safe loader only",
    ("cxm_connectors/testing/_recorder.py", "yaml"): "writes by the safe dumper only",
    ("cxm_core/columns/_xes.py", "xml.parsers"): "expat, which refuses any DTD and entity",
    ("cxm_core/program/_bpmn_read.py", "xml.etree.ElementTree"): "walks a tree, parses nothing",
    ("cxm_core/program/_bpmn_write.py", "xml.etree.ElementTree"): "makes a tree, parses nothing",
    ("cxm_core/program/_xml.py", "xml.etree.ElementTree"): "makes a tree of what expat reads",
    ("cxm_core/program/_xml.py", "xml.parsers"): "expat, which refuses any DTD and entity",
    ("cxm_core/plugins/_patches.py", "import_module"): "loads ssl and socket, to look after them",
    ("cxm_core/results/_altair.py", "import_module"): "altair, if it is installed",
    ("cxm_core/results/_frames.py", "import_module"): "a frame library, by a declared name",
    ("cxm_core/results/_plot.py", "import_module"): "matplotlib, if the user has it",
    ("cxm_core/store/_session.py", "ctypes"): "hands an interrupt to the thread that waits",
    ("cxm_core/plugins/_discovery.py", "from_string"): "reads 'module:Class', runs nothing",
}


@cache
def sources(root: Path) -> tuple[tuple[str, ast.Module], ...]:
    """Every file of the library, parsed."""
    return tuple(
        (path.relative_to(root / "src").as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted((root / "src").rglob("*.py"))
    )


def suspects(tree: ast.Module) -> Iterator[str]:
    """Names of what a file imports or calls that might run what it reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    if name in CALLS or (isinstance(node.func, ast.Attribute) and node.func.attr in METHODS):
        yield name.rpartition(".")[2]
    for keyword in node.keywords:
        is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        if keyword.arg == "shell" and is_true:
            yield "shell"


def test_code_07_nothing_in_the_source_runs_what_it_reads(root: Path) -> None:
    """No eval, pickle, unsafe YAML, shell, XML of the standard library or archive extraction."""
    found = {(name, what) for name, tree in sources(root) for what in suspects(tree)}
    # A door loads its own rooms on first use; their names are constants there.
    doors = {one for one in found if one[1] == "import_module" and one[0].endswith("__init__.py")}
    assert found - doors == set(ALLOWED)


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "exec(x)",
        "import pickle",
        "from marshal import loads",
        "yaml.load(x)",
        "import subprocess",
        "subprocess.run(x, shell=True)",
        "os.system(x)",
        "__import__(x)",
        "tempfile.mktemp()",
        "from xml.etree import ElementTree",
        "archive.extractall()",
        "compile(x, y, z)",
    ],
)
def test_code_07_the_scan_would_notice(code: str) -> None:
    """Each thing that is looked for is found where it is."""
    assert list(suspects(ast.parse(code)))


def test_code_07_a_scale_of_source_files_is_scanned(root: Path) -> None:
    """The scan has read the whole library, not an empty folder."""
    assert len(sources(root)) > 150


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_code_03_a_program_has_no_expressions(text: str, tmp_path: Path) -> None:
    """Code in a program is refused or shown letter by letter; it is never a value of its own."""
    told = json.dumps(text)
    lines = f"name = {told}\nzone = 'UTC'\n[report]\ntitle = {told}\n"
    assert Program.parse(lines).report.title == text
    for key in ("zone", "[[metrics]]\nname", "[report]\nwindows"):
        bad = f"name = 'x'\nzone = 'UTC'\n{key} = {told}\n".replace("windows = ", "windows = [")
        with pytest.raises(ConfigurationError):
            Program.parse(bad + ("]" if "windows" in key else ""))
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_code_03_a_filter_compares_and_computes_nothing(text: str) -> None:
    """What is grouped by or filtered on is a name and a value, whatever it looks like."""
    with Workspace(shop(), store="memory:") as workspace:
        workspace.add(answers([10, 0], attributes={"said": text}))
        assert workspace.measure("nps", where={"said": text}).n == 2
        assert list(workspace.measure("nps", by="said").groups) == [text]
        with pytest.raises(UsageError):
            workspace.measure(text)
        with pytest.raises(UsageError):
            workspace.measure("nps", window=text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["version", "axes", "roles", "levels", "n", "codes", "labels", "w", "w2", "source"]
            )
            | st.text(max_size=6),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
BOMBS = (
    "[" * 100_000,
    '{"a":' * 100_000,
    "9" * 5_000,
    "1e999",
    "NaN",
    "null",
    "[]",
    '"x"',
    "",
    "\x00",
    "{}",
    '{"version": 1}',
    '{"version": "' + MARKER + '"}',
    '{"version": 1, "n": [1e999], "levels": [1], "codes": [], "axes": []}',
    "cos\nsystem\n(S'touch pwned'\ntR.",
    "!!python/object/apply:os.system ['touch pwned']",
)
READERS: dict[str, Callable[[str], object]] = {
    "tally": Tally.from_json,
    "state": saved_state,
    "sync receipt": lambda text: saved_receipt(text, source="files:x"),
    "scale": Scale.parse,
    "identifier": Identifier.parse,
}


def refusal(read: Callable[[], object]) -> CxmError | None:
    """The typed error that reading ends with; None if it is read."""
    try:
        read()
    except CxmError as error:
        return error
    return None


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("at", range(len(BOMBS)))
def test_code_08_hostile_texts_are_refused(reader: str, at: int) -> None:
    """State, tally and receipt made by an attacker: a typed error without Python's own behind."""
    error = refusal(lambda: READERS[reader](BOMBS[at]))
    if error is None:
        # Any object of JSON is a state: only its connector knows what it means.
        assert reader == "state"
        assert BOMBS[at].startswith("{")
    else:
        assert error.__cause__ is None
        # The code of a scale is a word of the program, so it may be told.
        assert reader == "scale" or MARKER not in repr([str(error), error.args, error.context])


@given(JSON)
def test_code_08_any_json_is_read_or_refused(value: object) -> None:
    """Whatever JSON stands where ours stood, nothing but a typed error comes of it."""
    text = json.dumps(value)
    for read in READERS.values():
        error = refusal(partial(read, text))
        assert error is None or error.__cause__ is None


@given(JSON)
def test_code_08_results_from_any_values(value: object) -> None:
    """Receipts are made of what `to_dict` gave, and refuse all else."""
    for made in (Receipt, SyncReceipt):
        error = refusal(partial(made.from_dict, value))  # type: ignore[arg-type]  # hostile on purpose
        assert error is None or error.__context__ is None


@given(JSON)
def test_code_08_a_checkpoint_is_plain_json(value: object) -> None:
    """A state that a connector serves is plain JSON or no checkpoint at all."""
    try:
        state = Checkpoint(value).state  # type: ignore[arg-type]  # hostile on purpose
    except UsageError:
        return
    assert json.loads(json.dumps(state, allow_nan=False)) == state
