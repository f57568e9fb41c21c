"""Text rules: what is a mention, and which patterns are refused."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError, MissingExtraError
from cxm_core.program import Program, TextRule

pytest.importorskip("re2", reason="text rules need the extra `text`")

HEAD = 'name = "Shop"\nzone = "UTC"\n'


class TestByHand:
    """Small texts."""

    def test_capital_letters_do_not_matter(self) -> None:
        """A rule in small letters finds capital ones, of any alphabet that RE2 folds."""
        assert TextRule(name="a", pattern="straße").found(["STRAßE", "Straße", "weg"]) == [
            True,
            True,
            False,
        ]

    def test_unless_takes_back(self) -> None:
        """What `unless` finds is no mention."""
        rule = TextRule(name="queue", pattern="queue", unless=r"no queue")
        assert rule.found(["Long queue", "No queue at all"]) == [True, False]

    @pytest.mark.parametrize("text", [None, "", "  \n"])
    def test_a_text_that_shows_nothing_is_no_answer(self, text: str | None) -> None:
        """Nothing written is neither a mention nor none."""
        assert TextRule(name="a", pattern=".*").found([text]) == [None]

    @pytest.mark.parametrize(
        "pattern", ["(?=a)b", r"(a)\1", "(", "((a{1000}){1000}){1000}", "\ud800"]
    )
    def test_a_pattern_that_could_hang_is_refused(self, pattern: str) -> None:
        """No look-around, no back-reference, no explosion of repeats; the error names the key."""
        with pytest.raises(ConfigurationError) as caught:
            TextRule(name="a", pattern=pattern)
        assert "pattern" in caught.value.message
        assert caught.value.context["key"] == "pattern"

    def test_a_program_holds_rules_by_name(self) -> None:
        """Rules stand in the program; a name twice is an error."""
        one = '[[text_rules]]\nname = "queue"\npattern = "queue"\n'
        assert Program.parse(HEAD + one).text_rules[0].name == "queue"
        with pytest.raises(ConfigurationError, match="text_rules has queue twice"):
            Program.parse(HEAD + one + one)

    def test_the_extra_is_named_where_it_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without RE2 a rule can be written down, and using it names the extra."""
        monkeypatch.setitem(sys.modules, "re2", None)
        rule = TextRule(name="a", pattern="never compiled before, and not after")
        with pytest.raises(MissingExtraError, match=r"cxm\[text\]"):
            rule.found(["x"])


class TestByLaw:
    """Whatever the texts."""

    @given(st.lists(st.none() | st.text(st.characters(), max_size=30)))
    def test_each_text_has_one_answer(self, texts: list[str | None]) -> None:
        """As many answers as texts, also for half characters and control characters."""
        assert len(TextRule(name="a", pattern="a|\\d").found(texts)) == len(texts)

    @given(st.text("ab c", min_size=1, max_size=20).filter(str.strip))
    def test_a_word_is_found_as_python_finds_it(self, text: str) -> None:
        """A plain word is found where it stands."""
        assert TextRule(name="a", pattern="ab").found([text]) == ["ab" in text]
