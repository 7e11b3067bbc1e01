from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

from coercion_detect import Detector
from coercion_detect.evaluation.crossfit import Decisions
from coercion_detect.evaluation.evaluate import WORST, evaluate, measure_decisions
from coercion_detect.evaluation.labelled import Labelled
from coercion_detect.evaluation.results import Evaluation
from coercion_detect.taxonomy import TACTICS

N = 300
RNG = np.random.default_rng(7)
WANTED = RNG.random((N, 12)) < 0.15
WANTED[:, 3] = False  # a tactic that never occurs
SCORES = np.clip(0.15 + 0.5 * WANTED + 0.2 * RNG.normal(size=(N, 12)), 0.001, 0.999)
ACTS = RNG.random((N, 2)) < 0.3
LABELLED = Labelled(
    name="own.csv",
    sha256="ab" * 32,
    texts=[f"line {i}" for i in range(N)],
    ids=tuple(f"id-{i}" for i in range(N)),
    tactics=WANTED,
    known=np.ones(12, dtype=bool),
    acts=ACTS,
    framing=np.arange(N) % 4 - 1,
    groups=np.arange(N) // 2,
)
DECISIONS = Decisions(
    np.arange(N), np.column_stack([SCORES, ACTS * 0.8]), SCORES >= 0.4, SCORES >= 0.6, np.zeros(N, dtype=np.intp)
)


def measured(labelled: Labelled = LABELLED, decisions: Decisions = DECISIONS, *, show_text: bool = False) -> Evaluation:
    return measure_decisions(labelled, decisions, model="m 1", method="by hand", resamples=100, show_text=show_text)


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return measured()


def test_figures_are_those_of_scikit_learn(found: Evaluation) -> None:
    for i, name in enumerate(TACTICS):
        if name not in found.tactics:
            continue
        figures, wanted, scores = found.tactics[name], WANTED[:, i], SCORES[:, i]
        assert figures.n == wanted.sum()
        assert np.isclose(figures.average_precision.value, average_precision_score(wanted, scores))
        assert np.isclose(figures.auroc.value, roc_auc_score(wanted, scores))
        assert np.isclose(figures.brier.value, np.mean((scores - wanted) ** 2), rtol=1e-5)
        for level, from_score in (("possible", 0.4), ("likely", 0.6)):
            tagging, tags = figures.levels[level], scores >= from_score
            assert np.isclose(tagging.precision.value, precision_score(wanted, tags))
            assert np.isclose(tagging.recall.value, recall_score(wanted, tags))
            assert np.isclose(tagging.f1.value, f1_score(wanted, tags))
    assert np.isclose(found.micro["likely"].f1.value, f1_score(WANTED, SCORES >= 0.6, average="micro"))


def test_every_figure_stands_in_its_interval(found: Evaluation) -> None:
    figures = [*found.macro.values(), found.any_tactic.auroc, *found.acts.values()]
    for tactic in found.tactics.values():
        figures += [tactic.auroc, tactic.average_precision, tactic.brier, tactic.levels["possible"].f1]
    assert all(f.low <= f.value <= f.high and f.n > 0 for f in figures)


def test_a_label_that_never_occurs_has_no_figure_and_is_named(found: Evaluation) -> None:
    assert TACTICS[3] not in found.tactics
    assert found.absent == {TACTICS[3]: int((SCORES[:, 3] >= 0.4).sum())}
    assert found.unlabelled == ()


def test_what_was_not_labelled_is_neither_right_nor_wrong() -> None:
    known = np.ones(12, dtype=bool)
    known[5:] = False
    found = measured(replace(LABELLED, known=known))
    assert found.unlabelled == TACTICS[5:]
    expected = f1_score(WANTED[:, :5], SCORES[:, :5] >= 0.4, average="micro")
    assert np.isclose(found.micro["possible"].f1.value, expected)
    some = WANTED[:, :5].any(axis=1)
    assert np.isclose(found.any_tactic.found["likely"].value, (SCORES[some, :5] >= 0.6).any(axis=1).mean())


def test_a_tag_is_worth_less_where_tactics_are_rarer(found: Evaluation) -> None:
    for shares in found.any_tactic.worth.values():
        values = [figure.value for figure in shares.values()]
        assert values == sorted(values, reverse=True) and list(shares) == [0.05, 0.01, 0.001]


def test_framing_counts_only_where_it_was_given(found: Evaluation) -> None:
    assert found.framing is not None and found.framing_of_tactics is not None
    assert found.framing.n == N * 3 // 4 and np.isclose(found.framing.value, 1 / 3)
    without = measured(replace(LABELLED, framing=None, acts=None))
    assert without.framing is None and without.acts == {}


def test_confusion_counts_texts_with_exactly_one_tactic(found: Evaluation) -> None:
    alone = WANTED.sum(axis=1) == 1
    for i, name in enumerate(TACTICS):
        rows = alone & WANTED[:, i]
        if not rows.any():
            assert name not in found.confusion
            continue
        one = found.confusion[name]
        assert one.n == rows.sum()
        assert list(one.tagged.values()) == (SCORES[rows] >= 0.4).sum(axis=0).tolist()
        assert one.untagged == (~(SCORES[rows] >= 0.4).any(axis=1)).sum()


def test_a_higher_threshold_never_finds_more(found: Evaluation) -> None:
    for figures in found.tactics.values():
        recalls = [at.recall for at in figures.thresholds]
        assert recalls == sorted(recalls, reverse=True)
        assert [at.threshold for at in figures.thresholds] == [round(0.05 * i, 2) for i in range(1, 20)]


def test_the_worst_cases_come_first_without_their_text(found: Evaluation) -> None:
    for i, name in enumerate(TACTICS):
        for cases, falling in ((found.wrong_tags[name], True), (found.misses[name], False)):
            scores = [case.score for case in cases]
            assert scores == sorted(scores, reverse=falling) and len(cases) <= WORST
            assert all(case.text is None for case in cases)
            assert all(SCORES[int(case.id[3:]), i] == case.score for case in cases)


def test_texts_are_shown_only_when_asked_for() -> None:
    cases = [case for cases in measured(show_text=True).wrong_tags.values() for case in cases]
    assert cases and all(case.text == f"line {case.id[3:]}" for case in cases)


def test_a_file_without_any_tactic_can_be_measured() -> None:
    found = measured(replace(LABELLED, tactics=np.zeros_like(WANTED)))
    assert found.tactics == {} and found.macro == {} and found.confusion == {}
    assert np.isnan(found.any_tactic.auroc.value) and found.any_tactic.false_alarms["possible"].value > 0


def test_one_text_is_enough() -> None:
    one = replace(
        LABELLED,
        texts=["x"],
        ids=("1",),
        tactics=WANTED[:1],
        acts=None,
        framing=None,
        groups=np.zeros(1, dtype=np.intp),
    )
    d = DECISIONS
    first = Decisions(d.rows[:1], d.scores[:1], d.possible[:1], d.likely[:1], d.framing[:1])
    assert measured(one, first).n == 1


def test_the_same_input_gives_the_same_figures(found: Evaluation) -> None:
    assert repr(measured()) == repr(found)


def test_a_detector_is_measured_by_its_own_tags(detector: Detector) -> None:
    texts = ["If you like me, you would do this for me!", "The soup was good.", "Zug verpasst, komme morgen wieder"]
    tactics = np.zeros((3, 12), dtype=bool)
    tactics[0, 0] = True
    labelled = Labelled(
        "own.csv", "0" * 64, texts, ("a", "b", "c"), tactics, np.ones(12, dtype=bool), None, None, np.arange(3)
    )
    done: list[int] = []
    found = evaluate(labelled, detector, resamples=100, on_text=done.append)
    expected = list(detector.analyze_many(texts))
    assert done == [1, 2, 3]
    assert found.not_read == sum(not analysis.read for analysis in expected)
    assert found.micro["possible"].precision.n == sum(len(analysis.tags) for analysis in expected)
    assert found.model == detector.model.title
    assert "trained on" not in found.method


def test_measuring_on_the_training_data_is_said(detector: Detector) -> None:
    labelled = Labelled(
        "own.csv",
        detector.model.data_sha256,
        ["hello there"],
        ("1",),
        np.zeros((1, 12), dtype=bool),
        np.ones(12, dtype=bool),
        None,
        None,
        np.zeros(1, dtype=np.intp),
    )
    assert "trained on" in evaluate(labelled, detector, resamples=100).method
