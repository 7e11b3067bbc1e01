"""The Wilson interval of a share: right for few cases, and for shares near nothing and near everything."""

from __future__ import annotations

import math

_Z = 1.959963984540054  # 95 %


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of ``hits`` out of ``n``; of no cases at all it is 0 to 1.

    >>> low, high = wilson(9, 10)
    >>> round(low, 2), round(high, 2)
    (0.6, 0.98)
    """
    if not n:
        return 0.0, 1.0
    share, square = hits / n, _Z * _Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # rounding must not leave the share itself outside
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
