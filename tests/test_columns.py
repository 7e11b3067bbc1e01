from __future__ import annotations

import numpy as np

from coercion_detect import Detector
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS
from coercion_detect.training.dataset import Dataset


def test_columns_say_what_an_analysis_says(detector: Detector, examples: Dataset) -> None:
    texts = [*examples.texts[::60], "", "zzqx vvrm", "s e n d n u d e s now or I leave"]
    columns = detector.columns(texts)
    for i, analysis in enumerate(detector.analyze_many(texts)):
        decided = {tag.tactic.id: tag.decision for tag in analysis.tags}
        for column, decision in ((columns.likely, "likely"), (columns.possible, "possible")):
            assert {TACTICS[k] for k in np.flatnonzero(column[i])} == {t for t, d in decided.items() if d == decision}
        assert np.allclose(columns.scores[i], [analysis.scores[t] for t in TACTICS], atol=1e-6)
        assert np.allclose(columns.acts[i], [analysis.acts[a] for a in ACTS], atol=1e-6)
        assert FRAMINGS[columns.framing[i]] == analysis.framing
        assert bool(columns.read[i]) == analysis.read


def test_no_texts_give_empty_columns(detector: Detector) -> None:
    columns = detector.columns([])
    assert columns.scores.shape == (0, 12) and columns.likely.shape == (0, 12) and columns.framing.shape == (0,)
