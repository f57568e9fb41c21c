"""Short runs of letters of a text as numbers, by which texts that say the same are found."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError

from ._objects import Column, locked

Codes = NDArray[np.int64]

#: Letters in a shingle; about two words of a European language.
SHINGLE = 9
# What follows the first words of a letter seldom tells what it is about.
_LONGEST = 1_000
_TEXTS = 1 << 14
_QUOTED = re.compile(r"(?m)^[ \t]*>.*$")
_GAPS = re.compile(r"[\W_]+")
_FACTOR = np.uint64(0x100000001B3)
_STIR = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


@frozen(kw_only=True, eq=False)
class Shingles:
    """Hashed shingles of texts: each row's own, every one once, in order.

    Parameters
    ----------
    starts : int64 array (rows + 1,)
        Where the shingles of each row begin, and where the last end; a row without text has none.
    hashes : int64 array
        Hashes, from which no text can be read back.
    """

    starts: Codes = field(converter=locked)
    hashes: Codes = field(converter=locked)


def shingles(column: Column, *, size: int = SHINGLE) -> Shingles:
    """Hashed shingles of every text of a column.

    Parameters
    ----------
    column : Column
        Texts; whatever is no text counts as none.
    size : int
        Letters in a shingle, at least 3.

    Returns
    -------
    Shingles
        One row a row of the column.

    Raises
    ------
    UsageError
        The size is below 3.

    Notes
    -----
    Capitals, marks and blanks do not matter, and lines that quote somebody else (``> ...``) are
    left out, for they are not the writer's own words. The first 1,000 letters count.

    Examples
    --------
    >>> import numpy as np
    >>> said = np.array(["My parcel is lost!", None, "my PARCEL is lost"], object)
    >>> found = shingles(Column(values=said, is_missing=np.array([False, True, False])))
    >>> np.diff(found.starts).tolist()
    [9, 0, 9]
    """
    if size < 3:
        raise UsageError(f"A shingle of {size} letters says nothing.", hint=f"size={SHINGLE}")
    rows = zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
    texts = [_plain(value, size) if not gone else "" for value, gone in rows]
    parts = [_of_texts(texts[i : i + _TEXTS], size) for i in range(0, len(texts), _TEXTS)]
    counts = np.concatenate([np.zeros(1, np.int64), *(count for count, _ in parts)])
    hashes = np.concatenate([np.zeros(0, np.int64), *(found for _, found in parts)])
    return Shingles(starts=np.cumsum(counts), hashes=hashes)


def _plain(value: object, size: int) -> str:
    """Own words in small letters with single blanks; padded, so that each text has a shingle."""
    if not isinstance(value, str):
        return ""
    own = _QUOTED.sub(" ", value[: 4 * _LONGEST]) if ">" in value else value[:_LONGEST]
    known = own if own.isascii() else unicodedata.normalize("NFKC", own)
    words = _GAPS.sub(" ", known.casefold()).strip()
    return words[:_LONGEST].ljust(size) if words else ""


def _of_texts(texts: list[str], size: int) -> tuple[Codes, Codes]:
    """How many shingles each text has, and all of them."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    n_places = np.maximum(lengths - size + 1, 0)
    row = np.repeat(np.arange(len(texts)), n_places)
    before = np.cumsum(lengths) - lengths
    place = np.arange(row.size) - np.repeat(np.cumsum(n_places) - n_places, n_places)
    hashes = _rolled(letters, before[row] + place, size)
    order = np.lexsort((hashes, row))
    row, hashes = row[order], hashes[order]
    is_new = np.ones(row.size, bool)
    is_new[1:] = (row[1:] != row[:-1]) | (hashes[1:] != hashes[:-1])
    return np.bincount(row[is_new], minlength=len(texts)), hashes[is_new]


def _rolled(letters: NDArray[np.uint32], begins: Codes, size: int) -> Codes:
    """Hash of the letters from each place on, well stirred."""
    mixed = np.zeros(begins.size, np.uint64)
    for step in range(size):
        mixed = mixed * _FACTOR + letters[begins + step]
    for shift, factor in _STIR:
        mixed = (mixed ^ (mixed >> shift)) * factor
    return (mixed ^ (mixed >> np.uint64(31))).view(np.int64)
