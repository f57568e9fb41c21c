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
        "small_n": "Fewer than 30 answers: read the interval, not the figure.",
        "no_answers": "Nobody answered: there is no figure.",
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
        "one_group_only": "All answers fall into one group: there is nothing to compare.",
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
    def of(cls, code: str, *, count: int | None = None) -> Caveat:
        """Caveat `code` with its documented sentence.

        Parameters
        ----------
        code : str
            One of `CAVEATS`.
        count : int or None
            How many it is about, if that is known.

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
        'Fewer than 30 answers: read the interval, not the figure.'
        """
        if code not in CAVEATS:
            raise UsageError(f"There is no caveat {code!r}.", hint=did_you_mean(code, CAVEATS))
        some = "Some" if count is None else f"{count:,}"
        return cls(code=code, message=CAVEATS[code].format(some=some))

    def to_dict(self) -> dict[str, str]:
        """Plain mapping with the keys ``code`` and ``message``."""
        return {"code": self.code, "message": self.message}
