"""What a user may set for any source that is reached over the network."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, field_validator

from cxm_core.errors import ConfigurationError

from ._since import duration


class Config(BaseModel):
    """Configuration of a source, as it stands under ``[sources.config]``.

    A connector with settings of its own inherits it.

    Parameters
    ----------
    base_url : str or None
        Another origin than the connector's, such as a vendor's European host.
    token : SecretStr or None
        The secret, from the environment, a file or a key ring; otherwise the connector asks the
        host for it by name.
    allow_private_addresses : bool
        Whether the origin may lie in a private network.
    ca_bundle : str or None
        File of authorities to trust, for a host with a certificate of its own.
    since : datetime or None
        Earliest change that is wanted at the first sync.
    lookback : str or None
        Another look-back than the stream's, such as ``"30m"``.
    page_size : int or None
        Another page size than the stream's.
    budget : str
        Longest time that one call may take with all its retries, such as ``"15m"``.

    Examples
    --------
    >>> from cxm_connectors.toolkit import Config
    >>> Config(token="t0p", lookback="30m").token
    SecretStr('**********')
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str | None = None
    token: SecretStr | None = None
    allow_private_addresses: bool = False
    ca_bundle: str | None = None
    since: AwareDatetime | None = None
    lookback: str | None = None
    page_size: int | None = Field(default=None, ge=1)
    budget: str = "15m"

    @field_validator("lookback", "budget")
    @classmethod
    def _is_duration(cls, value: str | None) -> str | None:
        try:
            _ = None if value is None else duration(value)
        except ConfigurationError as error:
            # Not its message: what stands here may come from the environment, and be secret.
            raise ValueError(f"no length of time: {error.hint}") from None
        return value

    @property
    def budget_s(self) -> float:
        """Budget in seconds."""
        return duration(self.budget).total_seconds()

    def margin(self, default: timedelta) -> timedelta:
        """Look-back that holds: the user's, else the stream's."""
        return default if self.lookback is None else duration(self.lookback)
