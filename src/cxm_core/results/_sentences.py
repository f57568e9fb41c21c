"""A result as a sentence: what an executive reads, with all that a statistician would ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._caveats import Caveat
from ._plain import finite
from ._show import Format, clean, effective, how_many, label_text, percent
from ._sides import side_names, told_of

_HALF = 0.5


def estimate_sentence(result: Any, show: Format) -> str:
    """One figure, how sure it is, and on how many answers it rests."""
    name = _named(result)
    if result.value is None:
        return _with_caveats(f"{name} has no value", result.caveats)
    doubt = _interval(result.low, result.high, result.confidence_level, show)
    facts = f"{doubt}, {_answers(result)}, method {result.method}"
    return _with_caveats(f"{name} is {show.value(result.value)} ({facts})", result.caveats)


def _named(result: Any) -> str:
    groups = zip(result.axes, result.group, strict=True)
    where = "".join(f" for {clean(axis)} {label_text(label)}" for axis, label in groups)
    return f"{_which(result.metric, result.receipt)}{where}{_when(result.receipt)}"


def _which(metric: str, receipt: Any) -> str:
    """The metric, and which quantile of it where it is one: a reader would take it for a mean."""
    q = dict(receipt.parameters).get("q")
    if q is None:
        return metric
    name = "median" if float(q) == _HALF else f"{float(q):g} quantile"
    return name if metric == "quantile" else f"{metric}, {name},"


def _when(receipt: Any) -> str:
    """In which time, with the dates of one that is counted back from a day."""
    if receipt.window is None:
        return ""
    told = label_text(receipt.window.told)
    return f" in {'the ' if told.startswith('last ') else ''}{told}"


def _interval(low: float | None, high: float | None, level: float, show: Format) -> str:
    if low is None and high is None:
        return "no confidence interval"
    return f"{percent(level)} confidence interval {show.interval(low, high)}"


def _answers(result: Any) -> str:
    count = _counted(result)
    worth = result.effective_n
    if worth is None or abs(worth - result.n) < 0.5:
        return count
    return f"{count} worth {effective(worth)} of a simple sample"


def _counted(result: Any) -> str:
    """How many, in the word for what was counted."""
    return how_many(result.n, result.receipt.counted)


def comparison_sentence(result: Any, show: Format) -> str:
    """How far the metric moved, from where to where, and whether chance explains it."""
    plain = show.of_values
    before, after = result.before, result.after
    own = plain if before.unit == result.unit else Format.fitting(before.unit, [])
    names = side_names(before, after, has_dates=True)
    first, second = names or map(_side, (before, after), ("before", "after"))
    start = f"{own.value(before.value)} ({first}, {_counted(before)})"
    end = f"{own.value(after.value)} ({second}, {_counted(after)})"
    sides = f"from {start} to {end}"
    if result.change_word == "difference":
        sides = f"at {end} against {start}"
    if result.value is None:
        return _of_sides(
            f"The {result.change_word} of {result.metric} has no value, {sides}", result
        )
    doubt = _interval(result.low, result.high, result.confidence_level, show)
    head = f"{result.metric} {_moved(result, plain, show.word)} {sides}"
    word = result.change_word
    told = f"{head}; {doubt} of the {word}, method {result.method}: {_verdict(result)}"
    return _of_sides(told, result)


def _of_sides(sentence: str, result: Any) -> str:
    """The sentence, and what to know of both sides or of one of them, which is named."""
    notes = (f"{side}: {one.message}" if side else one.message for side, one in told_of(result))
    return " ".join([f"{sentence}.", *(note[:1].upper() + note[1:] for note in notes)])


def _side(side: Any, otherwise: str) -> str:
    window = side.receipt.window
    return label_text(window.told) if window else otherwise


# What is said of figures one after the other, and of groups side by side.
_WORDS = {
    "change": ("did not move", "rose", "fell", "which way it moved"),
    "difference": ("does not differ", "is higher", "is lower", "which is higher"),
}


def _moved(result: Any, show: Format, word: str) -> str:
    change = result.value
    same, up, down, _ = _WORDS[result.change_word]
    if change == 0:
        return f"{same},"
    size = show.number(abs(change))
    size = size.rstrip("%") if word else size
    return f"{up if change > 0 else down} by {size} {word}".rstrip() + ","


def _verdict(result: Any) -> str:
    """What the interval of the change says, and no more."""
    low, high = result.low, result.high
    _, up, down, way = _WORDS[result.change_word]
    if low is not None and low > 0:
        return f"it {up} by more than chance explains at this level"
    if high is not None and high < 0:
        return f"it {down} by more than chance explains at this level"
    return f"the data leave open {way}"


def breakdown_sentence(result: Any, metric: str, show: Format) -> str:
    """How far the groups reach, each end with its own interval."""
    by = " and ".join(map(clean, result.axes))
    name = f"{_which(metric, result.receipt)} by {by}{_when(result.receipt)}"
    known = [i for i in range(len(result)) if finite(result.value[i]) is not None]
    count = how_many(len(result), "groups")
    if not known:
        return _with_caveats(f"{name} has no value in {count}", result.caveats)
    ends = [f(known, key=result.value.__getitem__) for f in (min, max)]
    level = f"each with its own {percent(result.confidence_level)} confidence interval"
    low, high = (_group(result, place, show) for place in ends)
    is_same = len(known) > 1 and len({result.value[place] for place in known}) == 1
    reach = f"is {low}" if len(known) == 1 else f"goes from {low} to {high}"
    reach = f"is {low}, and the same in all groups" if is_same else reach
    facts = f"{count} {_shared_by(result)}, {level}, method {result.method}"
    return _with_caveats(f"{name} {reach} ({facts})", result.caveats)


def _shared_by(result: Any) -> str:
    """What the groups rest on: answers of one group each, or what several groups share."""
    is_whole = result.n_all == int(result.n.sum())
    n, counted = result.n_all, result.receipt.counted
    told = f"{result.n_told} {counted}" if n is None else how_many(n, counted)
    return f"{'and' if is_whole else 'of'} {told}"


def _group(result: Any, place: int, show: Format) -> str:
    label = ", ".join(map(label_text, result.labels[place]))
    value, low, high = (finite(a[place]) for a in (result.value, result.low, result.high))
    return f"{show.value(value)} in {label} ({show.interval(low, high)})"


def _with_caveats(sentence: str, caveats: Iterable[Caveat]) -> str:
    """The sentence, and what the reader has to know before acting on it."""
    return " ".join([f"{sentence}.", *(caveat.message for caveat in caveats)])
