"""Tokens that a source hands out, kept in files that only their owner may read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from threading import Lock

from cxm_core.errors import ConfigurationError


class FileTokens:
    """Tokens in a folder, one file each: there is always the old one or the new one, whole.

    Parameters
    ----------
    folder : pathlib.Path
        Made on the first write, for its owner alone.

    Notes
    -----
    The files hold tokens as they are, for the owner's eyes only (mode 0600).
    A name tells nothing of the token: it is a hash of the key.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     FileTokens(Path(folder) / "tokens").set("acme", "t0ken")
    ...     FileTokens(Path(folder) / "tokens").get("acme")
    't0ken'
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def __repr__(self) -> str:
        return "FileTokens()"

    def get(self, key: str) -> str | None:
        """Give what was kept under a key.

        Parameters
        ----------
        key : str
            Of the source's making.

        Returns
        -------
        str or None
            None if nothing was kept.

        Raises
        ------
        ConfigurationError
            The file is there but cannot be read.
        """
        path = self._path(key)
        try:
            kept = json.loads(path.read_bytes())
            return kept["value"] if isinstance(kept["value"], str) else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            problem = type(error).__name__
        raise _unusable(path, "read", problem)

    def set(self, key: str, value: str) -> None:
        """Keep it; when this returns it would survive a loss of power.

        Parameters
        ----------
        key : str
            Of the source's making.
        value : str
            The token.

        Raises
        ------
        ConfigurationError
            The folder cannot be written.
        """
        path = self._path(key)
        text = json.dumps({"version": 1, "key": key, "value": value})
        with self._lock:
            try:
                _write_whole(path, text.encode())
            except OSError as error:
                problem = type(error).__name__
            else:
                return
        raise _unusable(path, "written", problem)

    def _path(self, key: str) -> Path:
        return self._folder / f"{sha256(key.encode()).hexdigest()[:32]}.json"


def _unusable(path: Path, doing: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"The kept token {path.name} could not be {doing} ({problem}).",
        hint="look at the folder's owner and room; without the file the source signs in anew",
    )


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A file of mkstemp is its owner's alone (mode 0600) from the first moment on.
    descriptor, name = mkstemp(prefix=".", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
