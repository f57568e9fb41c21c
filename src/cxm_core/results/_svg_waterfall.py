"""Waterfall: how far each step moves a number, from the first figure to the last."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from ._show import axis_of
from ._svg_marks import (
    MOST_LABEL,
    MOST_TEXT,
    Axis,
    box,
    document,
    fitted,
    line,
    room_of,
    scale_below,
    text,
)
from ._ticks import Tick

_ROW = 26
_TOP = 8
_FOOT = 22
_PLOT = 300
_MARGIN = 0.04


@frozen(kw_only=True)
class Fall:
    """One row: a figure where `start` is `end`, or a step from one to the other."""

    label: str
    start: float
    end: float
    text: str
    is_step: bool = False


def waterfall_picture(
    title: str, description: str, falls: Sequence[Fall], *, tick: Tick | None = None
) -> str:
    """SVG of the steps, each hanging where the one before it ended.

    A figure is a mark and no bar from nought, so that a long bar is always a large step.
    """
    labels = [fitted(fall.label, MOST_LABEL) for fall in falls]
    texts = [fitted(fall.text, MOST_TEXT) for fall in falls]
    left = 12 + room_of(labels)
    low, high = axis_of([end for fall in falls for end in (fall.start, fall.end)])
    margin = _MARGIN * (high - low) or 1.0
    axis = Axis(low - margin, high + margin, left, left + _PLOT)
    heights = [_TOP + _ROW * (place + 0.5) for place in range(len(falls))]
    bottom = _TOP + _ROW * len(falls)
    rows = "".join(
        text(label, left - 8, y, anchor="end") + _mark(fall, axis, y) + text(said, axis.end + 16, y)
        for fall, label, said, y in zip(falls, labels, texts, heights, strict=True)
    )
    body = _joints(falls, axis, heights) + rows + scale_below(axis, tick, bottom)
    return document((title, description), (axis.end + 24 + room_of(texts), bottom + _FOOT), body)


def _mark(fall: Fall, axis: Axis, y: float) -> str:
    start, end = axis.at(fall.start), axis.at(fall.end)
    if not fall.is_step:
        return line((start, y - 8), (start, y + 8), name="cxm-total", width=3.5)
    # A step upwards is dark and one downwards light, so that no colour is needed to tell them.
    return box((start, y), (end, y), height=14, opacity=0.75 if fall.end >= fall.start else 0.3)


def _joints(falls: Sequence[Fall], axis: Axis, heights: Sequence[float]) -> str:
    """Thin lines from where one step ends to where the next begins."""
    pairs = zip(falls, heights, heights[1:], strict=False)
    return "".join(
        line((x := axis.at(fall.end), y), (x, below), name="cxm-joint", opacity=0.5)
        for fall, y, below in pairs
    )
