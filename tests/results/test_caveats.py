"""Caveats."""

from __future__ import annotations

import pytest

from cxm_core.errors import UsageError
from cxm_core.results import CAVEATS, Caveat


@pytest.mark.parametrize("code", CAVEATS)
def test_every_code_has_a_sentence(code: str) -> None:
    """Each caveat is a whole sentence without an open place."""
    message = Caveat.of(code).message
    assert message[0].isupper()
    assert message.endswith(".")
    assert "{" not in message


def test_a_count_is_told() -> None:
    """A caveat that counts says how many."""
    assert Caveat.of("unclustered", count=1200).message.startswith("1,200 answers have no cluster")


def test_unknown_codes_have_a_near_miss() -> None:
    """A misspelt code is answered with the right one."""
    with pytest.raises(UsageError, match="did you mean 'small_n'"):
        Caveat.of("smalln")


def test_the_dict_has_code_and_message() -> None:
    """A caveat's plain form is its code and its message."""
    assert Caveat(code="a", message="b").to_dict() == {"code": "a", "message": "b"}
