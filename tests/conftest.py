"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# SciPy loads on first use, so a first example is slow and a deadline would lie.
# The ordinary run meets the same examples every time, so that it says what a change did; new ones
# are looked for at night, in the profile `thorough`.
settings.register_profile(
    "cxm",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=1000)
# Each mutant runs the suite in one process again, and must meet the same examples.
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=30,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cxm"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """Top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with the shared reference cases; skips where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "cases" / "statistics.json").is_file():
        pytest.skip("the shared reference cases are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def sfo() -> Path:
    """Folder of the San Francisco airport example, with its real data."""
    return ROOT / "examples" / "sfo"
