"""Journeys: stages, touchpoints, and what a program refuses of them."""

from __future__ import annotations

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.program import Journey, Program, Touchpoint
from cxm_core.vocabulary import Channel
from maps import BUY

MAP = """
name = "Shop"
zone = "UTC"
[[touchpoints]]
name = "search"
channels = ["web", "In-Store"]
activities = "viewed_page"
goal = "find it"
feeling = -1
emotions = ["lost"]
asks = ["Where is it?"]
owner = "Head of shop"
systems = "shop"
notes = ["a note"]
[[journeys]]
name = "buy"
actor = "shop assistant"
goal = "sell"
[[journeys.stages]]
name = "all"
goal = "done"
touchpoints = "search"
"""


class TestByHand:
    """One map, read as a person would."""

    def test_every_key_is_read(self) -> None:
        """Channels are those of the vocabulary, one text may stand for a list."""
        program = Program.parse(MAP)
        (one,) = program.touchpoints
        assert one.channels == (Channel.WEB, Channel.IN_STORE)
        assert (one.activities, one.asks, one.systems) == (
            ("viewed_page",),
            ("Where is it?",),
            ("shop",),
        )
        assert (one.goal, one.feeling, one.emotions) == ("find it", -1, ("lost",))
        (journey,) = program.journeys
        assert (journey.actor, journey.goal, journey.stages[0].goal) == (
            "shop assistant",
            "sell",
            "done",
        )
        assert journey.stages[0].label == "all"

    def test_a_customer_goes_unless_another_is_named(self) -> None:
        """The actor of a journey is the customer by default."""
        assert BUY.actor == "customer"

    @pytest.mark.parametrize("feeling", [3, -3, 1.0, "1", True])
    def test_a_feeling_is_a_whole_number_of_five(self, feeling: object) -> None:
        """A feeling beyond -2 to 2, or no whole number, is refused."""
        with pytest.raises(ConfigurationError, match="feeling"):
            Touchpoint(name="a", feeling=feeling)

    def test_a_channel_that_nobody_knows_is_refused(self) -> None:
        """A mistyped channel is an error that names the nearest."""
        with pytest.raises(ConfigurationError, match="'fone'") as caught:
            Touchpoint(name="a", channels=["fone"])
        assert caught.value.hint == "did you mean 'phone'?"

    @pytest.mark.parametrize("channels", [3, [3], {"web": 1}])
    def test_channels_are_words(self, channels: object) -> None:
        """What is no list of words is no list of channels."""
        with pytest.raises(ConfigurationError, match="channels"):
            Touchpoint(name="a", channels=channels)

    def test_a_journey_needs_a_stage(self) -> None:
        """A journey without a stage is none."""
        with pytest.raises(ConfigurationError, match="stages"):
            Journey(name="buy", stages=[])
