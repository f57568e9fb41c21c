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
