"""Folders of parts over Dask: the parts of a cluster are those of one process, whoever dies on the way."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import DataError, Detector, InputError, MissingExtraError
from coercion_detect.cluster import tag_parts
from coercion_detect.tables import Counts, load_once, tag_file

distributed = pytest.importorskip("distributed")
PARTS = 6
ROWS = 4000
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    folder = tmp_path_factory.mktemp("parts")
    for part in range(PARTS):
        texts = [f"Come on now, you owe me {part} {i}" if i % 50 else None for i in range(ROWS)]
        if part % 2:
            pq.write_table(pa.table({"text": texts, "id": range(ROWS)}), folder / f"part-{part}.parquet")
        else:
            lines = "".join(f'{i},"{text or ""}"\n' for i, text in enumerate(texts))
            (folder / f"part-{part}.csv").write_text(f"id,text\n{lines}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def wanted(detector: Detector, parts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("wanted")
    for part in parts.iterdir():
        tag_file(part, folder / part.name, detector=detector)
    return _contents(folder)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_parts_of_a_cluster_are_those_of_one_process(
    scheduler: Any,  # noqa: ANN401
    parts: Path,
    wanted: dict[str, bytes],
    tmp_path: Path,
) -> None:
    told: list[tuple[int, int]] = []
    counts = tag_parts(
        parts, tmp_path / "out", scheduler=scheduler.scheduler_address, on_part=lambda d, n, _: told.append((d, n))
    )
    assert counts == Counts(rows=PARTS * ROWS, without_text=PARTS * ROWS // 50, not_read=0)
    assert _contents(tmp_path / "out") == wanted
    assert told == [(i, PARTS) for i in range(1, PARTS + 1)]
    with distributed.Client(scheduler) as client:
        loads = client.run(lambda: load_once.cache_info().misses)
    assert set(loads.values()) <= {0, 1} and sum(loads.values()) >= 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_worker_that_dies_loses_nothing(
    scheduler: Any,  # noqa: ANN401
    parts: Path,
    wanted: dict[str, bytes],
    tmp_path: Path,
) -> None:
    with distributed.Client(scheduler) as client:
        victims = list(client.run(os.getpid).values())
    killed: list[int] = []

    def kill(done: int, parts: int, counts: Counts) -> None:
        if not killed:
            killed.append(victims[0])
            os.kill(victims[0], signal.SIGKILL)

    counts = tag_parts(parts, tmp_path / "out", scheduler=scheduler.scheduler_address, on_part=kill)
    assert killed and counts.rows == PARTS * ROWS
    assert _contents(tmp_path / "out") == wanted


def test_a_bad_part_is_named(scheduler: Any, parts: Path, tmp_path: Path) -> None:  # noqa: ANN401
    shutil.copy(parts / "part-0.csv", tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("id,body\n1,quokka\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"b.csv.*has no column 'text'") as caught:
        tag_parts(tmp_path, tmp_path / "out", scheduler=scheduler.scheduler_address)
    assert "quokka" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("none", "out", "is no folder of parts"),
        ("empty", "out", "has no parts"),
        ("texts", "out", "name one of csv, jsonl, parquet"),
        ("parts", "file", "is a file; name a folder"),
        ("parts", "parts", "would overwrite the input"),
    ],
)
def test_folders_that_do_not_fit_are_refused(tmp_path: Path, source: str, target: str, says: str) -> None:
    for name in ("empty", "texts", "parts"):
        (tmp_path / name).mkdir()
    for name in ("texts/a.txt", "parts/a.csv", "file"):
        (tmp_path / name).write_text("text\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        tag_parts(tmp_path / source, tmp_path / target)


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"coercion-detect\[cluster\]"):
        tag_parts(tmp_path, tmp_path / "out")
