"""Zendesk Support: tickets with their whole history, users, organisations, satisfaction."""

from ._config import ZendeskConfig
from ._source import Zendesk

__all__ = ["Zendesk", "ZendeskConfig"]
