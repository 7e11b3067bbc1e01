"""The whole benchmark: train what is trained, measure every way in turn, return the report."""

from __future__ import annotations

import json
import platform
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import cold, quality
from benchmarks.measure import ROOT, cores, environment, measure
from benchmarks.messages import make_messages, mean_length
from benchmarks.ways import WAYS, Way
from benchmarks.worker import WARM_UP
from coercion_detect.training.dataset import Dataset, load_examples
from coercion_detect.training.vectors import load_vectors

DATA = ROOT / "data"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run can be told; ``texts`` keeps only so many labelled texts, ``with_quality`` trains ours as well."""

    messages: int = 200_000
    rounds: int = 5
    mean_bytes: float = 75.0
    odd: float = 0.02
    seed: int = 0
    texts: int | None = None
    only: Sequence[str] = ()
    with_quality: bool = True


def benchmark(options: Options, *, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Run everything and return the report, ready for JSON."""
    dataset = load_examples(DATA / "examples.csv")
    if options.texts:
        dataset = Dataset(dataset.examples[: options.texts], dataset.sha256)
    chosen = [way for way in WAYS if way.name in (options.only or [w.name for w in WAYS])]
    there = [way for way in chosen if find_spec(way.package)]
    with tempfile.TemporaryDirectory() as folder:
        figures = {way.name: _prepared(way, _folder(Path(folder), way), dataset, options, progress) for way in there}
        made = make_messages(
            dataset.texts,
            options.messages + WARM_UP,
            mean_bytes=options.mean_bytes,
            odd=options.odd,
            seed=options.seed,
        )
        messages = Path(folder) / "messages.json"
        messages.write_text(json.dumps(made), encoding="utf-8")
        whole: dict[str, list[cold.Process]] = {"bare interpreter": [], "coercion-detect analyze": []}
        for turn in range(options.rounds):
            begin = turn % max(len(there), 1)
            for way in (*there[begin:], *there[:begin]):
                progress(f"round {turn + 1} of {options.rounds}: {way.name}")
                _one_round(way, _folder(Path(folder), way), messages, options.messages, turn, figures[way.name])
            for name, command in zip(whole, (cold.BARE, cold.COMMAND), strict=True):
                whole[name].append(cold.run(command, environment()))
    return {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": machine(),
        "messages": len(made) - WARM_UP,
        "mean_bytes": round(mean_length(made), 1),
        "distinct": round(len(set(made)) / len(made), 4),
        "mistyped": options.odd,
        "rounds": options.rounds,
        "texts": len(dataset),
        "held_out": int(quality.held_out(dataset).sum()),
        "processes": {
            name: {
                "cold": [p.seconds for p in runs],
                "cold_processor": [p.processor for p in runs],
                "memory": [p.megabytes for p in runs],
            }
            for name, runs in whole.items()
        },
        "ways": {way.name: figures.get(way.name, {"missing": way.package}) for way in chosen},
    }


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {"cpu": _cpu(), "cores": len(cores()), "system": platform.system(), "python": platform.python_version()}


def _prepared(
    way: Way, folder: Path, dataset: Dataset, options: Options, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Train a way without the held-out voices; return its average precision on them, its size and its version."""
    progress(f"training: {way.name}")
    folder.mkdir()
    out = quality.held_out(dataset)
    scores = None
    if way.train is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            score = way.train(
                [t for t, o in zip(dataset.texts, out, strict=True) if not o], dataset.tactics[~out], folder
            )
            if score is not None and options.with_quality:
                scores = score([t for t, o in zip(dataset.texts, out, strict=True) if o])
    elif way.name == "scores" and options.with_quality:
        scores = quality.ours_held_out(dataset, out, load_vectors(DATA))
    return {
        "version": _version(way.package),
        "size": way.size(folder) / 1e6,
        "average_precision": None if scores is None else quality.macro_average_precision(scores, dataset.tactics[out]),
        "threads": way.threads,
    }


def _one_round(way: Way, folder: Path, messages: Path, n: int, turn: int, figures: dict[str, Any]) -> None:
    """Add one round's figures to those of a way."""
    found = measure(way, folder, messages, n=n, turn=turn)
    process = cold.first_answer(way, folder)
    figures["messages"] = found.messages
    for name, value in {
        **found._asdict(),
        "cold": process.seconds,
        "cold_processor": process.processor,
        "memory": process.megabytes,
    }.items():
        if name != "messages" and value is not None:
            figures.setdefault(name, []).append(value)


def _folder(folder: Path, way: Way) -> Path:
    return folder / way.name.replace(" ", "_").replace(",", "")


def _version(package: str) -> str:
    names = packages_distributions().get(package, [])
    try:
        return f"{names[0]} {version(names[0])}" if names else package
    except PackageNotFoundError:
        return package


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
