from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.analysis import Analysis
from coercion_detect.context import LOOK_AHEAD, LOOK_BACK, Context, Turn
from coercion_detect.conversation import ReadMessage
from coercion_detect.follow import Reader
from coercion_detect.taxonomy import ACTS, TACTICS
from tests.test_context import N_EVENT_INPUTS, N_REFUSAL_INPUTS, by_everything, by_words, only_words, random_turns, turn
