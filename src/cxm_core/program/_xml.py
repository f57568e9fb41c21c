"""XML from elsewhere: read without DTD and entities, within limits, or refused; and written."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder, indent, tostring
from xml.parsers import expat

from cxm_core.errors import UsageError

MOST_BYTES: Final = 20_000_000
MOST_ELEMENTS: Final = 200_000
DEEPEST: Final = 100

# What XML 1.0 cannot hold, not even as a reference.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _Reader:
    """Builds a tree, and refuses what no drawing needs."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.depth = 0
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > MOST_ELEMENTS:
            raise UsageError(
                f"The XML is nested deeper than {DEEPEST} elements, or has more than "
                f"{MOST_ELEMENTS:,}.",
                hint="export one drawing at a time",
            )
        self.builder.start(_qualified(name), {_qualified(k): v for k, v in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_qualified(name))

    def refuse(self, *_: object) -> None:
        raise UsageError(
            "The XML declares a document type or entities, which no drawing needs.",
            hint="export the file anew, without a DTD",
        )


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def read_xml(content: str | bytes) -> Element:
    """Root of a document; a `UsageError` where it is no XML, too large, or has a DTD."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(data) > MOST_BYTES:
        raise UsageError(f"The XML has {len(data):,} bytes, more than {MOST_BYTES:,}.")
    reader = _Reader()
    parser = _parser(reader, "utf-8" if isinstance(content, str) else None)
    try:
        parser.Parse(data, True)  # noqa: FBT003  (a C function without keywords)
    except expat.ExpatError as error:
        raise UsageError(
            f"Line {error.lineno} is not XML: {expat.ErrorString(error.code)}."
        ) from None
    except (ValueError, LookupError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError("The XML is in an encoding that is not known.", hint="use UTF-8") from None
    return reader.builder.close()


def _parser(reader: _Reader, encoding: str | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(encoding, "}")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.builder.data
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    return parser


def write_xml(root: Element) -> str:
    """Document as text; what XML cannot hold becomes the replacement sign."""
    for element in root.iter():
        for key, value in element.attrib.items():
            element.attrib[key] = _IMPOSSIBLE.sub("\ufffd", value)
        if element.text:
            element.text = _IMPOSSIBLE.sub("\ufffd", element.text)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
