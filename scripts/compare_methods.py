"""Compare ways of training on whole voices held out, and write the table ``docs/method.md`` quotes.

Every line changes one thing in the shipped settings. Texts are scored as wholes by the heads alone, without the
second stage. Takes about two minutes a line on two cores: ``python scripts/compare_methods.py > table.md``; name lines
to have only those.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from coercion_detect.evaluation.perturb import OBFUSCATIONS, SWAPS, Change, swap_words, typo
from coercion_detect.features import (
    CHARACTER_RANGE,
    PATTERN_RANGE,
    WORD_RANGE,
    WordClasses,
    tokens,
    vectorizer_settings,
)
from coercion_detect.taxonomy import TACTICS
from coercion_detect.text import fold
from coercion_detect.training.dataset import Dataset, load_examples
from coercion_detect.training.features import by_length
from coercion_detect.training.thresholds import choose_thresholds
from coercion_detect.training.train import Settings, split_voices
from coercion_detect.training.vectors import WordVectors, load_vectors

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of training; the defaults are those of the shipped model."""

    name: str = "as shipped"
    word_range: tuple[int, int] = WORD_RANGE
    character_range: tuple[int, int] = CHARACTER_RANGE
    pattern_range: tuple[int, int] | None = PATTERN_RANGE
    tf: str = "count"
    min_word_texts: int = 1
    min_pair_texts: int = Settings().min_texts
    min_character_texts: int = Settings().min_texts
    min_pattern_texts: int = Settings().min_pattern_texts
    augment: bool = False
    c: float = Settings().c
    class_weight: str | None = None
    vector_scale: float = Settings().vector_scale
    folding: bool = True
    euclidean: bool = False


SHIPPED = Way()
WAYS = [
    SHIPPED,
    replace(SHIPPED, name="without word vectors", vector_scale=0.0),
    replace(SHIPPED, name="word vectors counted twice as much", vector_scale=2 * SHIPPED.vector_scale),
    replace(SHIPPED, name="lower case only, no other folding", folding=False),
    replace(SHIPPED, name="words alone, no pairs", word_range=(1, 1)),
    replace(SHIPPED, name="words, pairs and triples", word_range=(1, 3)),
    replace(SHIPPED, name="character pieces of 2 to 5", character_range=(2, 5)),
    replace(SHIPPED, name="character pieces of 2 to 4", character_range=(2, 4)),
    replace(SHIPPED, name="without patterns", pattern_range=None),
    replace(SHIPPED, name="patterns of 2 and 3 words", pattern_range=(2, 3)),
    replace(SHIPPED, name="a changed copy of every training text", augment=True),
    replace(SHIPPED, name="Euclidean lengths", euclidean=True),
    replace(SHIPPED, name="sublinear TF", tf="sublinear"),
    replace(SHIPPED, name="binary TF", tf="binary"),
    replace(SHIPPED, name="every pair of words", min_pair_texts=1),
    replace(SHIPPED, name="every character piece", min_character_texts=1),
    replace(SHIPPED, name="words in 2 texts or more", min_word_texts=2),
    replace(SHIPPED, name="pairs and pieces in 4 texts or more", min_pair_texts=4, min_character_texts=4),
    replace(SHIPPED, name="balanced class weights", class_weight="balanced"),
    replace(SHIPPED, name="weaker regularisation, C = 40", c=40.0),
    replace(SHIPPED, name="stronger regularisation, C = 5", c=5.0),
]


def count(texts: list[str], way: Way, classes: WordClasses) -> list[tuple[sparse.csr_matrix, list[str]]]:
    """Return the blocks of counts with their names."""
    settings = vectorizer_settings()
    folded = [fold(text) if way.folding else text.casefold() for text in texts]
    read = [classes.read(tokens(text)) for text in folded]
    ranges = {"word": way.word_range, "character": way.character_range, "pattern": way.pattern_range}
    blocks = []
    for name, ngrams in ranges.items():
        if ngrams is None:
            continue
        counter = CountVectorizer(**settings[name] | {"ngram_range": ngrams})
        counts = counter.fit_transform(read if name == "pattern" else folded).tocsr().astype(np.float64)
        if way.tf != "count":
            counts.data = 1 + np.log(counts.data) if way.tf == "sublinear" else np.ones_like(counts.data)
        blocks.append((counts, list(counter.get_feature_names_out())))
    return blocks


def score_fold(
    dataset: Dataset,
    blocks: list[tuple[sparse.csr_matrix, list[str]]],
    way: Way,
    vectors: WordVectors | None,
    fold_of: NDArray[np.intp],
    number: int,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Train without one fold and score it."""
    n = len(dataset)
    inside, outside = np.flatnonzero(fold_of == number), np.flatnonzero(fold_of != number)
    labels = dataset.tactics
    if way.augment:  # rows from n on are the changed copies
        outside, labels = np.concatenate([outside, outside + n]), np.tile(labels, (2, 1))
    train, test = [], []
    for counts, names in blocks:
        df = np.bincount(counts[outside].indices, minlength=counts.shape[1])
        fewest = np.full(len(names), way.min_pattern_texts if len(train) == 2 else way.min_character_texts)
        if not train:  # words and pairs come first
            fewest = np.array([way.min_pair_texts if " " in name else way.min_word_texts for name in names])
        kept = np.flatnonzero(df >= fewest)
        idf = np.log((1 + len(outside)) / (1 + df[kept])) + 1
        weighed = [counts[rows][:, kept] @ sparse.diags(idf) for rows in (outside, inside)]
        both = [normalize(block) if way.euclidean else by_length(block, idf) for block in weighed]
        train.append(both[0])
        test.append(both[1])
        if vectors is not None and way.vector_scale and len(train) == 1:
            table = way.vector_scale * vectors.rows([names[i] for i in kept])
            extra = [sparse.csr_matrix(block @ table) for block in both]
    if vectors is not None and way.vector_scale:
        train.append(extra[0])
        test.append(extra[1])
    x_train, x_test = sparse.hstack(train).tocsr(), sparse.hstack(test).tocsr()
    scores = np.empty((len(inside), len(TACTICS)))
    with threadpool_limits(1):
        for i in range(len(TACTICS)):
            model = LogisticRegression(
                C=way.c, class_weight=way.class_weight, solver="liblinear", dual=True, tol=0.1, random_state=0
            )
            scores[:, i] = model.fit(x_train, labels[outside, i]).decision_function(x_test)
    return inside, scores


CONTRACTIONS = {
    "don't": "do not", "won't": "will not", "can't": "cannot", "i'm": "i am", "you're": "you are", "it's": "it is",
    "i'll": "i will", "you'd": "you would", "didn't": "did not", "going to": "gonna", "want to": "wanna",
}  # fmt: skip


def stretch(text: str, rng: np.random.Generator) -> str:
    """Draw out the last vowel of one word."""
    places = [m.start() for m in re.finditer(r"[aeiou](?=[a-z]?(?: |$))", text)]
    if not places:
        return text
    i = int(rng.choice(places))
    return text[:i] + text[i] * 4 + text[i + 1 :]


CHANGES: list[Change] = [
    typo, typo, stretch, swap_words(CONTRACTIONS), swap_words(CONTRACTIONS), *SWAPS.values(), *OBFUSCATIONS.values()
]  # fmt: skip


def change(text: str, rng: np.random.Generator) -> str:
    """Return a text with a typo, drawn-out letters, other contractions, other people or a hidden word."""
    return CHANGES[int(rng.integers(len(CHANGES)))](text, rng)


def figures(dataset: Dataset, scores: NDArray[np.float64], fold_of: NDArray[np.intp]) -> tuple[float, float, float]:
    """Return macro average precision, macro F1 with thresholds of the other folds, and any-tactic AUROC."""
    rows = np.flatnonzero(fold_of >= 0)
    tagged = np.zeros((len(dataset), len(TACTICS)), dtype=bool)
    for number in np.unique(fold_of[rows]):
        others = np.flatnonzero((fold_of >= 0) & (fold_of != number))
        chosen = choose_thresholds(1 / (1 + np.exp(-scores[others])), dataset.tactics[others])
        inside = np.flatnonzero(fold_of == number)
        tagged[inside] = 1 / (1 + np.exp(-scores[inside])) >= np.array([chosen[t].possible for t in TACTICS])
    wanted = dataset.tactics[rows]
    both = (tagged[rows] & wanted).sum(axis=0)
    f1 = float(np.mean(2 * both / (tagged[rows].sum(axis=0) + wanted.sum(axis=0))))
    ap = float(np.mean([average_precision_score(wanted[:, i], scores[rows, i]) for i in range(len(TACTICS))]))
    strength = np.logaddexp(0, scores[rows]).sum(axis=1)
    return ap, f1, float(roc_auc_score(wanted.any(axis=1), strength))


def main() -> None:
    """Print the table."""
    dataset = load_examples(DATA / "examples.csv")
    vectors = load_vectors(DATA)
    fold_of = split_voices(dataset, folds=5, seed=0)
    print(f"{int((fold_of >= 0).sum()):,} texts, 5 folds of whole voices.\n")
    print("| change | macro average precision | macro F1 | any tactic, AUROC |\n| --- | --- | --- | --- |", flush=True)
    rng = np.random.default_rng(0)
    changed = [change(text, rng) for text in dataset.texts]
    for way in (way for way in WAYS if not sys.argv[1:] or way.name in sys.argv[1:]):
        texts = [*dataset.texts, *changed] if way.augment else dataset.texts
        blocks = count(texts, way, vectors.classes if vectors else WordClasses(b""))
        scores = np.full((len(dataset), len(TACTICS)), np.nan)
        jobs = (delayed(score_fold)(dataset, blocks, way, vectors, fold_of, k) for k in range(5))
        for inside, part in Parallel(n_jobs=2)(jobs):
            scores[inside] = part
        ap, f1, auroc = figures(dataset, scores, fold_of)
        print(f"| {way.name} | {ap:.4f} | {f1:.4f} | {auroc:.4f} |", flush=True)


if __name__ == "__main__":
    main()
