"""A run that was stopped goes on where it was, with nothing lost and nothing doubled."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coercion_detect import Detector, InputError
from coercion_detect.tables import run, tag_file
from coercion_detect.tables.chunks import BadRow, Mark
from coercion_detect.tables.work import Counts, Work
from coercion_detect.tables.writers import Part

ONE = Counts(1, 0, 0)


def _work(folder: Path, *, resume: bool = True, **options: Any) -> Work:  # noqa: ANN401
    return Work(folder / "out", fingerprint={"input": [1], "options": [options]}, resume=resume, keep_bad=False)


def _stopped(folder: Path) -> None:
    """Leave behind what a run leaves that was killed after two parts, in the middle of the third."""
    work = _work(folder, resume=False)
    work.begin(b"head ")
    work.add(Part(b"one "), bad=[BadRow(3, "is bad", "")], mark=Mark(10, 1), counts=ONE)
    work.add(Part(b"two "), bad=[], mark=Mark(20, 2), counts=ONE)
    work.close()
    with (folder / ".out.part").open("ab") as out:
        out.write(b"thr")
    with (folder / ".out.journal").open("ab") as journal:
        journal.write(b"[30, 3")


def _finish(work: Work) -> None:
    work.add(Part(b"three "), bad=[BadRow(9, "is bad", "")], mark=Mark(30, 3), counts=ONE)
    work.finish(lambda: b"tail")


def test_a_stopped_run_goes_on_behind_its_last_whole_part(tmp_path: Path) -> None:
    _stopped(tmp_path)
    work = _work(tmp_path)
    assert (work.saved.mark, work.saved.counts.rows) == (Mark(20, 2), 2)
    work.begin(b"head ")
    _finish(work)
    assert (tmp_path / "out").read_bytes() == b"head one two three tail"
    lines = (tmp_path / "out.bad.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["line"] for line in lines] == [3, 9]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.bad.jsonl"]


def test_without_resume_a_run_begins_anew(tmp_path: Path) -> None:
    _stopped(tmp_path)
    work = _work(tmp_path, resume=False)
    assert work.saved.mark == Mark()
    work.begin(b"head ")
    _finish(work)
    assert (tmp_path / "out").read_bytes() == b"head three tail"


def test_a_run_with_other_options_does_not_go_on(tmp_path: Path) -> None:
    _stopped(tmp_path)
    with pytest.raises(InputError, match=r"had another options.*without --resume"):
        _work(tmp_path, column="body")
    _work(tmp_path).close()  # and nothing was lost by the attempt


@pytest.mark.parametrize("when", ["before the name", "after the name"])
def test_a_run_that_was_stopped_at_its_very_end_only_gives_the_name(tmp_path: Path, when: str) -> None:
    _stopped(tmp_path)
    work = _work(tmp_path)
    work._add(Part(b"tail"), b"", work.saved.mark, Counts(0, 0, 0), complete=True)
    work.close()
    if when == "after the name":
        (tmp_path / ".out.part").replace(tmp_path / "out")
    again = _work(tmp_path)
    assert again.saved.complete
    again.finish(lambda: b"twice")
    assert (tmp_path / "out").read_bytes() == b"head one two tail"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.bad.jsonl"]


def test_output_that_has_gone_is_an_error_and_not_a_hole(tmp_path: Path) -> None:
    _stopped(tmp_path)
    (tmp_path / ".out.part").write_bytes(b"head")
    with pytest.raises(InputError, match="is gone; run without --resume"):
        _work(tmp_path)


def test_a_damaged_journal_is_an_error(tmp_path: Path) -> None:
    _stopped(tmp_path)
    (tmp_path / ".out.journal").write_text("no journal\n", encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        _work(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks there")
def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    first = _work(tmp_path)
    with pytest.raises(InputError, match="Another run is writing"):
        _work(tmp_path)
    first.discard()


def test_an_input_that_has_changed_is_not_taken_up_again(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("hello\n" * 40_000, encoding="utf-8")
    _interrupt(monkeypatch, after=1)
    with pytest.raises(KeyboardInterrupt):
        tag_file(source, target, detector=detector)
    monkeypatch.undo()
    source.write_text("hello\n" * 50_000, encoding="utf-8")
    with pytest.raises(InputError, match="had another input"):
        tag_file(source, target, detector=detector, resume=True)


def _interrupt(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    add = Work.add
    done: list[None] = []

    def stop(self: Work, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        if len(done) == after:
            raise KeyboardInterrupt
        add(self, *arguments, **named)
        done.append(None)

    monkeypatch.setattr(Work, "add", stop)


def _source(folder: Path, name: str, rows: int) -> Path:
    """Write a file in which some rows are bad and some have no text."""
    texts = [f"Come on, you owe me number {i}" if i % 97 else "" for i in range(rows)]
    path = folder / name
    if path.suffix == ".parquet":
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        pq.write_table(pa.table({"id": range(rows), "text": [t or None for t in texts]}), path, row_group_size=1200)
    elif path.suffix == ".jsonl":
        lines = [json.dumps({"id": i, "text": t or None}) if i % 1009 else "{" for i, t in enumerate(texts)]
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        lines = [f'{i},"{t}\n"' if i % 1009 else str(i) for i, t in enumerate(texts)]
        path.write_text("\n".join(["id,text", *lines]), encoding="utf-8")
    return path


def _values(path: Path) -> object:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.read_table(path).to_pydict()
    return path.read_bytes()


@pytest.mark.parametrize("into", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("out_of", ["csv", "jsonl", "parquet"])
def test_an_interrupted_run_ends_as_an_undisturbed_one(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out_of: str, into: str
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(run, "ROWS", 1000)
    monkeypatch.setattr(run, "GROUP_ROWS", 1500)
    source = _source(tmp_path, f"in.{out_of}", 5000)
    whole, target = tmp_path / f"whole.{into}", tmp_path / f"out.{into}"
    counts = tag_file(source, whole, detector=detector, threads=2)
    for _ in range(2):
        with monkeypatch.context() as here:
            _interrupt(here, after=1)
            with pytest.raises(KeyboardInterrupt):
                tag_file(source, target, detector=detector, threads=2, resume=True)
        assert not target.exists()
    assert tag_file(source, target, detector=detector, threads=2, resume=True) == counts
    assert _values(target) == _values(whole)
    aside = tmp_path / f"out.{into}.bad.jsonl"
    if out_of != "parquet":
        assert aside.read_bytes() == (tmp_path / f"whole.{into}.bad.jsonl").read_bytes()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_run_ends_as_an_undisturbed_one(detector: Detector, tmp_path: Path) -> None:
    source = _source(tmp_path, "in.csv", 60_000)
    whole, target = tmp_path / "whole.csv", tmp_path / "out.csv"
    tag_file(source, whole, detector=detector)
    moments = random.Random(7)  # noqa: S311 moments are no secret
    killed = 0
    for _ in range(50):
        command = [sys.executable, "-m", "coercion_detect", "tag", str(source), "-o", str(target), "--resume"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=moments.uniform(0.5, 1.5))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            if killed == 4:
                break
        else:
            break
    tag_file(source, target, detector=detector, resume=True)
    assert target.read_bytes() == whole.read_bytes()
    assert (tmp_path / "out.csv.bad.jsonl").read_bytes() == (tmp_path / "whole.csv.bad.jsonl").read_bytes()


@pytest.mark.parametrize(("source", "target"), [("-", "out.csv"), ("in.txt", "-")])
def test_a_stream_cannot_be_taken_up_again(detector: Detector, tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "in.txt").write_text("hello\n", encoding="utf-8")
    paths = [Path(name) if name == "-" else tmp_path / name for name in (source, target)]
    with pytest.raises(InputError, match="a stream cannot be taken up again"):
        tag_file(*paths, detector=detector, source_format="text", target_format="csv", resume=True)
