"""Layouts that are known: how Fivetran and Airbyte lay out the tables of a vendor."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

# Files beside this one, one a layout; each says where its column names were read, and when.
LAYOUTS = (
    "airbyte.hubspot",
    "airbyte.typeform",
    "airbyte.zendesk",
    "fivetran.hubspot",
    "fivetran.typeform",
    "fivetran.zendesk",
)


@cache
def layout(name: str) -> list[dict[str, Any]]:
    """Tables of a layout, as a user would write them.

    Parameters
    ----------
    name : str
        One of `LAYOUTS`.
    """
    path = files(__package__) / "layouts" / f"{name.replace('.', '_')}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    tables: list[dict[str, Any]] = told["tables"]
    return tables
