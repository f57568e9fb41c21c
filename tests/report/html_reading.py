"""The page as a reader of HTML sees it, with the standard library only."""

from __future__ import annotations

from html.parser import HTMLParser

from attrs import define, field

VOID = {"meta", "line", "circle", "br", "hr", "img", "input", "link"}

Attributes = tuple[tuple[str, str | None], ...]


@define
class Node:
    """One element with its attributes, its children and the text directly inside."""

    tag: str
    attributes: dict[str, str | None]
    parent: Node | None = None
    children: list[Node] = field(factory=list)
    pieces: list[str] = field(factory=list)

    @property
    def text(self) -> str:
        """All text inside, in document order as far as the tests need it."""
        return "".join(self.pieces)

    def find(self, tag: str) -> list[Node]:
        """Every element of this name inside."""
        return [node for node in self.walk() if node.tag == tag]

    def walk(self) -> list[Node]:
        """Every element inside, in order."""
        return [one for child in self.children for one in (child, *child.walk())]

    def within(self, tag: str) -> bool:
        """Whether an element of this name stands around."""
        around = self.parent
        while around is not None and around.tag != tag:
            around = around.parent
        return around is not None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("#document", {})
        self.here = self.root
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.problems.append(f"{tag} has an attribute twice")
        node = Node(tag, dict(attrs), self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, dict(attrs), self.here))

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag != tag:
            self.problems.append(f"</{tag}> closes <{self.here.tag}>")
        self.here = self.here.parent or self.root

    def handle_data(self, data: str) -> None:
        around: Node | None = self.here
        while around is not None:
            around.pieces.append(data)
            around = around.parent

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"comment of {len(data)} letters")


def read(html: str) -> Node:
    """Tree of a page; an element that is not closed where it should be is an error."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.problems, reader.problems
    assert reader.here is reader.root
    return reader.root
