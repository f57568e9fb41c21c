"""From the name of a source to its connector."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.plugins import Runtime, discover
from cxm_core.program import Program
from cxm_core.workspace import _connections, installed_connectors
from cxm_core.workspace._connections import connect, runtime_of
from workspace.desks import Clock

PROGRAM = """
name = "Shop"
zone = "UTC"
[[sources]]
name = "files:shops"
[sources.config]
files = [{ path = { env = "CXM_TEST_FILE" } }]
row = { id = "id", occurred_at = { column = "at" } }
questions = [{ id = "q", scale = "0-10", column = "score" }]
"""


def test_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector gets the program's folder as its root, and values from the environment."""
    monkeypatch.setenv("CXM_TEST_FILE", "answers.csv")
    (tmp_path / "answers.csv").write_text("id,at,score\n1,2026-11-05T09:00Z,9\n", "utf-8")
    program = Program.parse(PROGRAM, path=tmp_path / "cxm.toml")
    connector = connect(program.sources[0], installed_connectors(), runtime_of(program, Clock()))
    assert connector.check().problems == ()


def test_no_connector() -> None:
    """Where nothing is installed, the error names source and connector, and where to look."""
    program = Program.parse(PROGRAM)
    with pytest.raises(ConfigurationError) as caught:
        connect(program.sources[0], discover(path=[]), runtime_of(program, Clock()))
    assert "The source 'files:shops' has no connector" in str(caught.value)
    assert "cxm connectors" in str(caught.value)


def test_mistake_names_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that the connector refuses is told with the name of the source."""
    program = Program.parse(PROGRAM.replace("questions", "questoins"))
    monkeypatch.setenv("CXM_TEST_FILE", "answers.csv")
    with pytest.raises(ConfigurationError, match="'files:shops'") as caught:
        connect(program.sources[0], installed_connectors(), runtime_of(program, Clock()))
    assert "questoins: is not known" in str(caught.value)
    assert "did you mean 'questions'?" in str(caught.value)


def test_where_values_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector is told what the program calls its token, so that errors name the right one."""
    monkeypatch.setenv("HT", "t0p-s3cret")
    text = 'name = "S"\nzone = "UTC"\n[[sources]]\nname = "hubspot:acme"\n'
    program = Program.parse(text + 'config = { token = { env = "HT" } }\n')
    assert program.sources[0].places == {"token": "HT"}
    kept = list[Runtime]()

    class Installed:
        def load(self, _: str) -> object:
            return lambda _config, runtime: kept.append(runtime)

    monkeypatch.setattr(
        _connections, "build", lambda make, config, runtime, **_: make(config, runtime)
    )
    connect(program.sources[0], Installed(), runtime_of(program, Clock()))  # type: ignore[arg-type]  # so much is used
    assert kept[0].places == {"token": "HT"}
    assert "t0p" not in repr(kept[0])
