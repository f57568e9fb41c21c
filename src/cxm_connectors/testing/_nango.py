"""Recorded conversations as Nango's test files have them, told as VCR for Python would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

# Such a file names paths only; a request is known by its path, whatever the host.
_ORIGIN = "https://recorded.invalid"


def is_nango(data: Mapping[str, Any]) -> bool:
    """Whether a file is one: calls stand under `api`, by method and path."""
    api = data.get("api")
    if not isinstance(api, Mapping) or not api:
        return False
    return all(isinstance(one, Mapping) for one in api.values())


def interactions(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its calls in the order of the file; a path may have one or several."""
    return [
        _interaction(method, path, one)
        for method, paths in data["api"].items()
        for path, calls in paths.items()
        for one in (calls if isinstance(calls, list) else [calls])
    ]


def _interaction(method: str, path: str, one: Mapping[str, Any]) -> dict[str, Any]:
    asked, headers = one.get("request") or {}, one.get("headers") or {}
    query = urlencode(list(_pairs(asked.get("params") or {})))
    body = asked.get("data")
    return {
        "request": {
            "method": method.upper(),
            "uri": f"{_ORIGIN}/{path.lstrip('/')}{'?' if query else ''}{query}",
            "headers": asked.get("headers") or {},
            "body": _text(body),
        },
        "response": {
            "status": {"code": one.get("status", 200)},
            "headers": headers,
        }
        | ({"body": {"string": _text(one["response"])}} if "response" in one else {}),
        "recorded_at": _date(headers),
    }


def _pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _date(headers: Mapping[str, Any]) -> Any:
    found = {name.lower(): value for name, value in headers.items()}.get("date")
    try:
        return parsedate_to_datetime(str(found))
    except ValueError:
        return None
