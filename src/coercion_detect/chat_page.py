"""One self-contained page about a conversation: no network, no script needed to read it, everything escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from itertools import groupby

from coercion_detect.analysis import Analysis
from coercion_detect.conversation import ConversationAnalysis, Event, Message
from coercion_detect.help_lines import INTERNATIONAL, HelpLine, advice, all_help_lines
from coercion_detect.packaged import PACKAGE
from coercion_detect.taxonomy import TACTICS
from coercion_detect.timeline import Span, counted, elsewhere, event_tactics, period, stretches, when

_ELSEWHERE = "https://www.wikipedia.org/"
GENERATOR = '<meta name="generator" content="coercion-detect">'  # by which a page is known as ours
# Every link inside takes the place of this page in the history, and leaving does too, so that "back" does not lead to
# it. Without scripts, all links still work, and the line about Esc stays hidden.
_SCRIPT = (
    "const leave=document.querySelector('.leave');let last=-1e4;"
    "document.querySelector('.keys').hidden=false;"
    "addEventListener('click',e=>{const a=e.target.closest('.leave,a[href^=\"#\"]');"
    "if(a){e.preventDefault();location.replace(a.href)}});"
    "addEventListener('keydown',e=>{if(e.key!=='Escape'||e.repeat)return;"
    "if(e.timeStamp-last<1000)location.replace(leave.href);last=e.timeStamp})"
)


def build(
    messages: Sequence[Message],
    analysis: ConversationAnalysis,
    *,
    spans: Sequence[Span],
    format: str,
    notes: Sequence[str],
) -> str:
    """Return the page; ``spans`` are the messages that it shows."""
    note = f'<p class="note">{escape(analysis.note)}</p>'
    shown = [i for span in spans for i in range(span.start, span.end)]
    tactics = _tactics(analysis, shown)
    style = (PACKAGE / "content" / "chat_page.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{GENERATOR}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; \
style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(_SCRIPT)}'">
<title>Notes on a conversation</title>
<style>{style}</style>
</head>
<body>
<nav class="exit" aria-label="Quick exit"><span class="keys" hidden>or press Esc twice</span>\
<a class="leave" href="{_ELSEWHERE}" rel="noreferrer">Leave this page</a></nav>
<main>
<h1>Likely tactics in a conversation</h1>
<p class="content-note"><strong>Content note.</strong> This page quotes messages about pressure for sex. They may be
hard to read. You can stop at any time. “Leave this page” opens another one at once, but this file stays on the device
until you delete it.</p>
{note}
<nav aria-label="On this page"><ul>
<li><a href="#read">What was read</a></li>
<li><a href="#messages">Messages</a></li>
{'<li><a href="#tactics">The tactics, explained</a></li>' if tactics else ""}
<li><a href="#help">People who listen, by country</a></li>
</ul></nav>
<h2 id="read">What was read</h2>
{_about(messages, analysis, format=format, notes=notes)}
<h2 id="messages">Messages</h2>
{_legend(analysis)}
{_messages(messages, analysis, spans)}
{_hidden(analysis, spans)}
{_explanations(tactics)}
<h2 id="help">People who listen</h2>
<p>{escape(advice())}</p>
{_help()}
{note}
</main>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    """Return the hash by which the browser lets our own style and script run, and nothing from a message."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _tactics(analysis: ConversationAnalysis, shown: Sequence[int]) -> tuple[str, ...]:
    visible = set(shown)
    found = {name for event in analysis.events if event.index in visible for name in event.tactics}
    found |= {tag.tactic.id for i in shown for tag in analysis.messages[i].tags}
    return tuple(name for name in TACTICS if name in found)


def _about(messages: Sequence[Message], analysis: ConversationAnalysis, *, format: str, notes: Sequence[str]) -> str:
    days = period(messages)
    unread = sum(not found.read for found in analysis.messages)
    said = [f"{counted(len(messages), 'message', 'messages')}, read as {format}" + (f", {days}." if days else ".")]
    said += notes
    if unread:
        were = counted(unread, "message was", "messages were")
        said.append(f"{were} not read: too few words are known. Only English is read.")
    items = "".join(f"<li>{escape(line)}</li>\n" for line in said)
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(sender)}</bdi></th><td>{counts.messages:,}</td><td>{counts.requests:,}</td>'
        f"<td>{counts.refusals:,}</td><td>{counts.with_likely_tactic:,}</td><td>{counts.events:,}</td></tr>\n"
        for sender, counts in analysis.counts.items()
    )
    return f"""<ul>
{items}</ul>
<div class="scroll" role="region" aria-label="Counts of messages" tabindex="0"><table>
<caption>Counts of messages, not judgements of people.</caption>
<tr><th scope="col">Sender</th><th scope="col">Messages</th><th scope="col">Ask</th><th scope="col">Refuse</th>\
<th scope="col">Likely tactic</th><th scope="col">Events</th></tr>
{rows}</table></div>
"""


def _legend(analysis: ConversationAnalysis) -> str:
    if not analysis.events:
        return (
            "<p>No message was found that presses on after a no. That does not mean that nothing is wrong. If "
            "something happened to you, it counts, whatever a program finds. "
            '<a href="#help">You can talk to somebody.</a></p>'
        )
    n = len(analysis.events)
    links = ", ".join(f'<a href="#m{e.index + 1}">#{e.index + 1}</a>' for e in analysis.events)
    return (
        f"<p>{n:,} {'event' if n == 1 else 'events'}, where a message goes on after somebody’s no: {links}. Each "
        "stands with the messages around it. <mark>Underlined words</mark> are those that a score rests on; a small "
        "number behind them is that of the tactic below the message. A score says how much the wording is like "
        "wording often seen in a tactic.</p>"
    )


def _messages(messages: Sequence[Message], analysis: ConversationAnalysis, spans: Sequence[Span]) -> str:
    if not spans:
        return ""
    events = {event.index: event for event in analysis.events}
    refusals = {event.refusal_index for event in analysis.events}
    parts = []
    for span in spans:
        if span.skipped:
            parts.append(_gap(span.skipped))
        for i in range(span.start, span.end):
            found = analysis.messages[i]
            parts.append(_message(i, messages[i], found, event=events.get(i), refusal=i in refusals))
    if spans[-1].end < len(messages):
        parts.append(_gap(len(messages) - spans[-1].end))
    return f'<ol class="messages">\n{"".join(parts)}</ol>'


def _gap(count: int) -> str:
    return f'<li class="gap">… {count:,} {"message" if count == 1 else "messages"} not shown …</li>\n'


def _message(i: int, message: Message, found: Analysis, *, event: Event | None, refusal: bool) -> str:
    kind = " event" if event else " refusal" if refusal else ""
    label = " · goes on after a no" if event else " · a no" if refusal else ""
    time = f" · {when(message.time)}" if message.time else ""
    return (
        f'<li class="message{kind}" id="m{i + 1}"><p class="head"><strong><bdi>{escape(message.sender)}</bdi></strong>'
        f" · #{i + 1}{time}{label}</p>\n"
        f'<p class="text" dir="auto">{"".join(_marked(message.text, found))}</p>\n{_found(found, event)}</li>\n'
    )


def _marked(text: str, found: Analysis) -> Iterator[str]:
    """Yield the text, escaped, with its evidence marked for eyes (weight, underline) and ears (spoken words)."""
    at = 0
    for stretch in stretches(text, found):
        numbers = ", ".join(str(number) for number in stretch.tags)
        small = f'<sup aria-hidden="true">{numbers}</sup>' if len(found.tags) > 1 else ""
        yield escape(text[at : stretch.start])
        yield (
            f'<mark><span class="away">[marked for {numbers}: </span>{escape(text[stretch.start : stretch.end])}'
            f'<span class="away">]</span></mark>{small}'
        )
        at = stretch.end
    yield escape(text[at:])


def _found(found: Analysis, event: Event | None) -> str:
    parts = []
    if event is not None:
        against = event.refusal_index + 1
        tactics = event_tactics(event, found)
        listed = ", ".join(f'<a href="#{tactic.id}">{escape(tactic.title)}</a>' for tactic in tactics)
        listed = f" ({listed})" if listed else ""
        parts.append(
            f'<p>Goes on after the no in <a href="#m{against}">#{against}</a> of '
            f"<bdi>{escape(event.refused_by)}</bdi>: {event.decision}, score {event.score:.2f}{listed}.</p>\n"
        )
    if found.tags:
        listed = "".join(_item(tag.tactic.id, tag.tactic.title, tag.decision, tag.score) for tag in found.tags)
        parts.append(f"<p>Wording often seen in:</p>\n<ol>\n{listed}</ol>\n")
    return f'<div class="found">{"".join(parts)}</div>' if parts else ""


def _item(name: str, title: str, decision: str, score: float) -> str:
    return f'<li><a href="#{name}">{escape(title)}</a>: {decision}, score {score:.2f}</li>\n'


def _hidden(analysis: ConversationAnalysis, spans: Sequence[Span]) -> str:
    hidden = elsewhere(analysis, shown=spans)
    if not hidden:
        return ""
    said = "other message has a likely tactic" if hidden == 1 else "other messages have a likely tactic"
    return (
        f'<p class="quiet">{hidden:,} {said} where no refusal came before. They are not shown here; '
        "<code>--likely</code> adds them to the page.</p>"
    )


@cache
def _sections() -> dict[str, str]:
    """Return each tactic's explanation, as the packaged page has it."""
    page = (PACKAGE / "content" / "tactics.html").read_text(encoding="utf-8")
    found = re.findall(r'<section>\n<h2 id="(\w+)">.*?</section>', page, re.DOTALL)
    bodies = re.findall(r"<section>\n.*?</section>", page, re.DOTALL)
    return {name: _lowered(body) for name, body in zip(found, bodies, strict=True)}


def _lowered(section: str) -> str:
    return re.sub(r"(</?h)([23])\b", lambda match: f"{match[1]}{int(match[2]) + 1}", section)


def _explanations(tactics: Sequence[str]) -> str:
    if not tactics:
        return ""
    return '<h2 id="tactics">The tactics, explained</h2>\n' + "\n".join(_sections()[name] for name in tactics)


def _help() -> str:
    lines = sorted(all_help_lines(), key=lambda line: (line.country != INTERNATIONAL, line.country_name))
    parts = []
    for country, group in groupby(lines, key=lambda line: line.country_name):
        items = "".join(f"<li>{_line(line)}</li>\n" for line in group)
        parts.append(f'<details><summary>{escape(country)}</summary>\n<ul class="lines">\n{items}</ul></details>\n')
    return "".join(parts)


def _line(line: HelpLine) -> str:
    ways = [f"call {line.phone}" if line.phone else "", f"text {line.text}" if line.text else "", line.hours]
    said = " · ".join(escape(way) for way in (line.name, *ways) if way)
    link = f' · <a href="{escape(line.url)}" rel="noreferrer">{escape(line.url)}</a>' if line.url else ""
    return f"{said}{link} · looked up {escape(line.date_checked)}"
