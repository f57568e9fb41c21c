"""The room's door: light, whole, and with examples that run."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import cxm_core.vocabulary as room

MODULES = sorted(path.stem for path in Path(room.__file__).parent.glob("_[a-z]*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    """Every example in a docstring gives what it shows."""
    result = doctest.testmod(importlib.import_module(f"cxm_core.vocabulary.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_all_names_are_there() -> None:
    """Every name that the door promises is behind it, once."""
    assert len(set(room.__all__)) == len(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)


def test_door_is_light() -> None:
    """The vocabulary loads neither NumPy nor pydantic."""
    program = "import sys, cxm_core.vocabulary; print({'numpy', 'pydantic'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(room.__file__).parents[2])},
    )
    assert answer.stdout.strip() == "set()"
