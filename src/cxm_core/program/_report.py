"""What the report of a program shows."""

from __future__ import annotations

from ._document import Document, Name, Names, Positive, SomeTexts, Text, Texts


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
    min_group : int
        A group with fewer answers is not shown.
    """

    title: Text | None = None
    path: Text = "report.html"
    headline: Names = ()
    windows: Texts = ()
    by: Texts = ()
    touchpoint_metric: Name | None = None
    touchpoints: Names = ()
    quotes: Quotes | None = None
    min_group: Positive = 5
