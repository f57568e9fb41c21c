"""A report made of nothing but hostile text, from a program and a file to the page.

``python -m reliability.hostile_report FOLDER`` makes it, for a person to look at.
"""

from __future__ import annotations

import csv
import json
import sys
from itertools import cycle
from pathlib import Path

from cxm_core.workspace import Workspace
from reliability.hostile_texts import FLOODS, XSS

#: A program is read from TOML, which holds no half surrogates and no control characters.
NAMES = tuple(text for text in XSS if text.isprintable() and len(text) < 200)
WORDS = (*XSS, *(flood[:4000] for flood in FLOODS.values()))
FILE = "<svg onload=pwn()> =1+1.csv"
_GROUPS = 24

_PROGRAM = """
name = {0}
zone = "Europe/Vienna"
[store]
url = "hostile.duckdb"
[[sources]]
name = "files:hostile"
[sources.config]
files = [{file}]
[sources.config.row]
id = "{{id}}"
customer = {{ external = "id" }}
occurred_at = {{ column = "date", format = "%Y-%m-%d", zone = "Europe/Vienna" }}
attributes = {{ group = "group" }}
[[sources.config.questions]]
id = {1}
text = {2}
scale = "0-10"
column = "score"
verbatim = {3}
touchpoint = "desk"
[[touchpoints]]
name = "desk"
title = {4}
question = {1}
[[journeys]]
name = "visit"
title = {5}
owner = {6}
headline = "nps"
outcome = {7}
[[journeys.stages]]
name = "arrive"
title = {8}
touchpoints = ["desk"]
[[metrics]]
name = "nps"
title = {9}
engine = "nps"
question = {1}
[[metrics]]
name = "low"
title = {10}
engine = "bottom_box"
scale = "0-10"
[report]
path = "hostile.html"
title = {11}
windows = ["2025", "2026"]
by = ["group"]
touchpoint_metric = "low"
min_group = 1
quotes = {{ question = {1}, count = 400 }}
"""


def write_inputs(folder: Path) -> Path:
    """Write a program and a file in which every text is hostile."""
    texts = [json.dumps(text) for text in NAMES[:12]]
    program = _PROGRAM.format(*texts, file=json.dumps(FILE))
    (folder / "cxm.toml").write_text(program, encoding="utf-8")
    header = ["id", "date", "score", "group", NAMES[3], NAMES[12], "=1+1"]
    with (folder / FILE).open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for at, (words, group) in enumerate(zip(WORDS, cycle(NAMES[-_GROUPS:]), strict=False)):
            # Every tenth score is off its scale, so that a row is set aside.
            score = 99 if at % 10 == 9 else at % 11
            writer.writerow([f"{at}", f"202{5 + at % 2}-03-02", score, group, words, words, "=1"])
    return folder / "cxm.toml"


def make(folder: Path) -> Path:
    """Sync the hostile file, and write the report with its tables beside it."""
    with Workspace(write_inputs(folder)) as workspace:
        workspace.sync()
        return workspace.report(folder / "hostile.html", tables=folder / "tables")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"{make(place)}\n")
