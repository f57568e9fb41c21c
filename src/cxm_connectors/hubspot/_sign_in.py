"""How the vendor is signed in to: with a private app's token, or with OAuth."""

from __future__ import annotations

from attrs import frozen

from cxm_connectors.toolkit import Access, Bearer, Credentials, OAuth2

# HubSpot developer docs, OAuth, seen 2026-11: v1 of this call ends in February 2027; an access
# token is good for 30 minutes, and the refresh token stays the same.
OAUTH = OAuth2(
    "/oauth/v3/token",
    client_id="HUBSPOT_CLIENT_ID",
    client_secret="HUBSPOT_CLIENT_SECRET",  # noqa: S106  (its name)
    refresh_token="HUBSPOT_REFRESH_TOKEN",  # noqa: S106  (its name)
)
BEARER = Bearer("HUBSPOT_TOKEN")


@frozen
class TokenOrOAuth:
    """The token of a private app, or OAuth where the host knows a refresh token and no token."""

    @property
    def secret_name(self) -> str:
        """Name of the main secret, for a hint."""
        return BEARER.secret_name

    def credentials(self, access: Access) -> Credentials:
        """Make the credentials of the one or the other."""
        has_token = access.token is not None or access.runtime.secrets(BEARER.secret_name)
        can_refresh = bool(access.runtime.secrets(OAUTH.refresh_token))
        return (OAUTH if can_refresh and not has_token else BEARER).credentials(access)
