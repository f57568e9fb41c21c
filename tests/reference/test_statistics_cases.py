"""Production code against reference numbers that nobody on this project wrote.

Each area is a module beside this one, with `HOW`: from a case's id to a function that takes the
case's inputs and the shared blocks of data, and returns numbers under the names that the case
expects. A case without such a function fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from code_lines import ROOT

AREAS = (
    "nps",
    "csat",
    "ces",
    "difference",
    "rate",
    "survey",
    "cluster",
    "multiplicity",
    "power",
    "shrinkage",
    "sequential",
    "control",
    "bootstrap",
    "survival",
    "operational",
)
How = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
CASES = ROOT.parent / "shared" / "cases" / "statistics.json"


@cache
def cases(path: Path) -> dict[str, Any]:
    """The shared file, read once."""
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def ids() -> list[Any]:
    """Every case of these areas; one that stands for none where the file is not there."""
    if not CASES.is_file():
        return ["all"]
    known = [case for case in cases(CASES)["cases"] if case["area"] in AREAS]
    return [pytest.param(case["id"], marks=marks(case)) for case in known]


def marks(case: Mapping[str, Any]) -> list[pytest.MarkDecorator]:
    """A case on data of lifelines runs where lifelines is."""
    return [pytest.mark.oracle] if "lifelines" in str(case["inputs"]) else []


@cache
def how(area: str) -> Mapping[str, How]:
    """Functions of an area; none where its module is missing."""
    name = f"reference.{area}"
    return {} if find_spec(name) is None else import_module(name).HOW


@pytest.mark.parametrize("case_id", ids())
def test_case(case_id: str, shared: Path) -> None:
    """Every number that a case expects comes out of production code, to the case's tolerance."""
    told = cases(shared / "cases" / "statistics.json")
    (case,) = (case for case in told["cases"] if case["id"] == case_id)
    assert case_id in how(case["area"]), f"no function in tests/reference/{case['area']}.py"
    found = how(case["area"])[case_id](case["inputs"], told["data"])
    for name, wanted in case["expected"].items():
        assert name in found, f"{name} is not among the numbers found"
        np.testing.assert_allclose(
            np.asarray(found[name], float),
            np.asarray(wanted, float),
            rtol=0,
            atol=case["tolerance"]["abs"] + 1e-15,
            err_msg=f"{case_id}: {name}",
        )


@pytest.mark.parametrize("area", AREAS)
def test_no_function_is_left_over(area: str, shared: Path) -> None:
    """Each function of an area belongs to a case that is still there."""
    known = {c["id"] for c in cases(shared / "cases" / "statistics.json")["cases"]}
    assert set(how(area)) <= known
