"""What came out of another tool's file, and what did not: nothing is dropped in silence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.vocabulary import Channel

from ._blueprints import LANES, Blueprint, Lane
from ._journeys import Journey, Touchpoint

#: Letters of a name, and of a text, that are kept.
_MOST_NAME: Final = 60
_MOST_TEXT: Final = 1000

# Looked through from top to bottom: "customer service" is no customer.
_WORDS: Final[Mapping[Lane, str]] = {
    "evidence": r"evidence",
    "backstage": r"back[ -]?(stage|office|end)|invisible",
    "front_stage": r"front|on[ -]?stage|(customer|client) (service|support|care|success)|agent|desk"
    r"|call cent|contact cent|reception|sales",
    "support": r"support|\bsystems?\b|\bIT\b|partner|supplier|vendor|third part",
    "customer": r"customer|client|user|consumer|guest|passenger|patient|citizen|applicant|buyer",
}
_LANES: Final = {lane: re.compile(text, re.IGNORECASE) for lane, text in _WORDS.items()}


@frozen(kw_only=True)
class MapImport:
    """Parts of a program that were read from another tool's file.

    Parameters
    ----------
    touchpoints : tuple of Touchpoint
        Places on the map.
    journeys : tuple of Journey
        Ways over the map.
    blueprints : tuple of Blueprint
        How services are made.
    left_out : mapping of str to int
        What has no place in a program, with how often it stood there.
    assumed : mapping of str to str
        What had to be guessed, and what it was taken for.
    """

    touchpoints: tuple[Touchpoint, ...] = ()
    journeys: tuple[Journey, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    left_out: Mapping[str, int] = field(factory=dict)
    assumed: Mapping[str, str] = field(factory=dict)


class Names:
    """Gives each title a name of its own."""

    def __init__(self, otherwise: str) -> None:
        self._otherwise = otherwise
        self._taken: Counter[str] = Counter()

    def of(self, title: str) -> str:
        """Name for a title: small letters, digits and underscores, and not given before."""
        plain = name_of(title, self._otherwise)
        name = plain
        while self._taken[name]:
            self._taken[plain] += 1
            name = f"{plain}_{self._taken[plain]}"
        self._taken[name] += 1
        return name

    def kept(self, name: str) -> str:
        """Name that is one already; from now on it is given."""
        self._taken[name] += 1
        return name


def name_of(title: str, otherwise: str) -> str:
    """Name that a title makes, or that begins with `otherwise` where it makes none."""
    latin = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    word = re.sub("[^a-z0-9]+", "_", latin).strip("_")[:_MOST_NAME].strip("_")
    if not word:
        return otherwise
    return word if word[0].isalpha() else f"{otherwise}_{word}"


def words(text: str | None) -> str | None:
    """Text on one line, without what surrounds it; None where nothing is left."""
    return " ".join((text or "").split())[:_MOST_TEXT] or None


def cut_in(texts: Iterable[str]) -> dict[str, int]:
    """How many texts are longer than what is kept of them, as what is left out."""
    cut = sum(len(" ".join(text.split())) > _MOST_TEXT for text in texts)
    return {f"end of a text of more than {_MOST_TEXT:,} letters": cut} if cut else {}


def channels_in(texts: Iterable[str]) -> tuple[tuple[Channel, ...], list[str]]:
    """Channels that words stand for, each once, and the words that stand for none."""
    found, strange = [], []
    for text in texts:
        channel = Channel.parse(text)
        if channel is Channel.OTHER and text.casefold() != "other":
            strange.append(text)
        found.append(channel)
    return tuple(dict.fromkeys(found)), strange


def lane_of(titles: Iterable[str], given: Mapping[str, Lane]) -> Lane | None:
    """Lane that the innermost of some titles stands for; None where none says so."""
    titles = [title for title in titles if title]
    for title in titles:
        if title in given:
            return given[title]
    for title in titles:
        for lane, pattern in _LANES.items():
            if pattern.search(title):
                return lane
    return None


def check_lanes(lanes: Mapping[str, Lane] | None) -> Mapping[str, Lane]:
    """Lanes that a caller gives for titles; a `UsageError` where one is none."""
    for lane in (lanes or {}).values():
        if lane not in LANES:
            raise UsageError(f"There is no lane {lane!r}.", hint=did_you_mean(lane, LANES))
    return lanes or {}
