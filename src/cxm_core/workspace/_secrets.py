"""Where secrets are looked for: the environment, files that it names, and the key ring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cxm_core.errors import ConfigurationError, MissingExtraError
from cxm_core.program import Reference

__all__ = ["finder", "secrets_of"]

SERVICE = "cxm"
MOST_BYTES = 64 << 10


def secrets_of(environ: Mapping[str, str], *, base: Path) -> Callable[[str], str | None]:
    """Give the look-up of a secret by its name: NAME, then the file NAME_FILE, then the key ring.

    Parameters
    ----------
    environ : mapping of str to str
        Such as `os.environ`.
    base : pathlib.Path
        Folder that relative paths start at.

    Returns
    -------
    callable
        Gives the secret of a name; None where there is none.
    """

    def find(name: str) -> str | None:
        if value := environ.get(name):
            return value
        if path := environ.get(f"{name}_FILE"):
            return _in_file(path, base)
        # Whoever has no key ring, or none that is open, is asked to set the variable.
        with suppress(MissingExtraError, ConfigurationError):
            return _in_keyring(name)
        return None

    return find


def finder(base: Path) -> Callable[[Reference], str | None]:
    """Give the look-up of what a configuration refers to beyond the environment."""

    def find(reference: Reference) -> str | None:
        if reference.place == "file":
            return _in_file(reference.name, base)
        return _in_keyring(reference.name)

    return find


def _in_file(path: str, base: Path) -> str | None:
    """Text of a file; None where there is no such file."""
    try:
        with (base / path).open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        problem = type(error).__name__
    else:
        if len(content) <= MOST_BYTES:
            # Editors end a file with a line's end; a key has lines within.
            return text.rstrip("\r\n") or None
        problem = f"more than {MOST_BYTES:,} bytes"
    raise ConfigurationError(
        f"The file {path!r} cannot be read as a secret ({problem}).",
        hint="a text file that holds the secret and nothing else",
    )


def _in_keyring(name: str) -> str | None:
    """Entry of the key ring: ``NAME`` of the service ``cxm``, or ``service/NAME``."""
    service, _, user = name.rpartition("/")
    try:
        found: str | None = _keyring().get_password(service or SERVICE, user)
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001  (a key ring's backend is somebody's plugin)
        problem = type(error).__name__
    else:
        return found
    raise ConfigurationError(
        f"The key ring cannot be read ({problem}).",
        hint="unlock it, or take the secret from the environment or a file",
    )


def _keyring() -> Any:
    try:
        import keyring  # noqa: PLC0415  (only who keeps secrets there needs it)
    except ImportError:
        raise MissingExtraError.of("keyring", "Reading the key ring") from None
    return keyring
