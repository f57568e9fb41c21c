"""The top door: light to open, and every name behind it."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import cxm_core

LIGHT = """
import sys
import cxm_core
heavy = sorted({name.partition(".")[0] for name in sys.modules} & {
    "attrs", "duckdb", "nanoarrow", "narwhals", "numpy", "pandas", "polars", "pyarrow", "pydantic",
    "scipy",
})
print(heavy)
dir(cxm_core), cxm_core.__version__
try:
    cxm_core.nsp
except AttributeError as error:
    print(error)
print("numpy" in sys.modules)
"""
FUNCTIONS = [name for name in cxm_core.__all__ if name not in ("Workspace", "__version__")]


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_opening_it_loads_nothing_heavy() -> None:
    """Importing, listing, asking for the version and a slip load none of our dependencies."""
    loaded, slip, has_numpy = _run(LIGHT).splitlines()
    assert loaded == "[]"
    assert slip == "module 'cxm_core' has no attribute 'nsp'; did you mean 'nps'?"
    assert has_numpy == "False"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_name_is_there(name: str) -> None:
    """Each name opens, tells what it is, and stays what it was."""
    found = getattr(cxm_core, name)
    assert callable(found)
    assert found.__doc__
    assert getattr(cxm_core, name) is found


def test_a_name_alone_can_be_imported() -> None:
    """`from cxm_core import nps` works."""
    assert _run("from cxm_core import nps; print(nps([10]).value)").strip() == "100.0"


def test_dir_lists_every_name() -> None:
    """Completion shows all names before the first of them is used."""
    listed = _run("import cxm_core; print(*dir(cxm_core))").split()
    assert set(cxm_core.__all__) <= set(listed)


def test_unknown_names_are_attribute_errors() -> None:
    """A name that is not there behaves as on any module, with the nearest one named."""
    with pytest.raises(AttributeError, match="did you mean 'compare'"):
        cxm_core.comparee  # noqa: B018
    assert not hasattr(cxm_core, "nothing_like_it")
    with pytest.raises(AttributeError, match=r"no attribute '_private'$"):
        cxm_core._private  # noqa: B018


def test_checker_and_runtime_agree() -> None:
    """What the type checker is told is what is there at run time."""
    tree = ast.parse(Path(cxm_core.__file__).read_text(encoding="utf-8"))
    told = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == cxm_core._HOMES
    assert sorted(cxm_core.__all__) == sorted([*told, "__version__"])


def test_every_name_is_public_in_its_room() -> None:
    """The door only repeats what a room offers."""
    for name, room in cxm_core._HOMES.items():
        assert name in importlib.import_module(room).__all__
