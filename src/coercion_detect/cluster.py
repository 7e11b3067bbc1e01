"""Many files at once, over Dask: a folder of parts in, a folder of parts out.

Each part is one task, tagged as `tag_file` does it and given its name only when it is complete. A worker that dies
loses nothing: its parts are given to another one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from coercion_detect.errors import CoercionDetectError, InputError, require
from coercion_detect.tables import IN_FORMATS, OUT_FORMATS, Counts, format_of, load_once, tag_file

_LOST = 10  # workers that may die over one part before the part is taken for the reason


def tag_parts(
    source: Path,
    target: Path,
    *,
    model: Path | None = None,
    scheduler: str | None = None,
    workers: int = 2,
    column: str = "text",
    delimiter: str | None = None,
    excel_safe: bool = False,
    strict: bool = False,
    keep_bad: bool = False,
    on_part: Callable[[int, int, Counts], None] = lambda done, parts, counts: None,
) -> Counts:
    """Tag every file of the folder ``source`` into a file of the same name in the folder ``target``.

    Runs on ``workers`` processes of this machine, or on the cluster whose ``scheduler`` is named; its workers must see
    both folders (and ``model``) under the same paths, and have this package. ``on_part`` is told how many parts of how
    many are done, and the counts so far. Raises `DataError` for the first part that cannot be tagged.
    """
    distributed = require("distributed", extra="cluster")
    parts = _parts(source)
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; name a folder.")
    if source.resolve() == target.resolve():
        raise InputError("The output would overwrite the input; give it another folder.")
    target.mkdir(exist_ok=True)
    options = {"column": column, "excel_safe": excel_safe, "strict": strict, "keep_bad": keep_bad}
    options |= {"delimiter": delimiter}
    total = Counts(0, 0, 0)
    folder = None if model is None else str(model.resolve())
    with _client(distributed, scheduler, workers) as client:
        futures = [
            client.submit(_tag_part, str(part.resolve()), str(target.resolve()), folder, options, pure=False)
            for part in parts
        ]
        try:
            for done, future in enumerate(distributed.as_completed(futures), 1):
                counts, problem = _outcome(distributed, future)
                if problem:
                    raise problem
                total += counts
                on_part(done, len(parts), total)
        finally:
            client.cancel(futures)
    for left in target.glob(".part-*"):  # of workers that died
        shutil.rmtree(left, ignore_errors=True)
    return total


def _tag_part(part: str, folder: str, model: str | None, options: dict[str, Any]) -> Counts:
    """Tag one part under a name that no other worker has, and then give it its own."""
    name = Path(part).name
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as place:
        counts = tag_file(Path(part), Path(place) / name, detector=load_once(model), threads=1, **options)
        for written in Path(place).iterdir():
            written.replace(Path(folder) / written.name)
    return counts


def _outcome(distributed: Any, future: Any) -> tuple[Counts, CoercionDetectError | None]:  # noqa: ANN401
    try:
        counts: Counts = future.result()
    except CoercionDetectError as error:
        return Counts(0, 0, 0), error
    except distributed.KilledWorker:
        lost = f"{_LOST} workers died over one part; give them more memory, or smaller parts."
        return Counts(0, 0, 0), InputError(lost)
    return counts, None


def _parts(source: Path) -> list[Path]:
    if not source.is_dir():
        raise InputError(f"{source} is no folder of parts; for one file use: coercion-detect tag")
    both = tuple(kind for kind in IN_FORMATS if kind in OUT_FORMATS)
    found = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith((".", "_")))
    parts = [path for path in found if not path.name.endswith((".note.txt", ".bad.jsonl"))]
    for path in parts:
        format_of(path, given=None, allowed=both)
    if not parts:
        raise InputError(f"{source} has no parts; it should hold files of {', '.join(both)}.")
    return parts


@contextmanager
def _client(distributed: Any, scheduler: str | None, workers: int) -> Iterator[Any]:  # noqa: ANN401
    dask = require("dask", extra="cluster")
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": _LOST}))
        if scheduler is None:
            cluster = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
            )
            stack.enter_context(cluster)
            yield stack.enter_context(distributed.Client(cluster))
            return
        try:
            client = distributed.Client(scheduler, timeout="10s")
        except (OSError, ValueError):
            client = None
        if client is None:
            raise InputError(f"No Dask scheduler answers at {scheduler}; check the address, as in tcp://host:8786.")
        yield stack.enter_context(client)
