"""Whole bodies only: as long as declared, unpacked to their own end, of the type asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from cxm_core.errors import FatalError, SchemaChanged, TruncatedAnswer
from cxm_core.plugins import WireAnswer

GZIP = b"\x1f\x8b"
_STEP = 1 << 20
_UNMEASURED = 16 << 20
_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_HINT = "the sync goes on from the last page that was kept"
# Some vendors serve JSON under an older name; that it is JSON, its reader finds out.
_JSON_NAMES = frozenset({"application/json", "text/json", "text/plain", "text/javascript"})


def read_body(answer: WireAnswer, headers: Mapping[str, str], *, most_bytes: int) -> bytes:
    """Read a body to its end and unpack it.

    Raises
    ------
    TruncatedAnswer
        It ended early, or does not say where its end is.
    FatalError
        It is larger than `most_bytes`, packed or unpacked.
    RetryableError
        The connection broke.
    """
    declared = declared_length(headers)
    if declared is not None and declared > most_bytes:
        raise too_large(most_bytes)
    raw = _joined(answer.pieces, most_bytes)
    check_length(len(raw), declared)
    coding = coding_of(headers) or _hidden_coding(headers, raw)
    if coding is not None and raw:
        return _unpack(raw, window_of(coding), most_bytes)
    if not (has_end(headers) or _is_json_type(headers)):
        raise truncated("The answer does not say where it ends, so that none can tell if it did.")
    return raw


def check_type(headers: Mapping[str, str], body: bytes, *, accept: str) -> None:
    """Refuse what is not of the type that was asked for, and nothing where something was.

    Raises
    ------
    SchemaChanged
        It is of another type.
    TruncatedAnswer
        There is no body.
    """
    if not accept:
        return
    if not body:
        raise truncated("The answer is empty where a page was expected.")
    name = headers.get("content-type", "").partition(";")[0].strip().lower()
    if name and name != accept and not (_is_json(accept) and _is_json(name)):
        shown = name if name in {"text/html", "text/csv", "application/xml"} else "another type"
        raise SchemaChanged(
            f"The answer is {shown} where {accept} was expected.",
            hint="often a sign-in or maintenance page stands before the source",
        )


def is_other_charset(headers: Mapping[str, str]) -> bool:
    """Whether the answer names a charset that JSON cannot have."""
    charset = headers.get("content-type", "").lower().partition("charset=")[2]
    return charset.strip(' "').partition(";")[0].strip(' "') not in {
        "",
        "utf-8",
        "utf8",
        "us-ascii",
    }


def _is_json(name: str) -> bool:
    return name in _JSON_NAMES or name.endswith("+json")


def declared_length(headers: Mapping[str, str]) -> int | None:
    """How many bytes the answer says that it has on the wire."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def check_length(size: int, declared: int | None) -> None:
    """Raise `TruncatedAnswer` where there are other than the declared bytes."""
    if declared is not None and size != declared:
        raise truncated(f"The answer has {size:,} of {declared:,} declared bytes.")


def has_end(headers: Mapping[str, str]) -> bool:
    """Whether the head says where the body ends: by a length, or in pieces with a last one."""
    is_chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    return is_chunked or declared_length(headers) is not None


def _is_json_type(headers: Mapping[str, str]) -> bool:
    """Whether the body shows its own end."""
    name = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    return _is_json(name)


def coding_of(headers: Mapping[str, str]) -> str | None:
    """How the body is packed, as its head says.

    Raises
    ------
    SchemaChanged
        In a way that was not asked for.
    """
    name = headers.get("content-encoding", "identity").strip().lower().removeprefix("x-")
    if name in {"", "identity"}:
        return None
    if name not in _WINDOW:
        raise SchemaChanged("The answer is packed in a way that was not asked for.")
    return name


def window_of(coding: str) -> int:
    """Window that `zlib` reads a coding by."""
    return _WINDOW[coding]


def _hidden_coding(headers: Mapping[str, str], raw: bytes) -> str | None:
    """Packed by something on the way that did not say so."""
    is_text = headers.get("content-type", "").startswith(("application/json", "text/"))
    return "gzip" if is_text and raw.startswith(GZIP) else None


def _unpack(raw: bytes, window: int, most_bytes: int) -> bytes:
    """Unpack a body; what may become too large is measured before it is kept."""
    kept, size = [], 0
    for piece in _unpacked(raw, window):
        size += len(piece)
        if size > most_bytes:
            raise too_large(most_bytes)
        if size <= _UNMEASURED:
            kept.append(piece)
    return b"".join(kept if size <= _UNMEASURED else _unpacked(raw, window))


def _unpacked(raw: bytes, window: int) -> Iterator[bytes]:
    """Unpack step by step, so that a small body cannot become a huge one unseen."""
    rest = raw
    while rest:
        unpack = zlib.decompressobj(window)
        try:
            while rest and not unpack.eof:
                yield unpack.decompress(rest, _STEP)
                rest = unpack.unconsumed_tail
        except zlib.error:
            rest = b""
        if not unpack.eof:
            raise truncated("The packed answer ended before its end, or is not packed.")
        rest = unpack.unused_data


def _joined(pieces: Iterator[bytes], most_bytes: int) -> bytes:
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > most_bytes:
            raise too_large(most_bytes)
        kept.append(piece)
    return kept[0] if len(kept) == 1 else b"".join(kept)


def truncated(message: str) -> TruncatedAnswer:
    """Error for what is not whole."""
    return TruncatedAnswer(message, hint=_HINT)


def too_large(
    most_bytes: int, *, what: str = "answer", hint: str = "ask for smaller pages"
) -> FatalError:
    """Error for what is larger than was allowed."""
    return FatalError(f"The {what} is larger than {most_bytes:,} bytes.", hint=hint)
