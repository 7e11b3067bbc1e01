from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from coercion_detect import Detector, ModelError
from coercion_detect.detector import shipped_model
from coercion_detect.model import DATA_FILES, FORMAT, HEADS, Model, quantize, sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_model(), tmp_path / "model"))


def _edit_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | changes), encoding="utf-8")


def _shorten_weights(folder: Path) -> None:
    weights = np.load(folder / "weights.npy")
    np.save(folder / "weights.npy", weights[:-1])
    _mend_checks(folder)


def _mend_checks(folder: Path) -> None:
    _edit_config(folder, crc32={name: crc32((folder / name).read_bytes()) for name in DATA_FILES})


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (lambda f: shutil.rmtree(f), "no config.json"),
    "no weights": (lambda f: (f / "weights.npy").unlink(), "weights.npy is missing"),
    "a changed vocabulary": (lambda f: (f / "vocabulary.txt").write_text("x\n"), "not the file that training wrote"),
    "a truncated array": (
        lambda f: (f / "idf.npy").write_bytes((f / "idf.npy").read_bytes()[:-9]),
        "not the file that training wrote",
    ),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "is not JSON"),
    "no object": (lambda f: (f / "config.json").write_text("[]"), "no JSON object"),
    "no format": (lambda f: _edit_config(f, format=None), "names no format"),
    "an older format": (lambda f: _edit_config(f, format=1), "Train it again"),
    "a newer format": (lambda f: _edit_config(f, format=FORMAT + 1), "Upgrade coercion-detect"),
    "other labels": (lambda f: _edit_config(f, labels={"tactics": []}), "other labels"),
    "no checks": (lambda f: _edit_config(f, crc32=None), "not the file that training wrote"),
    "no thresholds": (lambda f: _edit_config(f, thresholds={}), "damaged"),
    "arrays that do not fit": (_shorten_weights, "do not fit one another"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_folder_says_what_is_wrong(folder: Path, kind: str) -> None:
    damage, message = DAMAGE[kind]
    damage(folder)
    with pytest.raises(ModelError, match=message):
        Model.load(folder)


def test_a_saved_model_loads_as_it_was(folder: Path, tmp_path: Path) -> None:
    model = Model.load(folder)
    model.save(tmp_path / "again")
    for name in DATA_FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    again = Model.load(tmp_path / "again")
    assert np.array_equal(again.weights, model.weights) and np.array_equal(again.bias, model.bias)
    assert again.thresholds == model.thresholds and again.title == model.title


def test_the_shipped_folder_is_whole_and_holds_no_code() -> None:
    folder = shipped_model()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert {p.name for p in folder.iterdir()} == {*config["files"], "config.json"}
    assert {p.suffix for p in folder.iterdir()} <= {".json", ".md", ".npy", ".txt"}
    for name, digest in config["files"].items():
        assert sha256(folder / name) == digest


def test_the_shipped_model_is_small() -> None:
    assert sum(p.stat().st_size for p in shipped_model().iterdir()) < 8_000_000


def test_arrays_are_read_without_pickle(folder: Path) -> None:
    np.save(folder / "idf.npy", np.array([{"code": "would run"}], dtype=object))
    _mend_checks(folder)
    with pytest.raises(ModelError):
        Model.load(folder)


def test_thresholds_stand_in_order() -> None:
    for thresholds in Model.load(shipped_model()).thresholds.values():
        assert 0 < thresholds.possible <= thresholds.likely < 1


def test_a_weight_is_its_byte_times_the_scale_of_its_row() -> None:
    model = Model.load(shipped_model())
    assert model.quantized.shape == (sum(model.counts), len(HEADS))
    rows, heads = np.array([0, 7, sum(model.counts) - 1]), np.array([3, 3, 15])
    assert np.array_equal(model.weights_of(rows, heads), model.weights[rows, heads])


def test_quantized_weights_are_within_a_byte_of_the_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(200, 16)) * np.logspace(-3, 2, 200)[:, None]
    weights[7] = 0
    scales, quantized = quantize(weights)
    assert np.abs(quantized).max() <= 127
    assert (np.abs(quantized * scales[:, None] - weights).max(axis=1) <= np.abs(weights).max(axis=1) / 250 + 1e-7).all()


def test_a_detector_loads_a_folder_by_path_or_string(folder: Path) -> None:
    assert Detector.load(folder).model.title == Detector.load(str(folder)).model.title
