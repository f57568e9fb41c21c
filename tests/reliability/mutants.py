"""Change the pure parts of the library in small ways, and see whether the unit tests notice.

python tests/reliability/mutants.py [store|records] ...

mutmut changes a copy of the tree, so nothing is left behind here. The figures of the last run, and
why each survivor survives, stand in MUTANTS.md beside this file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LEAST = 0.85
_RESULT = re.compile(r"\s*cxm_core\.(\w+\.\w+)\.x\S+: (\w[\w ]*)")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "examples")


class Part(NamedTuple):
    """Functions to change, and the tests that must notice."""

    functions: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def files(self) -> list[str]:
        """Files in which the functions stand."""
        return sorted({"src/" + "/".join(one.split(".")[:3]) + ".py" for one in self.functions})


PARTS = {
    "store": Part(
        (
            # The merge in SQL is no pure function: the order tests and the model hold it.
            "cxm_core.store._merge.x_[!ism]*",
            "cxm_core.store._kept.*",
            "cxm_core.store._quarantine.*",
            "cxm_core.store.journal._frames.*",
            "cxm_core.store.journal._entries.*",
        ),
        (
            "tests/store/test_merge.py",
            "tests/store/test_kept.py",
            "tests/store/test_quarantine.py",
            "tests/store/journal/test_frames.py",
            "tests/store/journal/test_entries.py",
        ),
    ),
    "records": Part(
        ("cxm_core.records._check.*", "cxm_core.records._rules.*"),
        ("tests/records/test_check.py::TestByHand", "tests/records/test_rules.py"),
    ),
}


def score(name: str) -> dict[str, Counter[str]]:
    """Outcomes of all mutants of a part, module by module."""
    part = PARTS[name]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for tree in ("src", "tests"):
            shutil.copytree(ROOT / tree, folder / tree, ignore=_LEFT_OUT)
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "setup.cfg").write_text(_config(part), encoding="utf-8")
        _mutmut(folder, "run", *part.functions)
        told = _mutmut(folder, "results", "--all", "true")
    print(_survivors(told))  # noqa: T201  (a script)
    found: dict[str, Counter[str]] = {}
    for module, outcome in _RESULT.findall(told):
        if outcome != "not checked":
            found.setdefault(module, Counter())[outcome] += 1
    return found


def _config(part: Part) -> str:
    lists = {
        "source_paths": ["src"],
        "only_mutate": part.files,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-q"],
        "pytest_add_cli_args_test_selection": list(part.tests),
    }
    lines = [f"{name} =\n    " + "\n    ".join(values) for name, values in lists.items()]
    return "\n".join(["[mutmut]", *lines, "use_git_change_detection = false", ""])


def _mutmut(folder: Path, *words: str) -> str:
    """What mutmut says, whose own progress is of no use in a log."""
    environment = {**os.environ, "PYTHONPATH": "src", "HYPOTHESIS_PROFILE": "mutants"}
    command = [sys.executable, "-m", "mutmut", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    return done.stdout


def _survivors(told: str) -> str:
    return "\n".join(line.strip() for line in told.splitlines() if not line.endswith(": killed"))


def main(names: list[str]) -> int:
    """Print how many mutants of each module were noticed; 1 if they are too few."""
    is_good = True
    print("| module | mutants | noticed | share |\n|---|---|---|---|")  # noqa: T201  (a script)
    for name in names or sorted(PARTS):
        for module, outcomes in sorted(score(name).items()):
            killed = outcomes["killed"] + outcomes["timeout"]
            share = killed / outcomes.total()
            is_good &= share >= LEAST
            print(f"| {module} | {outcomes.total()} | {killed} | {share:.1%} |")  # noqa: T201  (a script)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
