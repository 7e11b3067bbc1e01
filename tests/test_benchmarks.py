"""The benchmark runs to its end; how long anything takes is not looked at."""

from __future__ import annotations

import json
import os
import statistics
from pathlib import Path

import pytest
from benchmarks import pages, table
from benchmarks.__main__ import main
from benchmarks.messages import make_messages
from benchmarks.ways import WAYS

from coercion_detect.training.dataset import Dataset
from tests.conftest import ROOT

OURS = [way.name for way in WAYS if way.package in ("coercion_detect", "sklearn")]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="starts processes as POSIX does")
def test_a_small_run_measures_every_way_that_needs_no_peer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    only = [f"--only={name}" for name in OURS]
    small = ["--messages=200", "--rounds=1", "--texts=2000", "--no-quality"]
    main([*small, *only, f"--json={tmp_path / 'report.json'}"])
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert list(report["ways"]) == OURS
    shown = capsys.readouterr().out
    for name in OURS:
        assert name in shown
        way = report["ways"][name]
        assert len(way["one_core"]) == len(way["median"]) == len(way["cold"]) == 1
        assert way["size"] > 0


def test_a_peer_that_is_missing_is_named() -> None:
    report = {"processes": {"bare interpreter": {"memory": [1.0]}}, "ways": {"other": {"missing": "other"}}}
    assert table.rows(report)[0][:2] == ("other", "not installed")


def test_messages_are_the_same_for_a_seed_nearly_all_distinct_and_as_long_as_asked(examples: Dataset) -> None:
    messages = make_messages(examples.texts, 5000)
    assert messages == make_messages(examples.texts, 5000)
    assert messages != make_messages(examples.texts, 5000, seed=1)
    assert len(set(messages)) > 4800
    assert statistics.mean(len(m.encode()) for m in messages) == pytest.approx(75, abs=4)
    assert not any("\n" in message for message in messages)


def test_figures_of_speed_in_the_documents_are_those_of_the_results() -> None:
    for path, text in pages.build().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.relative_to(ROOT)} is out of date: run make docs"
