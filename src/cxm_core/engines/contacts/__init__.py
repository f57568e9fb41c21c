"""Issues: what customers went through about one matter, over all their contacts."""

from ._burdens import burdens
from ._containment import containment
from ._definitions import ISSUE_DEFINITIONS, IssueDefinition
from ._effort import EffortCosts, effort
from ._effort_map import EffortMap, effort_map
from ._hand_over import hand_over
from ._issues import Issues, issues
from ._looking import Looking
from ._return_curve import return_curve
from ._returns import first_contact_resolution, repeat_contact
from ._sensitivity import sensitivity
from ._threading_quality import threading_quality

__all__ = [
    "ISSUE_DEFINITIONS",
    "EffortCosts",
    "EffortMap",
    "IssueDefinition",
    "Issues",
    "Looking",
    "burdens",
    "containment",
    "effort",
    "effort_map",
    "first_contact_resolution",
    "hand_over",
    "issues",
    "repeat_contact",
    "return_curve",
    "sensitivity",
    "threading_quality",
]
