"""For the type checker: connectors fit their suite, whatever their configuration. Never run."""

from __future__ import annotations

from typing import assert_type

from cxm_connectors.files import Files
from cxm_connectors.simulation import Company
from cxm_connectors.testing import Finding, cassette, connector_suite, examine
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import TypeformSimulator


def suites() -> None:
    """A suite is a class; it takes a cassette, what makes a simulator, or nothing."""
    assert_type(connector_suite(Files), type)
    assert_type(connector_suite(Typeform, cassette("typeform.yaml")), type)
    found = examine(Typeform, lambda: TypeformSimulator(Company.made()))
    assert_type(found, tuple[Finding, ...])


def no_connector() -> None:
    """What is no connector is refused."""
    connector_suite(int)  # type: ignore[arg-type]  # it has no streams
