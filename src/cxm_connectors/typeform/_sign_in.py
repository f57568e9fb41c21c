"""How Typeform is signed in to: with a personal token, or with OAuth."""

from __future__ import annotations

from attrs import frozen

from cxm_connectors.toolkit import Access, Bearer, Credentials, OAuth2

# Typeform developer docs, Applications, seen 2026-11: a refresh token is good for one use, and the
# answer brings the next one, so that it has to be kept before it is used.
OAUTH = OAuth2(
    "/oauth/token",
    client_id="TYPEFORM_CLIENT_ID",
    client_secret="TYPEFORM_CLIENT_SECRET",  # noqa: S106  (its name)
    refresh_token="TYPEFORM_REFRESH_TOKEN",  # noqa: S106  (its name)
    scope="accounts:read forms:read responses:read offline",
)
BEARER = Bearer("TYPEFORM_TOKEN")


@frozen
class TokenOrOAuth:
    """A personal token, or OAuth where the host knows a refresh token and no personal one."""

    @property
    def secret_name(self) -> str:
        """Name of the main secret, for a hint."""
        return BEARER.secret_name

    def credentials(self, access: Access) -> Credentials:
        """Make the credentials of the one or the other."""
        has_token = access.token is not None or access.runtime.secrets(BEARER.secret_name)
        can_refresh = bool(access.runtime.secrets(OAUTH.refresh_token))
        return (OAUTH if can_refresh and not has_token else BEARER).credentials(access)
