"""A conversation as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from coercion_detect.analysis import Analysis
from coercion_detect.cli.render import plain, plain_line
from coercion_detect.conversation import ConversationAnalysis, Event, Message
from coercion_detect.timeline import Span, counted, elsewhere, event_tactics, period, stretches, when


def print_conversation(
    messages: Sequence[Message],
    analysis: ConversationAnalysis,
    *,
    spans: Sequence[Span],
    format: str,
    notes: Sequence[str],
    console: Console | None = None,
) -> None:
    """Print what was read, each event with the messages around it, counts, and the note."""
    out = console or Console(highlight=False)
    out.print(Text("This quotes messages that may be hard to read. You can stop at any time.", style="italic"))
    out.print(Text(analysis.note, style="italic"))
    out.print()
    days = period(messages)
    senders = len({message.sender for message in messages})
    out.print(
        f"{counted(len(messages), 'message', 'messages')} of {counted(senders, 'person', 'people')}, read as {format}"
        + (f", {days}." if days else ".")
    )
    for note in notes:
        out.print(Text(f"- {note}"), soft_wrap=True)
    unread = sum(not found.read for found in analysis.messages)
    if unread:
        said = "message has" if unread == 1 else "messages have"
        out.print(f"- Not read: {unread:,} {said} too few words that the model knows. It reads English only.")
    out.print()
    if not analysis.events:
        out.print("No message was found that presses on after a no. That does not mean that nothing is wrong.")
    events = {event.index: event for event in analysis.events}
    for span in spans:
        if span.skipped:
            out.print(Text(f"      … {span.skipped:,} {'message' if span.skipped == 1 else 'messages'} …", style="dim"))
        for i in range(span.start, span.end):
            _print_message(out, i, messages[i], analysis.messages[i], event=events.get(i))
    if spans and spans[-1].end < len(messages):
        out.print(Text(f"      … {len(messages) - spans[-1].end:,} more …", style="dim"))
    out.print()
    hidden = elsewhere(analysis, shown=spans)
    if hidden:
        said = "message has a likely tactic" if hidden == 1 else "messages have a likely tactic"
        out.print(f"{hidden:,} other {said} where no refusal came before: --likely shows them too.", soft_wrap=True)
    _print_counts(out, analysis)
    out.print()
    out.print(Text(analysis.note, style="italic"))
    out.print(Text("Read on: coercion-detect explain · People who listen, by country: coercion-detect help-lines"))


def _print_message(out: Console, i: int, message: Message, analysis: Analysis, *, event: Event | None) -> None:
    head = Text("! " if event else "  ")
    head.append(f"#{i + 1} ", style="dim")
    head.append(plain_line(message.sender), style="bold")
    head.append(f"  {when(message.time)}", style="dim")
    text = Text(plain(message.text))
    for stretch in stretches(message.text, analysis):
        text.stylize("bold underline", stretch.start, stretch.end)
    lines = [head, *(Text("      ") + line for line in text.split("\n"))]
    if event is not None:
        against = f"#{event.refusal_index + 1} of {plain_line(event.refused_by)}"
        lines.append(Text(f"    > goes on after the no in {against}: {event.decision}, score {event.score:.2f}"))
        lines += (Text(f"    > {tactic.title}") for tactic in event_tactics(event, analysis))
    lines += (Text(f"    · {tag.tactic.title}: {tag.decision}, score {tag.score:.2f}") for tag in analysis.tags)
    out.print(Text("\n").join(lines), soft_wrap=True)  # in one go: each print takes its time


def _print_counts(out: Console, analysis: ConversationAnalysis) -> None:
    for sender, counts in analysis.counts.items():
        out.print(
            Text(
                f"{plain_line(sender)}: {counted(counts.messages, 'message', 'messages')}, "
                f"{counted(counts.requests, 'that asks', 'that ask')}, "
                f"{counted(counts.refusals, 'that refuses', 'that refuse')}, "
                f"{counts.with_likely_tactic:,} with a likely tactic, {counted(counts.events, 'event', 'events')}."
            ),
            soft_wrap=True,
        )
    if analysis.counts:
        out.print(Text("These are counts of messages, not judgements of people.", style="dim"))
