"""Where each version of the vendor's interface has its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Version = Literal["2026-09", "2026-03", "2025-09", "v3"]

#: HubSpot developer docs, Date-based versioning, seen 2026-11; v3 and v4 end in September 2027.
VERSIONS: tuple[str, ...] = get_args(Version)

_DATED = {
    "objects": "/crm/objects/{version}",
    "associations": "/crm/associations/{version}",
    "owners": "/crm/owners/{version}",
    "pipelines": "/crm/pipelines/{version}",
    "account": "/account-info/{version}/details",
}
_NUMBERED = {
    "objects": "/crm/v3/objects",
    "associations": "/crm/v4/associations",
    "owners": "/crm/v3/owners",
    "pipelines": "/crm/v3/pipelines",
    "account": "/account-info/v3/details",
}


def paths_of(version: str) -> Mapping[str, str]:
    """Path of each family of calls in a version."""
    families = _NUMBERED if version == "v3" else _DATED
    return {name: path.format(version=version) for name, path in families.items()}
