"""What a user may set for Zendesk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from cxm_connectors.toolkit import Config

Subdomain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$")]
Fields = Mapping[str, str]


class ZendeskConfig(Config):
    """Configuration of an account, as it stands under ``[sources.config]``.

    Parameters
    ----------
    subdomain : str
        The account: ``"acme"`` for acme.zendesk.com.
    history : {"events", "audits"}
        Where the history of tickets comes from: the event export, which admins may read and which
        keeps archived tickets, or the list of audits, which agents may read and which does not.
    satisfaction : {"both", "surveys", "legacy"}
        Which of the two ways of asking customers is read.
    ticket_fields : mapping of str to int
        Ids of the organisation's own ticket fields by the name that they get: ``reason``,
        ``order``, ``journey``, ``stage`` and ``touchpoint`` fill these fields of a ticket, any
        other name becomes an attribute.
    user_fields, organization_fields : mapping of str to str
        The same for keys of user fields (``segment``, ``country``, ``region``, ``lifecycle``) and
        of organisation fields (``industry``, ``segment``, ``country``, ``size``).
    locale : str
        Language in which questions of surveys are read.
    webhook_secrets : list of SecretStr
        Secrets that sign what the webhook sends: two while one is exchanged. Without it the host
        is asked for `ZENDESK_WEBHOOK_SECRET`.

    Examples
    --------
    >>> from cxm_connectors.zendesk import ZendeskConfig
    >>> ZendeskConfig(subdomain="acme", ticket_fields={"reason": 360012}).satisfaction
    'both'
    """

    subdomain: Subdomain
    history: Literal["events", "audits"] = "events"
    satisfaction: Literal["both", "surveys", "legacy"] = "both"
    ticket_fields: Mapping[str, int] = Field(default_factory=dict)
    user_fields: Fields = Field(default_factory=dict)
    organization_fields: Fields = Field(default_factory=dict)
    locale: Locale = "en-us"
    webhook_secrets: tuple[SecretStr, ...] = ()
