"""Rules and templates: what a person or a customer wrote is never run, and never hangs."""

from __future__ import annotations

import gc
import importlib
import json
import pkgutil
import re
import subprocess
import sys
import time
from html import unescape
from pathlib import Path

import pytest

import cxm_core
from cxm_core.program import TextRule
from cxm_core.records import Response

PACKS = json.loads((Path(__file__).parent / "packs.json").read_text(encoding="utf-8"))
# How the pack spells its texts: a piece and how often it stands.
_PIECE = re.compile(r"([^*]+)\*(\d+)")
ENOUGH_S = 60
# CPU seconds of one rule on one text of up to 5,000 letters; a longer one has as many times more.
AT_MOST_S = 0.05


def text_of(recipe: str, *, times: int = 1) -> str:
    """Text that a recipe of the pack stands for, `times` as long."""
    found = _PIECE.match(recipe)
    assert found
    piece = {"words+a": "words a"}.get(found[1], found[1])
    return piece * int(found[2]) * times + recipe[found.end() :]


def own_patterns() -> list[re.Pattern[str]]:
    """Every pattern that a module of ours has compiled, in the module or deeper in its objects."""
    for module in pkgutil.walk_packages(cxm_core.__path__, "cxm_core."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = {
        id(value): value
        for name, module in list(sys.modules.items())
        if name.startswith(("cxm_core", "cxm_connectors"))
        for value in vars(module).values()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
    }
    return sorted(ours.values(), key=lambda one: one.pattern)


class TestRules:
    """User-written rules are compiled by RE2."""

    @pytest.mark.parametrize(("pattern", "recipe"), PACKS["redos"])
    def test_code_05_hostile_rules_end(self, pattern: str, recipe: str) -> None:
        """Patterns at which a backtracking engine hangs take 50 ms at most for 5,000 letters."""
        pytest.importorskip("re2", reason="text rules need the extra `text`")
        code = (
            "import sys, json, time; from cxm_core.program import TextRule\n"
            "pattern, texts = json.load(sys.stdin)\n"
            "rule = TextRule(name='rule', pattern=pattern)\n"
            "worst = 0.0\n"
            "for text in texts:\n"
            "    began = time.process_time(); rule.found([text])\n"
            "    worst = max(worst, (time.process_time() - began) / max(1, len(text) / 5_000))\n"
            "print(worst)\n"
        )
        texts = [text_of(recipe), text_of(recipe, times=100), text_of(recipe, times=1_000)]
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps([pattern, texts]),
            capture_output=True,
            text=True,
            timeout=ENOUGH_S,
            check=True,
        )
        assert float(done.stdout) <= AT_MOST_S

    def test_code_05_own_patterns_are_linear(self) -> None:
        """No pattern of ours needs more than a fair multiple of time for a text twice as long."""
        pieces = [
            "a",
            "1",
            " ",
            "'",
            '"',
            "-",
            "_",
            ",",
            "a1 ",
            "=",
            "a@",
            "1,",
            "0.",
            "é",
            "\t",
            "{",
            ":",
        ]
        ends = ["", "!", "\x00", "\u2028"]
        slow = [
            (pattern.pattern, piece + end)
            for pattern in own_patterns()
            for piece in pieces
            for end in ends
            if _explodes(pattern, piece, end)
        ]
        assert not slow

    def test_an_explosion_is_seen(self) -> None:
        """The measure tells a pattern with the fourth power from one with the square."""
        steep, flat = re.compile("a*a*a*b"), re.compile("a*b")
        assert _grows(steep, "a", "", times=80, over_s=0.06)
        assert not _grows(flat, "a", "", times=1_000, over_s=0.0)

    def test_code_03_no_rule_is_an_expression(self) -> None:
        """Code in a pattern is a pattern: it finds its own letters, and is never run."""
        pytest.importorskip("re2", reason="text rules need the extra `text`")
        rule = TextRule(name="a", pattern=r"__import__\('os'\)")
        assert rule.found(["__import__('os')", "os"]) == [True, False]


def _explodes(pattern: re.Pattern[str], piece: str, end: str) -> bool:
    """Whether time grows much faster than the square of a text's length."""
    # A text of 4,000 costs a pattern that is linear nothing, and one with a square 0.1 s.
    return all(
        _grows(pattern, piece, end, times=times, over_s=over_s)
        for times, over_s in ((1_000, 0.06), (2_000, 0.25))
    )


def _grows(pattern: re.Pattern[str], piece: str, end: str, *, times: int, over_s: float) -> bool:
    """Whether a text four times as long needs more than 40 times as long, and a while."""
    used = [_used(pattern, piece * size + end) for size in (times, 4 * times)]
    return used[1] > over_s and used[1] > 40 * max(used[0], 0.001)


def _used(pattern: re.Pattern[str], text: str) -> float:
    gc.collect(0)
    began = time.process_time()
    pattern.search(text)
    pattern.fullmatch(text)
    return time.process_time() - began


class TestTemplates:
    """Values are data, in every text that we make of them."""

    @pytest.mark.parametrize("payload", PACKS["ssti"])
    def test_code_01_a_hostile_value_is_shown_not_evaluated(
        self, payload: str, tmp_path: Path
    ) -> None:
        """In HTML, Markdown and tables, what looks like a template stays what it is."""
        toml = f'name = {json.dumps(payload)}\nzone = "UTC"\n{PROGRAM}'
        program = tmp_path / "cxm.toml"
        program.write_text(toml, encoding="utf-8")
        with cxm_core.Workspace(program, store="memory:") as workspace:
            workspace.add(
                Response(
                    native_id=str(number),
                    occurred_at="2026-11-05T09:00Z",
                    question="recommend",
                    score={"value": number % 11, "scale": "0-10"},
                    verbatim=payload,
                )
                for number in range(30)
            )
            page = workspace.report(tmp_path / "report.html", tables=tmp_path / "tables")
        (markdown,) = (tmp_path / "tables").glob("*.md")
        assert payload in unescape(page.read_text(encoding="utf-8"))
        assert payload in markdown.read_text(encoding="utf-8").replace("\\", "")


PROGRAM = """
[[metrics]]
name = "nps"
engine = "nps"
question = "recommend"

[report]
headline = ["nps"]
"""
