"""What a column of an unknown file most likely holds, judged by its name and its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import combinations

from attrs import field, frozen

from cxm_core.records import ambiguous_date, guess_time_formats
from cxm_core.vocabulary import Scale

from ._dialect import Sample
from ._heads import Row, filled

_INTEGER = re.compile(r"-?[0-9]{1,9}(?:\.0+)?")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z/. _-]{0,19}")
_NOT_APPLICABLE = re.compile(r"n\.?/?a\.?|(not|doesn'?t) (appl|use|relevant).*", re.IGNORECASE)

_SCALES = ("0-10", "1-10", "1-7", "1-5")
_MISSING_CODES = {-1, -9, -99, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999}
_LACKING = ((1_000, 0.0), (100, 0.2), (0, 0.4))
_TIMES_LOOKED_AT = 1_000
# What is longer is prose, and would only cost the patterns their time.
_LONGEST = 300


@frozen(slots=False)
class Profile:
    """One column: its name and the cells that hold something."""

    name: str
    texts: tuple[str, ...] = field(repr=False)
    rows: int

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text stands there."""
        return Counter(self.texts)

    @cached_property
    def is_unique(self) -> bool:
        """Whether each row has a text of its own."""
        return len(self.texts) == self.rows == len(self.counts)

    @cached_property
    def integers(self) -> Counter[int]:
        """How often each whole number stands there."""
        numbers: Counter[int] = Counter()
        for text, count in self.counts.items():
            if _INTEGER.fullmatch(text):
                numbers[int(float(text))] += count
        return numbers

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Texts that are no whole numbers, the commonest first."""
        return tuple(text for text, _ in self.counts.most_common() if not _INTEGER.fullmatch(text))

    def is_named(self, pattern: str) -> bool:
        """Whether the pattern stands in the name, in any case."""
        return re.search(pattern, self.name, re.IGNORECASE) is not None

    def share(self, pattern: re.Pattern[str]) -> float:
        """Share of the filled cells that the pattern describes."""
        fits = sum(
            count
            for text, count in self.counts.items()
            if len(text) <= _LONGEST and pattern.fullmatch(text)
        )
        return fits / max(len(self.texts), 1)


@frozen
class ScaleGuess:
    """A scale that fits a column, with the codes beside it and what they may mean."""

    scale: str
    missing: tuple[tuple[str, str], ...]


def profiles(sample: Sample) -> tuple[Profile, ...]:
    """Profile of each column, in the order of the file."""
    return tuple(
        Profile(name, tuple(text.strip() for text in filled(sample.rows, name)), len(sample.rows))
        for name in sample.columns
    )


def guess_id(columns: Iterable[Profile]) -> tuple[str, ...]:
    """Columns that together tell the rows apart, best first; the least bad where none do."""
    every = list(columns)
    unique = [column for column in every if column.is_unique and not is_prose(column)]
    if unique:
        return (max(unique, key=_idness).name,)
    likely = sorted(every, key=lambda column: (-_idness(column), -len(column.counts)))[:6]
    for pair in combinations(likely, 2):
        rows = list(zip(*(column.texts for column in pair), strict=False))
        if len(set(rows)) == pair[0].rows == len(pair[0].texts) == len(pair[1].texts):
            return tuple(column.name for column in pair)
    return (max(every, key=lambda column: len(column.counts)).name,)


def _idness(column: Profile) -> int:
    own = column.is_named(
        r"^(resp|response|respondent|record|row|answer|survey)?[\s_-]*(id|n[ro]|num|number|num)$"
    )
    some = column.is_named(r"id$|^id|num|key")
    return 2 * own + some - (column.share(_EMAIL) > 0.5)


def guess_customer(columns: Iterable[Profile]) -> dict[str, str]:
    """Identifiers that say who answered: kind to column."""
    found: dict[str, str] = {}
    for column in columns:
        if column.share(_EMAIL) > 0.8:
            found.setdefault("email", column.name)
        elif column.is_named(r"phone|mobile|telefon|^tel"):
            found.setdefault("phone", column.name)
        elif column.is_named(
            r"(customer|client|user|member|person|contact|guest)[\s_-]*(id|n[ro]|key)"
        ):
            found.setdefault("external", column.name)
    return found


def guess_time(columns: Iterable[Profile]) -> tuple[Profile, tuple[str, ...]] | None:
    """Column that says when, with all formats that read it."""
    timed = [
        (column, formats) for column in columns if column.texts and (formats := _formats(column))
    ]
    return max(timed, key=lambda pair: _timeness(pair[0]), default=None)


def _formats(column: Profile) -> tuple[str, ...]:
    texts = list(column.counts)[:_TIMES_LOOKED_AT]
    two_readings = ambiguous_date(texts)
    return two_readings or guess_time_formats(texts)[:1]


def _timeness(column: Profile) -> int:
    best = column.is_named(
        r"(answer|complet|submit|respon|occur|finish|end|interview).*(at|date|time|on)?$"
    )
    some = column.is_named(r"date|time|_at$|created|recorded|datum")
    return 2 * best + some - 2 * column.is_named(r"birth|dob|updated|modified")


def guess_scale(column: Profile) -> ScaleGuess | None:
    """Scale of a column of answers; None if it does not look like one."""
    seen = column.integers
    words = column.words
    if not seen or seen.total() < 0.5 * len(column.texts) or len(words) > 3:
        return None
    if not all(_WORD.fullmatch(word) for word in words):
        return None
    fits = [scale for scale in _SCALES if _fits(Scale.named(scale), seen)]
    if not fits:
        return None
    best = max(fits, key=lambda scale: _fitness(Scale.named(scale), seen))
    levels = set(Scale.named(best).levels)
    codes = [str(code) for code in sorted(seen) if code not in levels]
    return ScaleGuess(best, tuple((code, _meaning(code)) for code in (*codes, *words)))


def _fits(scale: Scale, seen: Mapping[int, int]) -> bool:
    unseen = sum(level not in seen for level in scale.levels)
    off = {value for value in seen if not scale.contains(value)}
    # In many answers each level occurs; in few, some may be lacking by chance.
    answers = sum(seen.values())
    lacking = next(share for limit, share in _LACKING if answers >= limit)
    return unseen <= lacking * len(scale.levels) and off <= _codes(scale)


def _codes(scale: Scale) -> set[int]:
    """Numbers beside a scale that surveys use for no answer."""
    beside = {scale.low - 1, scale.high + 1}
    return beside | _MISSING_CODES | ({8, 9} if scale.high == 5 else set())


def _fitness(scale: Scale, seen: Mapping[int, int]) -> tuple[bool, int, int]:
    """Every level seen comes first, then few codes beside the scale, then few levels not seen."""
    unseen = sum(level not in seen for level in scale.levels)
    off = sum(not scale.contains(value) for value in seen)
    return unseen == 0, -off, -unseen


def _meaning(code: str) -> str:
    return "not_applicable" if _NOT_APPLICABLE.fullmatch(code) else "no_answer"


def is_prose(column: Profile) -> bool:
    """Whether the column holds free words."""
    long = [text for text in column.texts if " " in text and len(text) > 15]
    varied = len(column.counts) > 0.5 * len(column.texts)
    named = column.is_named(r"comment|verbatim|feedback|remark|reason|why|free.?text|open")
    return bool(long) and varied and (named or len(long) > 0.5 * len(column.texts))


def is_number(column: Profile) -> bool:
    """Whether every filled cell is a number that is not negative."""
    return bool(column.texts) and column.share(_NUMBER) == 1.0


def is_group(column: Profile) -> bool:
    """Whether the column divides the rows into few groups that repeat."""
    return 2 <= len(column.counts) <= 20 and len(column.texts) >= 4 * len(column.counts)


def is_personal(column: Profile) -> bool:
    """Whether the column may say who or where a person is."""
    return column.share(_EMAIL) > 0.1 or column.is_named(
        r"name|mail|phone|mobile|address|street|zip|postal|birth|dob|passport|ssn|iban|(^|_)ip(_|$)"
    )


def has_offsets(rows: Iterable[Row], column: str) -> bool:
    """Whether every time in the column says its offset."""
    texts = filled(rows, column)
    return all(re.search(r"([Zz]|[+-][0-9]{2}:?[0-9]{2})$", text.strip()) for text in texts)
