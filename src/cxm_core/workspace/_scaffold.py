"""Write the package of a new connector: it installs, is discovered, and passes its suite."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from cxm_core.errors import UsageError
from cxm_core.vocabulary import takes

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40
# Where each template goes; the names of Acme in it become those of the new connector.
_TEMPLATES = {
    "pyproject.toml.tmpl": "pyproject.toml",
    "README.md.tmpl": "README.md",
    "connector.py.tmpl": "src/cxm_connector_acme.py",
    "test_acme.py.tmpl": "tests/test_acme.py",
    "acme.yaml.tmpl": "tests/acme.yaml",
}


@takes(name="text", folder="path")
def new_connector(name: str, *, folder: str | Path = ".") -> tuple[Path, ...]:
    """Write a package with a connector that works, a recorded conversation, and its test.

    Parameters
    ----------
    name : str
        Name of the connector: lower-case letters and digits, parts joined by ``_``.
    folder : str or Path
        Where the package's own folder is made.

    Returns
    -------
    tuple of Path
        The files that were written.

    Raises
    ------
    UsageError
        The name is none, there is already something in the package's folder, or it cannot be
        written.

    Examples
    --------
    >>> from cxm_core.workspace import new_connector
    >>> [path.as_posix() for path in new_connector("shop_talk")][2:4]
    ['cxm-connector-shop-talk/src/cxm_connector_shop_talk.py', \
'cxm-connector-shop-talk/tests/test_shop_talk.py']
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise UsageError(
            "That is no name for a connector.",
            hint="lower-case letters and digits, parts joined by '_', such as 'shop_talk'",
        )
    place = Path(folder) / f"cxm-connector-{name.replace('_', '-')}"
    try:
        if place.exists() and any(place.iterdir()):
            raise UsageError(
                f"There is already something in {place.name}.",
                hint="name another folder, or clear it",
            )
        return tuple(_written(place, name))
    except OSError as error:
        raise UsageError(
            f"{place.name} cannot be written in {str(folder)!r}: {error.strerror}.",
            hint="name another folder",
        ) from error


def _written(place: Path, name: str) -> Iterator[Path]:
    for template, target in _TEMPLATES.items():
        text = files(__package__).joinpath("_plugin", template).read_text(encoding="utf-8")
        path = place / _renamed(target, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_renamed(text, name), encoding="utf-8")
        yield path


def _renamed(text: str, name: str) -> str:
    dashed = name.replace("_", "-")
    title = "".join(part.capitalize() for part in name.split("_"))
    for old, new in (
        ("connector-acme", f"connector-{dashed}"),
        ("api.acme.com", f"api.{dashed}.com"),
        ("ACME", name.upper()),
        ("Acme", title),
        ("acme", name),
    ):
        text = text.replace(old, new)
    return text
