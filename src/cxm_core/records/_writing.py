"""JSON in the one form that the library keeps, and as a fingerprint reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from pydantic_core import to_json

_RAW = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
# The quick writer spells small numbers otherwise than Python; older ones of it large numbers, too.
_SPELLS_LARGE_ALIKE = to_json([1e16, 1.5e300]) == b"[1e+16,1.5e+300]"
_TINY = re.compile(rb"e-(?<=[0-9]e-)[0-9]")
_TINY_SHARE = re.compile(rb"\.(?=0000)")
_SMALL = re.compile(rb"[:,\[]-?(?:[0-9.]+e-|0\.0000)")
_SURE, _TEXT = frozenset({str, int, bool}), frozenset({str})


def canonical_json(value: object) -> str:
    """JSON in the one form that the library keeps.

    Parameters
    ----------
    value : object
        Anything that JSON can say.

    Returns
    -------
    str
        Sorted keys, no spaces, characters as they are.

    Raises
    ------
    ValueError
        The value holds a number that is not finite.

    Examples
    --------
    >>> canonical_json({"b": "é", "a": [1, None]})
    '{"a":[1,null],"b":"é"}'
    """
    return _JSON.encode(value)


def texts_json(value: object) -> str:
    """`canonical_json` of what most columns of JSON hold: texts, in a list or by name."""
    if type(value) is list and _is_sure(value):
        return to_json(value).decode()
    if type(value) is dict and _is_sure(value.values()) and _TEXT.issuperset(map(type, value)):
        return to_json(_sorted(value)).decode()
    return canonical_json(value)


def _is_sure(values: Iterable[object]) -> bool:
    return _SURE.issuperset(map(type, values))


def _sorted(mapping: Mapping[str, object]) -> Mapping[str, object]:
    return mapping if len(mapping) < 2 else dict(sorted(mapping.items()))


def compact_json(row: object) -> bytes:
    """UTF-8 of the JSON of a row without spaces, its keys in the order in which they came.

    Half a character, which JSON can spell, is written as UTF-8 would if it could.
    """
    if type(row) is dict and _SPELLS_LARGE_ALIKE:
        try:
            text = to_json(row)
        except ValueError:  # half a character, or deeper than it goes
            return _plainly(row)
        if not has_small_number(text):
            return text
    return _plainly(row)


def has_small_number(text: bytes) -> bool:
    """Whether a number in the text may be one that Python would spell otherwise."""
    # Two quick looks, for most texts are let through by both.
    is_suspect = _TINY_SHARE.search(text) is not None or _TINY.search(text) is not None
    return is_suspect and _SMALL.search(text) is not None


def _plainly(row: object) -> bytes:
    return _RAW.encode(row).encode("utf-8", "surrogatepass")
