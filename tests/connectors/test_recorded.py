"""Each vendor's connector recorded over real sockets, and the suite run over what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from cxm_connectors.hubspot import HubSpot
from cxm_connectors.hubspot._simulator import HubSpotSimulator
from cxm_connectors.simulation import Company, Serving
from cxm_connectors.testing import Cassette, Expect, cassette, examine, record
from cxm_connectors.toolkit import Connector
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator
from cxm_connectors.zendesk import Zendesk
from cxm_connectors.zendesk._simulator import ZendeskSimulator

SECRET = "simulated-secret"  # noqa: S105  (it opens nothing but a simulator)
_OTHERS = "an altered row makes it ask for what was never recorded; its simulator answers"


@cache
def company() -> Company:
    """A small company."""
    return Company.made(customers=6)


@frozen(kw_only=True)
class Vendor:
    """A connector, its vendor, and the laws that a recording of it cannot show."""

    cls: type[Connector]
    simulator: Callable[[], Any]
    config: Mapping[str, Any]
    secret: str
    without: tuple[str, ...] = ()


VENDORS = {
    "zendesk": Vendor(
        cls=Zendesk,
        simulator=lambda: ZendeskSimulator(
            company(), secret=SECRET, clock=lambda: company().now + timedelta(minutes=5)
        ),
        config={"subdomain": "acme", "page_size": 5},
        secret="ZENDESK_TOKEN",  # noqa: S106  (its name)
        without=(
            "an_empty_page_at_the_end_is_no_fault",
            "no_secret_is_shown",
            "no_word_of_a_customer_is_shown",
        ),
    ),
    "hubspot": Vendor(
        cls=HubSpot,
        simulator=lambda: HubSpotSimulator(company(), secret=SECRET, quirks=()),
        config={"page_size": 5},
        secret="HUBSPOT_TOKEN",  # noqa: S106  (its name)
        without=(
            "memory_does_not_grow_with_the_list",
            "killed_after_any_page_it_goes_on",
            "killed_at_any_item_it_loses_nothing",
            "a_missing_field_harms_no_other_row",
            "an_odd_value_harms_no_other_row",
            "odd_nested_values_harm_no_other_row",
            "hostile_texts_harm_nothing",
        ),
    ),
    "typeform": Vendor(
        cls=Typeform,
        simulator=lambda: TypeformSimulator(company(), secret=SECRET),
        config={"page_size": 3},
        secret="TYPEFORM_TOKEN",  # noqa: S106  (its name)
    ),
}


@pytest.fixture(scope="module", params=VENDORS)
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Vendor, Path]:
    """A vendor, and what was recorded of it on loopback."""
    vendor = VENDORS[request.param]
    place = tmp_path_factory.mktemp("tapes") / f"{request.param}.json"
    with Serving(vendor.simulator()) as serving:
        config = {**vendor.config, "base_url": serving.origin, "allow_private_addresses": True}
        count = record(vendor.cls, place, config=config, secrets={vendor.secret: SECRET})
    assert count == len(cassette(place).exchanges) > 10
    return vendor, place


def test_nothing_of_a_person_is_in_the_recording(recorded: tuple[Vendor, Path]) -> None:
    """No secret, and of no customer the address, the number or what they said."""
    text = recorded[1].read_text(encoding="utf-8")
    people = company()
    words = [one.email for one in people.customers]
    words += [one.phone for one in people.customers]
    words += [one.subject for one in people.tickets]
    words += [one.comment for one in people.ratings]
    found = [word for word in words if word and json.dumps(word)[1:-1] in text]
    assert SECRET not in text
    assert not found
    assert not re.search(r"(?i)bearer (?!scrubbed)", text)


def test_the_recording_passes_the_suite(recorded: tuple[Vendor, Path]) -> None:
    """All laws that a recording can show hold, and those that it cannot are named."""
    vendor, place = recorded
    tape: Cassette = cassette(place)
    origin = "/".join(tape.exchanges[0].url.split("/")[:3])
    findings = examine(
        vendor.cls,
        tape,
        config={**vendor.config, "base_url": origin, "allow_private_addresses": True},
        secrets={vendor.secret: SECRET},
        expect=Expect(without=dict.fromkeys(vendor.without, _OTHERS)),
    )
    assert [(one.check, one.reason) for one in findings if one.verdict == "red"] == []
    assert sum(one.verdict == "green" for one in findings) >= 30
