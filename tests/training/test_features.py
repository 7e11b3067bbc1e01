from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from coercion_detect.features import WordClasses, tokens, vectorizer_settings
from coercion_detect.training.features import Counts

TEXTS = ["you owe me", "you owe them a visit", "bring the pan back", "bring me the pan", "visit them?"]


def test_weighting_a_part_is_fitting_scikit_learn_on_that_part() -> None:
    rows = np.array([0, 1, 3])
    counts = Counts(TEXTS)
    weighting = counts.fit(rows, min_texts=1, min_pattern_texts=1)
    settings = vectorizer_settings()
    word = TfidfVectorizer(**settings["word"]).fit([TEXTS[i] for i in rows])
    assert list(weighting.names[0]) == list(word.get_feature_names_out())
    values = counts.tfidf(np.array([2, 4]), weighting)[:, : len(weighting.names[0])].toarray()
    assert np.allclose(values, word.transform([TEXTS[2], TEXTS[4]]).toarray())


def test_rare_pairs_are_left_out_and_words_are_kept() -> None:
    weighting = Counts(TEXTS).fit(np.arange(5), min_texts=2, min_pattern_texts=2)
    assert "you owe" in weighting.names[0] and "owe them" not in weighting.names[0]
    assert "back" in weighting.names[0]


def test_extra_words_stay_with_the_highest_idf() -> None:
    weighting = Counts(TEXTS, extra_words=["zebra", "pan"]).fit(np.arange(5), min_texts=1, min_pattern_texts=1)
    idf = dict(zip(weighting.names[0], weighting.idf, strict=False))
    assert idf["zebra"] == max(weighting.idf) > idf["pan"]
    assert np.isclose(idf["zebra"], np.log(6) + 1)


def test_patterns_are_those_of_scikit_learn_in_the_classes_of_the_words() -> None:
    classes = WordClasses(b"you me\nowe bring\npan visit\n")
    rows = np.arange(5)
    counts = Counts(TEXTS, classes=classes)
    weighting = counts.fit(rows, min_texts=1, min_pattern_texts=2)
    read = [classes.read(tokens(text)) for text in TEXTS]
    pattern = TfidfVectorizer(**vectorizer_settings()["pattern"], min_df=2).fit(read)
    assert list(weighting.names[2]) == list(pattern.get_feature_names_out())
    ours = counts.tfidf(rows, weighting)[:, sum(weighting.counts[:2]) :].toarray()
    assert np.allclose(ours, pattern.transform(read).toarray())
