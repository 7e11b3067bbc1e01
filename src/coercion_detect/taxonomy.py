"""The labels of the codebook: twelve tactics, two acts, three framings, in the codebook's order.

Titles, summaries and explanations are read from the pages in ``content/``; the ids are fixed here
because model folders and data files are written in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from coercion_detect.errors import InputError
from coercion_detect.packaged import PACKAGE

TACTICS = (
    "obligation",
    "substances",
    "flattery",
    "threats",
    "rumors",
    "outing",
    "persistence",
    "normalizing",
    "guilt_or_anger",
    "leaving",
    "exposure",
    "force",
)
ACTS = ("refusal", "request")
FRAMINGS = ("addressed", "reported", "general")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ``content/``: its front matter and its Markdown body."""

    id: str
    title: str
    summary: str
    seed: str
    body: str


@dataclass(frozen=True, slots=True)
class Tactic:
    """One tactic: ``id``, ``title``, a one-line ``summary``, the ``seed`` thread's own words for it.

    >>> tactic("obligation").title
    'Making you feel like you owe them'
    """

    id: str
    title: str
    summary: str
    seed: str

    @property
    def explanation(self) -> str:
        """The tactic's whole page, as Markdown."""
        return page(self.id, kind="tactics").body


@cache
def page(page_id: str, *, kind: str) -> Page:
    """Read the page ``page_id`` of ``kind`` ("tactics", "acts" or "framings")."""
    raw = (PACKAGE / "content" / kind / f"{page_id}.md").read_text(encoding="utf-8")
    _, front, body = raw.split("---\n", 2)
    meta = dict(line.split(": ", 1) for line in front.splitlines() if line)
    return Page(page_id, meta["title"], meta["summary"], meta.get("seed", ""), body.strip())


@cache
def tactic(tactic_id: str) -> Tactic:
    """Return the tactic with this id; an unknown id is an `InputError` that lists the known ones."""
    if tactic_id not in TACTICS:
        raise InputError(f"There is no tactic {tactic_id!r}. The tactics are: {', '.join(TACTICS)}.")
    found = page(tactic_id, kind="tactics")
    return Tactic(found.id, found.title, found.summary, found.seed)


@cache
def note() -> str:
    """Return the note that travels with every result."""
    return (PACKAGE / "content" / "note.txt").read_text(encoding="utf-8").strip()


@cache
def page_base() -> str:
    """Return the link base of the packaged page: a ``file:`` address to which a tactic's id is added."""
    return (PACKAGE / "content" / "tactics.html").as_uri() + "#"
