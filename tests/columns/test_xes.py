"""Event logs as XES."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import EventColumns, read_events, read_xes, write_xes
from cxm_core.errors import UsageError

START = datetime(2026, 3, 1, tzinfo=UTC)
BOMB = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
<log><trace><string key="concept:name" value="&b;"/></trace></log>"""


def written(table: dict[str, Any], *more: str) -> str:
    """XES of a table."""
    return write_xes(read_events(table, EventColumns(by=more)), more)


class TestByHand:
    def test_types(self) -> None:
        """Attributes of each type have its value, and those of a trace a word in front."""
        log = read_xes(
            """<log xmlns="http://www.xes-standard.org/"><global scope="event">
            <string key="concept:name" value="none"/></global><trace>
            <string key="concept:name" value="c1"/><int key="amount" value="7"/><event>
            <string key="concept:name" value="paid"/><float key="cost" value="1.5"/>
            <boolean key="late" value="true"/>
            <date key="time:timestamp" value="2026-03-01T10:00:00.5+02:00"/>
            <list key="more"><string key="inner" value="no"/></list></event></trace></log>"""
        )
        assert log.column("case").values.tolist() == ["c1"]
        assert log.column("case:amount").values.tolist() == [7]
        assert log.column("cost").values.tolist() == [1.5]
        assert log.column("late").values.tolist() == [True]
        assert log.column("occurred_at").values[0] == datetime(2026, 3, 1, 8, 0, 0, 500_000)
        assert "inner" not in log.names

    def test_attributes_without_a_value(self) -> None:
        """A time that is none is left out and counted; the event stays."""
        log = read_xes(
            '<log><trace><event><date key="time:timestamp" value="soon"/>'
            '<string key="concept:name" value="x"/></event></trace></log>'
        )
        assert log.exclusions == (("attributes without a value", 1),)
        assert log.column("occurred_at").is_missing.tolist() == [True]
        assert len(read_events(log, EventColumns()).cases) == 0

    @pytest.mark.parametrize(
        "content",
        [
            BOMB,
            '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>',
            "<log><trace>",
            "<log/>",
            "no XML",
            b"\xff\xfe\x00",
            "<log>" + "<list>" * 60 + "</list>" * 60 + "</log>",
        ],
    )
    def test_hostile(self, content: str | bytes) -> None:
        """Document types, entities, half a document, endless depth: refused."""
        with pytest.raises(UsageError):
            read_xes(content)

    def test_labels_that_could_break_out(self) -> None:
        """Quotes, angles and control characters of a label are text, in any reader."""
        name = "a\"><b attr='x'>&amp; \n\t\x00"
        document = written({"case": [name], "activity": [name], "occurred_at": [START]})
        root = ET.fromstring(document)  # noqa: S314  (our own document)
        assert root.find(".//{*}event/{*}string").get("value") == name.replace("\x00", "\ufffd")


labels = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


class TestByLaw:
    @given(
        st.lists(
            st.tuples(labels, labels, st.integers(0, 9), st.none() | st.integers(-5, 5)),
            min_size=1,
            max_size=12,
        )
    )
    def test_round_trip(self, rows: list[tuple[str, str, int, int | None]]) -> None:
        """A log that went through XES is the same log, event by event."""
        case, activity, at, amount = (list(part) for part in zip(*rows, strict=True))
        table = {
            "case": case,
            "activity": activity,
            "occurred_at": [START + timedelta(microseconds=m) for m in at],
            "amount": amount,
        }
        one = read_events(table, EventColumns(by="amount"))
        back = read_xes(write_xes(one, ["amount"]))
        by = "amount" if "amount" in back.names else None
        two = read_events(back, EventColumns(by=by))
        assert one.activities == two.activities
        assert (one.chains.states == two.chains.states).all()
        assert (one.times == two.times).all()
        assert one.cases.column("case").values.tolist() == two.cases.column("case").values.tolist()
        if by:
            gone = one.column(by).is_missing
            assert (gone == two.column(by).is_missing).all()
            assert (one.column(by).values[~gone] == two.column(by).values[~gone]).all()
