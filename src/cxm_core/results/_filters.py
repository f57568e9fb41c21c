"""Values of a filter as a receipt shows them, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_MISSING = "(missing)"
_WORDS: dict[str, str | int | bool | None] = {_MISSING: None, "True": True, "False": False}
_WHOLE = re.compile(r"-?[0-9]+")
# A text that has a comma or a quote in it, blanks around it, or looks like another kind of value.
_ODD = re.compile(r'[",]|^\s|\s$|^$|^-?[0-9]+$|^(?:True|False|\(missing\))$')
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|[^,\s](?:[^,]*[^,\s])?')


def show_values(values: Iterable[str | int | bool | None]) -> str:
    """Values of a filter as text: a word in quotes where it could be misread.

    Parameters
    ----------
    values : iterable of str, int, bool or None
        What is selected; None is a missing value.

    Returns
    -------
    str
        From which `shown_values` reads the same.

    Examples
    --------
    >>> show_values(["phone", None, 5, "5"])
    'phone, (missing), 5, "5"'
    """
    return ", ".join(map(_show, values))


def _show(value: str | int | bool | None) -> str:  # noqa: FBT001  (one of four kinds of value)
    if value is None:
        return _MISSING
    is_odd = isinstance(value, str) and _ODD.search(value) is not None
    return json.dumps(value, ensure_ascii=False) if is_odd else str(value)


def shown_values(text: str) -> tuple[str | int | bool | None, ...]:
    """Values that `show_values` wrote.

    Parameters
    ----------
    text : str
        What a receipt says behind the name of a filter.

    Returns
    -------
    tuple of str, int, bool or None
        The values.

    Examples
    --------
    >>> shown_values('phone, (missing), 5, "5"')
    ('phone', None, 5, '5')
    """
    return tuple(_read(match[0]) for match in _VALUE.finditer(text))


def _read(shown: str) -> str | int | bool | None:
    if shown in _WORDS:
        return _WORDS[shown]
    if shown.startswith('"'):
        return str(json.loads(shown))
    return int(shown) if _WHOLE.fullmatch(shown) else shown
