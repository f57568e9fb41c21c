"""What a user may say of their files, and how a mistake is told."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_connectors.files import Files
from cxm_core.errors import ConfigurationError
from cxm_core.plugins import Connector, Runtime, build

GOOD: dict[str, Any] = {
    "files": ["a.csv"],
    "row": {"id": "id", "occurred_at": "at"},
    "questions": [{"id": "q", "scale": "1-5", "column": "q"}],
}


def built(**more: Any) -> Connector:
    """Connector of a configuration with some of it changed."""
    runtime = Runtime(clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), root=Path("/nowhere"))
    return build(Files, {**GOOD, **more}, runtime, source="files:a")


def test_building_opens_nothing() -> None:
    """A connector is built without a look at any file."""
    assert isinstance(built(), Connector)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"file": ["a.csv"]}, "did you mean 'files'"),
        ({"files": []}, "files: "),
        ({"files": [{"path": "a.csv", "vales": {}}]}, "did you mean 'values'"),
        ({"format": "xlsx"}, "format: "),
        ({"encoding": "utf-99"}, "no encoding"),
        ({"delimiter": ";;"}, "delimiter: "),
        ({"row": {"id": "id", "occurred_at": {"colunm": "at"}}}, "did you mean 'column'"),
        ({"row": {"id": "id"}}, "row.occurred_at: is missing"),
        ({"row": {"id": "id", "occurred_at": {"zone": "UTC"}}}, "either a column or a constant"),
        ({"questions": [{"id": "q", "column": "q"}]}, "needs its scale"),
        ({"questions": [{"id": "q"}]}, "needs a column, a verbatim or both"),
        ({"questions": [{"id": "q", "column": "q", "scale": "1-five"}]}, "is no scale"),
        ({"questions": GOOD["questions"] * 2}, "the question 'q' twice"),
        ({"questions": []}, "neither questions nor records"),
        ({"records": [{"kind": "tiket"}]}, "ticket"),
        ({"row": {"id": "{id", "occurred_at": "at"}}, "brace"),
        ({"row": {"id": "id", "occurred_at": {"column": "at", "zone": "Mars/Base"}}}, "Mars/Base"),
        ({"row": {"id": "id", "occurred_at": {"column": "at", "format": "%q"}}}, "%q"),
    ],
)
def test_mistakes(change: dict[str, Any], told: str) -> None:
    """Each mistake is one clear error before any file is opened."""
    with pytest.raises(ConfigurationError) as caught:
        built(**change)
    assert told in str(caught.value)


def test_import_is_light() -> None:
    """The connector loads neither NumPy nor DuckDB nor Arrow."""
    code = (
        "import sys, cxm_connectors.files; "
        "print(sorted({'numpy', 'duckdb', 'pyarrow', 'scipy', 'narwhals'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_scale_of_ones_own() -> None:
    """A scale that has no name is written as its levels."""
    questions = [{"id": "q", "scale": "1-4 top=4 bottom=1", "column": "q"}]
    assert isinstance(built(questions=questions), Connector)
