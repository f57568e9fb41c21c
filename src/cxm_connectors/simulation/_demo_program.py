"""The program over the simulated vendors: where answers come from, what they mean, what is true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import inf, isfinite
from typing import TYPE_CHECKING, Final

from ._demo_logs import CAMPAIGNS, CHANNEL_METRICS, known_of_channels, write_rules
from ._demo_map import MAP
from ._truth import Asked, Measure, opinions_of, truth_of

if TYPE_CHECKING:
    from ._company import Company

#: Vendors that ask for each measure, and the question under which they keep it.
ASKED: Final[Mapping[Measure, tuple[str, str]]] = {
    "nps": ("hubspot", "1"),
    "csat": ("zendesk", "01JW7GKX000000000000000002"),
    "ces": ("typeform", "form2/effort"),
}
#: What each source needs beside its address and what opens it.
NEEDS: Final[Mapping[str, Mapping[str, object]]] = {
    "hubspot": {
        "segment": "segment",
        "properties": {"feedback_submissions": ["segment"]},
        "surveys": {"1": {"text": "How likely are you to recommend Northwind to a friend?"}},
    },
    "typeform": {},
    "zendesk": {
        "subdomain": "northwind",
        "user_fields": {"segment": "segment"},
        "ticket_fields": {
            "reason": 360_000_000_001,
            "authentications": 360_000_000_002,
            "active_s": 360_000_000_003,
            "transfers": 360_000_000_004,
        },
    },
}
_WINDOWS: Final = (("2026-Q1", 1, 4), ("2026-Q2", 4, 7))
# Zendesk does not tell a survey's answers which segment they come from.
_SEGMENTED: Final[tuple[Measure, ...]] = ("nps", "ces")
_SEGMENTS: Final = ("consumer", "business", "enterprise")
_EVERYBODY: Final[Mapping[str, str]] = {}
# What is known to be true: the measure, of whom, and how a program asks for the same.
_FIGURES: Final[tuple[tuple[Measure, Mapping[str, str], Mapping[str, str]], ...]] = (
    *((measure, _EVERYBODY, _EVERYBODY) for measure in ASKED),
    *(
        (measure, {"segment": segment}, {"segment": segment})
        for measure in _SEGMENTED
        for segment in _SEGMENTS
    ),
    ("resolution_time", _EVERYBODY, _EVERYBODY),
    # HubSpot does not tell who wrote what on a ticket, so nobody sees a reply there.
    ("first_reply_time", {"desk": "support"}, {"source": "zendesk:northwind"}),
    ("reopen_rate", _EVERYBODY, _EVERYBODY),
    ("first_contact_resolution", _EVERYBODY, _EVERYBODY),
    ("repeat_contact", _EVERYBODY, _EVERYBODY),
)

_HEAD = """\
# {name}: a company that does not exist, and what three systems and a mailing tool know of its
# customers.
# Run it with: cxm demo
# The systems are simulated on this machine for as long as that command runs; it says where they
# listen, and what opens them, in the environment.

name = "{name}"
zone = "UTC"

[store]
url = "cxm.duckdb"

# ---- where the answers come from ---------------------------------------------------------------
"""
_SOURCE = """
[[sources]]
name = "{source}:northwind"

[sources.config]
base_url = {{ env = "CXM_DEMO_{variable}_URL" }}
token = {{ env = "CXM_DEMO_{variable}_TOKEN" }}
allow_private_addresses = true # they listen on this machine
"""
_METRICS = """
# ---- what is measured --------------------------------------------------------------------------

[[metrics]]
name = "nps"
title = "Net Promoter Score (HubSpot)"
engine = "nps"
question = "{nps}"

[[metrics]]
name = "csat"
title = "Satisfied with how a ticket was handled (Zendesk)"
engine = "csat"
question = "{csat}"

[metrics.scale]
low = 1
high = 5

[metrics.scale.labels]
1 = "Very unsatisfied"
2 = "Unsatisfied"
3 = "Neutral"
4 = "Satisfied"
5 = "Very satisfied"

[[metrics]]
name = "ces"
title = "Easy to deal with after an order (Typeform)"
engine = "ces"
question = "{ces}"
scale = {{ low = 1, high = 7, labels = {{ 1 = "very hard", 7 = "very easy" }} }}

# What the tickets of both desks tell, whoever answered. Which tickets are about one matter is
# inferred from their reason and the customers' own words.

[[metrics]]
name = "resolution_time"
title = "Time until a ticket is solved for good"
engine = "resolution_time"

[[metrics]]
name = "first_reply_time"
title = "Time until somebody answers"
engine = "first_reply_time"

[[metrics]]
name = "reopen_rate"
title = "Solved, and opened again"
engine = "reopen_rate"

[[metrics]]
name = "first_contact_resolution"
title = "Settled by the first contact"
engine = "first_contact_resolution"
within = "7d"

[[metrics]]
name = "repeat_contact"
title = "Had to come again about the same"
engine = "repeat_contact"
within = "7d"

[[metrics]]
name = "effort"
title = "What one matter takes"
engine = "effort"

{channels}
# ---- where matters belong ----------------------------------------------------------------------

{rules}
{map}
# ---- what the report shows ---------------------------------------------------------------------

[report]
title = "{name}: what customers said in three systems"
path = "cxm-report.html"
headline = ["nps", "csat", "ces"]
windows = ["2026-Q1", "2026-Q2"]
quotes = {{ question = "{words}", count = 9 }}
known_from = "the history from which the three systems are simulated"
logs = {{ by = "channel" }}
"""
_WORDS = """\
# {name}

A company that does not exist, with {customers:,} customers and half a year of history.
Each of three simulated systems knows a part of it: Zendesk the tickets and how they were handled,
HubSpot the customers, the deals and the yearly survey, Typeform the answers after an order.
A mailing tool has written down in `campaigns.csv` which offers it sent to whom.

`cxm demo` lets them answer on this machine, pulls what they hold, measures, and writes
`cxm-report.html`.
Because the company is made up, it is known what all of its customers think, whether they answered
or not, and which tickets are about one matter; the report shows that truth beside what was
measured.

`cxm measure nps --by segment -p cxm.toml` and the other commands work on what was pulled.
"""


def write_program(company: Company, sources: Mapping[str, Mapping[str, object]]) -> str:
    """Write the program in TOML; `sources` holds what each needs beside address and secret."""
    questions = {measure: question for measure, (_, question) in ASKED.items()}
    return "".join(
        (
            _HEAD.format(name=company.name),
            *(_source(name, extra) for name, extra in sources.items()),
            CAMPAIGNS,
            _METRICS.format(
                name=company.name,
                words="form2/comment",
                channels=CHANNEL_METRICS,
                rules=write_rules(),
                map=MAP.format(**questions),
                **questions,
            ),
            *(f"\n{block}" for block in _known(company)),
        )
    )


def write_words(company: Company) -> str:
    """Write what lies beside the program."""
    return _WORDS.format(name=company.name, customers=len(company.customers))


def _source(name: str, extra: Mapping[str, object]) -> str:
    more = "".join(
        f"{key} = {_toml(value)}\n" for key, value in {**NEEDS.get(name, {}), **extra}.items()
    )
    return _SOURCE.format(source=name, variable=name.upper()) + more


def _toml(value: object) -> str:
    """Write a value on one line; JSON's texts, numbers, truth values and lists are TOML's too."""
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(key)} = {_toml(part)}" for key, part in value.items())
        return f"{{ {', '.join(parts)} }}"
    return json.dumps(value)


def _known(company: Company) -> Iterator[str]:
    for window, first, last in _WINDOWS:
        start, end = (datetime(2026, month, 1, tzinfo=UTC) for month in (first, last))
        for measure, about, where in _FIGURES:
            found = opinions_of(company, measure, Asked(span=(start, end), **about))
            value = truth_of(measure, found) if found else inf
            if isfinite(value):
                yield _figure(measure, window, value, {"where": where})
        for metric, part, value in known_of_channels(company, (start, end)):
            yield _figure(metric, window, value, {"part": part})


def _figure(metric: str, window: str, value: float, more: Mapping[str, object]) -> str:
    lines = [
        "[[report.known]]",
        f'metric = "{metric}"',
        f'window = "{window}"',
        f"value = {value:.6g}",
        *(f"{key} = {_toml(said)}" for key, said in more.items() if said),
    ]
    return "\n".join(lines) + "\n"
