"""``coercion-detect chat``: one conversation from an export, for people, as JSON, or as a page."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from coercion_detect.errors import InputError

if TYPE_CHECKING:
    from coercion_detect.conversation import ConversationAnalysis


def chat(
    export: Path = typer.Argument(..., metavar="FILE", help="An export, a zip archive or a folder."),
    format: str = typer.Option(None, "--format", help="The format; by default it is recognised.", show_default=False),
    conversation: str = typer.Option(
        None, "--conversation", help="Name or number of the conversation, where there are several.", show_default=False
    ),
    names: bool = typer.Option(False, "--names", help="Show the senders' names instead of A, B, C."),
    everything: bool = typer.Option(False, "--all", help="Show every message, not only events."),
    with_likely: bool = typer.Option(
        False, "--likely", help="Show messages with a likely tactic too where no refusal came before."
    ),
    around: int = typer.Option(3, "--around", min=0, help="How many messages to show before and after an event."),
    as_json: bool = typer.Option(False, "--json", help="Print the analysis as one JSON object, without the texts."),
    page: Path = typer.Option(None, "--html", metavar="FILE", help="Write one page to read.", show_default=False),
    day_first: bool = typer.Option(
        None, "--day-first/--month-first", help="The order of dates, for WhatsApp.", show_default=False
    ),
    sender: str = typer.Option(None, "--sender", help="CSV, JSON lines: the sender's column.", show_default=False),
    text: str = typer.Option(None, "--text", help="CSV, JSON lines: the text's column.", show_default=False),
    time: str = typer.Option(None, "--time", help="CSV, JSON lines: the time's column.", show_default=False),
    model: Path = typer.Option(None, "--model", help="A model folder instead of the shipped one.", show_default=False),
) -> None:
    """Show where a conversation goes on after a no, with likely tactics. Nothing is stored or sent."""
    from rich.console import Console

    from coercion_detect import timeline
    from coercion_detect.chats.chat import Options
    from coercion_detect.chats.recognise import TITLES, read_chat
    from coercion_detect.detector import Detector

    if page is not None and page.is_dir():
        raise InputError(f"{page} is a folder; give the page a file name.")
    if page is not None and page.exists() and not _is_ours(page):
        raise InputError(f"{page} exists and is no page of this command. Give the page another name.")
    options = Options(day_first=day_first, sender=sender, text=text, time=time)
    detector = Detector.load(model)
    with Console(stderr=True).status("Reading and analysing…") if sys.stderr.isatty() else _quietly():
        found = read_chat(export, format=format, conversation=conversation, options=options)
        messages = found.messages if names else timeline.by_letter(found.messages)
        analysis = detector.analyze_conversation(messages)
    spans = (
        timeline.everything(analysis)
        if everything
        else timeline.spans(analysis, around=around, with_likely=with_likely)
    )
    if page is not None:
        from coercion_detect.chat_page import build

        _write(page, build(messages, analysis, spans=spans, format=TITLES[found.format], notes=found.notes))
        typer.echo(f"Wrote {page}. It holds the messages it shows: keep it where only you can open it.", err=True)
    if as_json:
        about = {"format": found.format, "messages": len(messages), "notes": list(found.notes)}
        _print_json(about, analysis)
    elif page is None:
        from coercion_detect.cli.conversation import print_conversation

        print_conversation(messages, analysis, spans=spans, format=TITLES[found.format], notes=found.notes)


def _print_json(about: dict[str, Any], analysis: ConversationAnalysis) -> None:
    """Print what the chat is and the analysis, message by message: all at once would take many times its room."""
    rest = replace(analysis, messages=()).to_dict()
    del rest["messages"]
    sys.stdout.write(f'{{"chat": {json.dumps(about, ensure_ascii=False)}, "messages": [')
    for i, message in enumerate(analysis.messages):
        sys.stdout.write((", " if i else "") + json.dumps(message.to_dict(), ensure_ascii=False))
    sys.stdout.write("], " + json.dumps(rest, ensure_ascii=False)[1:] + "\n")


class _quietly:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _is_ours(page: Path) -> bool:
    """Tell whether a file is a page that this command wrote; nothing else is ever replaced."""
    from coercion_detect.chat_page import GENERATOR

    if not page.is_file():  # a pipe or a device would have to be read to its end
        return False
    try:
        with page.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return head.startswith(b"<!doctype html>") and GENERATOR.encode() in head


def _write(page: Path, content: str) -> None:
    """Write the page for its owner's eyes only, whole or not at all."""
    part = page.with_name(f".{page.name}.{os.getpid()}.part")
    try:
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8", errors="replace", newline="\n") as out:
            out.write(content)
        part.replace(page)
    except OSError as error:
        reason = error.strerror
    else:
        return
    finally:
        part.unlink(missing_ok=True)
    raise InputError(f"{page} cannot be written ({reason}). Check the path.")
