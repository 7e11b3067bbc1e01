from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest

from coercion_detect import Detector
from coercion_detect.evaluation.card import decide_out_of_fold, write_card
from coercion_detect.model import DATA_FILES
from coercion_detect.text import read
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.pipeline import save_pipeline
from coercion_detect.training.train import Settings, Trained, split_voices, train
from coercion_detect.windows import windows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(small_examples: Dataset) -> Trained:
    return train(small_examples, version="0.0.1", settings=Settings(folds=3, jobs=1))


def test_the_same_data_give_the_same_bytes(small_examples: Dataset, trained: Trained, tmp_path: Path) -> None:
    again = train(small_examples, version="0.0.1", settings=Settings(folds=3, jobs=2))
    for folder, run in (("a", trained), ("b", again)):
        (tmp_path / folder).mkdir()
        write_card(tmp_path / folder, run, decide_out_of_fold(run))
        run.model.save(tmp_path / folder)
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert files == sorted(["CARD.md", "config.json", "report.json", *DATA_FILES])
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_trained_model_tags_what_it_was_shown(trained: Trained) -> None:
    tags = Detector(trained.model).analyze("I’ll tell everyone we did it anyways").tags
    assert "rumors" in {tag.tactic.id for tag in tags}


def test_no_group_and_no_voice_stands_on_both_sides(examples: Dataset) -> None:
    fold_of = split_voices(examples, folds=5, seed=0)
    for numbers in (examples.groups, examples.voices):
        for number in np.unique(numbers):
            assert len(np.unique(fold_of[numbers == number])) == 1


def test_seed_phrases_are_shown_but_not_measured(examples: Dataset) -> None:
    fold_of = split_voices(examples, folds=5, seed=0)
    assert {examples.examples[i].source for i in np.flatnonzero(fold_of < 0)} == {"seed"}


def test_out_of_fold_scores_beat_chance(small_examples: Dataset, trained: Trained) -> None:
    from sklearn.metrics import roc_auc_score

    measured = trained.fold_of >= 0
    wholes = trained.log_odds[trained.cut.firsts]
    for i in range(12):
        assert roc_auc_score(small_examples.tactics[measured, i], wholes[measured, i]) > 0.6


def test_the_kept_pipeline_gives_the_models_numbers(small_examples: Dataset, trained: Trained, tmp_path: Path) -> None:
    save_pipeline(trained.model, tmp_path / "pipeline.joblib")
    pipeline = joblib.load(tmp_path / "pipeline.joblib")
    texts = [text for text in small_examples.texts if len(windows(read(text))) == 1][:200]
    ours = Detector(trained.model).scores(texts)
    assert np.abs(pipeline.predict_proba(texts)[:, :12] - ours).max() < 1e-6
