"""`cxm measure`: windows, groups, filters, and the state of knowledge."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shops import ANSWERS, Command


@pytest.mark.parametrize(
    ("words", "value", "n"),
    [
        ([], 25.0, 4),
        (["--window", "2026-03"], 100 / 3, 3),
        (["--window", "2026-03-02"], 0.0, 2),
        (["--where", "shop=north"], 100.0, 2),
        (["--where", "shop=north", "--where", "shop=south"], 25.0, 4),
        (["--where", "shop=north", "--where", "score_value=9"], 100.0, 1),
        (["--where", "channel="], 25.0, 4),
        (["--where", "is_deleted=false"], 25.0, 4),
        (["--where", "channel=email"], None, 0),
    ],
)
def test_window_and_filters(
    synced: Path, cxm: Command, words: list[str], value: float | None, n: int
) -> None:
    """Each option keeps what it says: in JSON, with all digits."""
    found = cxm("measure", "nps", *words, "--json").json
    assert (found["value"], found["n"]) == (pytest.approx(value), n)


def test_filters_stand_in_the_receipt(synced: Path, cxm: Command) -> None:
    """The receipt says what was selected, a missing value in words."""
    words = ["--where", "shop=north", "--where", "shop=south", "--where", "channel="]
    receipt = cxm("measure", "nps", *words, "--json").json["receipt"]
    assert receipt["filters"] == [
        ["question", "recommend"],
        ["attributes.shop", "north, south"],
        ["channel", "(missing)"],
    ]


def test_groups_and_periods(synced: Path, cxm: Command) -> None:
    """--by may be repeated, and --every adds the calendar's periods."""
    words = ["--by", "shop", "--by", "question", "--every", "month"]
    found = cxm("measure", "nps", *words, "--json").json
    assert found["axes"] == ["shop", "question", "month"]
    assert [(row["labels"], row["value"]) for row in found["groups"]] == [
        (["north", "recommend", "2026-03"], 100.0),
        (["south", "recommend", "2026-03"], -100.0),
        (["south", "recommend", "2026-04"], 0.0),
    ]


def test_state_of_knowledge(synced: Path, cxm: Command) -> None:
    """--as-of answers from the past: before the sync, nothing was known."""
    later = ANSWERS.replace(",3,south", ",10,south")
    (synced / "answers.csv").write_text(later, encoding="utf-8")
    (receipt,) = cxm("sync", "--json").json
    assert cxm("measure", "nps", "--json").json["value"] == 75.0
    as_of = cxm("measure", "nps", "--as-of", receipt["started_at"], "--json").json
    assert as_of["value"] == 25.0
    assert as_of["receipt"]["as_of"] == receipt["started_at"]
    assert cxm("measure", "nps", "--as-of", "2020-01-01T00:00Z", "--json").json["n"] == 0


def test_text(synced: Path, cxm: Command) -> None:
    """For people: the figure, its interval, n, and who was left out."""
    done = cxm("measure", "nps")
    assert done.out.startswith("nps 25.0 points, 95% interval ")
    assert "n 4, " in done.out
    assert "left out: 1 no_answer" in done.out
