"""Rows as Zendesk serves them: what is documented is named, anything else is drift.

Source: Zendesk developer docs, the JSON format of each resource, seen 2026-11.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

Id: TypeAlias = int | str
Object: TypeAlias = dict[str, Any]


class Payload(BaseModel):
    """A row; more fields than are known are kept, and counted."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)


class TicketRow(Payload):
    """Row of the ticket export, with what was joined to it."""

    id: Id
    status: str
    created_at: str
    updated_at: str
    generated_timestamp: int
    allow_attachments: Any = None
    allow_channelback: Any = None
    assignee_id: Id | None = None
    brand_id: Id | None = None
    collaborator_ids: Any = None
    custom_fields: list[Object] | None = None
    custom_status_id: Id | None = None
    deleted_ticket_form_id: Any = None
    description: str | None = None
    due_at: str | None = None
    email_cc_ids: Any = None
    encoded_id: Any = None
    external_id: Id | None = None
    fields: Any = None
    follower_ids: Any = None
    followup_ids: Any = None
    forum_topic_id: Any = None
    from_messaging_channel: Any = None
    generated_at: Any = None
    group_id: Id | None = None
    group_name: str | None = None
    has_incidents: bool | None = None
    is_public: bool | None = None
    metric_set: Object | None = None
    organization_id: Id | None = None
    priority: str | None = None
    problem_id: Id | None = None
    raw_subject: str | None = None
    recipient: Any = None
    requester_id: Id | None = None
    satisfaction_rating: Any = None
    sharing_agreement_ids: Any = None
    subject: str | None = None
    submitter_id: Id | None = None
    support_type: Any = None
    tags: list[str] | None = None
    ticket_form_id: Id | None = None
    type: str | None = None
    url: Any = None
    via: Object | None = None


class UpdateRow(Payload):
    """Row of the event export, or an audit."""

    id: Id
    ticket_id: Id
    created_at: str
    author_id: Id | None = None
    child_events: list[Object] | None = None
    event_type: str | None = None
    events: list[Object] | None = None
    metadata: Any = None
    rewritten: list[Object] | None = None
    system: Any = None
    timestamp: int | None = None
    updater_id: Id | None = None
    via: Any = None


class MetricEventRow(Payload):
    """Row of the metric event export."""

    id: Id
    ticket_id: Id
    time: str
    deleted: bool | None = None
    group_sla: Object | None = None
    instance_id: int | None = None
    metric: str | None = None
    sla: Object | None = None
    status: Object | None = None
    type: str | None = None


class UserRow(Payload):
    """Row of the user export."""

    id: Id
    role: str | None = None
    created_at: str
    updated_at: str
    active: bool | None = None
    alias: Any = None
    chat_only: Any = None
    custom_role_id: Any = None
    default_group_id: Id | None = None
    details: Any = None
    email: str | None = None
    external_id: Id | None = None
    iana_time_zone: str | None = None
    is_billing_admin: Any = None
    last_active: Any = None
    last_login_at: Any = None
    locale: str | None = None
    locale_id: Any = None
    moderator: Any = None
    name: str | None = None
    notes: Any = None
    only_private_comments: Any = None
    organization_id: Id | None = None
    permanently_deleted: Any = None
    phone: str | None = None
    photo: Any = None
    report_csv: Any = None
    restricted_agent: Any = None
    role_type: Any = None
    shared: Any = None
    shared_agent: Any = None
    shared_phone_number: Any = None
    signature: Any = None
    suspended: bool | None = None
    tags: list[str] | None = None
    ticket_restriction: Any = None
    time_zone: str | None = None
    two_factor_auth_enabled: Any = None
    url: Any = None
    user_fields: Object | None = None
    verified: bool | None = None


class OrganizationRow(Payload):
    """Row of the organisation export."""

    id: Id
    created_at: str
    updated_at: str
    deleted_at: str | None = None
    details: Any = None
    domain_names: list[str] | None = None
    external_id: Id | None = None
    group_id: Id | None = None
    name: str | None = None
    notes: Any = None
    organization_fields: Object | None = None
    shared_comments: Any = None
    shared_tickets: Any = None
    tags: list[str] | None = None
    url: Any = None


class RatingRow(Payload):
    """Legacy satisfaction rating."""

    id: Id
    score: str
    created_at: str
    updated_at: str
    assignee_id: Id | None = None
    comment: str | None = None
    comment_id: Any = None
    group_id: Id | None = None
    reason: str | None = None
    reason_code: Any = None
    reason_id: Any = None
    requester_id: Id | None = None
    ticket_id: Id | None = None
    url: Any = None


class SurveyRow(Payload):
    """Survey as it stands."""

    id: Id
    version: int
    questions: list[Object]
    created_at: str | None = None
    updated_at: str | None = None
    state: str | None = None


class SurveyResponseRow(Payload):
    """Survey response as it is listed, with what was joined to it."""

    id: Id
    answers: list[Object]
    expires_at: str | None = None
    offered_at: str | None = None
    questions: Object | None = None
    responder_id: Id | None = None
    subject_zrns: list[str] | None = None
    subjects: Any = None
    survey: Object | None = None
    survey_id: Any = None
    survey_version: Any = None
