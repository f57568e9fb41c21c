"""What a user may set for HubSpot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from cxm_connectors.toolkit import Config
from cxm_core.vocabulary import Scale

from ._versions import Version, paths_of

Kind = Literal["contacts", "companies", "deals", "tickets", "feedback_submissions"]
Construct = Literal["recommendation", "satisfaction", "effort", "trust", "value", "other"]
Form = Literal["scale", "choice", "choices", "open", "number", "date", "other"]
Status = Literal["new", "open", "pending", "on_hold", "solved", "closed", "other"]


def _known_scale(code: str) -> str:
    return Scale.parse(code).code


ScaleCode = Annotated[str, AfterValidator(_known_scale)]


class SurveyQuestion(BaseModel):
    """What one property of a submission asks, which the vendor does not tell.

    Parameters
    ----------
    scale : str or None
        Scale of a numeric answer, such as ``"1-5"``.
    form : str
        How it is answered, where not on a scale.
    measures : str or None
        What it is meant to measure.
    text : str or None
        The wording.
    version : int
        Counts up whenever wording or scale change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    scale: ScaleCode | None = None
    form: Form = "scale"
    measures: Construct | None = None
    text: str | None = None
    version: int = Field(default=1, ge=1)


class Survey(SurveyQuestion):
    """A survey: what its value (`hs_value`) asks, and what its other properties ask.

    Parameters
    ----------
    questions : mapping of str to SurveyQuestion
        Further questions by the name of their property.
    touchpoint : str or None
        Touchpoint that it asks about.

    Examples
    --------
    >>> Survey(scale="1-5", measures="satisfaction").scale
    '1-5'
    """

    questions: Mapping[str, SurveyQuestion] = Field(default_factory=dict)
    touchpoint: str | None = None


class HubSpotConfig(Config):
    """Configuration of an account, as it stands under ``[sources.config]``.

    Parameters
    ----------
    api_version : str
        Version of the vendor's interface.
    properties : mapping of str to list of str
        Further properties to read, by kind of object; they become attributes.
    segment : str or None
        Property of contacts that holds the customer's segment.
    surveys : mapping of str to Survey
        What custom surveys ask, by the survey's id. Without it only NPS, CSAT and CES of HubSpot's
        own making have a scale.
    stages : mapping of str to str
        Status that a stage of a ticket pipeline means, by the stage's id, where the pipeline
        itself does not tell.
    associations : bool
        Whether to read what objects belong to; it needs the scopes of contacts and companies.
    history : bool
        Whether to read how status and owner of tickets changed; one more call for 50 tickets.
    webhook_secrets : list of SecretStr
        Client secrets that sign what the webhook sends: two while one is exchanged. Without it
        the host is asked for `HUBSPOT_CLIENT_SECRET`.
    portal : str or None
        Number of the account; events of others are left alone. Without it the account is asked.
    accepts_v1 : bool
        Whether a delivery that only has the old signature is accepted, which has no time in it.

    Examples
    --------
    >>> HubSpotConfig(api_version="v3").paths["owners"]
    '/crm/v3/owners'
    """

    api_version: Version = "2026-09"
    properties: Mapping[Kind, tuple[str, ...]] = Field(default_factory=dict)
    segment: str | None = None
    surveys: Mapping[str, Survey] = Field(default_factory=dict)
    stages: Mapping[str, Status] = Field(default_factory=dict)
    associations: bool = True
    history: bool = True
    webhook_secrets: tuple[SecretStr, ...] = ()
    portal: str | None = None
    accepts_v1: bool = False

    @property
    def paths(self) -> Mapping[str, str]:
        """Path of each family of calls."""
        return paths_of(self.api_version)
