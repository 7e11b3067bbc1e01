from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONSTANTS: tuple[int, int, int, int, int, int, int, float, float, float]

class Kernel:
    def __new__(
        cls,
        vocabulary: bytes,
        counts: tuple[int, int, int],
        classes: str,
        identity: str,
        idf: NDArray[np.float32],
        scales: NDArray[np.float32],
        weights: NDArray[np.int8],
        bias: NDArray[np.float64],
        joint: NDArray[np.float64],
        known_below: float,
        fold_word: Callable[[str], Any],
        read: Callable[[str], Any],
    ) -> Kernel: ...
    def score(
        self,
        texts: list[str],
        log_odds: NDArray[np.float64],
        spans: NDArray[np.int32],
        known: NDArray[np.int32],
        words: NDArray[np.int32],
    ) -> None: ...
    def occurrences(self, pieces: list[str]) -> tuple[bytes, bytes, bytes, bytes]: ...
