"""Two canaries, and where they may not sing: a secret nowhere, a person only where people are kept.

Every form in which a text gets into an output is looked for: as it is, encoded for addresses,
in base64 and hexadecimal, and escaped or broken over lines.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

#: In every secret of a test's inputs, and in no test's name. It stands here in pieces, since a
#: source archive that a test unpacks holds this file.
SECRET = "/".join(("zQ7secret", "\u043a\u043b\u044e\u0447+Xw"))
#: In every field of a test's inputs that is about a person.
PERSON = "zQ7person/\u0410\u043d\u043d\u0430+Yv"
_PIECE, _OVERLAP = 1 << 22, 1 << 10
# Only what is written for people is broken over lines, and nobody reads a megabyte.
_SMALL = 1 << 20
_BREAKS = re.compile(rb'(?:\\+[rnt]|[\s"\'|>,+]|\\$)+')


def _base64(text: str) -> Iterator[bytes]:
    """What of it stands in base64, wherever it begins among three bytes."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + text.encode())
        # Letters at either end also depend on what stands beside.
        yield coded[4 if shift else 0 : -4]


@cache
def forms(marker: str) -> Mapping[str, tuple[bytes, ...]]:
    """Encoding -> byte strings of which none may be found."""
    raw = marker.encode()
    escaped = json.dumps(marker)[1:-1]
    return {
        "plain": (raw, marker.encode("utf-16-le"), marker.encode("latin-1", "replace")),
        "url": (quote(marker, safe="").encode(), quote_plus(marker, safe="/").encode()),
        "base64": (*_base64(marker), base64.urlsafe_b64encode(raw)[:-4]),
        "hex": (raw.hex().encode(), raw.hex().upper().encode()),
        "escaped": (
            escaped.encode(),
            escaped.replace("\\", "\\\\").encode(),
            ascii(marker)[1:-1].encode(),
            repr(raw)[2:-1].encode(),
        ),
    }


def found(output: bytes, marker: str) -> list[str]:
    """Encodings in which a marker stands in an output; broken over lines is one of them."""
    hits = [name for name, texts in forms(marker).items() if any(text in output for text in texts)]
    if hits or len(output) > _SMALL:
        return hits
    joined = _BREAKS.sub(b"", output)
    return ["broken over lines"] if _BREAKS.sub(b"", marker.encode()) in joined else []


def leaks(outputs: Mapping[str, bytes], marker: str) -> dict[str, list[str]]:
    """Outputs that hold a marker, with the encodings in which they do."""
    hits = {name: found(output, marker) for name, output in outputs.items()}
    return {name: told for name, told in hits.items() if told}


def files_with(folder: Path, marker: str) -> list[Path]:
    """Files below a folder that hold a marker, or have it in their name."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if found(path.name.encode(errors="replace"), marker) or _holds(path, marker)
    ]


def _holds(path: Path, marker: str) -> bool:
    """Whether a file holds a marker; a large one is read piece by piece."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as stream:
            before = b""
            while piece := stream.read(_PIECE):
                if found(before + piece, marker):
                    return True
                before = piece[-_OVERLAP:]
    except OSError:
        pass  # a test took the right to read it away, or the file itself
    return False
