"""Where data come from and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import Field, Strict, StringConstraints, field_serializer, model_validator
from pydantic_core import to_jsonable_python

from cxm_core.errors import ConfigurationError, did_you_mean
from cxm_core.records import KINDS

from ._document import Document, Text, require
from ._references import Find, Reference, bare_secrets, filled, reference_of, references

_NAME = r"^[a-z][a-z0-9_-]*:[a-z0-9._-]+$"

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
    def _is_no_slip(self) -> Self:
        is_meant = self.url in ("memory:", ":memory:")
        require(
            is_meant or self.url.strip(" :").casefold() != "memory",
            "url: this would be a file of that name.",
            "memory: is the store in memory, memory.duckdb a file",
        )
        return self

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
        What the connector needs. A secret is never written here but taken from the environment,
        `token = {env = "ACME_TOKEN"}`, from a file, `{file = "secrets/acme"}`, or from the
        machine's key ring, `{keyring = "ACME_TOKEN"}`.

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

    @field_serializer("config", when_used="json")
    def _plain_config(self, config: dict[str, Any]) -> Any:
        # A program that is written in Python may hold a table; its type is all that is told of it.
        return to_jsonable_python(config, fallback=lambda value: f"<{type(value).__name__}>")

    @model_validator(mode="after")
    def _hides_secrets(self) -> Self:
        bare = list(bare_secrets(self.config, "config"))
        require(
            not bare,
            f"{', '.join(bare)} holds a secret in plain text.",
            'take it from the environment, {env = "NAME"}, {file = "PATH"} or {keyring = "NAME"}',
        )
        return self

    @property
    def environment(self) -> tuple[str, ...]:
        """Names of the environment variables that the configuration takes values from."""
        found = references(self.config)
        return tuple(dict.fromkeys(one.name for one in found if one.place == "env"))

    @property
    def places(self) -> dict[str, str]:
        """Names of what the values on top of the configuration refer to, by their keys."""
        found = {key: reference_of(value) for key, value in self.config.items()}
        return {key: one.name for key, one in found.items() if one is not None}

    def resolved(self, environ: Mapping[str, str], *, find: Find | None = None) -> dict[str, Any]:
        """Configuration with the values of the environment, of files and of a key ring filled in.

        Parameters
        ----------
        environ : mapping of str to str
            Such as `os.environ`.
        find : callable or None
            Gives what stands in a file or a key ring, given the reference to it, or None; without
            it there is nothing.

        Returns
        -------
        dict
            A new one, secrets and all; the `repr` of a secret does not show it.

        Raises
        ------
        ConfigurationError
            A value is nowhere to be found.
        """
        found: dict[Reference, str] = {}
        for one in references(self.config):
            value = environ.get(one.name) if one.place == "env" else find and find(one)
            if not value:
                # A traceback may show what stands here, and this is everything that is secret.
                del environ, found, value
                raise ConfigurationError(
                    f"The source {self.name} needs {one.lack}.", hint=one.cure, source=self.name
                )
            found[one] = value
        config: dict[str, Any] = filled(self.config, found)
        return config
