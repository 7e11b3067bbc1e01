from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from coercion_detect import DataError
from coercion_detect.training.vectors import add_block, fold_back, load_vectors


def _write(folder: Path, words: list[str], array: np.ndarray) -> None:
    (folder / "word_vectors.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    np.save(folder / "word_vectors.npy", array)
    (folder / "word_classes.txt").write_text("owe\npan pot\n", encoding="utf-8")


def test_folded_weights_score_as_the_extended_matrix_does() -> None:
    rng = np.random.default_rng(0)
    matrix = sparse.csr_matrix(rng.random((7, 10)))
    table = rng.normal(size=(6, 3))  # six words, four character pieces
    weights = rng.normal(size=(13, 2))
    extended = add_block(matrix, table) @ weights
    assert np.allclose(extended, matrix @ fold_back(weights, table))


def test_words_without_a_vector_get_zeros(tmp_path: Path) -> None:
    _write(tmp_path, ["owe", "pan"], np.array([[3, 4], [0, 5]], dtype=np.int8))
    vectors = load_vectors(tmp_path)
    assert vectors is not None
    rows = vectors.rows(["pan", "nothing", "owe"])
    assert np.allclose(rows, np.array([[0.0, 1.0], [0.0, 0.0], [0.6, 0.8]]))


def test_classes_stand_beside_the_vectors(tmp_path: Path) -> None:
    _write(tmp_path, ["owe", "pan"], np.ones((2, 2), dtype=np.int8))
    vectors = load_vectors(tmp_path)
    assert vectors is not None
    assert [vectors.classes.symbol(word) for word in ("owe", "pan", "pot", "cup")] == ["owe", "#1", "#1", "#"]


def test_without_files_there_are_no_vectors(tmp_path: Path) -> None:
    assert load_vectors(tmp_path) is None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("npy", "missing beside"),
        ("txt", "missing beside"),
        ("classes", "missing beside"),
        ("short", "does not fit"),
        ("junk", "no array"),
    ],
)
def test_damaged_files_say_what_to_do(tmp_path: Path, damage: str, message: str) -> None:
    _write(tmp_path, ["owe", "pan"], np.ones((2, 2), dtype=np.int8))
    if damage in ("npy", "txt"):
        (tmp_path / f"word_vectors.{damage}").unlink()
    elif damage == "classes":
        (tmp_path / "word_classes.txt").unlink()
    elif damage == "short":
        np.save(tmp_path / "word_vectors.npy", np.ones((1, 2), dtype=np.int8))
    else:
        (tmp_path / "word_vectors.npy").write_bytes(b"no array at all")
    with pytest.raises(DataError, match=message):
        load_vectors(tmp_path)


def test_the_shipped_vectors_are_small() -> None:
    data = Path(__file__).parents[2] / "data"
    assert (data / "word_vectors.npy").stat().st_size < 5_000_000
    vectors = load_vectors(data)
    assert vectors is not None and list(vectors.words) == sorted(set(vectors.words))
