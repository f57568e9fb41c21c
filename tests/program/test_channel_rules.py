"""Channel rules: which matters belong in which channels."""

from __future__ import annotations

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.program import ChannelRule, Program
from cxm_core.vocabulary import Channel

TEXT = """
name = "Bank"
zone = "Europe/Vienna"

[[channel_rules]]
name = "bereavement"
title = "A death in the family"
reasons = ["bereavement", "inheritance"]
channels = ["phone", "in-store"]
because = "Nobody should have to type this."

[[channel_rules]]
name = "fraud"
reasons = "fraud"
channels = "phone"
"""


class TestByHand:
    """Two rules, read as a person would."""

    def test_rules_are_read(self) -> None:
        """Channels are ours whatever their spelling, and one may stand alone."""
        first, second = Program.parse(TEXT).channel_rules
        assert first.channels == (Channel.PHONE, Channel.IN_STORE)
        assert (first.label, second.label) == ("A death in the family", "fraud")
        assert second.reasons == ("fraud",)

    def test_allows(self) -> None:
        """A rule allows its channels, in any spelling, and no other."""
        rule = Program.parse(TEXT).channel_rules[0]
        assert rule.allows("In Store")
        assert not rule.allows("chat")
        assert not rule.allows("carrier pigeon")


class TestMistakes:
    """Each mistake names the key and the cure."""

    @pytest.mark.parametrize(
        ("good", "bad", "message"),
        [
            ('"in-store"', '"phone"', "channels names one of them twice"),
            ('"inheritance"', '"bereavement"', "reasons names one of them twice"),
            ('reasons = "fraud"', 'reasons = "inheritance"', "1 reasons in two rules"),
            ('reasons = "fraud"', "reasons = []", "names nothing"),
            ('channels = "phone"', "channels = []", "names nothing"),
            ('channels = "phone"', 'channels = "fone"', "did you mean 'phone'"),
            ('name = "fraud"', 'name = "bereavement"', "channel_rules has bereavement twice"),
        ],
    )
    def test_mistakes(self, good: str, bad: str, message: str) -> None:
        """The error names what is wrong."""
        assert good in TEXT
        with pytest.raises(ConfigurationError) as caught:
            Program.parse(TEXT.replace(good, bad))
        assert message in str(caught.value)

    def test_in_python(self) -> None:
        """A rule that is made in Python fails with the same error."""
        with pytest.raises(ConfigurationError):
            ChannelRule(name="x", reasons=(), channels=(Channel.PHONE,))
