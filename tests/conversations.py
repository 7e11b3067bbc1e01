"""A conversation by hand, with its analysis, for tests of what a person sees."""

from __future__ import annotations

from datetime import datetime, timedelta

from coercion_detect.analysis import Analysis, Evidence, Tag
from coercion_detect.conversation import ConversationAnalysis, Event, Message, SenderCounts
from coercion_detect.policy import Decision
from coercion_detect.taxonomy import TACTICS, tactic

MARKUP = '<script>alert(1)</script> [bold]x[/bold] & "quoted" שלום'
TEXTS = (
    ("Ana", "I could come over"),
    ("Ben", "Not tonight, I don't want to."),
    ("Ana", "After the dinner I paid for? You owe me <b>this</b>."),
    ("Ben", MARKUP),
    *(("Ana", f"soup {i}") for i in range(12)),
    ("Ana", "If you tell, I'll show the pictures"),
    ("Ben", "ok\x1b[2J"),
)
MESSAGES = tuple(
    Message(who, text, datetime(2026, 3, 1, 20, 0) + timedelta(minutes=i)) for i, (who, text) in enumerate(TEXTS)
)


def analysis(*tags: Tag, read: bool = True) -> Analysis:
    acts = {"refusal": 0.0, "request": 0.0}
    return Analysis(tags, dict.fromkeys(TACTICS, 0.0), acts, "addressed", 1.0, read, "tactics-en 0.1.0")


def tag(name: str, text: str, *words: str, score: float = 0.9, decision: Decision = "likely") -> Tag:
    evidence = tuple(Evidence(text.index(w), text.index(w) + len(w), 2.0) for w in words)
    return Tag(tactic(name), score, 0.6, decision, evidence, (0, len(text)), f"#{name}")


def conversation(*, with_event: bool = True) -> ConversationAnalysis:
    """Return an analysis with one event (message 2 against 1) and one likely tactic elsewhere (message 16)."""
    found = [analysis() for _ in MESSAGES]
    found[2] = analysis(
        tag("obligation", TEXTS[2][1], "After the dinner", "I paid for"),
        tag("guilt_or_anger", TEXTS[2][1], "I paid for? You owe me <b>this</b>", score=0.44, decision="possible"),
    )
    found[3] = analysis(read=False)
    found[16] = analysis(tag("exposure", TEXTS[16][1], "show the pictures", score=0.95))
    event = Event(2, "Ana", 1, "Ben", ("persistence", "obligation"), 0.93, "likely", (0, 1, 2))
    counts = {"Ana": SenderCounts(15, 1, 0, 2, 1), "Ben": SenderCounts(3, 0, 1, 0, 0)}
    return ConversationAnalysis(tuple(found), (event,) if with_event else (), counts, "tactics-en 0.1.0")
