"""Run by an interpreter that has pm4py: reads an XES file, tells what it finds, writes it anew.

pm4py is under the AGPL, so that it never stands beside the library: `nox -s pm4py` gives it an
environment of its own.

    python tests/pm4py_oracle.py log.xes written.xes
"""

from __future__ import annotations

import json
import sys

import pm4py


def main(source: str, target: str) -> None:
    """Tell the directly-follows graph and the variants as JSON."""
    log = pm4py.read_xes(source)
    graph, starts, ends = pm4py.discover_dfg(log)
    found = {
        "steps": [[before, after, n] for (before, after), n in graph.items()],
        "starts": starts,
        "ends": ends,
        "variants": [[list(way), n] for way, n in pm4py.get_variants(log).items()],
    }
    pm4py.write_xes(log, target)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
