"""From a configuration as a user wrote it to a connector that stands ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from cxm_core.errors import (
    ConfigurationError,
    FatalError,
    MissingExtraError,
    SourceError,
    did_you_mean,
)

from ._contract import Connector, ConnectorClass, Runtime

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def build(
    cls: ConnectorClass,
    config: Mapping[str, object],
    runtime: Runtime,
    *,
    source: str | None = None,
) -> Connector:
    """Check a source's configuration and build its connector.

    Parameters
    ----------
    cls : ConnectorClass
        The connector's class, as `Catalogue.load` gives it.
    config : mapping
        The ``config`` table of the source in the program file.
    runtime : Runtime
        What the connector gets from outside.
    source : str, optional
        Name of the source, for messages; the connector's name if not given.

    Returns
    -------
    Connector
        Ready to be checked and read.

    Raises
    ------
    ConfigurationError
        A key is unknown, missing or wrong; the message names the source and the key, no value.
    FatalError
        The connector itself failed; it is named.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from pydantic import BaseModel
    >>> from cxm_core.plugins import Info, Runtime, build
    >>> class Config(BaseModel, extra="forbid"):
    ...     folder: str
    >>> class Letters:
    ...     info = Info(name="letters", version="1", config=Config)
    ...     def __init__(self, config, runtime):
    ...         self.config = config
    >>> runtime = Runtime(clock=lambda: datetime.now(UTC), root=Path("."))
    >>> build(Letters, {"folder": "inbox"}, runtime).config.folder
    'inbox'
    >>> build(Letters, {"foldr": "inbox"}, runtime, source="letters:office")
    Traceback (most recent call last):
    ...
    cxm_core.errors.ConfigurationError: Source 'letters:office' has 2 faults in its configuration:
      folder: is missing
      foldr: is not known
    Hint: did you mean 'folder'?
    """
    name = source or cls.info.name
    try:
        # No name here for what was checked: a traceback may show names, and it may be secret.
        return cls(_checked(cls.info.config, config, name), runtime)
    except (ConfigurationError, MissingExtraError, SourceError):
        raise
    except (Exception, SystemExit) as error:
        raise FatalError(
            f"The connector {cls.info.name!r} of source {name!r} failed while it was built: "
            f"{type(error).__name__}.",
            hint="this is a fault of the connector; tell its authors",
        ) from error


def _checked(model: type[BaseModel], config: Mapping[str, object], name: str) -> BaseModel:
    try:
        return model.model_validate(dict(config))
    except ValidationError as error:
        # Values may be secrets, so neither they nor pydantic's own error go any further.
        faults = error.errors(include_input=False, include_url=False, include_context=False)
    for fault, secret in product(faults, list(_secrets(config))):
        # A validator of the connector's own may say what it has read.
        fault["msg"] = fault["msg"].replace(secret, "<hidden>")
    raise _configuration_error(model, faults, name)


def _secrets(value: object) -> Iterator[str]:
    """Texts of a configuration that do not show themselves: those of the environment."""
    if isinstance(value, str) and value and type(value) is not str:
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _secrets(part)


def _configuration_error(
    model: type[BaseModel], faults: Sequence[ErrorDetails], name: str
) -> ConfigurationError:
    told = [_sentence(fault) for fault in faults]
    hints = [
        hint
        for fault in faults
        if fault["type"] == "extra_forbidden"
        and (hint := did_you_mean(str(fault["loc"][-1]), _known(model, fault["loc"][:-1])))
    ]
    count = "a fault" if len(told) == 1 else f"{len(told)} faults"
    return ConfigurationError(
        f"Source {name!r} has {count} in its configuration:\n  " + "\n  ".join(told),
        hint=hints[0] if hints else None,
        source=name,
        keys=tuple(_path(fault["loc"]) for fault in faults),
    )


_WORDS = {"missing": "is missing", "extra_forbidden": "is not known"}


def _sentence(fault: ErrorDetails) -> str:
    said = _WORDS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
    return f"{_path(fault['loc'])}: {said}"


def _path(loc: Sequence[str | int]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc]
    return "".join(parts).removeprefix(".") or "the whole"


def _known(model: type[BaseModel], loc: Sequence[str | int]) -> set[str]:
    """Keys that stand where `loc` leads."""
    models = {model}
    for part in loc:
        fields = [found.model_fields.get(str(part)) for found in models]
        inner = {m for field in fields if field for m in _models(field.annotation)}
        # A list's index and a union's tag lead to no other class.
        models = inner or models
    return {name for found in models for name in found.model_fields}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
