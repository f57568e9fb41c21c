"""What a picture shows, read back from its text: for the tests of every kind of picture."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

from cxm_core.results._svg_marks import CHAR, columns

HALF_LINE = 6.0


def tree(svg: str) -> ET.Element:
    """The picture as a tree; fails if it is not well-formed."""
    return ET.fromstring(svg)  # noqa: S314  (our own text, parsed to prove it well-formed)


def texts(svg: str) -> list[str]:
    """All words of the picture."""
    return [node.text or "" for node in tree(svg).iter() if node.tag.endswith("}text")]


def _box(node: ET.Element) -> tuple[float, float, float]:
    """Left end, right end and middle height of one text."""
    x, y = float(node.attrib["x"]), float(node.attrib["y"]) - 4
    room = CHAR * columns(node.text or "")
    left = x - {"start": 0.0, "middle": room / 2, "end": room}[node.attrib["text-anchor"]]
    return left, left + room, y


def overlapping(svg: str) -> list[tuple[str, str]]:
    """Pairs of texts that cover one another."""
    nodes = [node for node in tree(svg).iter() if node.tag.endswith("}text")]
    return [
        (one.text or "", other.text or "")
        for one, other in combinations(nodes, 2)
        if _touch(_box(one), _box(other))
    ]


def _touch(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
    return a[0] < b[1] - 0.1 and b[0] < a[1] - 0.1 and abs(a[2] - b[2]) < 2 * HALF_LINE - 0.1


def outside(svg: str) -> list[str]:
    """Texts and marks that leave the picture."""
    top = tree(svg)
    width, height = float(top.attrib["width"]), float(top.attrib["height"])
    found = [
        node.text or ""
        for node in top.iter()
        if node.tag.endswith("}text") and not _inside(_box(node), width, height)
    ]
    for node in top.iter():
        for key, most in (("x1", width), ("x2", width), ("cx", width), ("y1", height)):
            if not -1 <= float(node.attrib.get(key, 0)) <= most + 1:
                found.append(f"{node.tag} {key}")
    return found


def _inside(box: tuple[float, float, float], width: float, height: float) -> bool:
    return box[0] >= -1 and box[1] <= width + 1 and 0 <= box[2] <= height
