"""The synthetic company's surveys: forms with their scales, invitations, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from cxm_core.vocabulary import Scale


@frozen(kw_only=True)
class SimQuestion:
    """One question of a form.

    Parameters
    ----------
    key : str
        Name within the form, such as ``"nps"``; the same in every version.
    text : str
        The wording.
    form : {"scale", "open", "choice", "choices", "number", "date", "email"}
        How it is answered.
    measures : str or None
        `recommendation`, `satisfaction`, `effort`, or None.
    scale : Scale or None
        Scale with its labels, for the form `scale`.
    choices : tuple of str
        For `choice` and `choices`.
    is_required : bool
        The form cannot be sent without it.
    """

    key: str
    text: str
    form: str = "scale"
    measures: str | None = None
    scale: Scale | None = None
    choices: tuple[str, ...] = ()
    is_required: bool = False


@frozen(kw_only=True)
class SimForm:
    """A questionnaire as it stands now, and as it stood before.

    Parameters
    ----------
    key : int
        Counts from 1.
    title : str
        What it is called.
    questions : tuple of SimQuestion
        In their order.
    created_at, changed_at : datetime
        When it was first published, and when this version was.
    tool : {"forms", "crm"}
        Which system asks it: a form tool (Typeform), or the customer system (HubSpot).
    version : int
        Counts from 1.
    before : SimForm or None
        The version before this one.
    """

    key: int
    title: str
    questions: tuple[SimQuestion, ...]
    created_at: datetime
    changed_at: datetime
    tool: str = "forms"
    version: int = 1
    before: SimForm | None = field(default=None, repr=False)

    def at_version(self, version: int) -> SimForm:
        """Give the form as it stood.

        Parameters
        ----------
        version : int
            Its version, at most the present one.

        Returns
        -------
        SimForm
            The version asked for, or the first one.
        """
        if version >= self.version or self.before is None:
            return self
        return self.before.at_version(version)


@frozen(kw_only=True)
class SimInvitation:
    """Somebody was asked to fill in a form.

    Parameters
    ----------
    key : int
        Counts from 1.
    form, customer : int
        Keys of both.
    sent_at : datetime
        When.
    channel : str
        How.
    outcome : {"complete", "partial", "refusal", "non_contact"}
        What became of it.
    """

    key: int
    form: int
    customer: int
    sent_at: datetime
    channel: str = "email"
    outcome: str = "non_contact"


@frozen(kw_only=True)
class SimSubmission:
    """Somebody opened a form, and perhaps filled it in.

    Parameters
    ----------
    key : int
        Counts from 1.
    form, form_version : int
        Key of the form, and which version was seen.
    customer : int or None
        Key of who it was; None for nobody known.
    landed_at : datetime
        When it was opened.
    state : {"started", "partial", "completed"}
        How far it came.
    changed_at : datetime
        When something was entered last.
    submitted_at : datetime or None
        When it was sent; None unless it is completed.
    invitation : int or None
        Key of the invitation that it follows.
    answers : mapping of str to int, str or tuple of str
        By the key of the question; what was left out is missing.
    hidden : mapping of str to str
        What the link carried along, such as the segment.
    channel : str
        How it came in.
    """

    key: int
    form: int
    landed_at: datetime
    changed_at: datetime
    form_version: int = 1
    customer: int | None = None
    state: str = "completed"
    submitted_at: datetime | None = None
    invitation: int | None = None
    answers: Mapping[str, int | str | tuple[str, ...]] = field(factory=dict, repr=False)
    hidden: Mapping[str, str] = field(factory=dict, repr=False)
    channel: str = "email"
