"""The engines find again what was planted in the synthetic company's logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxm_connectors.simulation import Company, ContactHistory, contact_history
from cxm_core.engines import (
    channel_parity,
    first_contact_resolution,
    first_reply_time,
    issues,
    misrouted,
    promotions_in_complaints,
    reopen_rate,
    repeat_contact,
    resolution_time,
    tickets,
)
from cxm_core.program import ChannelRule

RULES = {"billing": ("phone", "chat"), "defect": ("email", "web", "phone")}
COMPLAINTS = ("delivery", "defect", "billing")


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with eleven hundred tickets."""
    return Company.made(customers=1_000)


@pytest.fixture(scope="module")
def tables(company: Company) -> dict[str, dict[str, list[Any]]]:
    """Its logs."""
    return company.tables()


@pytest.fixture(scope="module")
def history() -> ContactHistory:
    """Eight thousand contacts."""
    return contact_history(customers=3_000, seed=1)


class TestCompany:
    """Tickets and their events, as a desk notes them."""

    @pytest.mark.parametrize("engine", [resolution_time, first_reply_time, reopen_rate])
    def test_times_of_tickets(self, company: Company, tables: Any, engine: Any) -> None:
        """From the events until today, the interval holds what is true of tickets to the end."""
        found = engine(tickets(tables["ticket_events"], until=company.now))
        assert found.low <= company.truth(engine.__name__).value <= found.high

    @pytest.mark.parametrize("known", [{"issue": "issue"}, {"reason": "reason", "text": "text"}])
    def test_contacts_become_matters(
        self, company: Company, tables: Any, known: dict[str, str]
    ) -> None:
        """With true issue ids and without, the intervals hold the true share of either figure."""
        asked = {name: of for name, of in tables["tickets"].items() if name != "issue" or known}
        found = issues(asked, native_id="native_id", until=company.now, **known)
        for engine in (first_contact_resolution, repeat_contact):
            measured = engine(found)
            assert measured.low <= company.truth(engine.__name__).value <= measured.high

    def test_promotions_in_complaints(self, company: Company, tables: Any) -> None:
        """Messages that came while a complaint was open are counted one by one."""
        complaints = {**tables["tickets"], "opened_at": tables["tickets"]["occurred_at"]}
        keep = [status != "merged" for status in complaints["status"]]
        kept = {
            name: [value for value, stays in zip(of, keep, strict=True) if stays]
            for name, of in complaints.items()
        }
        found = promotions_in_complaints(
            tables["messages"], kept, until=company.now, reasons=COMPLAINTS
        )
        expected = company.truth("promotions_in_complaints")
        assert found["messages"].n == expected.n
        assert found["messages"].value == pytest.approx(expected.value, abs=2.5 / expected.n)

    def test_channels_at_one_pace_are_alike(self, company: Company, tables: Any) -> None:
        """Tickets by e-mail and by web take the same time; those by phone less, as planted."""
        asked = {**tables["tickets"], "opened_at": tables["tickets"]["occurred_at"]}
        found = channel_parity(
            asked, margins={"resolution_time": "30h"}, against="email", until=company.now
        )
        verdicts = {name.partition(": ")[2]: found[name] for name in found.parts}
        assert bool(verdicts["web"])
        assert not bool(verdicts["phone"])


class TestHistory:
    """Contacts with parameters that are known exactly."""

    def test_misrouted(self, history: ContactHistory) -> None:
        """The share on channels where the noted reason does not belong follows from the plan."""
        rules = [ChannelRule(name=one, reasons=one, channels=of) for one, of in RULES.items()]
        found = misrouted(history.columns(), rules)
        assert found.low <= history.truth.misrouted(RULES) <= found.high

    def test_parity_as_planted(self, history: ContactHistory) -> None:
        """Satisfaction by e-mail and by web is alike; that of the bot is not."""
        contacts = history.columns()
        found = issues(contacts, native_id="native_id", until=history.until, issue="issue")
        parity = channel_parity(
            found,
            margins={"csat": 0.1},
            against="email",
            scale="1-5",
            columns={"csat": "satisfaction"},
        )
        verdicts = {name.partition(": ")[2]: parity[name] for name in parity.parts}
        assert bool(verdicts["web"])
        assert not bool(verdicts["app"])

    def test_what_is_cut_off_does_not_bias(self, history: ContactHistory) -> None:
        """A log that ends in the middle of many matters still shows the planted share."""
        found = issues(history.columns(), native_id="native_id", until=history.until, issue="issue")
        measured = first_contact_resolution(found)
        planned = history.truth.first_contact_resolution(within=timedelta(days=7))
        assert measured.low <= planned <= measured.high
