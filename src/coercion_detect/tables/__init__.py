"""Files in, files out: CSV, JSON lines, Parquet and plain text lines, tagged row by row in bounded memory.

Every column stays as it was, in order. Added are ``likely`` and ``possible`` (ids, ``;``-separated),
``framing``, ``read``, one ``score_<tactic>`` per tactic, and ``model``. JSON lines carry the ``note`` in
each row, Parquet in its metadata; beside a CSV file it stands in ``<name>.note.txt``.
The output appears under its name only when it is complete.
"""

from coercion_detect.tables.chunks import ADDED
from coercion_detect.tables.formats import IN_FORMATS, OUT_FORMATS, format_of
from coercion_detect.tables.frames import load_once, tag_frame, tag_table
from coercion_detect.tables.pipeline import Progress
from coercion_detect.tables.run import tag_file
from coercion_detect.tables.strict import read_csv, read_jsonl, reading
from coercion_detect.tables.work import Counts

__all__ = [
    "ADDED",
    "IN_FORMATS",
    "OUT_FORMATS",
    "Counts",
    "Progress",
    "format_of",
    "load_once",
    "read_csv",
    "read_jsonl",
    "reading",
    "tag_file",
    "tag_frame",
    "tag_table",
]
