"""Make an environment for each Singer tap that tests run; `nox -s taps` calls this.

A tap pins libraries of its own, so it never shares an environment with the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("CXM_TAPS", ROOT / ".nox" / "singer-taps"))
TAPS = {"tap-typeform": "2.4.4"}


def python_of(tap: str) -> Path:
    """Interpreter of a tap's environment, made or not."""
    return FOLDER / tap / ("Scripts" if os.name == "nt" else "bin") / "python"


def make(tap: str) -> None:
    """Make the environment of a tap where there is none."""
    if python_of(tap).exists():
        return
    venv.create(FOLDER / tap, with_pip=True)
    install = ["-m", "pip", "install", "--quiet", f"{tap}=={TAPS[tap]}"]
    subprocess.run([str(python_of(tap)), *install], check=True)


if __name__ == "__main__":
    for name, version in TAPS.items():
        make(name)
        sys.stdout.write(f"{name} {version}: {python_of(name)}\n")
