"""All simulated vendors over one company, and the program that reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol, Self, cast

from cxm_core.errors import ConfigurationError
from cxm_core.plugins import offered

from ._company import Company
from ._demo_logs import CAMPAIGNS_FILE, write_campaigns
from ._demo_program import write_program, write_words
from ._server import Serving
from ._wire import Simulator

GROUP = "cxm.simulators"


class _SimulatorClass(Protocol):
    """What an entry point of the group names."""

    def __call__(self, company: Company, /, *, seed: int, secret: str) -> Simulator:
        """Build the vendor over its part of the company's history."""


class CompanyDemo:
    """One made-up company, served by every simulated vendor that is installed.

    Parameters
    ----------
    customers : int
        How many customers it has.
    seed : int
        Another seed gives another company.
    simulators : mapping of str to callable or None
        What builds each vendor, by the name of its connector; those of the entry points in the
        group ``cxm.simulators`` if not given.

    Attributes
    ----------
    company : Company
        The company, whose truth is known.
    files : mapping of str to bytes
        The program over its vendors, the mailing tool's file, and a few words about it.
    environment : mapping of str to str
        Where the vendors listen, and what opens them, while the `with` block runs.

    Raises
    ------
    ConfigurationError
        No simulator is installed.

    Examples
    --------
    >>> from cxm_connectors.simulation import CompanyDemo, SimRequest, SimResponse
    >>> class Clock:
    ...     origin = ""
    ...     def __init__(self, company, *, seed, secret):
    ...         self.company = company
    ...     def respond(self, request: SimRequest) -> SimResponse:
    ...         return SimResponse.of({"path": request.path})
    >>> with CompanyDemo(customers=40, simulators={"clock": lambda: Clock}) as demo:
    ...     sorted(demo.environment)
    ['CXM_DEMO_CLOCK_TOKEN', 'CXM_DEMO_CLOCK_URL']
    """

    def __init__(
        self,
        *,
        customers: int = 1_000,
        seed: int = 0,
        simulators: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self.company = Company.made(customers=customers, seed=seed)
        self._served: dict[str, Serving] = {}
        self._stack = ExitStack()
        found = offered(GROUP) if simulators is None else simulators
        if not found:
            raise ConfigurationError(
                "No simulated vendor is installed.",
                hint=f"install cxm anew: entry points in {GROUP!r} are missing",
            )
        self._simulators = {
            name: cast("_SimulatorClass", load())(self.company, seed=seed, secret=_secret(name))
            for name, load in found.items()
        }

    @property
    def simulators(self) -> Mapping[str, Simulator]:
        """The vendors, by the names of their connectors."""
        return self._simulators

    @property
    def served(self) -> Mapping[str, Serving]:
        """What serves each vendor, while the `with` block runs."""
        return self._served

    @property
    def files(self) -> Mapping[str, bytes]:
        """The program over the vendors, the mailing tool's file, and a few words about it."""
        extras = {name: _extras(simulator) for name, simulator in self._simulators.items()}
        return {
            "README.md": write_words(self.company).encode(),
            CAMPAIGNS_FILE: write_campaigns(self.company).encode(),
            "cxm.toml": write_program(self.company, extras).encode(),
        }

    @property
    def environment(self) -> Mapping[str, str]:
        """Where the vendors listen, and what opens them."""
        return {
            variable: value
            for name, served in self._served.items()
            for variable, value in (
                (f"CXM_DEMO_{name.upper()}_URL", served.origin),
                (f"CXM_DEMO_{name.upper()}_TOKEN", _secret(name)),
            )
        }

    def __enter__(self) -> Self:
        """Let the vendors answer."""
        for name, simulator in self._simulators.items():
            self._served[name] = self._stack.enter_context(Serving(simulator))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let them answer no more."""
        self._served.clear()
        self._stack.__exit__(kind, error, trace)


def _secret(name: str) -> str:
    return f"simulated-{name}"


def _extras(simulator: Simulator) -> Mapping[str, object]:
    """What a source needs beside its address and what opens it."""
    settings: Callable[[], Mapping[str, object]] = getattr(simulator, "settings", dict)
    return {
        key: value
        for key, value in settings().items()
        if key not in ("base_url", "token", "allow_private_addresses")
    }
