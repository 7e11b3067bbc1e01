from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from coercion_detect import InputError
from coercion_detect.evaluation.bootstrap import Estimate
from coercion_detect.evaluation.report import FILES, Comparison, sections, to_dict, to_html, to_markdown, write_report
from coercion_detect.evaluation.results import Evaluation
from coercion_detect.taxonomy import note
from tests.evaluation.test_evaluate import LABELLED, WANTED, measured

NASTY = "a | b <script>alert(1)</script> *so* [x](http://example.org) `y`\nnext\u202eline"


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return measured()


def test_every_report_carries_note_model_hash_and_n(found: Evaluation, tmp_path: Path) -> None:
    paths = write_report(tmp_path / "deep" / "report", found)
    assert [path.name for path in paths] == list(FILES)
    for path in paths:
        content = path.read_text(encoding="utf-8")
        for said in (note(), found.model, found.sha256, "300"):
            assert said in content, (path.name, said)


def test_the_same_figures_give_the_same_bytes(found: Evaluation, tmp_path: Path) -> None:
    for one, other in zip(write_report(tmp_path / "a", found), write_report(tmp_path / "b", found), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_json_is_strict_and_holds_every_figure(found: Evaluation) -> None:
    plain = json.loads(json.dumps(to_dict(found), allow_nan=False))
    assert plain["tactics"]["obligation"]["levels"]["likely"]["f1"].keys() == {"value", "low", "high", "n"}
    assert plain["comparison"] is None and plain["absent"].keys() == {"threats"}


def test_no_text_is_in_a_report_unless_asked_for(found: Evaluation) -> None:
    said = to_markdown(found, sections(found)) + to_html(found, sections(found)) + json.dumps(to_dict(found))
    assert not re.search(r"\bline \d", said)
    shown = measured(show_text=True)
    for said in (to_markdown(shown, sections(shown)), to_html(shown, sections(shown))):
        assert re.search(r"\bline \d", said)


class _Page(HTMLParser):
    """Collects the tags and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href"):
                self.addresses.append(value or "")


def test_the_page_loads_nothing_and_its_ids_are_its_own(found: Evaluation) -> None:
    page = _Page()
    page.feed(to_html(found, sections(found)))
    assert page.tags.count("svg") == 2 and "script" not in page.tags and "img" not in page.tags
    assert all(address.startswith("#") and address[1:] in page.ids for address in page.addresses)
    assert len(page.ids) == len(set(page.ids))


def test_texts_ids_and_names_cannot_become_markup() -> None:
    hostile = replace(LABELLED, texts=[NASTY] * 300, ids=(NASTY,) * 300)
    found = replace(measured(hostile, show_text=True), file=NASTY, model=NASTY)
    markdown, page = to_markdown(found, sections(found)), _Page()
    page.feed(to_html(found, sections(found)))
    assert "<script" not in markdown and "script" not in page.tags and "a" not in page.tags
    assert "\u202e" not in markdown
    cells = 0
    for line in markdown.splitlines():
        now = len(re.findall(r"(?<!\\)\|", line))
        assert now == cells or not (now and cells), "a row has as many cells as the head of its table"
        cells = now
    assert "](http" not in markdown.replace("\\](http", "")


def test_a_file_without_any_tactic_has_a_report(tmp_path: Path) -> None:
    empty = measured(replace(LABELLED, tactics=np.zeros_like(WANTED)))
    content = write_report(tmp_path, empty)[0].read_text(encoding="utf-8")
    assert "labels that never occur" in content and "| – |" in content


def test_what_was_left_out_of_a_comparison_is_said(found: Evaluation) -> None:
    one = {"macro F1": Estimate(0.5, 0.4, 0.6, 300)}
    comparison = Comparison(
        {"ours": one, "keywords": one}, {"keywords": "plain."}, {"encoder": "left out, no package."}
    )
    content = to_markdown(found, sections(found, comparison=comparison))
    assert "keywords: plain. encoder: left out, no package." in content
    assert "| keywords | 0.500 (0.400 to 0.600) |" in content
    assert to_dict(found, comparison=comparison)["comparison"]["systems"]["ours"]["macro F1"]["value"] == 0.5


def test_a_folder_that_cannot_be_made_says_so(found: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="Check --output"):
        write_report(tmp_path / "taken", found)
