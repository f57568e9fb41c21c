"""Where data come from and where they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, Strict, StringConstraints, model_validator

from cxm_core.errors import ConfigurationError, did_you_mean
from cxm_core.records import KINDS

from ._document import Document, Text, require

_NAME = r"^[a-z][a-z0-9_-]*:[a-z0-9._-]+$"
_SECRET = re.compile(
    r"(?:^|_|-)(?:token|secret|password|passwd|api_?key|private_?key|credentials?)s?$",
    re.IGNORECASE,
)

SourceName = Annotated[str, Strict(), StringConstraints(pattern=_NAME, max_length=200)]
Days = Annotated[str, Strict(), StringConstraints(pattern=r"^[1-9][0-9]{0,5} days?$")]
ConnectorName = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class StoreSettings(Document):
    """Where records are kept.

    Attributes
    ----------
    url : str
        Path of a DuckDB file, which counts from the folder of the program, or `memory:`.
    retention : mapping of str to str
        How long each kind of record is kept, such as `response = "1095 days"`; `default` is for
        every kind that happens at a moment and is not named. What has no limit stays.

    Examples
    --------
    >>> settings = StoreSettings(retention={"response": "1095 days"})
    >>> settings.limits["response"].days
    1095
    """

    url: Text = "cxm.duckdb"
    retention: dict[str, Days] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _limits_kinds(self) -> Self:
        known = (*(kind for kind in KINDS if kind != "deletion"), "default")
        for kind in self.retention:
            require(
                kind in known,
                f"retention.{kind}: there is no such kind of record.",
                did_you_mean(kind, known),
            )
        return self

    @property
    def limits(self) -> dict[str, timedelta]:
        """How long each kind of record is kept."""
        return {kind: timedelta(days=int(text.split()[0])) for kind, text in self.retention.items()}


class Source(Document):
    """One instance of a source: a connector with its configuration.

    Attributes
    ----------
    name : str
        Connector and instance, such as `files:sfo` or `zendesk:acme`.
    connector : str
        Name of the connector; by default what stands before the colon.
    config : mapping
        What the connector needs. A secret is never written here but taken from the environment:
        `token = {env = "ACME_TOKEN"}`.

    Raises
    ------
    ConfigurationError
        The name has another form, or a secret stands in the configuration.

    Examples
    --------
    >>> source = Source(name="zendesk:acme", config={"token": {"env": "ACME_TOKEN"}})
    >>> source.connector, source.resolved({"ACME_TOKEN": "s3cret"})
    ('zendesk', {'token': <hidden>})
    """

    name: SourceName
    connector: ConnectorName = ""
    config: dict[str, Any] = Field(default_factory=dict, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _name_connector(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or not isinstance(values.get("name"), str):
            return values
        return {"connector": values["name"].partition(":")[0], **values}

    @model_validator(mode="after")
    def _hides_secrets(self) -> Self:
        bare = list(_bare_secrets(self.config, "config"))
        require(
            not bare,
            f"{', '.join(bare)} holds a secret in plain text.",
            'take it from the environment: {env = "NAME"}',
        )
        return self

    @property
    def environment(self) -> tuple[str, ...]:
        """Names of the environment variables that the configuration takes values from."""
        return tuple(dict.fromkeys(_references(self.config)))

    def resolved(self, environ: Mapping[str, str]) -> dict[str, Any]:
        """Configuration with the values of the environment filled in.

        Parameters
        ----------
        environ : mapping of str to str
            Such as `os.environ`.

        Returns
        -------
        dict
            A new one, secrets and all; the `repr` of a secret does not show it.

        Raises
        ------
        ConfigurationError
            A variable is not set.
        """
        lacking = [name for name in self.environment if not environ.get(name)]
        if lacking:
            # A traceback may show what stands here, and this is everything that is secret.
            del environ
            raise ConfigurationError(
                f"The source {self.name} needs the environment variable {lacking[0]}.",
                hint=f"export {lacking[0]}=...",
                source=self.name,
            )
        filled: dict[str, Any] = _filled(self.config, environ)
        return filled


class _Hidden(str):
    """A text from the environment, which no `repr` shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


def _reference(value: object) -> str | None:
    if isinstance(value, Mapping) and set(value) == {"env"} and isinstance(value["env"], str):
        return value["env"]
    return None


def _references(value: object) -> Iterator[str]:
    name = _reference(value)
    if name is not None:
        yield name
    elif isinstance(value, (Mapping, list)):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _references(part)


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    name = _reference(value)
    if name is not None:
        return _Hidden(environ[name])
    if isinstance(value, Mapping):
        return {key: _filled(part, environ) for key, part in value.items()}
    return [_filled(part, environ) for part in value] if isinstance(value, list) else value


def _bare_secrets(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if isinstance(part, str) and _SECRET.search(str(key)):
                yield f"{path}.{key}"
            yield from _bare_secrets(part, f"{path}.{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _bare_secrets(part, f"{path}[{number}]")
