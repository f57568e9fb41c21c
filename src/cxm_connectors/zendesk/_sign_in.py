"""How Zendesk is signed in to: with an API token of a person, or with an OAuth token."""

from __future__ import annotations

from attrs import evolve, frozen
from pydantic import SecretStr

from cxm_connectors.toolkit import Access, Basic, Bearer, Credentials
from cxm_core.plugins import Headers

_PAIR = "/token:"
_NAME = "ZENDESK_TOKEN"


@frozen
class TokenOrPair:
    """An OAuth token, or ``name@example.org/token:KEY`` as Zendesk writes an API token."""

    # Zendesk developer docs, Security and authentication, seen 2026-11.

    @property
    def secret_name(self) -> str:
        """Name of the main secret, for a hint."""
        return _NAME

    def credentials(self, access: Access) -> Credentials:
        """Make the header on first use."""
        return _OneOfThem(access)


class _OneOfThem:
    """Credentials of whichever of the two the secret is; it is read when it is needed."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._found: Credentials | None = None

    def headers(self) -> Headers:
        if self._found is None:
            self._found = _credentials(self._access)
        return self._found.headers()

    def renew(self, refused: Headers) -> bool:
        del refused
        return False


def _credentials(access: Access) -> Credentials:
    name, pair, key = access.secret(_NAME).partition(_PAIR)
    if not pair:
        return Bearer(_NAME).credentials(access)
    told = evolve(access, token=SecretStr(key))
    return Basic(f"{name}/token", _NAME).credentials(told)
