"""Names that a source may have."""

from __future__ import annotations

import re

from cxm_core.errors import ConfigurationError

from ._schema import described


def check_name(name: str) -> None:
    """Refuse a name that no record can carry as its source."""
    column = described("note").field("source")
    if column is not None and column.pattern and not re.fullmatch(column.pattern, name):
        raise ConfigurationError(
            f"A source cannot be called {name!r}.",
            hint="small letters, digits, - and _, such as 'zendesk:acme'",
        )
