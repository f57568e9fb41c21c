"""Bodies are whole or refused, however they come in pieces."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit._bodies import check_type, is_other_charset, read_body
from cxm_core.errors import FatalError, SchemaChanged, SourceError, TruncatedAnswer
from cxm_core.plugins import WireAnswer

PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


def read(raw: bytes, *, cuts: Iterable[int] = (), most_bytes: int = 1 << 20, **more: str) -> bytes:
    """Read a body that comes in pieces."""
    headers = {name.replace("_", "-"): text for name, text in more.items()}
    edges = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    pieces = (raw[start:end] for start, end in pairwise(edges))
    answer = WireAnswer(status=200, headers=(), pieces=pieces, close=lambda: None)
    return read_body(answer, headers, most_bytes=most_bytes)


@given(
    body=st.binary(max_size=2000),
    cuts=st.lists(st.integers(0, 5000), max_size=6),
    name=st.sampled_from([*PACKERS, ""]),
)
def test_pieces_do_not_matter(body: bytes, cuts: list[int], name: str) -> None:
    """However it is packed and cut into pieces, the same body comes out."""
    raw = PACKERS[name](body) if name else body
    assert read(raw, cuts=cuts, content_encoding=name, content_length=str(len(raw))) == body


@given(body=st.binary(min_size=1, max_size=2000), name=st.sampled_from([*PACKERS]), data=st.data())
def test_a_packed_body_that_was_cut_is_refused(body: bytes, name: str, data: st.DataObject) -> None:
    """At any place, though the length is as declared."""
    raw = PACKERS[name](body)
    cut = raw[: data.draw(st.integers(1, len(raw) - 1))]
    with pytest.raises(TruncatedAnswer):
        read(cut, content_encoding=name, content_length=str(len(cut)))


@given(body=st.binary(min_size=1, max_size=300), data=st.data())
def test_a_packed_body_that_was_changed_is_not_taken_for_another(
    body: bytes, data: st.DataObject
) -> None:
    """One byte that is wrong gives an error, or (in the head's remarks) the same body."""
    raw = bytearray(gzip.compress(body))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert read(bytes(raw), content_encoding="gzip") == body
    except SourceError:
        return


@given(raw=st.binary(max_size=200), name=st.sampled_from([*PACKERS, "", "br", "gzip, br"]))
def test_any_bytes_end_in_a_body_or_a_typed_error(raw: bytes, name: str) -> None:
    """Nothing else is raised."""
    try:
        assert isinstance(read(raw, content_encoding=name), bytes)
    except (TruncatedAnswer, SchemaChanged):
        return


@pytest.mark.parametrize("packed", [True, False])
def test_the_cap_is_exact(packed: bool) -> None:
    """As many bytes as allowed are read, one more is refused."""
    for size, is_fine in ((1000, True), (1001, False)):
        raw = gzip.compress(b"x" * size) if packed else b"x" * size
        name = "gzip" if packed else ""
        if is_fine:
            assert len(read(raw, most_bytes=1000, content_encoding=name)) == size
        else:
            with pytest.raises(FatalError, match=r"larger than 1,000 bytes"):
                read(raw, most_bytes=1000, content_encoding=name)


@pytest.mark.parametrize("told", ["", "x", "-1", "\uff11\uff12", "1e3"])
def test_a_length_that_is_none_is_not_looked_at(told: str) -> None:
    """JSON shows its own end."""
    assert read(b"{}", content_length=told, content_type="application/json") == b"{}"


@pytest.mark.parametrize(
    ("name", "accept", "is_taken"),
    [
        ("application/json", "application/json", True),
        ("application/json; charset=utf-8", "application/json", True),
        ("Application/JSON", "application/json", True),
        ("application/hal+json", "application/json", True),
        ("text/plain", "application/json", True),
        ("", "application/json", True),
        ("text/html", "application/json", False),
        ("text/csv", "application/json", False),
        ("application/json", "text/csv", False),
        ("text/csv; header=present", "text/csv", True),
        ("image/png", "", True),
    ],
)
def test_types(name: str, accept: str, is_taken: bool) -> None:
    """What was asked for, and what vendors call it."""
    if is_taken:
        check_type({"content-type": name}, b"x", accept=accept)
    else:
        with pytest.raises(SchemaChanged):
            check_type({"content-type": name}, b"x", accept=accept)


@pytest.mark.parametrize(
    ("text", "is_other"),
    [
        ("application/json", False),
        ("application/json; charset=UTF-8", False),
        ('application/json; charset="utf-8"; v=1', False),
        ("application/json;charset=iso-8859-1", True),
        ("application/json; charset=utf-16; v=1", True),
    ],
)
def test_charsets(text: str, is_other: bool) -> None:
    """JSON has one."""
    assert is_other_charset({"content-type": text}) is is_other
