"""Program files to begin with: proposed from a data file, or an empty one with examples."""

from __future__ import annotations

from pathlib import Path

from cxm_core.errors import ConfigurationError, SourceError, UsageError
from cxm_core.plugins import Proposer
from cxm_core.vocabulary import takes

from ._connections import installed_connectors

__all__ = ["propose_program", "starter_program"]


@takes(path="path", beside="path")
def propose_program(path: str | Path, *, beside: str | Path = "cxm.toml") -> str:
    """Program that a data file suggests, for a person to confirm line by line.

    Parameters
    ----------
    path : str or Path
        A CSV or JSONL file that the connector ``files`` reads.
    beside : str or Path
        Where the program will stand; the data file stands in the same folder or below.

    Returns
    -------
    str
        TOML, with a comment at each guess.

    Raises
    ------
    UsageError
        There is no such file, it lies outside the program's folder, or it holds nothing that looks
        like an answer.
    ConfigurationError
        The connector ``files`` is not installed.

    Examples
    --------
    >>> proposed = propose_program("examples/sfo/sfo_2018.csv.gz")
    >>> 'missing = { "11" = "no_answer" }' in proposed
    True
    """
    connector = installed_connectors().load("files")
    if not isinstance(connector, Proposer):
        raise ConfigurationError("The connector 'files' cannot propose a program.")
    try:
        return connector.propose(Path(path).resolve(), root=Path(beside).resolve().parent)
    except (ConfigurationError, SourceError) as error:
        # No program is wrong yet: whoever named the file can name another.
        raise UsageError(error.message, hint=error.hint) from error


def starter_program() -> str:
    """Program without sources and metrics, which shows in comments how to write them.

    Returns
    -------
    str
        TOML that loads as it is.

    Examples
    --------
    >>> from cxm_core.program import Program
    >>> Program.parse(starter_program()).zone
    'UTC'
    """
    return _STARTER


_STARTER = """\
# What is asked, measured and shown here.
# Lines behind a bare '#' are an example: take the '#' away and put in what is yours.
# 'cxm check' reads this file and looks at the sources; 'cxm run' does all there is to do.

name = "My program"
zone = "UTC" # where your days and weeks begin, such as "Europe/Vienna"

[store]
url = "cxm.duckdb" # records are kept in this file

# ---- where the answers come from ---------------------------------------------------------------
# 'cxm init --from answers.csv' proposes this part from a file of yours.

#[[sources]]
#name = "files:answers"
#
#[sources.config]
#files = ["answers.csv"]
#
#[sources.config.row] # what every answer of a row shares
#id = "id"
#customer = { email = "email" }
#occurred_at = { column = "date", format = "%Y-%m-%d", zone = "UTC" }
#attributes = { shop = "shop" }
#
#[[sources.config.questions]]
#id = "recommend"
#text = "How likely are you to recommend us?"
#scale = "0-10"
#column = "score"
#missing = { "99" = "no_answer" } # codes that mean no answer
#verbatim = "comment"

# ---- what is measured --------------------------------------------------------------------------

#[[metrics]]
#name = "nps"
#title = "Net Promoter Score"
#engine = "nps"
#question = "recommend"

# ---- what the report shows ---------------------------------------------------------------------

[report]
path = "cxm-report.html"
#headline = ["nps"]
#windows = ["last 56 days", "last 28 days"]
#by = ["shop"]
#quotes = { question = "recommend", count = 12 }
"""
