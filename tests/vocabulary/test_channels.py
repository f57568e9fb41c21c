"""Channels are read from the words that sources use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.vocabulary import Channel


class TestByHand:
    @pytest.mark.parametrize(
        ("text", "channel"),
        [
            ("web", Channel.WEB),
            ("E-Mail", Channel.EMAIL),
            (" IN store ", Channel.IN_STORE),
            ("in-store", Channel.IN_STORE),
            ("Call Centre", Channel.CALL_CENTRE),
            ("call_center", Channel.CALL_CENTRE),
            ("Review\u00a0Site", Channel.REVIEW_SITE),
            ("WhatsApp", Channel.WHATSAPP),
            ("carrier pigeon", Channel.OTHER),
            ("", Channel.OTHER),
        ],
    )
    def test_words(self, text: str, channel: Channel) -> None:
        """Capitals, blanks and hyphens do not matter; unknown words are other."""
        assert Channel.parse(text) is channel

    def test_all_channels(self) -> None:
        """The closed list of channels."""
        assert list(Channel) == [
            *("web", "app", "email", "chat", "phone", "sms", "messenger", "instagram", "whatsapp"),
            *("social", "review_site", "in_store", "mail", "call_centre", "other"),
        ]


class TestByLaw:
    @given(st.sampled_from(Channel))
    def test_each_reads_its_own_word(self, channel: Channel) -> None:
        """Every channel is read back from its value, in capitals and with hyphens too."""
        assert Channel.parse(channel) is channel
        assert Channel.parse(channel.upper().replace("_", "-")) is channel

    @given(st.text())
    def test_any_text_is_some_channel(self, text: str) -> None:
        """No text is refused."""
        assert Channel.parse(text) in Channel
