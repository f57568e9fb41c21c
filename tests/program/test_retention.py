"""Limits of keeping in a program."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.program import Program

TEXT = """
name = "Shop"
zone = "UTC"
[store.retention]
{}
"""


class TestAddress:
    """`[store] url`."""

    @pytest.mark.parametrize("slip", ["memory", ":memory", "Memory:"])
    def test_memory_without_its_colon(self, slip: str) -> None:
        """What would make a file called memory is a mistake of the program, with the cure."""
        with pytest.raises(ConfigurationError, match=r"(?s)store.*memory: is the store in memory"):
            Program.parse(f'name = "Shop"\nzone = "UTC"\n[store]\nurl = "{slip}"\n')

    @pytest.mark.parametrize("url", ["memory:", ":memory:", "memory.duckdb"])
    def test_what_is_meant(self, url: str) -> None:
        """Memory, and files whose names say so, are taken."""
        text = f'name = "Shop"\nzone = "UTC"\n[store]\nurl = "{url}"\n'
        assert Program.parse(text).store.url == url


class TestRetention:
    """`[store.retention]`."""

    def test_days_by_kind(self) -> None:
        """Each limit is a number of days."""
        program = Program.parse(TEXT.format('response = "1095 days"\ndefault = "1 day"'))
        assert program.store.limits == {
            "response": timedelta(days=1095),
            "default": timedelta(days=1),
        }

    def test_none_is_set(self) -> None:
        """Without the table nothing is limited."""
        assert Program.parse(TEXT.replace("[store.retention]", "").format("")).store.limits == {}

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('respones = "9 days"', "did you mean 'response'"),
            ('deletion = "9 days"', "deletion"),
            ('response = "9 weeks"', "retention.response"),
            ('response = "0 days"', "retention.response"),
            ("response = 9", "retention.response"),
        ],
    )
    def test_mistakes(self, line: str, told: str) -> None:
        """An unknown kind and a limit of another form are mistakes of the program."""
        with pytest.raises(ConfigurationError) as caught:
            Program.parse(TEXT.format(line))
        assert told in str(caught.value)
