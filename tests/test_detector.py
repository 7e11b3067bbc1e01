from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect import Detector, InputError
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, note
from coercion_detect.training.dataset import Dataset

SEED = {
    "If you like me, you would do this for me!": "obligation",
    "We need to have sex, it’ll better our relationship": "normalizing",
    "Drink this, it’ll make you more loose": "substances",
    "I’m going to break up with you if we don’t do it": "leaving",
    "I’d hate to tell your friends that you ...": "exposure",
    "Don’t tell anyone about this or I’ll tell everyone your secret": "exposure",
    "You can’t just make me stop": "persistence",
    "I’ll tell everyone we did it anyways": "rumors",
}
HARMLESS = "We had soup at the station and the train was late again. "


@pytest.mark.parametrize(("phrase", "tactic"), SEED.items())
@pytest.mark.parametrize("straight", [False, True])
def test_a_seed_phrase_carries_its_tactic(detector: Detector, phrase: str, tactic: str, straight: bool) -> None:
    text = phrase.replace("’", "'") if straight else phrase
    analysis = detector.analyze(text)
    found = {tag.tactic.id: tag for tag in analysis.tags}
    assert tactic in found
    assert found[tactic].evidence and found[tactic].link.endswith(tactic)


def test_to_dict_has_the_one_shape(detector: Detector) -> None:
    shape = detector.analyze("If you like me, you would do this for me!").to_dict()
    assert list(shape) == ["tags", "scores", "acts", "framing", "coverage", "read", "note", "model"]
    assert list(shape["scores"]) == list(TACTICS)
    assert list(shape["acts"]) == list(ACTS)
    tag = shape["tags"][0]
    assert list(tag) == ["tactic", "title", "score", "threshold", "decision", "evidence", "summary", "link"]
    assert list(tag["evidence"][0]) == ["start", "end", "weight"]
    assert shape["note"] == note()


def test_nothing_in_a_result_is_the_text_or_a_verdict(detector: Detector) -> None:
    text = "If you like me, you would do this for me, Zebulon!"
    analysis = detector.analyze(text)
    assert "Zebulon" not in repr(analysis)
    assert not {"coercive", "verdict", "label", "overall"} & set(analysis.to_dict())


@pytest.mark.parametrize(
    "bad", [None, 3, 2.5, b"bytes", ["a list"], "a lone \ud800 surrogate", "x" * (MAX_CHARACTERS + 1)]
)
def test_what_is_no_text_is_refused_without_repeating_it(detector: Detector, bad: object) -> None:
    with pytest.raises(InputError) as caught:
        detector.analyze(bad)  # type: ignore[arg-type]
    assert "surrogate at" in str(caught.value) or len(str(caught.value)) < 200
    assert "a lone" not in str(caught.value).replace("a lone surrogate at", "")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("bad", ["one text", b"bytes", 3, None])
def test_lists_are_wanted_where_lists_are_read(detector: Detector, bad: object) -> None:
    with pytest.raises(InputError, match="list of texts"):
        detector.scores(bad)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="list of texts"):
        list(detector.analyze_many(bad))  # type: ignore[arg-type]


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u200b", " " * 500])
def test_an_empty_text_is_not_read(detector: Detector, empty: str) -> None:
    analysis = detector.analyze(empty)
    assert (analysis.tags, analysis.read, analysis.coverage) == ((), False, 0.0)
    assert analysis.note == note()


@pytest.mark.parametrize(
    "foreign",
    [
        "Ich habe gestern den ganzen Abend auf deinen Anruf gewartet, melde dich bitte.",
        "Je ne comprends pas pourquoi tu ne réponds plus depuis hier soir.",
        "Вчера вечером мы долго гуляли по набережной и ели мороженое.",
        "今日は駅で友達とスープを飲みました。",
        "Huomenna sataa lunta ja juna on taas myöhässä.",
    ],
)
def test_another_language_is_not_read(detector: Detector, foreign: str) -> None:
    analysis = detector.analyze(foreign)
    assert not analysis.read
    assert analysis.tags == ()


# The other three leave the wanted thing out or say it as an opinion; alone they are just possible, and one sentence
# among others must speak more clearly than a text on its own.
SPOKEN_OUT = {p: t for p, t in SEED.items() if t in ("obligation", "substances", "leaving", "rumors") or "secret" in p}


@pytest.mark.parametrize("padding", [0, 1, 5, 20, 80])
@pytest.mark.parametrize(("phrase", "tactic"), SPOKEN_OUT.items())
def test_harmless_text_around_does_not_hide_a_phrase(
    detector: Detector, phrase: str, tactic: str, padding: int
) -> None:
    phrase = phrase.removesuffix(" ...").rstrip("!") + "."
    text = HARMLESS * padding + phrase + " " + HARMLESS * padding
    tag = next(t for t in detector.analyze(text).tags if t.tactic.id == tactic)
    start = text.index(phrase)
    assert tag.window[0] <= start and start + len(phrase) <= tag.window[1]
    assert any(start <= e.start < start + len(phrase) for e in tag.evidence)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_a_whole_result(detector: Detector, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    analysis = detector.analyze(text)
    assert analysis.framing in FRAMINGS
    assert 0 <= analysis.coverage <= 1
    assert all(0 <= s <= 1 for s in (*analysis.scores.values(), *analysis.acts.values()))
    for tag in analysis.tags:
        assert tag.score >= tag.threshold
        for e in tag.evidence:
            assert 0 <= e.start < e.end <= len(text) and e.weight > 0


@pytest.mark.parametrize(
    "text",
    [
        "👍🏽👍🏽 İİ I’ll tell everyone we did it anyways",
        "i\u0301 İ \u200b I’ll t\u200bell every\u00adone we did it anyways 😏",
        "Ⅸ ﬁ ß I’LL TELL EVERYONE WE DID IT ANYWAYS",
    ],
)
def test_evidence_points_into_the_callers_own_string(detector: Detector, text: str) -> None:
    tag = next(t for t in detector.analyze(text).tags if t.tactic.id == "rumors")
    shown = " ".join(text[e.start : e.end] for e in tag.evidence).casefold().replace("\u200b", "").replace("\xad", "")
    assert any(word in "i’ll tell everyone we did it anyways" for word in shown.split())
    assert all(text[e.start : e.end].strip() == text[e.start : e.end] for e in tag.evidence)


def test_scores_agree_with_analyze(detector: Detector, examples: Dataset) -> None:
    texts = [*examples.texts[:300], HARMLESS * 40]
    scores = detector.scores(texts)
    assert scores.shape == (len(texts), 12) and scores.dtype == np.float32
    for row, analysis in zip(scores, detector.analyze_many(texts), strict=True):
        assert np.allclose(row, list(analysis.scores.values()), atol=1e-6)


def test_a_text_scores_the_same_alone_and_in_company(detector: Detector, examples: Dataset) -> None:
    texts = examples.texts[:600]
    together = detector.scores(texts)
    for i in range(0, 600, 37):
        assert np.allclose(detector.scores([texts[i]])[0], together[i], atol=1e-7)


def test_evidence_is_the_same_however_much_is_explained_at_once(
    detector: Detector, examples: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*examples.texts[:300], " ".join(examples.texts[:60])]
    together = list(detector.analyze_many(texts))
    assert max(len(analysis.tags) for analysis in together) > 2
    monkeypatch.setattr("coercion_detect.detector._AT_ONCE", 1)
    assert list(detector.analyze_many(texts)) == together


def test_no_texts_give_no_scores(detector: Detector) -> None:
    assert detector.scores([]).shape == (0, 12)
    assert list(detector.analyze_many([])) == []


def test_analyze_many_is_lazy(detector: Detector) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "hello there"

    next(detector.analyze_many(endless()))
    assert taken < 1000


def test_tags_stand_strongest_first(detector: Detector, examples: Dataset) -> None:
    several = [a for a in detector.analyze_many(examples.texts[:600]) if len(a.tags) > 1]
    assert several
    for analysis in several:
        scores = [tag.score for tag in analysis.tags]
        assert scores == sorted(scores, reverse=True)


def test_a_site_sets_its_own_links() -> None:
    detector = Detector.load(link_base="https://example.org/tactics/")
    tags = detector.analyze("I’ll tell everyone we did it anyways").tags
    assert "https://example.org/tactics/rumors" in [tag.link for tag in tags]


def test_the_default_link_opens_the_packaged_page(detector: Detector) -> None:
    from urllib.parse import urlparse
    from urllib.request import url2pathname

    link = urlparse(detector.analyze("I’ll tell everyone we did it anyways").tags[0].link)
    with open(url2pathname(link.path), encoding="utf-8") as page:  # noqa: PTH123 a path from an address
        assert f'id="{link.fragment}"' in page.read()
