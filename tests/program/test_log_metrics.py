"""Metrics of logs: what each engine has a use for, and the hash of what it means."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from cxm_core.errors import ConfigurationError
from cxm_core.program import Metric, Program
from cxm_core.program._log_metrics import SETTINGS, USES, LogEngine, is_lower_better, topic_of

HEAD = 'name = "Desk"\nzone = "UTC"\n'
SOME: dict[str, Any] = {
    "q": 0.9,
    "calendar": "desk",
    "target": "8h",
    "within": "7d",
    "threaded_within": "14d",
    "definition": "zendesk",
    "journey": "buying",
    "rule": "session 45m",
    "stages": ("visit", "pay"),
    "start": "sign_up",
    "goal": "first_order",
    "across": ("channel",),
    "against": "email",
    "margins": {"contacts": 0.2, "resolution_time": "4h"},
    "counted": "tickets",
    "feedback": "csat",
    "outcome": "renewed",
    "path": "way",
    "fields": ("order",),
    "windows": ("1d", "7d"),
    "truth": "matter",
    "reasons": ("late",),
    "blueprint": "helping",
    "system": "tool",
}
#: What an engine cannot go without.
NEEDED: dict[str, dict[str, Any]] = {
    "mean_resolution_time": {"definition": "hubspot"},
    "funnel": {"stages": "visit"},
    "time_to_value": {"start": "a", "goal": "b"},
    "hand_over": {"fields": "order"},
    "threading_quality": {"truth": "matter"},
    "channel_parity": {"margins": {"contacts": 0.5}},
    "effort_map": {"feedback": "ces"},
    "moments_that_matter": {"outcome": "left"},
    "outcome_by_path": {"feedback": "csat"},
    "map_check": {"journey": "buy"},
}


def metric(engine: str, **more: Any) -> Metric:
    """A metric of this engine with all that it needs."""
    return Metric(name="one", engine=engine, **{**NEEDED.get(engine, {}), **more})


def test_every_engine_is_in_the_table() -> None:
    """The words of the type, the table of uses and the topics name the same engines."""
    assert set(get_args(LogEngine)) == set(USES)
    assert {topic_of(engine) for engine in USES} == {"tickets", "issues", "journeys"}
    assert set(SOME) == set(SETTINGS)


@pytest.mark.parametrize("engine", USES)
def test_an_engine_takes_what_it_uses_and_refuses_the_rest(engine: str) -> None:
    """A setting that the engine has no use for is a mistake, and the hint names those it has."""
    for name, value in SOME.items():
        if name in USES[engine]:
            assert metric(engine, **{name: value}).settings[name] == value
        else:
            with pytest.raises(ConfigurationError, match=f"no use for {name}"):
                metric(engine, **{name: value})


@pytest.mark.parametrize("engine", USES)
def test_a_log_has_no_question(engine: str) -> None:
    """What belongs to answers is refused, also where it says nothing."""
    for name, value in {"question": "q1", "scale": "1-5", "weighted": False}.items():
        with pytest.raises(ConfigurationError, match=f"counts no answers.*{name}"):
            metric(engine, **{name: value})


def test_answers_have_no_log() -> None:
    """A setting of logs is refused for a metric of answers."""
    with pytest.raises(ConfigurationError, match="counts answers and has no use for q, within"):
        Metric(name="nps", engine="nps", question="r", q=0.5, within="7d")


@pytest.mark.parametrize(
    ("engine", "needed"),
    [
        ("funnel", "stages"),
        ("time_to_value", "start and goal"),
        ("mean_resolution_time", "within or definition"),
        ("hand_over", "fields"),
        ("threading_quality", "truth"),
        ("channel_parity", "margins"),
        ("effort_map", "feedback"),
        ("moments_that_matter", "outcome or feedback"),
        ("outcome_by_path", "outcome or feedback"),
        ("map_check", "journey or blueprint"),
    ],
)
def test_what_is_needed(engine: str, needed: str) -> None:
    """An engine that cannot go without a setting says which."""
    with pytest.raises(ConfigurationError, match=f"{engine} needs {needed}"):
        Metric(name="one", engine=engine)


@pytest.mark.parametrize(
    ("margin", "needed"), [("csat", "feedback"), ("mean_resolution_time", "within")]
)
def test_a_margin_brings_needs_of_its_own(margin: str, needed: str) -> None:
    """Satisfaction needs the answers, and a mean time a longest one."""
    with pytest.raises(ConfigurationError, match=f"needs {needed} for the margin of {margin}"):
        metric("channel_parity", margins={margin: 0.1})


@pytest.mark.parametrize("margin", [0.0, -1.0, float("inf"), "4 hours", True])
def test_a_margin_is_above_zero(margin: object) -> None:
    """A margin is a number above zero or a length of time, and the key is told."""
    with pytest.raises(ConfigurationError, match="margins"):
        metric("channel_parity", margins={"contacts": margin})


def test_one_figure_or_several() -> None:
    """An engine is one figure, several with names, or a whole that has no figures to know."""
    kinds = {engine: (metric(engine).is_single, metric(engine).has_parts) for engine in USES}
    assert kinds["reopen_rate"] == (True, False)
    assert kinds["effort"] == kinds["channel_parity"] == kinds["map_check"] == (False, True)
    assert kinds["flow"] == kinds["return_curve"] == (False, False)
    assert Metric(name="nps", engine="nps").is_single


@pytest.mark.parametrize("text", ["7 years", "0d", "d", "-1d", ""])
def test_a_length_of_time_is_one(text: str) -> None:
    """A length of time that cannot be read is a mistake in the program, not at the first figure."""
    with pytest.raises(ConfigurationError, match="within"):
        metric("repeat_contact", within=text)


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_quantile_lies_between(q: float) -> None:
    """A quantile is a number between 0 and 1."""
    with pytest.raises(ConfigurationError, match="q"):
        metric("resolution_time", q=q)


class TestHash:
    """The same hash is the same number."""

    def test_it_is_of_the_meaning(self) -> None:
        """Name, title and version leave it; engine and each setting change it."""
        base = metric("resolution_time")
        again = Metric(name="other", title="T", version=3, engine="resolution_time")
        assert base.definition_hash == again.definition_hash
        told = [base, metric("requester_wait")]
        told += [metric("resolution_time", **{key: SOME[key]}) for key in USES["resolution_time"]]
        assert len({one.definition_hash for one in told}) == len(told)

    def test_it_stays(self) -> None:
        """The hash of a definition is written into receipts, so it never changes by itself."""
        slow = Metric(name="slow", engine="resolution_time", q=0.9, calendar="desk")
        assert slow.definition_hash == "621bc8bd8dfa"


def test_less_is_better_of_some() -> None:
    """Waiting and coming back are bad news where they rise."""
    assert is_lower_better("repeat_contact")
    assert not is_lower_better("first_contact_resolution")
    assert metric("resolution_time").is_lower_better
    assert Metric(name="low", engine="bottom_box", scale="1-5").is_lower_better


class TestInAProgram:
    """A log's metric points to calendars and journeys, and may be shown."""

    def test_names_must_be_there(self) -> None:
        """A calendar or journey that is not defined is told with the key."""
        text = HEAD + '[[metrics]]\nname = "t"\nengine = "resolution_time"\ncalendar = "dsk"\n'
        text += '[[calendars]]\nname = "desk"\nhours = { monday = "09:00-17:00" }\n'
        wanted = r"(?s)metrics\[0\].calendar.*did you mean 'desk'"
        with pytest.raises(ConfigurationError, match=wanted):
            Program.parse(text)

    def test_feedback_is_a_metric_of_answers(self) -> None:
        """Feedback that is no metric of answers, and a blueprint that is none, are told."""
        text = HEAD + '[[metrics]]\nname = "hard"\nengine = "friction"\nfeedback = "hard"\n'
        with pytest.raises(ConfigurationError, match=r"metrics\[0\].feedback names 'hard'"):
            Program.parse(text)
        text = HEAD + '[[metrics]]\nname = "m"\nengine = "map_check"\nblueprint = "b"\n'
        with pytest.raises(ConfigurationError, match=r"metrics\[0\].blueprint names 'b'"):
            Program.parse(text)

    @pytest.mark.parametrize(
        ("engine", "part", "told"),
        [
            ("effort", "", "several figures, and no part is named"),
            ("reopen_rate", 'part = "x"\n', "one figure and has no part"),
            ("flow", 'part = "x"\n', "no figure that could be known"),
        ],
    )
    def test_what_is_known_has_a_name(self, engine: str, part: str, told: str) -> None:
        """A known figure of several says which; one of none is refused."""
        text = HEAD + f'[[metrics]]\nname = "m"\nengine = "{engine}"\n'
        with pytest.raises(ConfigurationError, match=told):
            Program.parse(text + f'[[report.known]]\nmetric = "m"\nvalue = 1.0\n{part}')

    def test_a_headline_is_one_figure(self) -> None:
        """What is several figures cannot stand at the top."""
        text = HEAD + '[[metrics]]\nname = "m"\nengine = "effort"\n'
        with pytest.raises(ConfigurationError, match="is a headline and no single figure"):
            Program.parse(text + '[report]\nheadline = "m"\n')

    def test_a_headline_without_a_question(self) -> None:
        """A log's metric needs no question to stand at the top."""
        text = HEAD + '[[metrics]]\nname = "t"\nengine = "resolution_time"\n'
        program = Program.parse(text + '[report]\nheadline = "t"\n')
        assert program.headline == ("t",)

    def test_only_logs_stand_among_the_logs(self) -> None:
        """A metric of answers is refused where the report names metrics of logs."""
        text = HEAD + '[[metrics]]\nname = "nps"\nengine = "nps"\nquestion = "q"\n'
        with pytest.raises(ConfigurationError, match=r"report.logs.metrics names 'nps'"):
            Program.parse(text + '[report.logs]\nmetrics = "nps"\n')
