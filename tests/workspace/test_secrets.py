"""Secrets: by name from the environment, a file or a key ring, and never shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from cxm_core.errors import ConfigurationError, MissingExtraError
from cxm_core.program import Program, Reference, Source, StoreSettings
from cxm_core.workspace._connections import runtime_of, tokens_folder
from cxm_core.workspace._secrets import MOST_BYTES, finder, secrets_of
from workspace.desks import Clock

SECRET = "s3cret-canary"  # noqa: S105  (it opens nothing)
Ring = Callable[[str, str], str | None]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ring], None]:
    """Put a key ring in place of the machine's."""

    def put(look: Ring) -> None:
        module = ModuleType("keyring")
        module.get_password = look  # type: ignore[attr-defined]  # as the real one has it
        monkeypatch.setitem(sys.modules, "keyring", module)

    return put


@pytest.fixture
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra."""
    monkeypatch.setitem(sys.modules, "keyring", None)


class TestByName:
    def test_the_environment_goes_first(self, tmp_path: Path, ring: Callable[[Ring], None]) -> None:
        """NAME is taken before the file that NAME_FILE names, and that before the key ring."""
        (tmp_path / "token").write_text("from file\n", "utf-8")
        ring(lambda service, user: f"from {service}/{user}")
        environ = {"ACME": "from environment", "ACME_FILE": "token", "OTHER_FILE": "token"}
        find = secrets_of(environ, base=tmp_path)
        found = [find("ACME"), find("OTHER"), find("THIRD")]
        assert found == ["from environment", "from file", "from cxm/THIRD"]

    @pytest.mark.usefixtures("no_ring")
    def test_nowhere(self, tmp_path: Path) -> None:
        """A secret that is nowhere is None; so is one whose file is not there."""
        find = secrets_of({"ACME_FILE": "token"}, base=tmp_path)
        assert (find("ACME"), find("OTHER")) == (None, None)

    def test_a_locked_key_ring_is_none(self, tmp_path: Path, ring: Callable[[Ring], None]) -> None:
        """Where nobody asked for the key ring, one that cannot be read is no error."""

        def locked(service: str, user: str) -> str:
            raise RuntimeError(service + user)

        ring(locked)
        assert secrets_of({}, base=tmp_path)("ACME") is None


class TestReferences:
    def test_a_file_beside_the_program(self, tmp_path: Path) -> None:
        """A relative path starts at the program's folder; the end of the last line is no part."""
        (tmp_path / "token").write_bytes(b"line one\nline two\r\n")
        assert finder(tmp_path)(Reference("file", "token")) == "line one\nline two"

    @pytest.mark.parametrize("content", [b"\xff\xfe" + SECRET.encode(), b"x" * (MOST_BYTES + 1)])
    def test_a_file_that_is_no_secret(self, tmp_path: Path, content: bytes) -> None:
        """What is no text, or too long, is refused without being shown."""
        (tmp_path / "token").write_bytes(content)
        with pytest.raises(ConfigurationError, match="'token' cannot be read") as caught:
            finder(tmp_path)(Reference("file", "token"))
        assert SECRET not in str(caught.value)

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        """Something that is no file is named."""
        with pytest.raises(ConfigurationError, match="cannot be read"):
            finder(tmp_path)(Reference("file", "."))

    def test_a_service_of_the_key_ring(self, tmp_path: Path, ring: Callable[[Ring], None]) -> None:
        """An entry is one of the service cxm, or of the service before the last slash."""
        ring(lambda service, user: f"{service}:{user}")
        find = finder(tmp_path)
        assert find(Reference("keyring", "ACME")) == "cxm:ACME"
        assert find(Reference("keyring", "shop/web/ACME")) == "shop/web:ACME"

    def test_a_key_ring_that_fails(self, tmp_path: Path, ring: Callable[[Ring], None]) -> None:
        """Whoever asked for it is told that it cannot be read, without its words."""

        def locked(service: str, user: str) -> str:
            raise RuntimeError(SECRET + service + user)

        ring(locked)
        with pytest.raises(ConfigurationError, match="RuntimeError") as caught:
            finder(tmp_path)(Reference("keyring", "ACME"))
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is None

    @pytest.mark.usefixtures("no_ring")
    def test_without_the_extra(self, tmp_path: Path) -> None:
        """Whoever asked for the key ring is told which extra it needs."""
        with pytest.raises(MissingExtraError, match="keyring"):
            finder(tmp_path)(Reference("keyring", "ACME"))

    def test_all_kinds_in_one_configuration(self, tmp_path: Path) -> None:
        """A configuration takes each value from where it says, and none of them is shown."""
        (tmp_path / "token").write_text(SECRET, "utf-8")
        config = {
            "token": {"file": "token"},
            "keys": [{"env": "ACME"}],
            "paths": [{"file": "a", "zone": "UTC"}],
        }
        source = Source(name="acme:shop", config=config)
        resolved = source.resolved({"ACME": "x" + SECRET}, find=finder(tmp_path))
        assert resolved["token"] == SECRET
        assert resolved["keys"] == ["x" + SECRET]
        assert resolved["paths"] == config["paths"]
        assert SECRET not in repr(resolved)
        assert source.environment == ("ACME",)

    @pytest.mark.parametrize(
        ("place", "told"),
        [
            ("file", "something in the file 'token'"),
            ("keyring", "the entry 'token' of the key ring"),
        ],
    )
    def test_what_is_nowhere_is_named(self, place: str, told: str) -> None:
        """The error says what is missing, and where the source expects it."""
        source = Source(name="acme:shop", config={"token": {place: "token"}})
        with pytest.raises(ConfigurationError, match=f"acme:shop needs {told}"):
            source.resolved({}, find=lambda _: None)
        with pytest.raises(ConfigurationError, match="acme:shop needs"):
            source.resolved({})


class TestTokens:
    def test_beside_the_store(self, tmp_path: Path) -> None:
        """Tokens stand in a folder of their own beside the store, for its owner alone."""
        path = tmp_path / "cxm.duckdb"
        shop = Program.parse('name = "Shop"\nzone = "UTC"', path=tmp_path / "cxm.toml")
        runtime = runtime_of(shop, Clock())
        assert runtime.tokens is not None
        runtime.tokens.set("acme", SECRET)
        (file,) = tokens_folder(path).iterdir()
        assert file.parent.name == "cxm.duckdb.tokens"
        assert file.stat().st_mode & 0o077 == 0
        assert runtime.tokens.get("acme") == SECRET

    def test_a_store_in_memory_keeps_none(self) -> None:
        """Beside a store in memory nothing is written."""
        shop = Program(name="Shop", zone="UTC", store=StoreSettings(url="memory:"))
        assert runtime_of(shop, Clock()).tokens is None


def test_the_host_hides_secrets() -> None:
    """What a connector gets from outside shows neither secrets nor tokens."""
    runtime = runtime_of(Program(name="Shop", zone="UTC"), Clock())
    assert "secrets" not in repr(runtime)
    assert "tokens" not in repr(SimpleNamespace(runtime=runtime))
