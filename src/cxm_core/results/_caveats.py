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
        "lonely_strata": "{some} strata hold a single cluster: "
        "their share of the error is measured around the overall figure.",
        "design_effect": "Weights or clusters cost more than half of the sample: "
        "the effective n is below half of n.",
        "not_reached": "The data cannot say where a limit of the interval lies.",
        "unfinished": "The time that it is about is not over yet: the figure will still change.",
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
