"""The shipped data keep what the datasheet promises."""

from __future__ import annotations

import csv
import re
import zlib
from collections import Counter, defaultdict

import numpy as np
import pytest
from scipy import sparse

from coercion_detect import Detector
from coercion_detect.evaluation.checks import load_cases
from coercion_detect.taxonomy import TACTICS
from coercion_detect.training.dataset import Dataset
from tests.conftest import ROOT

NEAR = 0.5  # Jaccard similarity of 5-character pieces from which two texts count as near-duplicates


def _pieces(text: str) -> set[int]:
    plain = re.sub(r"\W+", " ", text.casefold())
    return {zlib.crc32(plain[i : i + 5].encode()) for i in range(max(1, len(plain) - 4))}


def _near_pairs(texts: list[str], others: list[str]) -> np.ndarray:
    """Return the pairs (i, j) of texts and others whose pieces overlap by `NEAR` or more."""
    sets = [[_pieces(t) for t in part] for part in (texts, others)]
    column = {piece: k for k, piece in enumerate(sorted(set().union(*sets[0], *sets[1])))}

    def table(part: list[set[int]]) -> sparse.csr_matrix:
        rows = np.repeat(np.arange(len(part)), [len(s) for s in part])
        columns = np.fromiter((column[p] for s in part for p in s), dtype=np.int32)
        return sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), (len(part), len(column)))

    left, right = table(sets[0]), table(sets[1])
    sizes = np.asarray(right.sum(axis=1)).ravel()
    found = []
    for start in range(0, len(texts), 500):
        shared = (left[start : start + 500] @ right.T).tocoo()
        own = np.array([len(s) for s in sets[0][start : start + 500]])
        near = shared.data / (own[shared.row] + sizes[shared.col] - shared.data) >= NEAR
        found.append(np.column_stack([shared.row[near] + start, shared.col[near]]))
    return np.concatenate(found)


@pytest.mark.slow
def test_hardly_any_text_is_nearly_another_groups_text(examples: Dataset) -> None:
    pairs = _near_pairs(examples.texts, examples.texts)
    across = pairs[examples.groups[pairs[:, 0]] != examples.groups[pairs[:, 1]]]
    assert len(np.unique(across[:, 0])) < 0.005 * len(examples)


@pytest.mark.slow
def test_no_check_stands_near_a_training_text(examples: Dataset) -> None:
    cases = load_cases(ROOT / "data" / "checks.csv")
    assert len(_near_pairs([case.text for case in cases], examples.texts)) == 0
    assert not {case.group for case in cases} & {e.group for e in examples.examples}


def test_the_shipped_model_was_trained_on_the_shipped_data(examples: Dataset, detector: Detector) -> None:
    assert detector.model.data_sha256 == examples.sha256


def test_checks_are_many_and_cover_every_tactic() -> None:
    cases = load_cases(ROOT / "data" / "checks.csv")
    functions = Counter(case.function for case in cases)
    assert len(cases) >= 1000 and len(functions) >= 40
    for tactic in TACTICS:
        for kind in ("explicit", "veiled", "elliptical", "reported"):
            assert functions[f"{tactic}_{kind}"] >= 10


def test_the_data_set_has_the_size_and_balance_it_promises(examples: Dataset) -> None:
    authored = [e for e in examples.examples if e.source == "authored"]
    with_tactic = [e for e in authored if e.tactics]
    voices = Counter(e.voice for e in authored)
    assert len(authored) >= 15_000 and len(voices) >= 80 and max(voices.values()) <= 200
    assert len(with_tactic) <= 0.55 * len(authored)
    assert sum(e.framing == "reported" for e in with_tactic) >= 0.25 * len(with_tactic)
    assert sum(e.note.split(";")[0] in ("veiled", "elliptical") for e in with_tactic) >= 0.5 * len(with_tactic)
    for tactic in TACTICS:
        carrying = [e for e in authored if tactic in e.tactics]
        assert len(carrying) >= 800 and len({e.voice for e in carrying}) >= 40, tactic


def test_contrast_groups_are_many(examples: Dataset) -> None:
    labels = defaultdict(set)
    for e in examples.examples:
        labels[e.group].add((e.tactics, e.acts))
    assert sum(len(found) > 1 for found in labels.values()) >= 1500


def test_every_voice_has_its_brief(examples: Dataset) -> None:
    with (ROOT / "data" / "briefs.csv").open(encoding="utf-8", newline="") as lines:
        briefs = {row["voice"] for row in csv.DictReader(lines)}
    assert {e.voice for e in examples.examples if e.source == "authored"} == briefs


def test_no_minor_is_named(examples: Dataset) -> None:
    pattern = re.compile(r"\b(kids?|child|children|teen\w*|minors?|underage|schoolgirls?|schoolboys?)\b", re.IGNORECASE)
    assert [e.id for e in examples.examples if pattern.search(e.text)] == []


def test_second_labels_belong_to_texts_of_the_data_set(examples: Dataset) -> None:
    ids = {e.id for e in examples.examples}
    with (ROOT / "data" / "second_labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 2000 and {row["id"] for row in rows} <= ids
