"""Answer scales: which whole numbers an answer can take, and which of them are good.

A score is never kept without its scale, so answers of different scales cannot mix by accident.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from operator import index
from typing import Any, Literal, NoReturn

from attrs import evolve, field, frozen

from cxm_core.errors import UsageError, did_you_mean

Direction = Literal["ascending", "descending"]
Labels = Mapping[int, str] | Iterable[tuple[int, str]]

MAX_LEVELS = 1001
_MAX_LEVEL = 999_999_999
_REVERSED = " reversed"

_LEVEL = r"-?[0-9]{1,9}"
_LEVELS = rf"{_LEVEL}(?:,{_LEVEL})*"
_CODE = re.compile(
    rf"(?P<low>{_LEVEL})-(?P<high>{_LEVEL})(?P<reversed> reversed)?"
    rf"(?: top=(?P<top>{_LEVELS}))?(?: bottom=(?P<bottom>{_LEVELS}))?"
    r'(?: name=(?P<name>"(?:[^"\\]|\\.)*"))?(?: labels=(?P<labels>\[.*\]))?'
)


def _whole(value: Any) -> Any:
    # NumPy's whole numbers become Python's; what is none stays as it is and is refused by name.
    try:
        return value if isinstance(value, bool) else index(value)
    except TypeError:
        return value


def _is_level(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_LEVEL


def _is_text(value: object) -> bool:
    # Half a surrogate pair is no text: no file or database could keep it.
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def _sorted_labels(labels: Labels) -> tuple[tuple[int, str], ...]:
    pairs = labels.items() if isinstance(labels, Mapping) else labels
    try:
        return tuple(sorted((_whole(level), text) for level, text in pairs))
    except (TypeError, ValueError) as error:
        raise UsageError(
            "The labels of a scale are not pairs of level and text.",
            hint="labels={1: 'very poor', 5: 'very good'}",
        ) from error


def _sorted_levels(levels: Iterable[int] | None) -> tuple[int, ...]:
    if levels is None:
        return ()
    try:
        chosen = tuple(sorted({_whole(level) for level in levels}))
    except TypeError as error:
        raise UsageError("A scale's top or bottom is no list of levels.") from error
    if not chosen:
        raise UsageError("A scale's top or bottom has no level.", hint="leave it out: the default")
    return chosen


@frozen
class Scale:
    """The numbers that an answer can take, and which of them are good and which are bad.

    Parameters
    ----------
    low, high : int
        Smallest and largest number, `low` < `high`, at most 1,001 levels.
    direction : {"ascending", "descending"}
        Whether a larger number is a better answer, or a worse one.
    labels : mapping of int to str, or pairs
        Words that the respondent saw; some levels may have none.
    top, bottom : iterable of int or None
        Levels that count as good and as bad.
        By default the two best and the two worst (one each where there are two or three levels).
    name : str or None
        Name of the scale.

    Raises
    ------
    UsageError
        The numbers contradict each other: no range, a level off the scale, a top that is no better
        than the bottom.

    Notes
    -----
    Two scales are equal when all of this is equal, their names too.

    Examples
    --------
    >>> scale = Scale(1, 4, labels={1: "not at all", 4: "very"})
    >>> scale.levels, scale.top, scale.bottom
    ((1, 2, 3, 4), (3, 4), (1, 2))
    >>> Scale.named("1-5 reversed").top
    (1, 2)
    """

    low: int = field(converter=_whole)
    high: int = field(converter=_whole)
    direction: Direction = field(default="ascending", kw_only=True)
    labels: tuple[tuple[int, str], ...] = field(default=(), converter=_sorted_labels, kw_only=True)
    top: tuple[int, ...] = field(default=None, converter=_sorted_levels, kw_only=True)
    bottom: tuple[int, ...] = field(default=None, converter=_sorted_levels, kw_only=True)
    name: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_range(self)
        _check_words(self)
        _check_members(self)
        top, bottom = _default_top(self), _default_bottom(self)
        object.__setattr__(self, "top", top)
        object.__setattr__(self, "bottom", bottom)
        _check_order(self)

    @classmethod
    def named(cls, name: str) -> Scale:
        """Scale that goes by a well-known name.

        Parameters
        ----------
        name : str
            One of `SCALE_NAMES`: `0-10`, `1-5`, `1-7`, `1-10`, `stars`, `thumbs`, `good/bad`,
            each also with ` reversed` behind it.

        Returns
        -------
        Scale
            The scale, with its name.

        Raises
        ------
        UsageError
            No scale has this name.

        Examples
        --------
        >>> Scale.named("0-10").top
        (9, 10)
        """
        if name not in _NAMED:
            near = did_you_mean(str(name), SCALE_NAMES)
            raise UsageError(
                f"No scale is named {name!r}.", hint=f"{near} Any other one is Scale(low, high)."
            )
        return _NAMED[name]

    @classmethod
    def parse(cls, code: str | Scale) -> Scale:
        """Scale that a code stands for, or that a person wrote down shortly.

        Parameters
        ----------
        code : str or Scale
            A name, a `code`, or a short form such as `1-4` or `1-4 reversed top=1`.

        Returns
        -------
        Scale
            The scale; one that is given is returned as it is.

        Raises
        ------
        UsageError
            The text is no scale.

        Examples
        --------
        >>> Scale.parse("1-4 top=4").bottom
        (1, 2)
        """
        if isinstance(code, Scale):
            return code
        if not isinstance(code, str):
            raise _no_code(code)
        if code in _NAMED:
            return _NAMED[code]
        match = _CODE.fullmatch(code)
        return _from_parts(match.groupdict()) if match else _refuse_code(code)

    @property
    def levels(self) -> tuple[int, ...]:
        """All numbers of the scale, rising."""
        return tuple(range(self.low, self.high + 1))

    @property
    def code(self) -> str:
        """Text of one line from which `Scale.parse` reads this very scale."""
        known = None if self.name is None else _NAMED.get(self.name)
        # Most are that very scale; to compare two takes a look at all that they say.
        if known is self or (known is not None and known == self):
            return str(self.name)
        parts = [
            f"{self.low}-{self.high}",
            "reversed" if self.direction == "descending" else "",
            f"top={_join(self.top)}",
            f"bottom={_join(self.bottom)}",
            f"name={json.dumps(self.name)}" if self.name is not None else "",
            f"labels={json.dumps(self.labels, separators=(',', ':'))}" if self.labels else "",
        ]
        return " ".join(part for part in parts if part)

    def contains(self, value: object) -> bool:
        """Whether a value is a number of this scale.

        Parameters
        ----------
        value : object
            Anything; a fraction, a truth value and text are on no scale.

        Returns
        -------
        bool
            True for a whole number from `low` to `high`.

        Examples
        --------
        >>> Scale.named("1-5").contains(6)
        False
        """
        number = _whole(value)
        return _is_level(number) and self.low <= number <= self.high

    def label(self, level: int) -> str:
        """Word for a level; the number itself where the scale has no word for it.

        Parameters
        ----------
        level : int
            A level of the scale.

        Returns
        -------
        str
            The word.

        Raises
        ------
        UsageError
            The level is not on the scale.

        Examples
        --------
        >>> Scale.named("thumbs").label(1)
        'up'
        """
        if not self.contains(level):
            raise UsageError(f"Level {level!r} is not on the scale {self.low} to {self.high}.")
        return dict(self.labels).get(level, str(level))

    def reversed(self) -> Scale:
        """Return the same answers, numbered the other way round.

        Returns
        -------
        Scale
            Level v of this scale is level `low + high - v` of that one: labels, top and bottom
            move along.

        Examples
        --------
        >>> Scale.named("good/bad").reversed().label(0)
        'good'
        """
        turn = self.low + self.high
        return evolve(
            self,
            direction="ascending" if self.direction == "descending" else "descending",
            labels=[(turn - level, text) for level, text in self.labels],
            top=[turn - level for level in self.top],
            bottom=[turn - level for level in self.bottom],
            name=_turned_name(self.name),
        )


def _turned_name(name: str | None) -> str | None:
    if name is None:
        return None
    return name.removesuffix(_REVERSED) if name.endswith(_REVERSED) else name + _REVERSED


def _check_range(scale: Scale) -> None:
    if not (_is_level(scale.low) and _is_level(scale.high)):
        raise UsageError("The ends of a scale are whole numbers of at most nine digits.")
    if not scale.low < scale.high:
        raise UsageError(
            f"A scale from {scale.low} to {scale.high} has no two levels.",
            hint="low < high; where less is better: direction='descending'",
        )
    if scale.high - scale.low >= MAX_LEVELS:
        raise UsageError(f"A scale has at most {MAX_LEVELS} levels.", hint="group the values")


def _check_words(scale: Scale) -> None:
    if scale.direction not in ("ascending", "descending"):
        raise UsageError("A scale's direction is 'ascending' or 'descending'.")
    name = scale.name
    if name is not None and not (_is_text(name) and name and name == name.strip()):
        raise UsageError("A scale's name is a text without blanks around it.")
    if not all(_is_text(text) for _, text in scale.labels):
        raise UsageError("A scale's labels are texts.")
    if len({level for level, _ in scale.labels}) < len(scale.labels):
        raise UsageError("A level of the scale has two labels.")


def _check_members(scale: Scale) -> None:
    used = {
        "labels": [level for level, _ in scale.labels],
        "top": scale.top,
        "bottom": scale.bottom,
    }
    for part, levels in used.items():
        off = [level for level in levels if not scale.contains(level)]
        if off:
            raise UsageError(
                f"{part} names {off[0]!r}, which is not on the scale {scale.low} to {scale.high}."
            )


def _best_first(scale: Scale, without: tuple[int, ...]) -> list[int]:
    levels = [level for level in scale.levels if level not in without]
    return levels if scale.direction == "descending" else levels[::-1]


def _default_top(scale: Scale) -> tuple[int, ...]:
    size = min(2, len(scale.levels) // 2)
    return scale.top or tuple(sorted(_best_first(scale, scale.bottom)[:size]))


def _default_bottom(scale: Scale) -> tuple[int, ...]:
    size = min(2, len(scale.levels) // 2)
    return scale.bottom or tuple(sorted(_best_first(scale, scale.top)[-size:]))


def _check_order(scale: Scale) -> None:
    good, bad = scale.top, scale.bottom
    if scale.direction == "descending":
        good, bad = bad, good
    if not (good and bad and min(good) > max(bad)):
        raise UsageError(
            "A scale's top levels are not all better than its bottom levels.",
            hint="where less is better: direction='descending'",
        )


def _join(levels: tuple[int, ...]) -> str:
    return ",".join(map(str, levels))


def _split(levels: str | None) -> list[int] | None:
    return None if levels is None else [int(level) for level in levels.split(",")]


def _from_parts(parts: Mapping[str, str | None]) -> Scale:
    try:
        name, labels = json.loads(parts["name"] or "null"), json.loads(parts["labels"] or "[]")
    except (ValueError, RecursionError) as error:
        raise UsageError("The labels of a scale's code are not JSON.") from error
    return Scale(
        int(parts["low"] or 0),
        int(parts["high"] or 0),
        direction="descending" if parts["reversed"] else "ascending",
        top=_split(parts["top"]),
        bottom=_split(parts["bottom"]),
        name=name,
        labels=labels,
    )


def _refuse_code(code: str) -> NoReturn:
    near = did_you_mean(str(code), SCALE_NAMES)
    raise UsageError(
        f"{str(code)[:40]!r} is no scale.",
        hint=f"{near} Other scales are written as '1-4', '1-4 reversed' or '1-4 top=4 bottom=1'.",
    )


def _no_code(code: object) -> UsageError:
    levels = [_whole(level) for level in code] if isinstance(code, (tuple, list, range)) else []
    if _is_level(_whole(code)):
        levels = [1, _whole(code)]
    is_range = bool(levels) and all(map(_is_level, levels)) and min(levels) < max(levels)
    low, high = (min(levels), max(levels)) if is_range else (1, 5)
    return UsageError(
        f"A scale is written as a text, and a {type(code).__name__} is none.",
        hint=f"'{low}-{high}', or Scale({low}, {high})",
    )


def _with_reversed(*scales: Scale) -> dict[str, Scale]:
    both = [turned for scale in scales for turned in (scale, scale.reversed())]
    return {scale.name: scale for scale in both if scale.name is not None}


_NAMED: Mapping[str, Scale] = _with_reversed(
    Scale(0, 10, name="0-10"),
    Scale(1, 5, name="1-5"),
    Scale(1, 7, name="1-7"),
    Scale(1, 10, name="1-10"),
    Scale(1, 5, name="stars"),
    Scale(0, 1, name="thumbs", labels={0: "down", 1: "up"}),
    Scale(0, 1, name="good/bad", labels={0: "bad", 1: "good"}),
)

SCALE_NAMES: tuple[str, ...] = tuple(_NAMED)
