"""Tables as Fivetran and Airbyte land them, read with the layouts that ship."""

# ruff: noqa: S608  (the tables of a test, with its own time in them)

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxm_connectors.warehouse import LAYOUTS, Warehouse
from cxm_core.plugins import Connector, Runtime, build
from cxm_core.records import Customer, Deal, Record, Response, Staff, Ticket, TicketEvent
from cxm_core.store import Store, open_store
from cxm_core.sync import pull

NOW = datetime(2026, 11, 21, tzinfo=UTC)
AT = "TIMESTAMPTZ '2026-11-05 09:00+00'"
Landing = Callable[[str, str], Connector]

ZENDESK = {
    "fivetran": f"""
        CREATE TABLE ticket AS SELECT * FROM (VALUES
          (35, 7, {AT}, {AT}, 'Late', 'Where is it?', 'hold', 'high', 9, 3, 5, NULL, NULL, 'mail',
           false),
          (36, 7, {AT}, {AT}, 'Gone', NULL, 'open', NULL, NULL, NULL, NULL, NULL, NULL, 'fax', true)
        ) AS t(id, requester_id, created_at, updated_at, subject, description, status, priority,
          assignee_id, group_id, organization_id, problem_id, due_at, via_channel,
          _fivetran_deleted);
        CREATE TABLE ticket_comment AS SELECT 501 AS id, 35 AS ticket_id, 7 AS user_id,
          'Where is it?' AS body, true AS public, {AT} AS created, false AS _fivetran_deleted;
        CREATE TABLE "user" AS SELECT * FROM (VALUES
          (7, 'Ann', 'ann@example.com', NULL, 'x7', 'end-user', 'de', {AT}, {AT}, true, false,
           false),
          (9, 'Bo', 'bo@example.com', NULL, NULL, 'agent', 'de', {AT}, {AT}, true, false, false)
        ) AS t(id, name, email, phone, external_id, role, locale, created_at, updated_at, active,
          suspended, _fivetran_deleted);
        ALTER TABLE "user" ADD COLUMN time_zone VARCHAR;
        CREATE TABLE organization AS SELECT 5 AS id, 'Acme' AS name, NULL AS external_id,
          {AT} AS created_at, {AT} AS updated_at;
        CREATE TABLE satisfaction_rating AS SELECT * FROM (VALUES
          (71, 7, 35, 9, 3, 'Slow', 'Took a week', {AT}, {AT}, 'bad_with_comment'),
          (72, 7, 36, 9, 3, NULL, NULL, {AT}, {AT}, 'offered')
        ) AS t(id, requester_id, ticket_id, assignee_id, group_id, reason, comment, created_at,
          updated_at, score);
    """,
    "airbyte": f"""
        CREATE TABLE tickets AS SELECT * FROM (VALUES
          (35, 7, {AT}, {AT}, 1762333200, 'Late', 'Where is it?', 'hold', 'high', 9, 3, 5, NULL,
           NULL, '{{"channel": "mail"}}'),
          (36, 7, {AT}, {AT}, NULL, 'Gone', NULL, 'deleted', NULL, NULL, NULL, NULL, NULL, NULL,
           '{{"channel": "fax"}}')
        ) AS t(id, requester_id, created_at, updated_at, generated_timestamp, subject, description,
          status, priority, assignee_id, group_id, organization_id, problem_id, due_at, via);
        CREATE TABLE ticket_comments AS SELECT 501 AS id, 35 AS ticket_id, 7 AS author_id,
          'Where is it?' AS body, NULL AS plain_body, true AS public, {AT} AS created_at;
        CREATE TABLE users AS SELECT * FROM (VALUES
          (7, 'Ann', 'ann@example.com', NULL, 'x7', 'end-user', 'de', NULL, {AT}, {AT}, true,
           false),
          (9, 'Bo', 'bo@example.com', NULL, NULL, 'agent', 'de', NULL, {AT}, {AT}, true, false)
        ) AS t(id, name, email, phone, external_id, role, locale, time_zone, created_at,
          updated_at, active, suspended);
        CREATE TABLE organizations AS SELECT 5 AS id, 'Acme' AS name, NULL AS external_id,
          {AT} AS created_at, {AT} AS updated_at;
        CREATE TABLE satisfaction_ratings AS SELECT * FROM (VALUES
          (71, 7, 35, 9, 3, 'Slow', 'Took a week', {AT}, {AT}, 'bad'),
          (72, 7, 36, 9, 3, NULL, NULL, {AT}, {AT}, 'offered')
        ) AS t(id, requester_id, ticket_id, assignee_id, group_id, reason, comment, created_at,
          updated_at, score);
    """,
}
HUBSPOT = {
    "fivetran": f"""
        CREATE TABLE contact AS SELECT 1 AS id, {AT} AS property_createdate,
          {AT} AS property_lastmodifieddate, {AT} AS _fivetran_synced, false AS _fivetran_deleted,
          'ann@example.com' AS property_email, NULL AS property_phone, 'Ann' AS property_firstname,
          'Lee' AS property_lastname, 'customer' AS property_lifecyclestage,
          'Austria' AS property_country;
        CREATE TABLE company AS SELECT 2 AS id, {AT} AS property_createdate,
          {AT} AS property_hs_lastmodifieddate, {AT} AS _fivetran_synced, false AS is_deleted,
          'Acme' AS property_name, 'RETAIL' AS property_industry, NULL AS property_country,
          'acme.example' AS property_domain;
        CREATE TABLE ticket AS SELECT 3 AS id, {AT} AS property_createdate,
          {AT} AS property_hs_lastmodifieddate, {AT} AS _fivetran_synced, false AS is_deleted,
          'Late' AS property_subject, 'Where is it?' AS property_content,
          'delivery' AS property_hs_ticket_category, '0' AS property_hs_pipeline,
          '1' AS property_hs_pipeline_stage, '8' AS property_hubspot_owner_id,
          'MEDIUM' AS property_hs_ticket_priority;
        CREATE TABLE deal AS SELECT 4 AS deal_id, {AT} AS property_createdate,
          {AT} AS property_hs_lastmodifieddate, {AT} AS _fivetran_synced, false AS is_deleted,
          'Big one' AS property_dealname, 'default' AS deal_pipeline_id,
          'won' AS deal_pipeline_stage_id;
        CREATE TABLE owner AS SELECT 8 AS owner_id, {AT} AS created_at, {AT} AS updated_at,
          'bo@example.com' AS email, 'Bo' AS first_name, 'Ek' AS last_name;
    """,
    "airbyte": f"""
        CREATE TABLE contacts AS SELECT '1' AS id, {AT} AS "createdAt", {AT} AS "updatedAt",
          false AS archived, '{{"email": "ann@example.com", "firstname": "Ann", "lastname": "Lee",
          "lifecyclestage": "customer", "country": "Austria"}}'::JSON AS properties;
        CREATE TABLE companies AS SELECT '2' AS id, {AT} AS "createdAt", {AT} AS "updatedAt",
          false AS archived, '{{"name": "Acme", "industry": "RETAIL"}}'::JSON AS properties;
        CREATE TABLE tickets AS SELECT '3' AS id, {AT} AS "createdAt", {AT} AS "updatedAt",
          false AS archived, '{{"subject": "Late", "content": "Where is it?",
          "hs_ticket_category": "delivery", "hs_pipeline": "0", "hs_pipeline_stage": "1",
          "hubspot_owner_id": "8", "hs_ticket_priority": "MEDIUM"}}'::JSON AS properties;
        CREATE TABLE deals AS SELECT '4' AS id, {AT} AS "createdAt", {AT} AS "updatedAt",
          false AS archived, '{{"dealname": "Big one", "pipeline": "default", "dealstage": "won"}}'
          ::JSON AS properties;
        CREATE TABLE owners AS SELECT '8' AS id, {AT} AS "createdAt", {AT} AS "updatedAt",
          'bo@example.com' AS email, 'Bo' AS "firstName", 'Ek' AS "lastName";
        CREATE TABLE feedback_submissions AS SELECT '5' AS id, {AT} AS "createdAt",
          {AT} AS "updatedAt", false AS archived, '{{"hs_survey_id": "12", "hs_survey_type": "NPS",
          "hs_value": "9", "hs_content": "Good", "hs_contact_id": "1"}}'::JSON AS properties;
    """,
}
_FIELDS = """[
    {"id": "F1", "type": "nps"},
    {"id": "G", "type": "group", "properties": {"fields": [
        {"id": "F2", "type": "rating", "properties": {"steps": 5, "shape": "star"}},
        {"id": "F3", "type": "opinion_scale", "properties": {"steps": 7, "start_at_one": true}}]}},
    {"id": "F4", "type": "long_text"}, {"id": "F5", "type": "email"},
    {"id": "F6", "type": "opinion_scale", "properties": {}}]"""
_ANSWERS = """[
    {"field": {"id": "F1", "type": "nps"}, "type": "number", "number": 9},
    {"field": {"id": "F2", "type": "rating"}, "type": "number", "number": 4},
    {"field": {"id": "F3", "type": "opinion_scale"}, "type": "number", "number": 7},
    {"field": {"id": "F4", "type": "long_text"}, "type": "text", "text": "Warm hall"},
    {"field": {"id": "F5", "type": "email"}, "type": "email", "email": "ann@example.com"}]"""
TYPEFORM = {
    "airbyte": f"""
        CREATE TABLE forms AS SELECT 'A' AS id, '{_FIELDS}'::JSON AS fields;
        CREATE TABLE responses AS SELECT 'A' AS form_id, 'R1' AS response_id, {AT} AS landed_at,
          {AT} AS submitted_at, '{_ANSWERS}'::JSON AS answers;
    """,
    "fivetran": f"""
        CREATE TABLE form_field_history AS SELECT *, {AT} AS _fivetran_synced FROM (VALUES
          ('A', 'F1', 'nps', NULL, NULL, NULL), ('A', 'F2', 'rating', 5, NULL, 'star'),
          ('A', 'F3', 'opinion_scale', 7, true, NULL), ('A', 'F4', 'long_text', NULL, NULL, NULL),
          ('A', 'F5', 'email', NULL, NULL, NULL)
        ) AS t(form_id, id, type, steps, start_at_one, shape);
        CREATE TABLE response AS SELECT 'A' AS form_id, 'R1' AS id, {AT} AS landed_at,
          {AT} AS submitted_at;
        CREATE TABLE response_answer AS SELECT * FROM (VALUES
          ('A', 'R1', 'F1', 'number', NULL, 9.0), ('A', 'R1', 'F2', 'number', NULL, 4.0),
          ('A', 'R1', 'F3', 'number', NULL, 7.0), ('A', 'R1', 'F4', 'text', 'Warm hall', NULL),
          ('A', 'R1', 'F5', 'email', NULL, NULL)
        ) AS t(form_id, response_id, field_id, type, text, number);
    """,
}
TOOLS = ("airbyte", "fivetran")


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    opened = open_store("memory:", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def kept(tmp_path: Path, store: Store) -> Callable[[str, str], dict[str, list[Record]]]:
    """Land tables, pull them by a layout, and give all records by kind."""

    def landed(layout: str, tables: str) -> dict[str, list[Record]]:
        with duckdb.connect(str(tmp_path / "landing.duckdb")) as con:
            con.execute(f"CREATE SCHEMA desk; USE desk; {tables}")
        runtime = Runtime(clock=lambda: NOW, root=tmp_path)
        config = {"database": "landing.duckdb", "schema": "desk", "layout": layout}
        connector = build(Warehouse, config, runtime, source="warehouse:desk")
        for receipt in pull(store, connector, source="warehouse:desk", clock=lambda: NOW):
            assert (receipt.stream, receipt.note, receipt.reasons) == (receipt.stream, "", {})
            assert receipt.verdict == "complete"
        kinds = {kind for stream in connector.streams() for kind in stream.kinds}
        return {kind: list(store.records(kind)) for kind in kinds}

    return landed


def only(records: list[Record], cls: type[Any]) -> Any:
    """Take the one record of a kind."""
    (record,) = records
    assert isinstance(record, cls)
    return record


def names(record: Record) -> list[str]:
    """Give the identifiers of whom a record is about."""
    return sorted(identifier.text for identifier in record.customer)


@pytest.mark.parametrize("tool", TOOLS)
def test_zendesk(tool: str, kept: Any) -> None:
    """Tickets, comments, people, organisations and ratings come with the connector's own ids."""
    found = kept(f"{tool}.zendesk", ZENDESK[tool])
    ticket = only(found["ticket"], Ticket)
    assert (ticket.native_id, ticket.status, ticket.priority) == ("35", "on_hold", "high")
    assert (ticket.channel, ticket.owner, ticket.account) == ("email", "9", "5")
    assert names(ticket) == ["external:user:7"]
    comment = only(found["ticket_event"], TicketEvent)
    assert (comment.ticket, comment.event, comment.is_public) == ("35", "comment", True)
    customer = only(found["customer"], Customer)
    assert names(customer) == ["email:ann@example.com", "external:user:7"]
    assert only(found["staff"], Staff).is_active
    response = only(found["response"], Response)
    assert (response.native_id, response.question) == ("71", "satisfaction")
    assert (response.score.value, response.score.scale.code) == (0, "good/bad")
    assert response.verbatim == "Took a week"
    assert [question.scale.code for question in found["question"]] == ["good/bad"]


@pytest.mark.parametrize("tool", TOOLS)
def test_hubspot(tool: str, kept: Any) -> None:
    """Contacts, companies, tickets, deals and owners come with the connector's own ids."""
    found = kept(f"{tool}.hubspot", HUBSPOT[tool])
    customer = only(found["customer"], Customer)
    assert names(customer) == ["email:ann@example.com", "external:1"]
    assert (customer.given_name, customer.country) == ("Ann", "Austria")
    assert only(found["account"], Record).name == "Acme"
    ticket = only(found["ticket"], Ticket)
    assert (ticket.subject, ticket.priority, ticket.owner) == ("Late", "normal", "8")
    assert only(found["deal"], Deal).stage == "won"
    assert only(found["staff"], Staff).name == "Bo Ek"
    for response in found.get("response", ()):
        assert (response.native_id, response.score.value) == ("5", 9)
        assert names(response) == ["external:1"]


@pytest.mark.parametrize("tool", TOOLS)
def test_typeform(tool: str, kept: Any) -> None:
    """Each answer has the scale of its field; who somebody is, is no answer."""
    found = kept(f"{tool}.typeform", TYPEFORM[tool])
    (invitation,) = found["invitation"]
    assert (invitation.native_id, invitation.outcome) == ("A/R1", "complete")
    by_id = {response.native_id: response for response in found["response"]}
    assert sorted(by_id) == ["A/R1/F1", "A/R1/F2", "A/R1/F3", "A/R1/F4"]
    scores = {key: one.score for key, one in by_id.items() if one.score}
    assert {key: (one.value, one.scale.code) for key, one in scores.items()} == {
        "A/R1/F1": (9, "0-10"),
        "A/R1/F2": (4, "stars"),
        "A/R1/F3": (7, "1-7"),
    }
    assert by_id["A/R1/F4"].verbatim == "Warm hall"


def test_each_layout_has_a_test() -> None:
    """No layout ships that nobody has tried."""
    tried = {"zendesk": ZENDESK, "hubspot": HUBSPOT, "typeform": TYPEFORM}
    assert set(LAYOUTS) == {f"{tool}.{name}" for name, tools in tried.items() for tool in tools}
