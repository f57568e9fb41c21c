"""Step curve over time with its band."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import field, frozen

from ._plain import as_tuple
from ._svg_marks import Axis, area, document, line, room_of, text, trace
from ._ticks import Tick

_TOP, _HEIGHT, _FOOT, _WIDTH = 14, 200, 42, 520
# A picture has no room for more steps than pixels.
_MOST = 600


@frozen(kw_only=True)
class Steps:
    """What a step curve shows: shares from each time on, and where it begins and ends."""

    times: tuple[float, ...] = field(converter=as_tuple)
    value: tuple[float | None, ...] = field(converter=as_tuple)
    low: tuple[float | None, ...] = field(converter=as_tuple)
    high: tuple[float | None, ...] = field(converter=as_tuple)
    start: float
    until: float
    told: tuple[tuple[str, str], ...] = field(default=(), converter=as_tuple)


def curve_picture(about: tuple[str, str], steps: Steps, *, tick: Tick) -> str:
    """SVG of a step curve about something: time to the right, shares from 0 to 100 % upwards."""
    left = 14 + room_of(["100%"])
    x_axis = Axis(0.0, max(steps.until, 1e-9), left, left + _WIDTH)
    y_axis = Axis(0.0, 1.0, _TOP + _HEIGHT, _TOP)
    body = "".join(
        (
            *(_across(y_axis.at(share), f"{share:.0%}", left) for share in (0, 0.25, 0.5, 0.75, 1)),
            _band(steps, x_axis, y_axis),
            trace(_walk(steps, steps.value, x_axis, y_axis), name="cxm-line"),
            *_feet(x_axis, tick),
            *(_told(steps.told, left + _WIDTH + 24)),
            text(tick.word, left + _WIDTH / 2, _TOP + _HEIGHT + 32, anchor="middle", faint=True),
        )
    )
    room = room_of([word for pair in steps.told for word in pair], least=4)
    size = (left + _WIDTH + 32 + room, _TOP + _HEIGHT + _FOOT)
    return document(about, size, body)


def _told(pairs: Sequence[tuple[str, str]], x: float) -> list[str]:
    """Figures beside the curve, each under what it is."""
    return [
        text(label, x, _TOP + 12 + 46 * place, faint=True) + text(figure, x, _TOP + 30 + 46 * place)
        for place, (label, figure) in enumerate(pairs)
    ]


def _across(y: float, word: str, left: float) -> str:
    return text(word, left - 8, y, anchor="end", faint=True) + line(
        (left, y), (left + _WIDTH, y), name="cxm-grid", opacity=0.12
    )


def _walk(
    steps: Steps, shares: Sequence[float | None], x_axis: Axis, y_axis: Axis
) -> list[tuple[float, float]]:
    """Corners of a step line from time nought to the end; a share that is not known stays."""
    known = steps.start
    corners = [(x_axis.at(0.0), y_axis.at(known))]
    for place in _chosen(len(steps.times)):
        share, x = shares[place], x_axis.at(steps.times[place])
        corners.append((x, y_axis.at(known)))
        known = known if share is None else share
        corners.append((x, y_axis.at(known)))
    return _bare([*corners, (x_axis.at(steps.until), y_axis.at(known))])


def _chosen(count: int) -> list[int]:
    """Places of the steps that are drawn: all, or as many as there are pixels, the last too."""
    if count <= _MOST:
        return list(range(count))
    return [round(part * (count - 1) / (_MOST - 1)) for part in range(_MOST)]


def _bare(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Corners without those that repeat the one before."""
    return [corners[0], *(b for a, b in pairwise(corners) if a != b)]


def _band(steps: Steps, x_axis: Axis, y_axis: Axis) -> str:
    if not steps.times:
        return ""
    upper = _walk(steps, steps.high, x_axis, y_axis)
    lower = _walk(steps, steps.low, x_axis, y_axis)
    return area([*upper, *reversed(lower)], opacity=0.15)


def _feet(axis: Axis, tick: Tick) -> list[str]:
    bottom = _TOP + _HEIGHT
    return [
        line((axis.at(n), bottom), (axis.at(n), bottom + 4), name="cxm-tick", opacity=0.5)
        + text(tick(n), axis.at(n), bottom + 14, anchor="middle", faint=True)
        for n in axis.ticks(6, tick)
    ]
