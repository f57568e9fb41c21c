"""JSON with one meaning: each key once, each number finite, and a bottom to its depth."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any

from pydantic_core import from_json

from ._description import Reason

MAX_DEPTH = 200
_MOST_DIGITS = 4_000


class _NoJsonError(ValueError):
    """Leaves the parser with a reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def bounded_integer(text: str) -> int:
    """Integer of digits that Python agrees to read."""
    if len(text) > _MOST_DIGITS:
        raise _NoJsonError(Reason.OUT_OF_RANGE)
    return int(text)


def read_json(text: str, *, parse_int: Callable[[str], object] = bounded_integer) -> Any:
    """Value of a JSON text, or why it has none.

    Parameters
    ----------
    text : str
        JSON.
    parse_int : callable
        What becomes of the digits of an integer.

    Returns
    -------
    object or Reason
        `non_finite` for a number that is not finite, `out_of_range` for an integer of more than
        4,000 digits, `duplicate_key` for a key that stands twice, `too_deep` for more than 200
        floors, `wrong_type` for what is no JSON.

    Examples
    --------
    >>> read_json('{"a": 1}'), read_json('{"a": NaN}')
    ({'a': 1}, <Reason.NON_FINITE: 'non_finite'>)
    >>> read_json('{"a": 1, "a": 2}')
    <Reason.DUPLICATE_KEY: 'duplicate_key'>
    """
    if _is_too_deep(text):
        return Reason.TOO_DEEP
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=parse_int,
        )
    except _NoJsonError as error:
        return error.reason
    except RecursionError:
        return Reason.TOO_DEEP
    except ValueError:
        return Reason.WRONG_TYPE


def parse_json(text: str | bytes) -> Any:
    """Value of a JSON text, at four times the speed of `read_json` and less strict.

    Parameters
    ----------
    text : str or bytes
        JSON; bytes are UTF-8.

    Returns
    -------
    object
        What it says; of a key that stands twice, the last.

    Raises
    ------
    ValueError
        It is no JSON, or `read_json` has to look: it is deep, or names a number that is not finite.

    Examples
    --------
    >>> parse_json('{"a": 1}')
    {'a': 1}
    """
    return from_json(text, allow_inf_nan=False, cache_strings="keys")


def _is_too_deep(text: str) -> bool:
    """Whether more brackets are open at once than may be; those within texts are none."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = is_text = is_escaped = 0
    for character in text:
        if is_text:
            is_text = is_escaped or character != '"'
            is_escaped = not is_escaped and character == "\\"
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif character in "]}":
            depth -= 1
        else:
            is_text = character == '"'
    return False


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise _NoJsonError(Reason.DUPLICATE_KEY)
    return mapping


def _refuse_constant(_name: str) -> float:
    raise _NoJsonError(Reason.NON_FINITE)


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _refuse_constant(text)
