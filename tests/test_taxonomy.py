from __future__ import annotations

import dataclasses
import re
import runpy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

from coercion_detect import InputError
from coercion_detect.help_lines import all_help_lines
from coercion_detect.taxonomy import ACTS, FRAMINGS, TACTICS, note, page, page_base, tactic
from coercion_detect.training.dataset import Dataset
from tests.conftest import ROOT

CONTENT = ROOT / "src" / "coercion_detect" / "content"
KINDS = {"tactics": TACTICS, "acts": ACTS, "framings": FRAMINGS}
PAGES = [(kind, name) for kind, names in KINDS.items() for name in names]
HEADINGS = {
    "tactics": [
        "In the seed thread's words",
        "What it is",
        "Why giving in to it is not consent",
        "What it is not",
        "What may help now",
        "What it can sound like",
    ],
    "acts": ["What it is", "What it is not"],
    "framings": ["What it is", "What it is not"],
}
# every host that the packaged page may lead to
OUTWARD = {"www.wikipedia.org", "stopncii.org"} | {urlparse(line.url).netloc for line in all_help_lines()}


def _codebook() -> str:
    return (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")


def _codebook_ids(title: str) -> list[str]:
    section = _codebook().split(f"## {title}", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("“", '"').replace("”", '"')


class _Outline(HTMLParser):
    """Collect what a reader and a browser meet: ids, headings, links, and anything loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.headings: dict[str, list[str]] = {"h1": [], "h2": [], "h3": []}
        self.loaded: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "a":
            self.links.append(given.get("href") or "")
        self.loaded += [value for name, value in attrs if name in ("src", "srcset", "data") and value]
        if tag in self.headings:
            self._inside = tag
            self.headings[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.headings[self._inside][-1] += data


@pytest.fixture(scope="module")
def html() -> str:
    return (CONTENT / "tactics.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(html: str) -> _Outline:
    parser = _Outline()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize(("title", "ids"), [("Tactics", TACTICS), ("Acts", ACTS), ("Framing", FRAMINGS)])
def test_labels_stand_in_the_codebooks_order(title: str, ids: tuple[str, ...]) -> None:
    assert _codebook_ids(title) == list(ids)


@pytest.mark.parametrize("name", TACTICS)
def test_a_title_is_the_codebooks(name: str) -> None:
    found = re.search(rf"^\| `{name}` \| ([^|]+?) \|", _codebook(), re.MULTILINE)
    assert found is not None
    assert tactic(name).title == found.group(1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_has_a_page_and_every_page_a_label(kind: str) -> None:
    assert {path.name for path in (CONTENT / kind).iterdir()} == {f"{name}.md" for name in KINDS[kind]}


@pytest.mark.parametrize(("kind", "name"), PAGES)
def test_a_page_names_its_own_id(kind: str, name: str) -> None:
    lines = (CONTENT / kind / f"{name}.md").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["---", f"id: {name}"]


@pytest.mark.parametrize(("kind", "name"), PAGES)
def test_a_page_has_its_headings_in_order(kind: str, name: str) -> None:
    found = re.findall(r"^(#+) (.+)$", page(name, kind=kind).body, re.MULTILINE)
    assert found == [("##", heading) for heading in HEADINGS[kind]]


@pytest.mark.parametrize(("kind", "name"), PAGES)
def test_no_section_of_a_page_is_empty(kind: str, name: str) -> None:
    sections = re.split(r"^## .+$", page(name, kind=kind).body, flags=re.MULTILINE)
    assert sections[0] == ""
    assert all(len(section.split()) >= 3 for section in sections[1:])


@pytest.mark.parametrize(("kind", "name"), PAGES)
def test_a_summary_is_one_sentence_about_wording(kind: str, name: str) -> None:
    summary = page(name, kind=kind).summary
    assert summary.startswith("wording that ")
    assert summary.endswith(".") and summary.count(". ") == 0 and "\n" not in summary


@pytest.mark.parametrize("name", TACTICS)
def test_a_page_quotes_the_seed_thread(name: str) -> None:
    words = page(name, kind="tactics").body.split("## What it is\n", 1)[0]
    parts = [part.strip('"') for part in tactic(name).seed.split("; ")]
    assert all(part and part in words for part in parts)
    assert "the seed thread" in words


def test_a_seed_phrase_stands_on_the_page_of_each_of_its_tactics(examples: Dataset) -> None:
    phrases = [example for example in examples.examples if example.source == "seed"]
    assert len(phrases) == 8
    for phrase in phrases:
        for name in phrase.tactics:
            assert _straight(phrase.text) in _straight(tactic(name).explanation)


@pytest.mark.parametrize("name", TACTICS)
def test_examples_are_folded_away_at_the_end(name: str) -> None:
    before, _, folded = tactic(name).explanation.partition("<details><summary>")
    assert before.rstrip().endswith("## What it can sound like")
    assert folded.startswith("Examples (may be hard to read)</summary>\n\n- ")
    assert folded.endswith("\n\n</details>")
    assert folded.count("\n- ") >= 4


@pytest.mark.parametrize("name", TACTICS)
def test_a_page_points_to_people_who_listen(name: str) -> None:
    assert "coercion-detect help-lines" in tactic(name).explanation


@pytest.mark.parametrize(("kind", "name"), PAGES)
def test_a_page_passes_no_verdict_on_a_person(kind: str, name: str) -> None:
    found = page(name, kind=kind)
    words = " ".join((found.title, found.summary, found.body)).casefold()
    assert not [word for word in ("abuser", "perpetrator", "predator", "detected coercion") if word in words]


def test_the_note_says_that_a_result_is_no_verdict() -> None:
    assert note().startswith("A result is not a verdict.")
    assert "An empty result does not mean that nothing is wrong" in note()
    assert note() == " ".join(note().split())


@pytest.mark.parametrize("unknown", ["", "Obligation", "refusal", "no-such-tactic", "../acts/refusal"])
def test_an_unknown_tactic_is_refused_with_the_known_ones(unknown: str) -> None:
    with pytest.raises(InputError) as caught:
        tactic(unknown)
    assert ", ".join(TACTICS) in str(caught.value)


def test_a_tactic_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        tactic("force").title = "something else"  # type: ignore[misc]


def test_the_packaged_page_is_what_its_script_builds(html: str) -> None:
    pytest.importorskip("markdown_it")
    build = runpy.run_path(str(ROOT / "scripts" / "build_pages.py"))["build"]
    assert html == build(), "content/ has changed: run 'make docs'"


def test_the_packaged_page_stands_where_links_lead() -> None:
    address = urlparse(page_base())
    assert address.scheme == "file" and page_base().endswith("tactics.html#")
    assert Path(url2pathname(address.path)).samefile(CONTENT / "tactics.html")


@pytest.mark.parametrize("name", TACTICS)
def test_a_tactics_link_and_the_table_of_contents_lead_to_its_heading(outline: _Outline, name: str) -> None:
    assert outline.ids.count(name) == 1
    assert outline.links.count(f"#{name}") == 1


def test_the_packaged_page_tells_the_twelve_in_order(outline: _Outline) -> None:
    assert outline.headings["h2"] == [*(tactic(name).title for name in TACTICS), "People who listen"]
    assert [_straight(h) for h in outline.headings["h3"]] == HEADINGS["tactics"] * len(TACTICS)
    assert len(outline.headings["h1"]) == 1


def test_the_packaged_page_begins_and_ends_with_the_note(html: str) -> None:
    body = html.split("<body>", 1)[1]
    places = [found.start() for found in re.finditer(re.escape(note()), body)]
    assert len(places) == 2
    assert places[0] < body.index("<section>") and places[1] > body.rindex("</section>")


def test_the_packaged_page_loads_nothing_and_runs_nothing(html: str, outline: _Outline) -> None:
    assert outline.loaded == []
    assert not outline.tags & {"script", "link", "iframe", "img", "object", "embed", "form"}
    assert "url(" not in html and "@import" not in html


def test_the_packaged_page_links_only_to_known_places(outline: _Outline) -> None:
    outward = [link for link in outline.links if not link.startswith("#")]
    assert outward
    assert {urlparse(link).scheme for link in outward} <= {"https", "http"}
    assert {urlparse(link).netloc for link in outward} <= OUTWARD
