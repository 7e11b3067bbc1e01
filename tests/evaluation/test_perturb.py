from __future__ import annotations

import numpy as np
import pytest

from coercion_detect.evaluation.perturb import OBFUSCATIONS, PADDING, SURFACE, SWAPS, swap_words
from coercion_detect.text import fold

TEXT = "If Emma loved him she would tell her husband at church about the gay Irish teacher tonight."


@pytest.mark.parametrize("name", SWAPS)
def test_a_swap_changes_who_is_named_and_nothing_else(name: str) -> None:
    changed = SWAPS[name](TEXT, np.random.default_rng(0))
    assert changed != TEXT
    assert len(changed.split()) == len(TEXT.split())
    assert "would tell" in changed


@pytest.mark.parametrize(("given", "expected"), [("He HIS His", "She HER Her"), ("the heath", "the heath")])
def test_swaps_keep_capitals_and_whole_words(given: str, expected: str) -> None:
    swap = swap_words({"he": "she", "his": "her"})
    assert swap(given, np.random.default_rng(0)) == expected


@pytest.mark.parametrize("name", OBFUSCATIONS)
def test_hidden_words_are_hidden_from_the_eye_of_a_filter(name: str) -> None:
    changed = OBFUSCATIONS[name](TEXT, np.random.default_rng(0))
    assert changed != TEXT


@pytest.mark.parametrize("name", ["obfuscation_invisible", "obfuscation_lookalike"])
def test_folding_undoes_what_leaves_no_trace(name: str) -> None:
    assert fold(OBFUSCATIONS[name](TEXT, np.random.default_rng(0))) == fold(TEXT)


@pytest.mark.parametrize(("name", "sentences"), [("padding_5", 5), ("padding_20", 20), ("padding_80", 80)])
def test_padding_keeps_the_text_whole(name: str, sentences: int) -> None:
    changed = PADDING[name](TEXT, np.random.default_rng(0))
    assert TEXT in changed
    assert changed.count(".") == sentences + 1


@pytest.mark.parametrize("name", SURFACE)
def test_the_surface_changes_and_the_words_stay(name: str) -> None:
    changed = SURFACE[name](TEXT, np.random.default_rng(3))
    assert changed != TEXT
    assert len(changed.split()) in (len(TEXT.split()), len(TEXT.split()) + 1)
