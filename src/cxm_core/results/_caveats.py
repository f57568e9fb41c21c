"""What a reader should know before acting on a number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from cxm_core.errors import UsageError, did_you_mean

#: Every caveat of the library: its code, and the sentence that a reader sees; a count, if there
#: is one, takes the place of ``{some}``.
CAVEATS: Mapping[str, str] = MappingProxyType(
    {
        "small_n": "Fewer than 30 in all: read the interval, not the figure.",
        "no_answers": "Nobody answered: there is no figure.",
        "no_weight": "Every answer has the weight zero: there is no figure.",
        "few_clusters": "Fewer than 15 clusters: the interval may be too short.",
        "unclustered": "{some} answers have no cluster: "
        "they count in the figure, but not in its error.",
        "repeats_unread": "Too many answers to look whether customers answered more than once: "
        "each is taken for a customer of its own.",
        "lonely_strata": "{some} strata hold a single cluster: "
        "their share of the error is measured around the overall figure.",
        "design_effect": "Weights or clusters cost more than half of the sample: "
        "the effective n is below half of n.",
        "not_converged": "The weights could not be made to meet every known total: "
        "look at the largest gap.",
        "trimmed": "{some} weights were cut at the limit: the figure is steadier, "
        "and the margins may pull less than they should.",
        "thin_margins": "{some} categories of the weighting hold fewer than 5 rows: "
        "merge them, or the interval is too short.",
        "population_unknown": "More than 5 % of the population is in the sample, and its size is "
        "not used: the interval is longer than it needs to be.",
        "population_share": "More than 5 % of the population is in the sample, which makes the "
        "interval shorter: that holds if the others are missing by chance, not by choice.",
        "no_spread": "All rows agree, so that nothing can be told of the doubt: "
        "the interval has no width, and should have one.",
        "unheard": "{some} of those asked were less likely to answer than anybody who did: nobody "
        "like them speaks for them, and the figure is about the others.",
        "unanimous_groups": "In {some} of the groups all answers agree on both sides: the interval "
        "of their rate has no width, and should have one.",
        "unlike_sides": "The sides differ in {some}: "
        "that alone may be what moved, whatever customers said.",
        "nameless": "{some} answers have no identifier: nobody knows whose they are, "
        "and they are left out of the pairs.",
        "unmatched": "{some} people answered only one of the two times: "
        "the change is that of the others.",
        "not_reached": "The data cannot say where a limit of the interval lies.",
        "unfinished": "The time that it is about is not over yet: the figure will still change.",
        "few_groups": "Fewer than 5 groups: how far groups differ is hardly known.",
        "one_by_one": "Each interval holds by itself: among many groups some of them miss, "
        "so read the adjusted p-values.",
        "one_side_only": "{some} groups are on one side only: all that they move is mix.",
        "small_groups": "Some groups have fewer than 30 answers on a side: "
        "their intervals are too short.",
        "unrankable": "The groups cannot be put in an order: "
        "every one of them could stand in more than half of the places.",
        "guessed_spread": "How far answers differ is not known: the largest spread that the "
        "metric can have is taken, so fewer answers may do.",
        "long_run_only": "The interval that holds at every look does so in the long run only, and "
        "not for few answers or nearly equal ones.",
        "unsure_baseline": "The baseline is less sure than the margin: no number of further "
        "answers will settle it.",
        "chance_alarm": "Only the change detector says so, and with this many looks it may well "
        "alarm by chance: take days or weeks for looks, or a longer average run length.",
        "few_points": "Fewer than 20 points set the limits: they would move with more of them.",
        "nothing_counted": "There is nothing of the kind: there is no figure.",
        "open_windows": "{some} could still change within the window that is looked forward: "
        "they are left out until it is over.",
        "still_open": "{some} are not over yet: each counts as long as it has lasted.",
        "threaded": "{some} contacts bear no id of an issue: a rule says which are about one "
        "matter, and what it gets wrong is not in the interval.",
        "equal_stamps": "{some} events have the time of the one before them in their case: "
        "the names of the activities decide which comes first.",
        "before_opening": "{some} tickets have events before their opening, as where the clocks of "
        "two systems differ: these count as at the opening.",
        "over_too_soon": "{some} were over before they began, as where the clocks of two systems "
        "differ: they are left out, and the quickest may be among them.",
        "over_at_once": "{some} were over before they began, as where the clocks of two systems "
        "differ: they count as over at once.",
        "clocks_apart": "{some} tickets have an event of one source before what it must have come "
        "after in another, as do most that both tell of: their clocks may be apart, and nothing "
        "was put right.",
        "after_close": "{some} tickets went on after they were closed: "
        "that counts as opened again.",
        "ended_only": "{some} that are not over are left out, and the slow ones are among them: "
        "the figure is lower than what customers meet.",
        "no_replies": "The log tells of no reply at all: what rests on replies says nothing.",
        "other_ends": "{some} ended in another way than by a solution: each counts as over then.",
        "stood_for": "{some} are not over yet: others of their age that are over stand for them.",
        "unknown_words": "{some} events have a status that nobody knows: "
        "the status before them goes on.",
        "useless_map": "The map is no nearer to the answers than their mean: "
        "do not use it as an index.",
        "incomplete": "{some} of the streams left something out at the last sync: what is missing "
        "there is missing here.",
        "no_ends": "Nobody says when contacts ended: {some} issues count as over when their last "
        "contact began, which is sooner than they were.",
        "absent_stages": "{some} of the stages are in no event of the log: misspelt, or nobody has "
        "got so far.",
        "idle_touchpoints": "{some} declared touchpoints are in no case: the map has steps that "
        "nobody takes, or the log calls them something else.",
        "off_the_map": "{some} activities of the log stand at no declared touchpoint.",
        "strangers": "No customer of the one table is in the other: perhaps two systems call their "
        "customers by different names, and nothing could be found.",
        "one_group_only": "All answers fall into one group: there is nothing to compare.",
    }
)

#: The sentences of those that count something, where it is a single one.
OF_ONE: Mapping[str, str] = MappingProxyType(
    {
        "unclustered": "1 answer has no cluster: it counts in the figure, but not in its error.",
        "lonely_strata": "1 stratum holds a single cluster: "
        "its share of the error is measured around the overall figure.",
        "trimmed": "1 weight was cut at the limit: the figure is steadier, "
        "and the margins may pull less than they should.",
        "thin_margins": "1 category of the weighting holds fewer than 5 rows: "
        "merge it with another, or the interval is too short.",
        "unheard": "1 of those asked was less likely to answer than anybody who did: nobody like "
        "that one speaks for it, and the figure is about the others.",
        "unanimous_groups": "In 1 of the groups all answers agree on both sides: the interval of "
        "its rate has no width, and should have one.",
        "nameless": "1 answer has no identifier: nobody knows whose it is, "
        "and it is left out of the pairs.",
        "unmatched": "1 person answered only one of the two times: "
        "the change is that of the others.",
        "one_side_only": "1 group is on one side only: all that it moves is mix.",
        "open_windows": "1 could still change within the window that is looked forward: "
        "it is left out until it is over.",
        "over_too_soon": "1 was over before it began, as where the clocks of two systems differ: "
        "it is left out, and the quickest may be that one.",
        "over_at_once": "1 was over before it began, as where the clocks of two systems differ: "
        "it counts as over at once.",
        "still_open": "1 is not over yet: it counts as long as it has lasted.",
        "threaded": "1 contact bears no id of an issue: a rule says which are about one matter, "
        "and what it gets wrong is not in the interval.",
        "equal_stamps": "1 event has the time of the one before it in its case: "
        "the names of the activities decide which comes first.",
        "before_opening": "1 ticket has events before its opening, as where the clocks of two "
        "systems differ: these count as at the opening.",
        "clocks_apart": "1 ticket has an event of one source before what it must have come after "
        "in another, as do most that both tell of: their clocks may be apart, and nothing was put "
        "right.",
        "after_close": "1 ticket went on after it was closed: that counts as opened again.",
        "ended_only": "1 that is not over is left out, and it may be a slow one: "
        "the figure is lower than what customers meet.",
        "stood_for": "1 is not over yet: others of its age that are over stand for it.",
        "unknown_words": "1 event has a status that nobody knows: the status before it goes on.",
        "no_ends": "Nobody says when contacts ended: 1 issue counts as over when its last contact "
        "began, which is sooner than it was.",
        "absent_stages": "1 of the stages is in no event of the log: misspelt, or nobody has got "
        "so far.",
        "idle_touchpoints": "1 declared touchpoint is in no case: the map has a step that nobody "
        "takes, or the log calls it something else.",
        "off_the_map": "1 activity of the log stands at no declared touchpoint.",
    }
)


@frozen(kw_only=True)
class Caveat:
    """One thing a reader should know before acting on a number.

    Parameters
    ----------
    code : str
        Stable name, one of `CAVEATS`; programs test this.
    message : str
        One sentence for a person.
    """

    code: str
    message: str

    @classmethod
    def of(cls, code: str, *, count: int | str | None = None) -> Caveat:
        """Caveat `code` with its documented sentence.

        Parameters
        ----------
        code : str
            One of `CAVEATS`.
        count : int, str or None
            How many it is about, or what, if that is known.

        Returns
        -------
        Caveat
            The code and its sentence.

        Raises
        ------
        UsageError
            There is no such caveat.

        Examples
        --------
        >>> Caveat.of("small_n").message
        'Fewer than 30 in all: read the interval, not the figure.'
        """
        if code not in CAVEATS:
            raise UsageError(f"There is no caveat {code!r}.", hint=did_you_mean(code, CAVEATS))
        if count == 1 and code in OF_ONE:
            return cls(code=code, message=OF_ONE[code])
        some = "Some" if count is None else count if isinstance(count, str) else f"{count:,}"
        return cls(code=code, message=CAVEATS[code].format(some=some))

    def to_dict(self) -> dict[str, str]:
        """Plain mapping with the keys ``code`` and ``message``."""
        return {"code": self.code, "message": self.message}
