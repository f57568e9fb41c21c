"""The door of the room."""

from __future__ import annotations

import inspect
import subprocess
import sys

import cxm_core.stats


class TestByHand:
    def test_scipy_loads_on_first_use(self) -> None:
        """Importing the room loads NumPy and nothing slower."""
        code = "import sys, cxm_core.stats; print(*{n.split('.')[0] for n in sys.modules})"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        loaded = set(run.stdout.decode().split())
        assert "numpy" in loaded
        assert not loaded & {"scipy", "nanoarrow", "pydantic", "duckdb", "pandas"}

    def test_every_public_name_is_there(self) -> None:
        """What the door lists, it has; and each is told."""
        for name in cxm_core.stats.__all__:
            thing = getattr(cxm_core.stats, name)
            assert not inspect.isroutine(thing) or inspect.getdoc(thing)
            assert not inspect.isclass(thing) or inspect.getdoc(thing)
