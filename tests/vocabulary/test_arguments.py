"""Arguments of the wrong type are told with their name, and without what was in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from cxm_core.errors import UsageError
from cxm_core.vocabulary import takes

SAID = "Jane Doe is waiting"
FIT: dict[Any, list[Any]] = {
    "number": [5, 0.5, np.float32(2), np.int8(3), float("nan")],
    "number?": [None, 5],
    "whole": [5, np.int64(7)],
    "flag": [True, False, np.bool_(True)],
    "name": ["channel", 3, "", 2.5],
    "several": [[], ("a",), {"a"}, np.array([1])],
    str | timedelta | None: ["4h", timedelta(hours=4), None],
}
UNFIT: dict[Any, list[Any]] = {
    "number": [None, SAID, [SAID], True, np.array([5]), 1j],
    "number?": [SAID, True],
    "whole": [5.0, True, SAID, None],
    "flag": [0, SAID, None, np.array([True])],
    "name": [None, [SAID], {SAID: 1}, np.array([SAID])],
    "text": [None, [SAID], {SAID: 1}, 5],
    str | timedelta | None: [5, [SAID]],
}


def _call(kind: Any, value: Any) -> Any:
    @takes(given=kind)
    def same(given: Any) -> Any:
        return given

    return same(value)


class TestByHand:
    @pytest.mark.parametrize("kind", FIT, ids=str)
    def test_what_fits_is_let_through(self, kind: Any) -> None:
        """What is of the kind reaches the function as it is."""
        assert all(_call(kind, value) is value for value in FIT[kind])

    @pytest.mark.parametrize("kind", UNFIT, ids=str)
    def test_what_does_not_fit_is_told(self, kind: Any) -> None:
        """The error names the argument, and repeats nothing of what was given."""
        for value in UNFIT[kind]:
            with pytest.raises(UsageError, match="The argument 'given' is ") as told:
                _call(kind, value)
            assert SAID not in f"{told.value} {told.value.hint}"

    def test_a_class_is_named(self) -> None:
        """Where an object is due, the error says of which class."""
        with pytest.raises(UsageError, match="of the type int, and no str or timedelta"):
            _call(str | timedelta | None, 5)

    def test_keywords_that_are_handed_on(self) -> None:
        """A function that hands keywords on checks them by their own names."""

        @takes(start="name?")
        def engine(data: Any, **asked: Any) -> Any:
            return asked

        assert engine([], start="opened_at", other=[]) == {"start": "opened_at", "other": []}
        with pytest.raises(UsageError, match="'start' is of the type list"):
            engine([], start=[SAID])
