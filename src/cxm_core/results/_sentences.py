"""A result as a sentence: what an executive reads, with all that a statistician would ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._caveats import Caveat
from ._plain import finite
from ._show import Format, clean, effective, how_many, label_text, percent


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
    window = result.receipt.window
    return f"{result.metric}{where}" + (f" in {label_text(window.label)}" if window else "")


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
    first, second = result.side_names or map(_side, (before, after), ("before", "after"))
    sides = (
        f"from {own.value(before.value)} ({first}, {_counted(before)}) "
        f"to {own.value(after.value)} ({second}, {_counted(after)})"
    )
    if result.value is None:
        return _with_caveats(f"The change of {result.metric} has no value, {sides}", result.caveats)
    doubt = _interval(result.low, result.high, result.confidence_level, show)
    head = f"{result.metric} {_moved(result.value, plain, show.word)} {sides}"
    told = f"{head}; {doubt} of the change, method {result.method}: {_verdict(result)}"
    return _with_caveats(told, result.caveats)


def _side(side: Any, otherwise: str) -> str:
    window = side.receipt.window
    return label_text(window.label) if window else otherwise


def _moved(change: float, show: Format, word: str) -> str:
    if change == 0:
        return "did not move,"
    size = show.number(abs(change))
    size = size.rstrip("%") if word else size
    return f"{'rose' if change > 0 else 'fell'} by {size} {word}".rstrip() + ","


def _verdict(result: Any) -> str:
    """What the interval of the change says, and no more."""
    low, high = result.low, result.high
    if low is not None and low > 0:
        return "it rose by more than chance explains at this level"
    if high is not None and high < 0:
        return "it fell by more than chance explains at this level"
    return "the data leave open which way it moved"


def breakdown_sentence(result: Any, metric: str, show: Format) -> str:
    """How far the groups reach, each end with its own interval."""
    name = f"{metric} by {' and '.join(map(clean, result.axes))}"
    known = [i for i in range(len(result)) if finite(result.value[i]) is not None]
    count = f"{len(result):,} group{'s' * (len(result) != 1)}"
    if not known:
        return _with_caveats(f"{name} has no value in {count}", result.caveats)
    ends = [f(known, key=result.value.__getitem__) for f in (min, max)]
    level = f"each with its own {percent(result.confidence_level)} confidence interval"
    low, high = (_group(result, place, show) for place in ends)
    reach = f"is {low}" if len(known) == 1 else f"goes from {low} to {high}"
    facts = f"{count} {_shared_by(result)}, {level}, method {result.method}"
    return _with_caveats(f"{name} {reach} ({facts})", result.caveats)


def _shared_by(result: Any) -> str:
    """What the groups rest on: answers of one group each, or what several groups share."""
    is_whole = result.n_all == int(result.n.sum())
    return f"{'and' if is_whole else 'of'} {result.n_told} {result.receipt.counted}"


def _group(result: Any, place: int, show: Format) -> str:
    label = ", ".join(map(label_text, result.labels[place]))
    value, low, high = (finite(a[place]) for a in (result.value, result.low, result.high))
    return f"{show.value(value)} in {label} ({show.interval(low, high)})"


def _with_caveats(sentence: str, caveats: Iterable[Caveat]) -> str:
    """The sentence, and what the reader has to know before acting on it."""
    return " ".join([f"{sentence}.", *(caveat.message for caveat in caveats)])
