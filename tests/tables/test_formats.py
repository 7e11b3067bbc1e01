"""What a file's name says, packed or not, and what parts its cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect import InputError
from coercion_detect.tables.formats import IN_FORMATS, Format, read_delimiter


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.csv", Format("csv")),
        ("a.csv.gz", Format("csv", "gzip")),
        ("a.jsonl.zst", Format("jsonl", "zstd")),
        ("a.TXT.GZ", Format("text", "gzip")),
        ("a.tsv", Format("csv", "", "\t")),
        ("a.tsv.zst", Format("csv", "zstd", "\t")),
        ("a.parquet", Format("parquet")),
        ("a.pq", Format("parquet")),
    ],
)
def test_a_name_says_format_packing_and_delimiter(name: str, wanted: Format) -> None:
    assert Format.of(Path(name), given=None, allowed=IN_FORMATS) == wanted


def test_a_delimiter_that_is_given_goes_before_the_names() -> None:
    assert Format.of(Path("a.tsv"), given=None, allowed=IN_FORMATS, delimiter=";").delimiter == ";"


def test_packed_parquet_is_refused() -> None:
    with pytest.raises(InputError, match="compressed inside"):
        Format.of(Path("a.parquet.gz"), given=None, allowed=IN_FORMATS)


@pytest.mark.parametrize(("given", "wanted"), [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("\t", "\t"), ("|", "|")])
def test_a_delimiter_is_one_character_or_its_name(given: str, wanted: str) -> None:
    assert read_delimiter(given) == wanted


@pytest.mark.parametrize("given", ["", ";;", '"', "\n"])
def test_what_cannot_part_cells_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="one character"):
        read_delimiter(given)
