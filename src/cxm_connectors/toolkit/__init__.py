"""What a connector is made of: streams, paging, state, and one safe way to the network.

Names are loaded on first use, so that a connector that is only listed loads no HTTP client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._auth import Access, Auth, Basic, Bearer, Credentials, Key
    from ._calls import Answer, Call
    from ._client import Options, SafeClient
    from ._config import Config
    from ._connector import Connector
    from ._downloads import Download
    from ._httpx2 import HttpTransport
    from ._jobs import Job
    from ._limits import Counted, Rate
    from ._masking import MASK, SecretMask
    from ._oauth import Assertion, OAuth2
    from ._paging import Paging, Place, Single, Turn
    from ._paging_numbers import Offset, Page
    from ._paging_tokens import Cursor, Link, LinkHeader
    from ._paging_windows import IdWindow, TimeWindow
    from ._signatures import Signature
    from ._since import Since
    from ._stream import Ask, Parent, stream

__all__ = [
    "MASK",
    "Access",
    "Answer",
    "Ask",
    "Assertion",
    "Auth",
    "Basic",
    "Bearer",
    "Call",
    "Config",
    "Connector",
    "Counted",
    "Credentials",
    "Cursor",
    "Download",
    "HttpTransport",
    "IdWindow",
    "Job",
    "Key",
    "Link",
    "LinkHeader",
    "OAuth2",
    "Offset",
    "Options",
    "Page",
    "Paging",
    "Parent",
    "Place",
    "Rate",
    "SafeClient",
    "SecretMask",
    "Signature",
    "Since",
    "Single",
    "TimeWindow",
    "Turn",
    "stream",
]

_FILES = {
    "_auth": ("Access", "Auth", "Basic", "Bearer", "Credentials", "Key"),
    "_calls": ("Answer", "Call"),
    "_client": ("Options", "SafeClient"),
    "_config": ("Config",),
    "_connector": ("Connector",),
    "_downloads": ("Download",),
    "_httpx2": ("HttpTransport",),
    "_jobs": ("Job",),
    "_limits": ("Counted", "Rate"),
    "_masking": ("MASK", "SecretMask"),
    "_oauth": ("Assertion", "OAuth2"),
    "_paging": ("Paging", "Place", "Single", "Turn"),
    "_paging_numbers": ("Offset", "Page"),
    "_paging_tokens": ("Cursor", "Link", "LinkHeader"),
    "_paging_windows": ("IdWindow", "TimeWindow"),
    "_signatures": ("Signature",),
    "_since": ("Since",),
    "_stream": ("Ask", "Parent", "stream"),
}
_HOMES = {name: file for file, names in _FILES.items() for name in names}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # a checker that saw it would take every name for known

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return globals().setdefault(name, value)
