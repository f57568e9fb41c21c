"""How an instant is told to a source, and how its stamps are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_connectors.toolkit import Since
from cxm_connectors.toolkit._since import duration
from cxm_core.errors import ConfigurationError

AT = datetime(2026, 11, 5, 9, 30, 15, 123_456, UTC)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("form", "told", "end"),
    [
        ("iso", "2026-11-05T09:30:15Z", "2026-11-05T09:30:16Z"),
        ("epoch", "1793871015", "1793871016"),
        ("epoch_ms", "1793871015123", "1793871015124"),
        ("date", "2026-11-05", "2026-11-06"),
    ],
)
def test_an_instant_is_rounded_outward(form: str, told: str, end: str) -> None:
    """A beginning is rounded down to the unit and an end up, so that nothing is left out."""
    since = Since(param="since", stamp="at", format=form)  # type: ignore[arg-type]  # one of them
    assert (since.told(AT), since.told_end(AT)) == (told, end)


def test_a_source_that_leaves_the_instant_out_is_asked_one_unit_earlier() -> None:
    """A row of exactly that second would otherwise be lost."""
    since = Since(param="since", stamp="at", is_inclusive=False)
    assert since.told(AT) == "2026-11-05T09:30:14Z"


@pytest.mark.parametrize("value", [True, None, "yesterday", "2026-11-05T09:30:15", 1_793_871_015])
def test_a_stamp_that_is_not_certain_is_none(value: object) -> None:
    """No unit, no zone and no date is ever guessed."""
    assert Since(param="since", stamp="at").read(value) is None


def test_a_declared_unit_and_zone_are_used() -> None:
    """Numbers by their unit, also as texts; a text without an offset by its zone."""
    since = Since(param="s", stamp="at", stamp_format="epoch_ms", zone="UTC")
    assert (
        since.read(1_793_871_015_000)
        == since.read("1793871015000")
        == datetime(2026, 11, 5, 9, 30, 15, tzinfo=UTC)
    )
    assert since.read("2026-11-05T09:30:15") == datetime(2026, 11, 5, 9, 30, 15, tzinfo=UTC)


@given(st.lists(st.one_of(INSTANTS, st.none(), st.just("x")), max_size=8), st.booleans())
def test_the_newest_stamp_is_that_of_reading_each(stamps: list[object], is_short: bool) -> None:
    """The quick way over texts of one form gives the same as reading all, in any order."""

    def text(at: object) -> object:
        if not isinstance(at, datetime):
            return at
        form = "seconds" if is_short else "microseconds"
        return at.isoformat(timespec=form).replace("+00:00", "Z")

    since = Since(param="s", stamp="at")
    rows = [{"at": text(stamp)} for stamp in stamps]
    read = [since.read(row["at"]) for row in rows]
    good = [at for at in read if at is not None]
    assert since.newest(rows) == (max(good, default=None), len(read) - len(good))


def test_stamps_with_offsets_are_compared_as_instants() -> None:
    """The later text is the earlier instant."""
    rows = [{"at": "2026-01-01T10:00:00+09:00"}, {"at": "2026-01-01T02:00:00+00:00"}]
    newest, _ = Since(param="s", stamp="at").newest(rows)
    assert newest == datetime(2026, 1, 1, 2, tzinfo=UTC)


def test_a_length_of_time_is_read_or_refused() -> None:
    """A number and a unit."""
    assert duration("10m") == timedelta(minutes=10)
    with pytest.raises(ConfigurationError, match="length of time"):
        duration("ten minutes")
