"""A small shop with a program of its own, and what a typed command leaves behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

SRC = Path(__file__).resolve().parents[2] / "src"

ANSWERS = """\
id,email,date,score,shop,comment
1,ann@example.com,2026-03-02,9,north,Quick and kind.
2,bob@example.com,2026-03-02,3,south,Nobody answered the phone.
3,eve@example.com,2026-03-03,99,north,
4,dan@example.com,2026-03-04,10,north,"Good, but far away."
5,ida@example.com,2026-04-04,7,south,
6,joe@example.com,2026-04-05,12,south,MARKER-SECRET-WORDS
"""
PROGRAM = """\
name = "Shops"
zone = "Europe/Vienna"

[store]
url = "shops.duckdb"

[[sources]]
name = "files:shops"

[sources.config]
files = ["answers.csv"]

[sources.config.row]
id = "{id}"
customer = { email = "email" }
occurred_at = { column = "date", format = "%Y-%m-%d", zone = "Europe/Vienna" }
attributes = { shop = "shop" }

[[sources.config.questions]]
id = "recommend"
text = "How likely are you to recommend us?"
scale = "0-10"
column = "score"
missing = { "99" = "no_answer" }
verbatim = "comment"

[[metrics]]
name = "nps"
title = "Net Promoter Score"
engine = "nps"
question = "recommend"

[report]
path = "shops.html"
headline = ["nps"]
"""
SECOND_SOURCE = """
[[sources]]
name = "files:lost"

[sources.config]
files = ["lost.csv"]

[sources.config.row]
id = "{id}"
occurred_at = { column = "date", format = "%Y-%m-%d", zone = "Europe/Vienna" }

[[sources.config.questions]]
id = "recommend"
scale = "0-10"
column = "score"
"""


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Command = Callable[..., Done]
