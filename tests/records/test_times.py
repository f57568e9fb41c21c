"""Times written as text: formats, the one instant each means, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import ConfigurationError
from cxm_core.records import (
    Reason,
    TimeFormat,
    ambiguous_date,
    guess_time_formats,
    parse_text,
)

BERLIN = "Europe/Berlin"


def instant(text: str, **how: str) -> str:
    """ISO text of the instant, or the reason's code."""
    value = parse_text("instant", text, **how)
    return value.isoformat() if isinstance(value, datetime) else str(value)


class TestByHand:
    """Texts whose meaning can be told by reading them."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-11-05T09:30:15Z", "2026-11-05T09:30:15+00:00"),
            ("2026-11-05t09:30z", "2026-11-05T09:30:00+00:00"),
            ("2026-11-05 09:30:15.25 +0130", "2026-11-05T08:00:15.250000+00:00"),
            ("2026-11-05 09:30+02", "2026-11-05T07:30:00+00:00"),
            ("2026-11-05T09:30:15,123456789-05:00", "2026-11-05T14:30:15.123456+00:00"),
            ("  2026-11-05T09:30Z\t", "2026-11-05T09:30:00+00:00"),
            ("2026-11-05", "naive_datetime"),
            ("2026-11-05T09:30", "naive_datetime"),
            ("2026-02-30T00:00Z", "bad_datetime"),
            ("2026-02-30T00:00", "bad_datetime"),
            ("2026-11-05T24:00:00Z", "bad_datetime"),
            ("2026-11-05T23:59:60Z", "bad_datetime"),
            ("2026-11-05T09:30+25:00", "bad_datetime"),
            ("2026-11-05T09:30+02:60", "bad_datetime"),
            ("2026-11-05T09Z", "bad_datetime"),
            ("1700000000", "bad_datetime"),
            ("yesterday", "bad_datetime"),
            ("0001-01-01T00:00Z", "out_of_range"),
            ("10000-01-01T00:00Z", "out_of_range"),
            ("-0044-03-15T00:00Z", "out_of_range"),
            ("1899-12-31T23:59Z", "out_of_range"),
            ("2201-01-01", "out_of_range"),
        ],
    )
    def test_iso(self, text: str, expected: str) -> None:
        """ISO texts are read to the microsecond, in UTC; nothing is guessed."""
        assert instant(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-11-05T09:30", "2026-11-05T08:30:00+00:00"),
            ("2026-07-05", "2026-07-04T22:00:00+00:00"),
            ("2025-10-26T02:30", "2025-10-26T01:30:00+00:00"),
            ("2025-03-30T02:30", "2025-03-30T01:30:00+00:00"),
            ("2025-10-26T02:30+02:00", "2025-10-26T00:30:00+00:00"),
        ],
    )
    def test_local(self, text: str, expected: str) -> None:
        """A local time is read in the declared zone, by the later of two readings."""
        assert instant(text, zone=BERLIN) == expected

    def test_declared_format(self) -> None:
        """A declared format is read exactly, with one or two digits for day, month and hour."""
        how = {"format": "%d.%m.%Y %H:%M", "zone": "UTC"}
        assert instant("5.11.2026 9:05", **how) == "2026-11-05T09:05:00+00:00"
        assert instant("11/05/2026 09:05", **how) == "bad_datetime"
        assert instant("2026-11-05", **how) == "bad_datetime"
        assert instant("a5.11.2026 9:05", **how) == "bad_datetime"

    def test_parts_side_by_side(self) -> None:
        """Parts without anything between them have their full width, so none is guessed."""
        assert TimeFormat.of("%Y%m%d").match("2026115") is None
        assert instant("20261105", format="%Y%m%d", zone="UTC") == "2026-11-05T00:00:00+00:00"

    def test_offset_and_fraction(self) -> None:
        """A format can hold an offset and a fraction of a second."""
        how = {"format": "%m/%d/%Y %H:%M:%S.%f%z"}
        assert instant("11/05/2026 09:05:01.5-0800", **how) == "2026-11-05T17:05:01.500000+00:00"

    def test_dates(self) -> None:
        """A day is read without a zone, and a time of day makes it none."""
        assert parse_text("date", "2026-11-05") == date(2026, 11, 5)
        assert parse_text("date", "5/11/2026", format="%d/%m/%Y") == date(2026, 11, 5)
        assert parse_text("date", "2026-11-05T09:00") is Reason.BAD_DATETIME
        assert parse_text("date", "2026-02-30") is Reason.BAD_DATETIME
        assert parse_text("date", "1899-02-01") is Reason.OUT_OF_RANGE

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("%d %b %Y", "%b, which is not read"),
            ("%d.%m.%y", "%y, which is not read"),
            ("100%", "%, which is not read"),
            ("%Y-%m", "does not say year, month and day"),
            ("%Y-%m-%d %M", "%M without %H"),
            ("%Y-%m-%d %H", "%H without %M"),
            ("%Y-%m-%d %z", "%z without %H"),
            ("%Y-%m-%d %Y", "a directive twice"),
            ("", "does not say year, month and day"),
        ],
    )
    def test_refused_formats(self, text: str, what: str) -> None:
        """A format that cannot be read says why, and lists what can."""
        with pytest.raises(ConfigurationError, match=re.escape(what)) as caught:
            TimeFormat.of(text)
        assert "%Y %m %d %H %M %S %f %z" in str(caught.value)

    def test_literal_marks_are_literal(self) -> None:
        """What is no directive stands for itself, whatever it means in a pattern."""
        assert TimeFormat.of("(%Y.%m.%d)+").match("(2026.11.05)+") is not None
        assert TimeFormat.of("%Y.%m.%d").match("2026x11x05") is None

    def test_ambiguous(self) -> None:
        """A column of dates that reads both ways is told with both readings."""
        assert ambiguous_date(["03/04/2026", None, " "]) == ("%d/%m/%Y", "%m/%d/%Y")
        assert ambiguous_date(["3.4.2026 09:00"]) == ("%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M")
        assert ambiguous_date(["03/04/2026", "13/04/2026"]) is None
        assert ambiguous_date(["13/04/2026", "04/13/2026"]) == ("%d/%m/%Y", "%m/%d/%Y")
        assert ambiguous_date(["13/04/2026", "04.13.2026"]) is None
        assert ambiguous_date(["2026-04-03"]) is None
        assert ambiguous_date(["03/04/2026", "soon"]) is None
        assert ambiguous_date([]) is None

    def test_guesses(self) -> None:
        """Every format that reads the whole column is named, ISO alone where it does."""
        assert guess_time_formats(["2026-11-05T09:00Z", "2026-11-05"]) == ("iso",)
        assert guess_time_formats(["20261105"]) == ("%Y%m%d",)
        assert guess_time_formats(["13/04/2026", "28/04/2026"]) == ("%d/%m/%Y",)
        assert guess_time_formats(["12", "13"]) == ()
        assert guess_time_formats([None, ""]) == ()


class TestByLaw:
    """What holds for every time."""

    @given(
        st.datetimes(datetime(1900, 1, 2), datetime(2200, 12, 30)),
        st.integers(-23 * 60 - 59, 23 * 60 + 59),
    )
    def test_offsets(self, local: datetime, minutes: int) -> None:
        """A time with an offset is that much off UTC, whatever the declared zone."""
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        text = f"{local.isoformat(sep=' ')}{sign}{hours:02}:{rest:02}"
        expected = (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)
        assert parse_text("instant", text, zone=BERLIN) == expected

    @given(st.text(max_size=30) | st.from_regex(TimeFormat.of("iso").regex, fullmatch=True))
    def test_anything(self, text: str) -> None:
        """Any text is a time in UTC, null, or has a reason; nothing is raised."""
        value = parse_text("instant", text, zone=BERLIN)
        assert value is None or isinstance(value, (datetime, Reason))
        assert not isinstance(value, datetime) or value.tzinfo is UTC

    @given(st.lists(st.dates(date(1900, 1, 1), date(2200, 12, 31)), min_size=1, max_size=8))
    def test_ambiguity(self, days: list[date]) -> None:
        """Dates are ambiguous exactly where no day of the month is past twelve."""
        texts = [f"{day:%d/%m/}{day.year}" for day in days]
        assert (ambiguous_date(texts) is None) == any(day.day > 12 for day in days)
