"""Parts of a program as TOML, ready to be put into its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ._document import Document
from ._map_import import MapImport


def write_toml(found: MapImport) -> str:
    """Touchpoints, journeys and blueprints as they stand in a program file.

    Parameters
    ----------
    found : MapImport
        What was read, or made in Python.

    Returns
    -------
    str
        TOML; what has its default is left out.

    Examples
    --------
    >>> from cxm_core.program import MapImport, Touchpoint, write_toml
    >>> print(write_toml(MapImport(touchpoints=(Touchpoint(name="shop", title="The shop"),))))
    [[touchpoints]]
    name = "shop"
    title = "The shop"
    <BLANKLINE>
    """
    parts = ("touchpoints", "journeys", "blueprints")
    documents = [(part, one) for part in parts for one in getattr(found, part)]
    return "\n".join(block for part, one in documents for block in _blocks(part, one))


def _blocks(path: str, document: Document) -> Iterator[str]:
    told = document.model_dump(mode="json", exclude_defaults=True)
    lines = [f"{key} = {_value(value)}" for key, value in told.items() if not _is_tables(value)]
    yield "\n".join([f"[[{path}]]", *lines, ""])
    for key, value in told.items():
        if _is_tables(value):
            for one in getattr(document, key):
                yield from _blocks(f"{path}.{key}", one)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _value(value: Any) -> str:
    # JSON's texts, numbers, truth values and lists are TOML's too, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
