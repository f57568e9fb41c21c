"""The simulated vendor has the quirks of the real one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import (
    Company,
    SimForm,
    SimQuestion,
    SimRequest,
    SimResponse,
    SimSubmission,
)
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

TOKEN = "pat-eu1-simulated"  # noqa: S105
OBJECTS = "/crm/objects/2026-09"


class Asking:
    """Asks a vendor without a connector."""

    def __init__(self, vendor: HubSpotSimulator, token: str = TOKEN) -> None:
        self.vendor, self.head = vendor, {"authorization": f"Bearer {token}"}

    def raw(self, target: str, body: Any = None) -> SimResponse:
        """Give the answer as it is."""
        data = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        return self.vendor.respond(
            SimRequest(method=method, target=target, headers=self.head, body=data)
        )

    def __call__(self, target: str, body: Any = None) -> Any:
        """Give the answer's JSON."""
        return json.loads(self.raw(target, body).body)

    def found(self, kind: str, *tests: tuple[str, str, str], **named: Any) -> Any:
        """Search."""
        filters = [{"propertyName": n, "operator": o, "value": v} for n, o, v in tests]
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [],
            "properties": [],
            "limit": 200,
            "after": "0",
            **named,
        }
        return self(f"{OBJECTS}/{kind}/search", body)


@pytest.fixture
def vendor(clock: Any) -> HubSpotSimulator:
    """An empty account without passing faults."""
    return HubSpotSimulator(quirks=(), clock=clock, window=50)


class TestLists:
    """Lists of objects."""

    def test_the_next_link_has_a_wrong_path(self, vendor: HubSpotSimulator) -> None:
        """Who follows it gets a page in HTML (H7)."""
        for number in range(3):
            vendor.add("contacts", email=f"{number}@example.com")
        ask = Asking(vendor)
        page = ask("/crm/v3/objects/contacts?limit=2")
        link = page["paging"]["next"]["link"]
        assert link.startswith("/crm/objects/v3/contacts")
        lost = ask.raw(link)
        assert (lost.status, lost.headers[0][1][:9]) == (404, "text/html")
        rest = ask(f"/crm/v3/objects/contacts?limit=2&after={page['paging']['next']['after']}")
        assert len(page["results"]) + len(rest["results"]) == 3
        assert "paging" not in rest

    def test_properties_come_only_when_asked_for(self, vendor: HubSpotSimulator) -> None:
        """One that is not set is null."""
        vendor.add("contacts", email="ann@example.com")
        ask = Asking(vendor)
        assert "email" not in ask(f"{OBJECTS}/contacts")["results"][0]["properties"]
        row = ask(f"{OBJECTS}/contacts?properties=email,phone")["results"][0]["properties"]
        assert (row["email"], row["phone"]) == ("ann@example.com", None)

    def test_the_archive_is_a_list_of_its_own(self, vendor: HubSpotSimulator, clock: Any) -> None:
        """Its rows keep the stamp of their last change."""
        number = vendor.add("deals", dealname="x")
        before = Asking(vendor)(f"{OBJECTS}/deals")["results"][0]["updatedAt"]
        clock.sleep(60)
        vendor.delete("deals", number)
        ask = Asking(vendor)
        assert ask(f"{OBJECTS}/deals")["results"] == []
        row = ask(f"{OBJECTS}/deals?archived=true")["results"][0]
        assert row["updatedAt"] == before
        assert row["archivedAt"] > before

    def test_a_row_holds_so_many_associations(self, clock: Any) -> None:
        """A hundred at most, then there is a token."""
        vendor = HubSpotSimulator(quirks=(), clock=clock, most_linked=2)
        contact = vendor.add("contacts", email="ann@example.com")
        for _ in range(3):
            company = vendor.add("companies", name="x")
            vendor.associate(("contacts", contact), ("companies", company))
        row = Asking(vendor)(f"{OBJECTS}/contacts?associations=companies")["results"][0]
        assert len(row["associations"]["companies"]["results"]) == 2
        assert row["associations"]["companies"]["paging"]["next"]["after"]

    def test_ids_are_not_in_the_order_of_time(self, vendor: HubSpotSimulator) -> None:
        """A new object may have a smaller id than an old one."""
        ids = [int(vendor.add("contacts", email=f"{i}@example.com")) for i in range(20)]
        assert ids != sorted(ids)

    def test_an_address_can_be_too_long(self, vendor: HubSpotSimulator) -> None:
        """As it becomes with many properties."""
        assert Asking(vendor).raw(f"{OBJECTS}/contacts?properties={'x' * 16_000}").status == 414


class TestSearch:
    """Searches."""

    def test_serves_a_window_of_rows(self, vendor: HubSpotSimulator) -> None:
        """Its count is that of all rows, but none behind the window is served (H1)."""
        for _ in range(60):
            vendor.add("companies", name="x")
        ask = Asking(vendor)
        page = ask.found("companies", limit=20, after="30")
        assert (page["total"], len(page["results"])) == (60, 20)
        assert page["paging"]["next"]["after"] == "50"
        assert ask.found("companies", limit=20, after="50")["category"] == "VALIDATION_ERROR"
        last = page["results"][-1]["id"]
        assert len(ask.found("companies", ("hs_object_id", "GT", last))["results"]) == 10

    def test_shows_edits_late(self, clock: Any) -> None:
        """A list shows them at once (H2)."""
        vendor = HubSpotSimulator(quirks=("late_rows",), clock=clock)
        vendor.add("contacts", email="ann@example.com")
        ask = Asking(vendor)
        assert ask.found("contacts")["total"] == 0
        assert len(ask(f"{OBJECTS}/contacts")["results"]) == 1
        clock.sleep(31)
        assert ask.found("contacts")["total"] == 1

    def test_contacts_have_another_stamp(self, vendor: HubSpotSimulator) -> None:
        """Asked by the name of the others it finds nothing, and says nothing (H5)."""
        vendor.add("contacts", email="ann@example.com")
        vendor.add("deals", dealname="x")
        ask = Asking(vendor)
        assert ask.found("contacts", ("hs_lastmodifieddate", "GTE", "0"))["total"] == 0
        assert ask.found("contacts", ("lastmodifieddate", "GTE", "0"))["total"] == 1
        assert ask.found("deals", ("hs_lastmodifieddate", "GTE", "2026-01-01T00:00:00Z"))["total"]

    def test_knows_no_archive_and_no_association(self, vendor: HubSpotSimulator) -> None:
        """Neither is in its rows (H4)."""
        number = vendor.add("contacts", email="ann@example.com")
        vendor.associate(("contacts", number), ("companies", vendor.add("companies", name="x")))
        ask = Asking(vendor)
        assert "associations" not in ask.found("contacts")["results"][0]
        vendor.delete("contacts", number)
        assert ask.found("contacts")["total"] == 0

    @pytest.mark.parametrize(
        "spoil",
        [
            {"limit": 201},
            {"filterGroups": [{"filters": []}] * 7},
            {"filterGroups": [{"filters": [{"propertyName": "x", "operator": "LIKE"}]}]},
        ],
    )
    def test_refuses_what_is_too_much(
        self, vendor: HubSpotSimulator, spoil: dict[str, Any]
    ) -> None:
        """More rows, more groups, or another operator than there is."""
        assert Asking(vendor).found("contacts", **spoil)["category"] == "VALIDATION_ERROR"

    def test_filters(self, vendor: HubSpotSimulator) -> None:
        """Numbers, texts, lists, and whether there is something."""
        vendor.add("companies", name="a", numberofemployees="9")
        vendor.add("companies", name="b", numberofemployees="10")
        vendor.add("companies", name="c")
        ask = Asking(vendor)

        def names(*tests: tuple[str, str, str]) -> list[str]:
            rows = ask.found("companies", *tests, properties=["name"])["results"]
            return sorted(row["properties"]["name"] for row in rows)

        assert names(("numberofemployees", "GT", "9")) == ["b"]
        assert names(("name", "EQ", "a")) == ["a"]
        assert names(("name", "NEQ", "a")) == ["b", "c"]
        assert names(("numberofemployees", "NOT_HAS_PROPERTY", "")) == ["c"]
        assert names(("numberofemployees", "HAS_PROPERTY", ""), ("name", "LT", "b")) == ["a"]

    def test_tells_nothing_of_its_budget(self, vendor: HubSpotSimulator) -> None:
        """All other calls do."""
        ask = Asking(vendor)
        body = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": ""}
        headers = dict(ask.raw(f"{OBJECTS}/contacts/search", body).headers)
        assert not [name for name in headers if "ratelimit" in name.lower()]
        assert "X-HubSpot-RateLimit-Max" in dict(ask.raw(f"{OBJECTS}/contacts").headers)


class TestBatches:
    """Several objects at once."""

    def test_what_is_not_there_is_an_error_in_a_good_answer(self, vendor: HubSpotSimulator) -> None:
        """Status 207, and the others are served."""
        number = vendor.add("contacts", email="ann@example.com")
        answer = Asking(vendor).raw(
            f"{OBJECTS}/contacts/batch/read", {"inputs": [{"id": number}, {"id": "1"}]}
        )
        page = json.loads(answer.body)
        assert (answer.status, len(page["results"]), page["numErrors"]) == (207, 1, 1)

    def test_no_more_than_a_hundred(self, vendor: HubSpotSimulator) -> None:
        """And fifty with former values."""
        ask, many = Asking(vendor), [{"id": "1"}] * 51
        path = f"{OBJECTS}/tickets/batch/read"
        assert ask.raw(path, {"inputs": many}).status == 207
        assert ask.raw(path, {"inputs": many * 2}).status == 400
        assert ask.raw(path, {"inputs": many, "propertiesWithHistory": ["x"]}).status == 400

    def test_former_values_are_the_last_twenty(self, vendor: HubSpotSimulator, clock: Any) -> None:
        """The newest first."""
        number = vendor.add("tickets", hs_pipeline_stage="1")
        for turn in range(30):
            clock.sleep(1)
            vendor.change("tickets", number, hs_pipeline_stage=str(turn % 2 + 2))
        body = {"inputs": [{"id": number}], "propertiesWithHistory": ["hs_pipeline_stage"]}
        row = Asking(vendor)(f"{OBJECTS}/tickets/batch/read", body)["results"][0]
        stamps = [one["timestamp"] for one in row["propertiesWithHistory"]["hs_pipeline_stage"]]
        assert len(stamps) == 20
        assert stamps == sorted(stamps, reverse=True)

    @pytest.mark.parametrize(("path", "kind"), [("v4/associations", int), ("associations", str)])
    def test_ids_of_associations_are_numbers_in_v4(
        self, vendor: HubSpotSimulator, path: str, kind: type
    ) -> None:
        """And texts in the versions that are named after a date."""
        contact = vendor.add("contacts", email="ann@example.com")
        vendor.associate(("contacts", contact), ("companies", vendor.add("companies", name="x")))
        date = "" if kind is int else "/2026-09"
        page = Asking(vendor)(
            f"/crm/{path}{date}/contacts/companies/batch/read", {"inputs": [{"id": contact}]}
        )
        assert type(page["results"][0]["to"][0]["toObjectId"]) is kind


class TestRefusals:
    """What it does not answer."""

    @pytest.mark.parametrize(
        ("token", "status"), [("", 401), ("pat-other", 401), ("two words", 530)]
    )
    def test_wrong_tokens(self, vendor: HubSpotSimulator, token: str, status: int) -> None:
        """A wrong one, none, and one that is none."""
        assert Asking(vendor, token).raw(f"{OBJECTS}/contacts").status == status

    def test_a_missing_scope_is_named(self, vendor: HubSpotSimulator) -> None:
        """In the body of the refusal."""
        vendor.scopes.clear()
        page = Asking(vendor)(f"{OBJECTS}/tickets")
        assert page["category"] == "MISSING_SCOPES"
        assert page["errors"][0]["context"]["requiredGranularScopes"] == ["tickets"]

    def test_too_many_calls_mostly_do_not_say_how_long(self, vendor: HubSpotSimulator) -> None:
        """Two of three have no Retry-After."""
        vendor.upset(*["throttled"] * 6)
        answers = [Asking(vendor).raw(f"{OBJECTS}/contacts") for _ in range(6)]
        assert {answer.status for answer in answers} == {429}
        told = ["Retry-After" in dict(answer.headers) for answer in answers]
        assert told.count(True) == 2

    def test_other_upsets(self, vendor: HubSpotSimulator) -> None:
        """Errors in HTML, half a JSON, and a connection that breaks."""
        vendor.add("contacts", email="ann@example.com")
        vendor.upset("failing", "truncated", "broken_off", "")
        answers = [Asking(vendor).raw(f"{OBJECTS}/contacts") for _ in range(4)]
        assert answers[0].status >= 500
        assert b"<html>" in answers[0].body
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            json.loads(answers[1].body)
        assert answers[2].cut_at == len(answers[2].body) // 2
        assert answers[3].cut_at is None

    def test_unknown_quirks_are_refused(self) -> None:
        """A typing error would otherwise pass for a vendor that behaves."""
        with pytest.raises(UsageError, match="no quirk"):
            HubSpotSimulator(quirks=("late",))


class TestCompany:
    """Its part of the synthetic company."""

    def test_the_same_seed_is_the_same_vendor(self) -> None:
        """And another seed has other ids."""
        company = Company.made(customers=40)
        truth = HubSpotSimulator(company, seed=1).truth()
        assert HubSpotSimulator(company, seed=1).truth() == truth
        assert HubSpotSimulator(company, seed=2).truth() != truth

    def test_tells_what_a_connector_needs(self, desk: Any, kept: Any) -> None:
        """Address, token, and what its surveys ask."""
        company = Company.made(customers=60)
        one = desk(company)
        one.config = one.vendor.settings()
        one.sync(kept, ["feedback_submissions"])
        (question,) = kept.of("question").values()
        assert question.text == company.forms[0].questions[0].text
        segments = {answer.attributes["segment"] for answer in kept.of("response").values()}
        assert segments <= {"consumer", "business", "enterprise"}

    def test_custom_forms_come_with_their_scale(self, desk: Any, kept: Any, clock: Any) -> None:
        """A scale that is none of the vendor's own is told with the settings."""
        stars = SimQuestion(
            key="stars", text="How was it?", measures="satisfaction", scale=Scale.named("1-5")
        )
        form = SimForm(
            key=9,
            title="Packaging",
            questions=(stars,),
            created_at=clock(),
            changed_at=clock(),
            tool="crm",
        )
        given = SimSubmission(
            key=1,
            form=9,
            landed_at=clock(),
            changed_at=clock(),
            submitted_at=clock(),
            answers={"stars": 4},
        )
        one = desk(Company(forms=(form,), submissions=(given,)))
        one.config = one.vendor.settings()
        one.sync(kept, ["feedback_submissions"])
        (answer,) = kept.of("response").values()
        assert (answer.score.value, answer.score.scale.high, answer.score.is_top) == (4, 5, True)

    def test_holds_what_the_company_has_here(self) -> None:
        """Who is still there, tickets of the one desk, deals, and surveys of this tool."""
        company = Company.made(customers=300, seed=2)
        truth = HubSpotSimulator(company).truth()
        left = [c for c in company.customers if c.deleted_at or c.merged_into]
        here = [t for t in company.tickets if t.desk == "sales" and not t.deleted_at]
        assert len(truth["contacts"]) == 300 - len(left)
        assert len(truth["tickets"]) == len(here)
        assert len(truth["deals"]) == len(company.deals)
        assert len(truth["owners"]) == len(company.staff)
        assert {row["hs_survey_type"] for row in truth["feedback_submissions"]} == {"NPS"}
