"""Building a connector from a configuration that a person wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, SecretStr

from cxm_core.errors import ConfigurationError, FatalError, MissingExtraError
from cxm_core.plugins import Info, Runtime, build

RUNTIME = Runtime(clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), root=Path())


class Part(BaseModel, extra="forbid"):
    """One part of a configuration."""

    colour: Literal["red", "blue"] = "red"


class Config(BaseModel, extra="forbid", hide_input_in_errors=True):
    """A configuration with parts."""

    token: SecretStr
    count: int = 1
    parts: list[Part] = []
    named: dict[str, Part] = {}


class Letters:
    """A connector that keeps what it was given."""

    info = Info(name="letters", version="1", config=Config)
    error: Exception | None = None

    def __init__(self, config: Config, runtime: Runtime) -> None:
        if self.error:
            raise self.error
        self.config, self.runtime = config, runtime


def test_built_with_checked_configuration() -> None:
    """A sound configuration arrives checked, with the runtime beside it."""
    built = build(Letters, {"token": "x", "count": "3"}, RUNTIME)
    assert built.config.count == 3
    assert built.runtime is RUNTIME


@pytest.mark.parametrize(
    ("config", "path", "hint"),
    [
        ({"tokn": "x"}, "tokn: is not known", "did you mean 'token'?"),
        ({"token": "x", "parts": [{}, {"color": "red"}]}, "parts[1].color", "'colour'"),
        ({"token": "x", "named": {"a": {"colur": "red"}}}, "named.a.colur", "'colour'"),
    ],
)
def test_unknown_key(config: dict[str, object], path: str, hint: str) -> None:
    """A key with a typing error is told by its path, with the nearest key."""
    with pytest.raises(ConfigurationError) as caught:
        build(Letters, config, RUNTIME, source="letters:office")
    assert "'letters:office'" in caught.value.message
    assert path in caught.value.message
    assert hint in str(caught.value.hint)


def test_no_value_is_told() -> None:
    """No value of a configuration stands in its error or in what the error was raised from."""
    wrong = {"token": ["canary-secret"], "count": "canary-count"}
    with pytest.raises(ConfigurationError) as caught:
        build(Letters, wrong, RUNTIME)
    assert "canary" not in str(caught.value) + repr(caught.value.context)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_all_faults_at_once() -> None:
    """Every fault is told at once."""
    with pytest.raises(ConfigurationError, match="3 faults") as caught:
        build(Letters, {"count": "x", "parts": [{"colour": "green"}]}, RUNTIME)
    assert caught.value.context["keys"] == ("token", "count", "parts[0].colour")


def test_connector_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside the connector names it and says that it is not the user's."""
    monkeypatch.setattr(Letters, "error", KeyError("canary"))
    with pytest.raises(FatalError, match="'letters' of source 'a:b' failed") as caught:
        build(Letters, {"token": "x"}, RUNTIME, source="a:b")
    assert "KeyError" in caught.value.message
    assert "canary" not in str(caught.value)


def test_own_error_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours that the connector raises arrives as it is."""
    monkeypatch.setattr(Letters, "error", MissingExtraError.of("x", "X"))
    with pytest.raises(MissingExtraError):
        build(Letters, {"token": "x"}, RUNTIME)
