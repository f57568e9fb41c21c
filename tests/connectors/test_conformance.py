"""The suite that authors of connectors run, over every connector that comes with the project."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from code_lines import ROOT
from cxm_connectors.files import Files
from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import Company
from cxm_connectors.testing import Expect, connector_suite
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator import ZendeskSimulator
from cxm_core.plugins import Delivery

SECRET = "simulated-secret"  # noqa: S105  (it opens nothing but a simulator)
HOOK = "https://cx.example/hooks"
Held = Mapping[tuple[str, str], Mapping[str, object]]


@cache
def company() -> Company:
    """A company of which each vendor holds a part."""
    return Company.made(customers=12)


NOW = company().now + timedelta(minutes=10)


def by_id(rows: Any, kinds: Mapping[str, str]) -> Held:
    """For each row of some tables of a vendor the kind and id that it must be kept under."""
    return {
        (kind, str(row["id"])): {} for table, kind in kinds.items() for row in table_of(rows[table])
    }


def table_of(rows: Any) -> list[Any]:
    """Rows of a table that is a list, or has them by id."""
    return [*(rows.values() if isinstance(rows, dict) else rows)]


# ---- files -------------------------------------------------------------------------------------

AIRPORT = ROOT / "examples" / "sfo"

TestFiles = connector_suite(
    Files,
    config=tomllib.loads((AIRPORT / "cxm.toml").read_text(encoding="utf-8"))["sources"][0][
        "config"
    ],
    expect=Expect(root=AIRPORT),
)


# ---- Zendesk -----------------------------------------------------------------------------------


class Hours:
    """A vendor's clock, which goes on when something was changed."""

    now = company().now + timedelta(minutes=5)

    def __call__(self) -> datetime:
        """Give its time."""
        return self.now


class Desk(ZendeskSimulator):
    """A help desk with a clock of its own: exports leave out the last minute."""

    def __init__(self) -> None:
        self.hours = Hours()
        super().__init__(company(), secret=SECRET, clock=self.hours)


ZENDESK_KINDS = {
    "tickets": "ticket",
    "customers": "customer",
    "staff": "staff",
    "organizations": "account",
    "survey_responses": "invitation",
}


def zendesk_holds(vendor: ZendeskSimulator) -> Held:
    """Tickets with their subject, people, organisations and who was asked."""
    rows = vendor.truth()
    subjects = {
        ("ticket", str(number)): {"subject": row["subject"]}
        for number, row in rows["tickets"].items()
    }
    return {**by_id(rows, ZENDESK_KINDS), **subjects}


def zendesk_edits(vendor: Desk) -> None:
    """An automation rewords a ticket, another one goes, and a third is new."""
    vendor.change("tickets", 1, by_automation=True, subject="reworded by a rule")
    vendor.delete("tickets", 2)
    vendor.add("tickets", {"id": 9_001, "subject": "all new"})
    vendor.hours.now += timedelta(minutes=5)


TestZendesk = connector_suite(
    Zendesk,
    Desk,
    config={"subdomain": "acme", "page_size": 5},
    secrets={"ZENDESK_TOKEN": SECRET, "ZENDESK_WEBHOOK_SECRET": SECRET},
    expect=Expect(
        holds=zendesk_holds,
        change=zendesk_edits,
        deliveries=[Desk().push("ticket.created", n, secret=SECRET) for n in (1, 2)],
        now=NOW,
    ),
)


# ---- HubSpot -----------------------------------------------------------------------------------

HUBSPOT_KINDS = {
    "contacts": "customer",
    "companies": "account",
    "deals": "deal",
    "tickets": "ticket",
    "feedback_submissions": "response",
    "owners": "staff",
}


def hubspot_holds(vendor: HubSpotSimulator) -> Held:
    """Everything that it holds."""
    return by_id(vendor.truth(), HUBSPOT_KINDS)


def hubspot_edits(vendor: HubSpotSimulator) -> None:
    """A contact is renamed, a deal goes, and a contact is new."""
    rows = vendor.truth()
    vendor.change("contacts", rows["contacts"][0]["id"], lastname="Reworded")
    vendor.delete("deals", rows["deals"][0]["id"])
    vendor.add("contacts", email="all.new@example.org")


def hubspot() -> HubSpotSimulator:
    """An account whose searches show a change at once."""
    return HubSpotSimulator(company(), secret=SECRET, quirks=())


def hubspot_deliveries() -> list[Delivery]:
    """What the webhook sends when a contact was changed."""
    vendor = hubspot()
    vendor.deliver(HOOK)
    hubspot_edits(vendor)
    return [vendor.deliver(HOOK)]


TestHubSpot = connector_suite(
    HubSpot,
    hubspot,
    config={"page_size": 5},
    secrets={"HUBSPOT_TOKEN": SECRET, "HUBSPOT_CLIENT_SECRET": SECRET},
    expect=Expect(
        holds=hubspot_holds, change=hubspot_edits, deliveries=hubspot_deliveries(), now=NOW
    ),
)


# ---- Typeform ----------------------------------------------------------------------------------

TYPEFORM = partial(TypeformSimulator, company(), secret=SECRET)


def typeform_holds(vendor: TypeformSimulator) -> Held:
    """Everybody who opened a form."""
    return {("invitation", f"{row['form_id']}/{row['token']}"): {} for row in vendor.truth()}


def typeform_edits(vendor: TypeformSimulator) -> None:
    """Somebody answers anew."""
    one = next(s for s in company().submissions if s.form in {2, 3} and s.state == "completed")
    vendor.change(one)


def typeform_deliveries() -> list[Delivery]:
    """What the webhook sends of two answers."""
    done = [s for s in company().submissions if s.form in {2, 3} and s.state == "completed"]
    return [TYPEFORM().delivery(one.key, at=NOW) for one in done[:2]]


TestTypeform = connector_suite(
    Typeform,
    TYPEFORM,
    config={"page_size": 3},
    secrets={"TYPEFORM_TOKEN": SECRET, "TYPEFORM_WEBHOOK_SECRET": SECRET},
    expect=Expect(
        holds=typeform_holds,
        change=typeform_edits,
        deliveries=typeform_deliveries(),
        signs_time=False,
        now=NOW,
    ),
)
