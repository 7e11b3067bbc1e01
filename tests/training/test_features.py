from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from coercion_detect.features import vectorizer_settings
from coercion_detect.training.features import Counts

TEXTS = ["you owe me", "you owe them a visit", "bring the pan back", "bring me the pan", "visit them?"]


def test_weighting_a_part_is_fitting_scikit_learn_on_that_part() -> None:
    rows = np.array([0, 1, 3])
    counts = Counts(TEXTS)
    weighting = counts.fit(rows, min_texts=1)
    settings = vectorizer_settings()
    word = TfidfVectorizer(**settings["word"]).fit([TEXTS[i] for i in rows])
    assert list(weighting.words) == list(word.get_feature_names_out())
    values = counts.tfidf(np.array([2, 4]), weighting)[:, : len(weighting.words)].toarray()
    assert np.allclose(values, word.transform([TEXTS[2], TEXTS[4]]).toarray())


def test_rare_pairs_are_left_out_and_words_are_kept() -> None:
    weighting = Counts(TEXTS).fit(np.arange(5), min_texts=2)
    assert "you owe" in weighting.words and "owe them" not in weighting.words
    assert "back" in weighting.words


def test_extra_words_stay_with_the_highest_idf() -> None:
    weighting = Counts(TEXTS, extra_words=["zebra", "pan"]).fit(np.arange(5), min_texts=1)
    idf = dict(zip(weighting.words, weighting.idf, strict=False))
    assert idf["zebra"] == max(weighting.idf) > idf["pan"]
    assert np.isclose(idf["zebra"], np.log(6) + 1)
