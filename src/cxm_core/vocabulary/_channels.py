"""Channels: the ways in which a customer and the organisation meet."""

from __future__ import annotations

import re
from enum import StrEnum

_SEPARATORS = re.compile(r"[\s_-]+")


class Channel(StrEnum):
    """The way in which a customer and the organisation meet.

    Examples
    --------
    >>> Channel.parse("In-Store")
    <Channel.IN_STORE: 'in_store'>
    """

    WEB = "web"
    APP = "app"
    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"
    SMS = "sms"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    SOCIAL = "social"
    REVIEW_SITE = "review_site"
    IN_STORE = "in_store"
    MAIL = "mail"
    CALL_CENTRE = "call_centre"
    OTHER = "other"

    @classmethod
    def parse(cls, text: str) -> Channel:
        """Channel that a word stands for; a word that is not known is `OTHER`.

        Parameters
        ----------
        text : str
            A word; capitals, blanks, hyphens and underscores do not matter.

        Returns
        -------
        Channel
            The channel. Whoever calls keeps the raw word beside `OTHER`.

        Examples
        --------
        >>> Channel.parse("E-Mail"), Channel.parse("carrier pigeon")
        (<Channel.EMAIL: 'email'>, <Channel.OTHER: 'other'>)
        """
        return _BY_WORD.get(_squeezed(text), cls.OTHER)


def _squeezed(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()


_BY_WORD = {_squeezed(channel): channel for channel in Channel} | {
    "callcenter": Channel.CALL_CENTRE,
}
