"""Ask a source whether it answers, without keeping anything."""

from __future__ import annotations

from attrs import evolve

from cxm_core.errors import SourceError
from cxm_core.plugins import CheckReport, Connector, Prober

from ._edge import named


def check(connector: Connector) -> CheckReport:
    """Ask a source whether it answers and has what its configuration expects.

    Parameters
    ----------
    connector : Connector
        The source, as `cxm_core.plugins.build` makes it.

    Returns
    -------
    CheckReport
        A source that does not answer has that as its problem, and so has one of which a stream
        may not be read, where its connector can find that out.

    Raises
    ------
    ConfigurationError
        The source is configured wrongly.
    MissingExtraError
        The source needs an extra that is not installed.

    Examples
    --------
    >>> from cxm_core.plugins import Info
    >>> from cxm_core.sync import check
    >>> from pydantic import BaseModel
    >>> class Letters:
    ...     info = Info(name="letters", version="1", config=BaseModel)
    ...     def streams(self):
    ...         return []
    ...     def check(self):
    ...         return CheckReport(account="office")
    ...     def read(self, stream, state, request):
    ...         return iter(())
    >>> check(Letters()).account
    'office'
    """
    try:
        with named(connector):
            report = connector.check()
            if not isinstance(connector, Prober):
                return report
            return evolve(report, problems=(*report.problems, *connector.probe()))
    except SourceError as error:
        hint = f" {error.hint}" if error.hint else ""
        return CheckReport(problems=(f"{error.message}{hint}",))
