"""A value of JSON as a row of texts, each under the path that leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ._text import whole_text
from ._writing import canonical_json


def value_text(value: object) -> str | None:
    """Text that stands for a value of JSON in a row.

    Parameters
    ----------
    value : object
        Anything that JSON can say.

    Returns
    -------
    str or None
        A text as it is, null as None, a whole number without a fraction, up to 2^53, anything else
        as JSON spells it.

    Raises
    ------
    ValueError
        The value holds a number that is not finite.

    Examples
    --------
    >>> value_text("Paris"), value_text(True), value_text([1, "a"]), value_text(17.0)
    ('Paris', 'true', '[1,"a"]', '17')
    """
    if value is None or isinstance(value, str):
        return value
    whole = whole_text(value) if isinstance(value, float) else None
    return canonical_json(value) if whole is None else whole


def flat_texts(row: Mapping[str, object]) -> dict[str, str | None]:
    """Row of texts that an object of JSON is; what is within another has a dot in its name.

    Parameters
    ----------
    row : mapping
        The object, as it was parsed. One that is a row of texts already stays as it is.

    Returns
    -------
    dict of str to str or None
        Each value under its key; those within objects and lists also under `outer.inner` and
        `outer.0`. A key with a dot in it comes before a nested one that is read alike.

    Raises
    ------
    ValueError
        The row holds a number that is not finite.

    Examples
    --------
    >>> flat_texts({"id": 7, "customer": {"email": "a@example.com"}})["customer.email"]
    'a@example.com'
    """
    found = dict(_leaves("", row))
    found.update((key, value_text(value)) for key, value in row.items())
    return found


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return
    for key, item in pairs:
        yield f"{prefix}{key}", value_text(item)
        if isinstance(item, (Mapping, list)):
            yield from _leaves(f"{prefix}{key}.", item)
