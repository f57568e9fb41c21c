"""Lengths of time as people write them: five minutes, seven days."""

from __future__ import annotations

import re
from datetime import timedelta

from cxm_core.errors import UsageError

DURATION_FORMS = "a whole number and s, m, h, d or w, as in '5m' or '7d'"

_FORM = re.compile(r"([0-9]{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(value: str | timedelta) -> timedelta:
    """Length of time that somebody means.

    Parameters
    ----------
    value : str or timedelta
        Such as ``"90s"``, ``"5m"``, ``"4h"``, ``"7d"`` or ``"2w"``.

    Returns
    -------
    timedelta
        Above zero; a timedelta is returned as it is. A day has 24 hours, whatever the clocks do.

    Raises
    ------
    UsageError
        The text has another form, or the length is not above zero.

    Examples
    --------
    >>> parse_duration("5m").total_seconds()
    300.0
    """
    length = value if isinstance(value, timedelta) else _read(value)
    if length <= timedelta(0):
        raise UsageError("A length of time must be above zero.", hint=DURATION_FORMS)
    return length


def _read(text: object) -> timedelta:
    found = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise UsageError("This is no length of time.", hint=DURATION_FORMS)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
