"""Mermaid: every step, link and score, and no title that breaks out."""

from __future__ import annotations

from hypothesis import given

from cxm_core.program import Blueprint, Journey, Touchpoint, write_mermaid
from maps import BUY, RETURNS, TOUCHPOINTS, WORDS


class TestByHand:
    """One journey and one blueprint."""

    def test_a_journey(self) -> None:
        """Stages are sections, feelings scores from 1 to 5."""
        assert write_mermaid(BUY, TOUCHPOINTS).splitlines() == [
            "journey",
            "    title Buy shoes",
            "    section Choose",
            "        Search the shop: 4: customer",
            "        Place the order: 1: customer",
            "    section After",
            "        Mail about the money: 3: customer",
        ]

    def test_a_blueprint(self) -> None:
        """Lanes are boxes, kinds shapes, links arrows with their label."""
        lines = [line.strip() for line in write_mermaid(RETURNS).splitlines()]
        assert lines[0] == "flowchart LR"
        assert 'subgraph lane_front_stage["Front stage"]' in lines
        assert 'step_check{"Within 30 days?"}' in lines
        assert 'step_pay[["Approve the refund"]]' in lines
        assert 'step_check -->|"yes"| step_post' in lines
        assert 'step_post["At the #34;post#34; #38; #60;b#62;"]' in lines
        assert sum("-->" in line for line in lines) == len(RETURNS.links)


class TestByLaw:
    """What holds for every title."""

    @given(WORDS)
    def test_titles_do_not_break_out(self, title: str) -> None:
        """A title adds no line, ends no quotation and opens no tag."""
        step = {"name": "a", "lane": "customer", "title": title}
        text = write_mermaid(Blueprint(name="b", steps=[step]))
        assert len(text.splitlines()) == 4
        inside = text.splitlines()[2].split('"', 1)[1].rsplit('"', 1)[0]
        assert not set('"<>`') & set(inside)

    @given(WORDS)
    def test_titles_of_a_journey_stay_on_their_line(self, title: str) -> None:
        """A colon, a comma or a line break in a title adds no part to a line."""
        journey = Journey(name="j", stages=[{"name": "s", "touchpoints": ["a"]}])
        lines = write_mermaid(journey, [Touchpoint(name="a", title=title)]).splitlines()
        assert len(lines) == 4
        assert lines[3].count(":") == 2
