"""Where the text of one column of a record comes from: a template over columns of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.vocabulary import zone_of

from ._times import TimeFormat

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[^{}]+|[{}]")


def _pairs(codes: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(codes.items() if isinstance(codes, Mapping) else codes)


@frozen(kw_only=True, slots=False)
class Cell:
    """Text of one column of a record, made from columns of the source.

    Attributes
    ----------
    template : str
        Text with `{COLUMN}` where a column's text goes, such as `{NETPRO}` or
        `2017-05-{INTDATE}`; without one it is a constant. `{{` and `}}` are single braces.
        ASCII spaces around a column's text do not count, and where one of the columns is null,
        absent or shows nothing, the cell is null.
    format : str or None
        How a time is written, as `TimeFormat` has it; None is ISO.
    zone : str or None
        Where the clock of a time without an offset hangs.
    missing : tuple of pairs of str, or a mapping
        Codes that mean no answer, each with the word for the reason; the code `""` is an empty
        cell. For integers and numbers a code also stands for the same whole number written
        otherwise (`11` for `11.0`).

    Raises
    ------
    ConfigurationError
        A brace has no partner, a time format or zone is none, a code stands there twice.

    Examples
    --------
    >>> Cell(template="2017-05-{INTDATE}", zone="America/Los_Angeles").columns
    ('INTDATE',)
    """

    template: str
    format: str | None = None
    zone: str | None = None
    missing: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)

    def __attrs_post_init__(self) -> None:
        TimeFormat.of(self.format or "iso")
        if any(token in ("{", "}") for token, _ in _tokens(self.template)):
            raise ConfigurationError(
                f"The template {self.template!r} has a brace without its partner.",
                hint="'{COLUMN}' for a column, '{{' and '}}' for braces",
            )
        if self.zone is not None:
            _check_zone(self.zone)
        if len(dict(self.missing)) < len(self.missing):
            raise ConfigurationError(f"The template {self.template!r} has a missing code twice.")

    @cached_property
    def parts(self) -> tuple[tuple[bool, str], ...]:
        """Pieces of the template: whether it is a column, and its name or the text itself."""
        plain = {"{{": "{", "}}": "}"}
        return tuple(
            (column is not None, column or plain.get(token, token))
            for token, column in _tokens(self.template)
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the source that the cell needs, each once, in the order of the template."""
        return tuple(dict.fromkeys(name for is_column, name in self.parts if is_column))


def _tokens(template: str) -> list[tuple[str, str | None]]:
    return [(match[0], match[1]) for match in _TOKEN.finditer(template)]


def _check_zone(zone: str) -> None:
    try:
        zone_of(zone)
    except UsageError as error:
        raise ConfigurationError(error.message, hint=error.hint) from error
