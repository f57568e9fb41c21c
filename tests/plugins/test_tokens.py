"""Tokens in files: whole, private, and there after a kill."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError
from cxm_core.plugins import FileTokens


@given(st.dictionaries(st.text(), st.text().filter(lambda text: text.isprintable()), max_size=5))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_kept_is_given(tmp_path: Path, kept: dict[str, str]) -> None:
    """By the same store and by another one, under each key its own."""
    store = FileTokens(tmp_path)
    for key, value in kept.items():
        store.set(key, value)
    for tokens in (store, FileTokens(tmp_path)):
        assert {key: tokens.get(key) for key in kept} == kept


def test_nothing_was_kept(tmp_path: Path) -> None:
    """No file and no folder is no error, and none is made by looking."""
    assert FileTokens(tmp_path / "tokens").get("acme") is None
    assert list(tmp_path.iterdir()) == []


def test_they_are_their_owners_alone(tmp_path: Path) -> None:
    """Whatever the user's mask is, folder and file are closed to others."""
    before = os.umask(0)
    try:
        FileTokens(tmp_path / "tokens").set("acme", "t0ken")
    finally:
        os.umask(before)
    (path,) = (tmp_path / "tokens").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_failed_write_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always one whole file, and no part is left."""
    tokens = FileTokens(tmp_path)
    tokens.set("acme", "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="could not be written") as caught:
        tokens.set("acme", "a-new-secret")
    assert "a-new-secret" not in str(caught.value)
    assert tokens.get("acme") == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"value": 5}', b"\xff\xfe", b"null"])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    """It counts neither as a token nor as no token, since the vendor knows a newer one."""
    tokens = FileTokens(tmp_path)
    tokens.set("acme", "t0ken")
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    if content == b'{"value": 5}':
        assert tokens.get("acme") is None
        return
    with pytest.raises(ConfigurationError, match="could not be read"):
        tokens.get("acme")


def test_it_shows_nothing(tmp_path: Path) -> None:
    """Neither folder nor tokens are in its repr."""
    tokens = FileTokens(tmp_path)
    tokens.set("acme", "t0ken")
    assert repr(tokens) == "FileTokens()"
