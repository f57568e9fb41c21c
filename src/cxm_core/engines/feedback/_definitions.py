"""Metrics as they are defined in practice: named, versioned, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Scale, takes

from ._engine import BOTTOM_BOX, CSAT, MEAN_SCORE, NET_BOX, NPS, TOP_BOX
from ._metric_definition import MetricDefinition

_RECOMMEND = Scale(1, 5, top=(5,), bottom=(1, 2, 3))
_SEVEN, _FIVE = Scale(1, 7, top=(5, 6, 7), bottom=(1, 2, 3)), Scale.named("1-5")
_TOP_1 = Scale(1, 5, top=(5,), bottom=(1, 2))
_REICHHELD = "Reichheld, The One Number You Need to Grow, Harvard Business Review 81(12), 2003"
_MORGAN = (
    "Morgan and Rego, The Value of Different Customer Satisfaction and Loyalty Metrics in "
    "Predicting Business Performance, Marketing Science 25(5), 2006"
)
_DIXON_2010 = (
    "Dixon, Freeman and Toman, Stop Trying to Delight Your Customers, Harvard Business Review "
    "88(7), 2010"
)
_DIXON_2013 = "Dixon, Toman and DeLisi, The Effortless Experience, 2013"
_BT = "BT, Net Easy score, as told by Jones, NetEasy, Contact Centre Helper"
_NHS_2013 = "NHS England, The NHS Friends and Family Test: implementation guidance, February 2013"
_NHS_2014 = (
    "NHS England, review of the Friends and Family Test, July 2014; in use from October 2014"
)
_NHS_2020 = "NHS England, Using the Friends and Family Test, in use from April 2020"
_OECD = "OECD, Business Tendency Surveys: A Handbook, 2003 (the balance), on five levels"
_HOW_SATISFIED = "Overall, how satisfied are you?"
_MADE_EASY = "The company made it easy for me to handle my issue."
_HOW_EASY = "Overall, how easy was it to get the help you wanted today?"
_HOW_LIKELY = "How likely are you to recommend our service to friends and family?"
_HOW_WAS_IT = "Overall, how was your experience of our service?"

_ALL = (
    MetricDefinition(
        name="nps",
        title="Net Promoter Score",
        engine=NPS,
        scale=Scale.named("0-10"),
        question="How likely are you to recommend us to a friend or colleague?",
        source=_REICHHELD,
    ),
    *(
        MetricDefinition(
            name=name,
            title=title,
            engine=engine,
            scale=scale,
            question=_HOW_SATISFIED,
            source=source,
        )
        for name, title, engine, scale, source in (
            ("csat_top_1", "Very satisfied customers", CSAT, _TOP_1, _MORGAN),
            ("csat_top_2", "Satisfied customers", CSAT, _FIVE, _MORGAN),
            ("csat_mean", "Mean satisfaction", MEAN_SCORE, _FIVE, _MORGAN),
            ("csat_net", "Satisfied less dissatisfied customers", NET_BOX, _FIVE, _OECD),
        )
    ),
    MetricDefinition(
        name="ces_mean",
        title="Customer Effort Score",
        engine=MEAN_SCORE,
        scale=Scale.named("1-5 reversed"),
        question="How much effort did you personally have to put forth to handle your request?",
        source=_DIXON_2010,
    ),
    MetricDefinition(
        name="ces_mean",
        version=2,
        title="Customer Effort Score 2.0",
        engine=MEAN_SCORE,
        scale=Scale.named("1-7"),
        question=_MADE_EASY,
        source=_DIXON_2013,
    ),
    *(
        MetricDefinition(
            name=name,
            title=title,
            engine=engine,
            scale=scale,
            question=_MADE_EASY,
            source=f"{_DIXON_2013}: {who}",
        )
        for name, title, engine, scale, who in (
            ("ces_easy_7", "Share who found it easy", TOP_BOX, _SEVEN, "those who agree, of seven"),
            ("ces_easy_5", "Share who found it easy", TOP_BOX, _FIVE, "those who agree, of five"),
            ("ces_net", "Good less bad effort", NET_BOX, _SEVEN, "agree less disagree, of seven"),
        )
    ),
    MetricDefinition(
        name="net_easy",
        title="Net Easy score",
        engine=NET_BOX,
        scale=Scale(1, 7, direction="descending", top=(1, 2), bottom=(5, 6, 7)),
        question=_HOW_EASY,
        source=_BT,
    ),
    MetricDefinition(
        name="fft_score",
        title="Friends and Family Test, net score",
        engine=NET_BOX,
        scale=_RECOMMEND,
        question=_HOW_LIKELY,
        source=_NHS_2013,
    ),
    *(
        MetricDefinition(
            name=f"fft_{title}",
            version=version,
            title=f"Friends and Family Test, {title}",
            engine=engine,
            scale=Scale.named("1-5"),
            question=question,
            source=source,
            of="asked",
        )
        for version, question, source in ((1, _HOW_LIKELY, _NHS_2014), (2, _HOW_WAS_IT, _NHS_2020))
        for title, engine in (("positive", TOP_BOX), ("negative", BOTTOM_BOX))
    ),
)

#: Every version of every definition, by name.
DEFINITIONS: Mapping[str, tuple[MetricDefinition, ...]] = MappingProxyType(
    {name: tuple(d for d in _ALL if d.name == name) for name in dict.fromkeys(d.name for d in _ALL)}
)


@takes(name="text", version="whole?")
def definition(name: str, *, version: int | None = None) -> MetricDefinition:
    """Metric as somebody defined it, by its name: the newest version, or the one that is asked for.

    Parameters
    ----------
    name : str
        One of `DEFINITIONS`, such as ``"net_easy"``.
    version : int or None
        None for the newest.

    Returns
    -------
    MetricDefinition
        To be called with answers, or given as `metric=`.

    Raises
    ------
    UsageError
        There is no such definition, or no such version of it.

    Examples
    --------
    >>> import cxm_core as cx
    >>> cx.definition("ces_mean", version=1).scale.code, cx.definition("ces_mean").scale.code
    ('1-5 reversed', '1-7')
    """
    if name not in DEFINITIONS:
        raise UsageError(
            f"There is no definition {name!r}.", hint=did_you_mean(str(name), DEFINITIONS)
        )
    versions = {one.version: one for one in DEFINITIONS[name]}
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        raise UsageError(
            f"There is no version {wanted!r} of {name}.",
            hint=f"versions: {', '.join(map(str, versions))}",
        )
    return versions[wanted]
