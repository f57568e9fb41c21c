"""Which methods there are for the limits of a share and of a balance, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cxm_core.stats._limits import Limits

from ._dirichlet import dirichlet
from ._likelihood import balance_likelihood, share_likelihood
from ._multinomial import bonett_price, score_interval, wald
from ._shares import agresti_coull, clopper_pearson, jeffreys, mid_p, wilson
from ._skew import skew_score

#: From the name of a method to the function of counts and n; the first is the one to take.
BALANCE_METHODS: Mapping[str, Callable[..., Limits]] = MappingProxyType(
    {
        "score": score_interval,
        "bonett_price": bonett_price,
        "skew_score": skew_score,
        "dirichlet": dirichlet,
        "likelihood": balance_likelihood,
        "wald": wald,
    }
)
SHARE_METHODS: Mapping[str, Callable[..., Limits]] = MappingProxyType(
    {
        "mid_p": mid_p,
        "wilson": wilson,
        "jeffreys": jeffreys,
        "clopper_pearson": clopper_pearson,
        "agresti_coull": agresti_coull,
        "likelihood": share_likelihood,
    }
)
