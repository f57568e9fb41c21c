"""Promises: what customers may expect, and what a document that says so may look like."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxm_core.errors import ConfigurationError, UsageError
from cxm_core.program import Indicator, Program, Promise
from cxm_core.vocabulary import Channel

TEXT = """
name = "Shop"
zone = "Europe/Vienna"

[[calendars]]
name = "desk"
hours = { monday = "09:00-17:00" }

[[journeys]]
name = "support"
stages = [{ name = "asking" }]

[[promises]]
name = "quick_help"
title = "Solved within five minutes, a human one step away"
owner = "Head of support"
journey = "support"
calendar = "desk"
channels = ["chat", "Phone"]
reasons = "billing"
window = "last 4 weeks"

[[promises.indicators]]
name = "solved"
expect = "solved"
within = "5m"
target = 0.8

[[promises.indicators]]
name = "human"
expect = "human"
at_most = 1
target = 0.95
"""


def _promise(**changes: Any) -> Promise:
    part = {"name": "solved", "expect": "solved", "within": "5m", "target": 0.8}
    return Promise(**{"name": "quick", "indicators": [part], **changes})


class TestByHand:
    """One promise, read as a person would."""

    def test_a_promise_is_read(self) -> None:
        """Every part of the document is there, typed."""
        promise = Program.parse(TEXT).promise("quick_help")
        solved, human = promise.indicators
        assert promise.channels == (Channel.CHAT, Channel.PHONE)
        assert promise.reasons == ("billing",)
        assert promise.label.startswith("Solved within")
        assert (solved.within, solved.at_most) == (timedelta(minutes=5), None)
        assert (human.within, human.at_most, human.target) == (None, 1, 0.95)
        assert [part.label for part in promise.indicators] == ["solved", "human"]

    @pytest.mark.parametrize(
        ("within", "told"),
        [
            ("5m", "within 5 min"),
            ("90s", "within 90 s"),
            ("24h", "within 1 d"),
            ("2w", "within 14 d"),
        ],
    )
    def test_threshold_is_told_in_the_largest_unit(self, within: str, told: str) -> None:
        """A time is told in the largest unit of which it is a whole number."""
        part = Indicator(name="x", expect="replied", within=within, target=0.5)  # type: ignore[arg-type]  # pydantic reads it
        assert part.threshold == told

    def test_defaults(self) -> None:
        """Without a window it is the last 28 days; without channels and reasons, all issues."""
        promise = _promise()
        assert (promise.window, promise.channels, promise.reasons) == ("last 28 days", (), ())
        assert (promise.label, promise.version) == ("quick", 1)


class TestByLaw:
    """The hash is of what is promised."""

    def test_names_do_not_change_the_hash(self) -> None:
        """Name, title, owner, window and version are no part of what is promised."""
        base = _promise().definition_hash
        for change in (
            {"name": "other"},
            {"title": "t"},
            {"owner": "o"},
            {"window": "2026"},
            {"version": 2},
        ):
            assert _promise(**change).definition_hash == base
        for change in ({"channels": "chat"}, {"reasons": "r"}, {"calendar": "desk"}):
            assert _promise(**change).definition_hash != base

    def test_threshold_and_target_change_the_hash(self) -> None:
        """Another time or another target is another promise."""
        part = {"name": "solved", "expect": "solved", "within": "5m", "target": 0.8}
        base = _promise().definition_hash
        assert _promise(indicators=[part | {"target": 0.9}]).definition_hash != base
        assert _promise(indicators=[part | {"within": "6m"}]).definition_hash != base
        assert _promise(indicators=[part | {"name": "x"}]).definition_hash == base


class TestMistakes:
    """Each mistake names the key and the cure."""

    @pytest.mark.parametrize(
        ("good", "bad", "message"),
        [
            ('within = "5m"', "at_most = 5", "promises[0].indicators[0]: solved needs within"),
            ('within = "5m"', 'within = "5 minutes"', "no length of time"),
            ("at_most = 1", 'within = "1m"', "human needs at_most"),
            ("at_most = 1", 'at_most = 1\nwithin = "1m"', "human has no use for within"),
            ("at_most = 1", "at_most = -1", "is too small"),
            ("target = 0.8", "target = 80.0", "target is no share between 0 and 1"),
            ("target = 0.8", 'target = "80 %"', "target: is no number"),
            ('expect = "solved"', 'expect = "solvd"', "did you mean 'solved'"),
            ('"Phone"', '"fone"', "did you mean 'phone'"),
            ('"Phone"', "5", "A channel is a word"),
            ('name = "human"', 'name = "solved"', "indicators has one name twice"),
            ('journey = "support"', 'journey = "suport"', "did you mean 'support'"),
            ('calendar = "desk"', 'calendar = "dask"', "promises[0].calendar names 'dask'"),
            ('window = "last 4 weeks"', 'window = "lately"', "promises[0].window"),
        ],
    )
    def test_mistakes(self, good: str, bad: str, message: str) -> None:
        """The error names the key, and hints at the cure."""
        assert good in TEXT
        with pytest.raises(ConfigurationError) as caught:
            Program.parse(TEXT.replace(good, bad))
        assert message in str(caught.value)

    def test_a_promise_has_indicators(self) -> None:
        """A promise without an indicator promises nothing."""
        with pytest.raises(ConfigurationError, match="names nothing"):
            _promise(indicators=[])

    def test_a_promise_that_is_not_there(self) -> None:
        """Asking for one that is not defined names the nearest."""
        with pytest.raises(UsageError, match="did you mean 'quick_help'"):
            Program.parse(TEXT).promise("quick_helps")
