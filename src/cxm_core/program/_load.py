"""Reading a program file: TOML in, a document or one clear error out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from cxm_core.errors import ConfigurationError

from ._document import Document
from ._mistakes import configuration_error, mistakes_in

D = TypeVar("D", bound=Document)


def read_text(path: Path) -> str:
    """Text of a program file; a `ConfigurationError` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no program file {str(path)!r}.",
            hint="cxm init writes one, cxm demo shows one",
            path=str(path),
        ) from None
    except IsADirectoryError:
        raise ConfigurationError(
            f"{str(path)!r} is a folder, and no program file.",
            hint="name the file in it, such as cxm.toml",
            path=str(path),
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text.", path=str(path)) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}.", path=str(path)
        ) from error


def parse_document(cls: type[D], text: str, *, path: str | None) -> D:
    """Document of a TOML text; a `ConfigurationError` that names file, key and nearest cure."""
    try:
        return cls.model_validate(_toml(text, path))
    except ValidationError as error:
        mistakes = mistakes_in(cls, error)
    raise configuration_error(mistakes, path=path)


def _toml(text: str, path: str | None) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path or 'The program'} is not TOML: {error}.",
            hint="texts stand in quotes, tables in [brackets], lists of tables in [[two]]",
            path=path,
        ) from None
    except RecursionError:
        raise ConfigurationError(
            f"{path or 'The program'} is nested too deeply.", path=path
        ) from None
