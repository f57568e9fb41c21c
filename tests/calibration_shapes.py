"""Shapes of answers on which intervals are measured."""

from __future__ import annotations

import numpy as np

# Percent minus, neutral and plus.
MIXES = {
    "balanced": (30, 40, 30),
    "typical": (20, 35, 45),
    "good": (10, 30, 60),
    "excellent": (5, 15, 80),
    "extreme": (1, 9, 90),
    "ceiling": (0.5, 1.5, 98),
    "very poor": (70, 20, 10),
    "polar": (48, 4, 48),
    "polar and good": (30, 5, 65),
    "neutral": (5, 90, 5),
    "neutral and good": (2, 90, 8),
    "no minus": (0, 20, 80),
}
LEVELS = np.arange(1, 8)
# Percent at 1, 2, ... 7.
SHAPES = {
    "symmetric": (5, 10, 20, 30, 20, 10, 5),
    "typical": (3, 4, 6, 12, 20, 30, 25),
    "skewed": (1, 2, 3, 5, 9, 25, 55),
    "extreme": (1, 1, 1, 1, 2, 4, 90),
    "bimodal": (40, 8, 2, 0, 2, 8, 40),
}
