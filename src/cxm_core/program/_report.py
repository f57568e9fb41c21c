"""What the report of a program shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, Field, Strict

from ._document import EMPTY, Document, Many, Name, Names, Positive, SomeTexts, Text, Texts

Figure = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False)]


class Quotes(Document):
    """Customers' own words in the report.

    Attributes
    ----------
    question : tuple of str
        Native ids of the questions whose words are shown; one may stand alone.
    count : int
        How many at most.
    """

    question: SomeTexts
    count: Positive = 12


class KnownFigure(Document):
    """A figure that is known from elsewhere, shown beside what was measured.

    Attributes
    ----------
    metric : str
        Name of the metric.
    value : float
        The figure, in the metric's unit: points, or a share from 0 to 1.
    part : str or None
        Which of them, where a metric is several figures: `contacts` of `effort`.
    window : str or None
        Window that it is about; all there is if there is none.
    where : mapping of str to str
        Columns or attributes of responses, and the value that they have.
    """

    metric: Name
    value: Figure
    part: Text | None = None
    window: Text | None = None
    where: dict[Text, Text] = Field(default_factory=dict)


class LogSettings(Document):
    """What the report shows of logs: tickets, issues and journeys.

    Attributes
    ----------
    metrics : tuple of str
        Names of the metrics of logs to show; none named are all.
    by : tuple of str
        Columns or attributes of tickets and contacts by which they are broken down.
    journeys : tuple of str
        Names of the journeys to draw; none named are all.
    """

    metrics: Names = EMPTY
    by: Texts = EMPTY
    journeys: Names = EMPTY


class ReportSettings(Document):
    """What the report shows.

    Attributes
    ----------
    title : str or None
        Title; by default the program's name.
    path : str
        Where it is written, from the folder of the program.
    headline : tuple of str
        Names of the metrics at the top; by default those of the journeys.
    windows : tuple of str
        Windows of the figures, oldest first; the last is compared with the one before it.
        None: one window of all there is.
    by : tuple of str
        Columns or attributes of responses by which the headline metrics are broken down.
    touchpoint_metric : str or None
        Metric, usually `bottom_box`, that is measured for each touchpoint on its own questions.
    touchpoints : tuple of str
        Names of the touchpoints to show; none named are all.
    quotes : Quotes or None
        Customers' own words.
    logs : LogSettings
        What is shown of tickets, issues and journeys.
    known : tuple of KnownFigure
        Figures that are known from elsewhere.
    known_from : str or None
        Where they are known from, such as `the dashboard of 3 May`.
    min_group : int
        A group with fewer answers is not shown.
    """

    title: Text | None = None
    path: Text = "report.html"
    headline: Names = EMPTY
    windows: Texts = EMPTY
    by: Texts = EMPTY
    touchpoint_metric: Name | None = None
    touchpoints: Names = EMPTY
    quotes: Quotes | None = None
    logs: LogSettings = Field(default_factory=LogSettings)
    known: Many[KnownFigure] = EMPTY
    known_from: Text | None = None
    min_group: Positive = 5
