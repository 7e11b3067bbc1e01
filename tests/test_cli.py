"""The command line as a person or a script meets it: bytes in, bytes out, an exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import coercion_detect
from coercion_detect import Detector
from coercion_detect.cli import app
from coercion_detect.cli.render import print_analysis
from coercion_detect.help_lines import INTERNATIONAL, advice, all_help_lines, countries, help_lines
from coercion_detect.inputs import MAX_CHARACTERS
from coercion_detect.tables import ADDED
from coercion_detect.taxonomy import TACTICS, note, tactic
from coercion_detect.training.dataset import Dataset
from tests.conftest import ROOT

PRESSING = "If you like me, you would do this for me!"
PLAIN = "The train was late again, so we had soup at the station."
FOREIGN = "Ich habe gestern den ganzen Abend auf deinen Anruf gewartet, melde dich bitte."
MARKER = "quokka"  # a word that no message of ours may repeat
KEYS = ["tags", "scores", "acts", "framing", "coverage", "read", "note", "model"]
COMMANDS = ("analyze", "tag", "chat", "cluster", "explain", "help-lines", "train", "evaluate", "check")

_KEPT = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
ENVIRONMENT = _KEPT | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}


@dataclass(frozen=True)
class Run:
    """What a finished command leaves: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one line of JSON on standard output."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1
        found: dict[str, Any] = json.loads(self.out)
        return found


def run(*arguments: str | bytes, stdin: str | bytes = b"", cwd: Path = ROOT, **environment: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "coercion_detect", *arguments],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        cwd=cwd,
        env=ENVIRONMENT | environment,
        timeout=120,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def refused(*arguments: str | bytes, stdin: str | bytes = b"", cwd: Path = ROOT) -> str:
    """Return the one line that an unusable input meets, once it is sure that nothing else was said."""
    found = run(*arguments, stdin=stdin, cwd=cwd)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("coercion-detect: ")
    assert found.err.count("\n") == 1 and found.err.endswith("\n")
    assert MARKER not in found.err
    return found.err.removeprefix("coercion-detect: ")


def flat(text: str) -> str:
    """Return ``text`` with its line breaks and spaces made equal, as rich wraps lines."""
    return " ".join(text.split())


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# -- the program itself ------------------------------------------------------------------------------------


def test_the_installed_command_is_this_program() -> None:
    (command,) = entry_points(group="console_scripts", name="coercion-detect")
    assert command.value == "coercion_detect.cli:main"


def test_version_is_the_packages() -> None:
    assert run("--version") == Run(0, f"{coercion_detect.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_command_and_every_command_has_help(command: str) -> None:
    assert f" {command} " in CliRunner().invoke(app, ["--help"]).stdout
    found = CliRunner().invoke(app, [command, "--help"], prog_name="coercion-detect")
    assert found.exit_code == 0
    assert f"Usage: coercion-detect {command} " in found.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option",),
        ("analyze", "hello", "--no-such-option"),
        ("tag", "in.csv", "--no-such-option"),
        ("explain", "--no-such-option"),
        ("help-lines", "--no-such-option"),
        ("no-such-command",),
        ("tag",),
    ],
)
def test_what_the_program_does_not_know_leads_to_its_help(arguments: tuple[str, ...]) -> None:
    found = run(*arguments)
    assert (found.code, found.out) == (2, "")
    assert "--help" in found.err and "Traceback" not in found.err


@pytest.mark.parametrize("arguments", [("--no-such-option",), ("no-such-command",), ("tag",)])
def test_what_the_program_does_not_know_is_said_in_one_line(arguments: tuple[str, ...]) -> None:
    refused(*arguments)


@pytest.mark.parametrize("arguments", [("you", "owe", MARKER), (f"--{MARKER}", "you owe me")])
def test_a_text_without_quotes_is_not_repeated(arguments: tuple[str, ...]) -> None:
    found = run("analyze", *arguments)
    assert found.code == 2
    assert MARKER not in found.err


# -- the note ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["20", "80", "500"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", PRESSING),
        ("analyze", PLAIN),
        ("analyze", FOREIGN),
        ("analyze", ""),
        ("explain",),
        ("explain", "force"),
        ("help-lines",),
        ("help-lines", "GB"),
    ],
)
def test_every_output_carries_the_note(arguments: tuple[str, ...], columns: str) -> None:
    found = CliRunner().invoke(app, arguments, env={"COLUMNS": columns})
    assert (found.exit_code, found.stderr) == (0, "")
    assert note() in flat(found.stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", PRESSING, "--json"),
        ("analyze", "--json", ""),
        ("explain", "--json"),
        ("explain", "force", "--json"),
        ("help-lines", "--json"),
        ("help-lines", "GB", "--json"),
    ],
)
def test_every_json_carries_the_note(arguments: tuple[str, ...]) -> None:
    assert json.loads(CliRunner().invoke(app, arguments).stdout)["note"] == note()


# -- analyze -----------------------------------------------------------------------------------------------


def test_analyze_shows_the_tactic_its_words_its_page_and_people_who_listen() -> None:
    found = run("analyze", PRESSING)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(PRESSING + "\n")
    shown = flat(found.out)
    assert tactic("obligation").title in shown
    assert re.search(r"\b(likely|possible), score 0\.\d\d \((likely|possible) from 0\.\d\d on\)", shown)
    assert tactic("obligation").summary.removeprefix("wording") in shown
    quoted = re.findall(r"“([^”]+)” \(\+\d+\.\d\)", shown)
    assert quoted and all(words in PRESSING for words in quoted)
    assert "coercion-detect explain obligation" in shown and "#obligation" in shown
    assert "coercion-detect help-lines" in shown


def test_analyze_says_that_finding_no_wording_is_not_a_clearance() -> None:
    shown = flat(run("analyze", PLAIN).out)
    assert "No wording often seen in the twelve tactics was found. That does not mean that nothing is wrong." in shown


@pytest.mark.parametrize(
    ("text", "says"), [("", "no text"), ("   ", "no text"), (FOREIGN, "Not read: the model knows ")]
)
def test_analyze_says_what_it_could_not_read(text: str, says: str) -> None:
    shown = flat(run("analyze", text).out)
    assert says in shown
    assert "No wording" not in shown


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("-",), PRESSING),
        ((), PRESSING + "\n"),
        (("-",), PRESSING + "\r\n"),
        (("--", PRESSING), ""),
    ],
)
@pytest.mark.parametrize("output", [(), ("--json",)])
def test_a_text_is_the_same_by_any_way_in(arguments: tuple[str, ...], stdin: str, output: tuple[str, ...]) -> None:
    assert run("analyze", *output, *arguments, stdin=stdin) == run("analyze", *output, PRESSING)


@pytest.mark.parametrize(
    "text",
    [
        PRESSING,
        PLAIN,
        FOREIGN,
        "",
        "- come on, one more time",
        'she said "no"\nand then\tcame 🍕 and “curly” \\n words',
        "[bold]come on[/bold] [/x] you owe me [link=a]b[/link] :smile:",
    ],
)
def test_json_is_what_the_library_gives(detector: Detector, text: str) -> None:
    found = run("analyze", "--json", "--", text)
    assert (found.code, found.err) == (0, "")
    assert found.json == detector.analyze(text).to_dict()
    assert list(found.json) == KEYS
    assert list(found.json["scores"]) == list(TACTICS)


@pytest.mark.parametrize("text", ["[bold]come on[/bold] [/x] :smile:", "“you owe me” – 🍕", "a\tb", "x" * 300])
def test_a_text_is_shown_as_it_was_written(text: str) -> None:
    assert run("analyze", "--", text).out.startswith(text.expandtabs() + "\n")


def test_all_words_of_a_seed_phrase_lead_to_its_tactic(examples: Dataset) -> None:
    phrases = [example for example in examples.examples if example.source == "seed"]
    found = run("tag", "-", stdin="".join(f"{phrase.text}\n" for phrase in phrases))
    rows = [json.loads(line) for line in found.out.splitlines()]
    assert len(rows) == len(phrases) == 8
    for phrase, row in zip(phrases, rows, strict=True):
        assert phrase.tactics & {*row["likely"].split(";"), *row["possible"].split(";")}


def test_a_phrase_is_found_in_several_hundred_thousand_characters() -> None:
    before, after = f"{PLAIN} " * 5000, f" {PLAIN}" * 3000
    phrases = f"{PRESSING} " * 6  # enough to fill a window of its own
    text = f"{before}{phrases}{after}\n"
    assert len(text) > 400_000
    tags = {tag["tactic"]: tag for tag in run("analyze", "--json", stdin=text).json["tags"]}
    strongest = tags["obligation"]["evidence"][0]
    assert len(before) <= strongest["start"] < strongest["end"] <= len(before) + len(phrases)
    shown = run("analyze", stdin=text)
    assert shown.code == 0 and tactic("obligation").title in shown.out


def test_the_longest_text_is_read_and_a_longer_one_refused() -> None:
    words = f"{MARKER} " * (MAX_CHARACTERS // len(MARKER) + 1)
    assert run("analyze", "--json", stdin="soup " * (MAX_CHARACTERS // 5)).code == 0
    said = refused("analyze", stdin=words[: MAX_CHARACTERS + 1])
    assert said.startswith("The text has 1,000,001 characters; the most for one text is 1,000,000.")


@pytest.mark.parametrize("arguments", [("analyze",), ("analyze", "-"), ("analyze", "--json")])
@pytest.mark.parametrize("encoded", [f"{MARKER} café".encode("latin-1"), f"{MARKER} é".encode("utf-16")])
def test_standard_input_that_is_not_utf_8_is_refused(arguments: tuple[str, ...], encoded: bytes) -> None:
    assert re.match(r"Standard input is not UTF-8 \(byte \d+\)\. Convert it", refused(*arguments, stdin=encoded))


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there, not bytes")
def test_an_argument_that_is_not_utf_8_is_refused() -> None:
    assert "a lone surrogate at position 7" in refused("analyze", f"{MARKER} é".encode("latin-1"))


@pytest.mark.parametrize("text", [PRESSING, PLAIN, FOREIGN])
def test_what_is_found_never_changes_the_exit_code(text: str) -> None:
    assert run("analyze", text).code == run("analyze", text, "--json").code == 0


@pytest.mark.parametrize("model", ["no-such-folder", "data", "README.md"])
def test_what_is_no_model_is_named(model: str) -> None:
    said = refused("analyze", f"{MARKER} hello", "--model", model)
    assert said.startswith(f"{model} is no model folder") and "Give the folder that training wrote." in said


def test_a_model_folder_can_be_named() -> None:
    named = run("analyze", PRESSING, "--json", "--model", "models/tactics-en")
    assert named == run("analyze", PRESSING, "--json")


@pytest.mark.parametrize(
    "text",
    [
        PRESSING,
        f"🍕 hello\n\n{PRESSING}",
        f"hello\r\nfriend\r\n\r\n{PRESSING}",
    ],
)
def test_the_words_a_tag_rests_on_are_underlined(detector: Detector, text: str) -> None:
    analysis = detector.analyze(text)
    out = io.StringIO()
    print_analysis(text, analysis, console=Console(file=out, force_terminal=True, color_system="standard", width=200))
    first = out.getvalue().split(tactic("obligation").title, 1)[0]
    underlined = "".join(re.findall(r"\x1b\[(?:1;)?4m([^\x1b]*)\x1b\[0m", first))
    evidence = {i for tag in analysis.tags for e in tag.evidence for i in range(e.start, e.end)}
    assert underlined.split() and flat(underlined).replace(" ", "") == "".join(
        text[i] for i in sorted(evidence) if not text[i].isspace()
    )


def test_a_text_cannot_steer_the_terminal(detector: Detector) -> None:
    text = f"{PRESSING}\x1b[2J\x1b[8m"
    out = io.StringIO()
    print_analysis(text, detector.analyze(text), console=Console(file=out, width=200))
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("arguments", [("analyze", "you owe me 🍕"), ("explain", "force"), ("tag", "-")])
def test_a_terminal_that_lacks_a_character_gets_the_rest(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "coercion_detect", *arguments],
        input="you owe me 🍕\n".encode(),
        capture_output=True,
        cwd=ROOT,
        env=ENVIRONMENT | {"PYTHONIOENCODING": "cp1252"},
        timeout=120,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


# -- explain -----------------------------------------------------------------------------------------------


def test_explain_lists_the_twelve_in_order() -> None:
    found = CliRunner().invoke(app, ["explain"])
    assert found.exit_code == 0
    shown = flat(found.stdout)
    places = [shown.index(flat(f"{name} {tactic(name).title} {tactic(name).summary}")) for name in TACTICS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", TACTICS)
def test_explain_shows_the_whole_page(name: str) -> None:
    found = CliRunner().invoke(app, ["explain", name, "--examples"], env={"COLUMNS": "200"})
    assert found.exit_code == 0
    shown = flat(found.stdout)
    assert tactic(name).title in shown and note() in shown
    headings = re.findall(r"^## (.+)$", tactic(name).explanation, re.MULTILINE)
    places = [shown.index(heading) for heading in headings]
    assert len(places) == 6 and places == sorted(places)
    examples = re.findall(r'^- "(.+?)"', tactic(name).explanation, re.MULTILINE)
    assert examples and all(flat(example) in shown for example in examples)
    assert not re.search(r"</?(details|summary)>", shown)


def test_explain_shows_no_example_unasked() -> None:
    shown = flat(CliRunner().invoke(app, ["explain", "force"], env={"COLUMNS": "200"}).stdout)
    examples = re.findall(r'^- "(.+?)"', tactic("force").explanation, re.MULTILINE)
    assert not any(flat(example) in shown for example in examples)
    assert "--examples" in shown and note() in shown


def test_explain_as_json_is_the_page() -> None:
    listed = run("explain", "--json").json
    assert [entry["tactic"] for entry in listed["tactics"]] == list(TACTICS)
    page = run("explain", "force", "--json").json
    force = tactic("force")
    assert page == {
        "tactic": "force",
        "title": force.title,
        "summary": force.summary,
        "seed": force.seed,
        "explanation": force.explanation,
        "note": note(),
    }


@pytest.mark.parametrize("arguments", [("no-such-tactic",), ("two\nlines",), ("",), ("refusal", "--json")])
def test_explain_refuses_an_unknown_tactic_with_the_known_ones(arguments: tuple[str, ...]) -> None:
    assert ", ".join(TACTICS) in refused("explain", *arguments)


# -- help-lines --------------------------------------------------------------------------------------------


def test_help_lines_lists_every_line_below_the_advice() -> None:
    shown = flat(run("help-lines").out)
    assert shown.startswith(flat(advice()))
    assert [line.name for line in all_help_lines() if flat(line.name) not in shown] == []
    for line in all_help_lines():
        ways = [value for value in (line.phone, line.text, line.url) if value]
        assert all(flat(way) in shown for way in ways)
    headings = [f"{name} ({code})" for code, name in countries().items()]
    places = [shown.index(heading) for heading in headings]
    assert places == sorted(places)


@pytest.mark.parametrize("country", ["NZ", "nz", "New Zealand", "new zealand"])
def test_help_lines_finds_a_country_by_code_and_name(country: str) -> None:
    found = run("help-lines", country)
    assert found == run("help-lines", "NZ")
    shown = flat(found.out)
    assert [line.name for line in help_lines("NZ") if flat(line.name) not in shown] == []
    assert "New Zealand (NZ)" in shown and "Canada (CA)" not in shown


def test_help_lines_as_json_are_the_lines() -> None:
    found = run("help-lines", "UK", "--json").json
    assert found == {
        "help_lines": [line.to_dict() for line in help_lines("GB")],
        "advice": advice(),
        "note": note(),
    }


@pytest.mark.parametrize("country", ["Atlantis", "two\nlines", ""])
def test_help_lines_give_the_directories_for_an_unknown_country(country: str) -> None:
    found = run("help-lines", country)
    assert found.code == 0
    assert "No lines of that country are on file here" in flat(found.out)
    assert f"({INTERNATIONAL})" in found.out and "New Zealand" in flat(found.out)


# -- tag ---------------------------------------------------------------------------------------------------

CSV = f'id,text,who\n7,"{PRESSING}",a\n8,"{PLAIN}","b, c"\n9,,d\n'
OWN = [("7", PRESSING, "a"), ("8", PLAIN, "b, c"), ("9", "", "d")]
JSONL = "".join(json.dumps({"id": i, "text": text, "who": who}) + "\n" for i, text, who in OWN)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines)) if path.suffix == ".csv" else [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("source", "content", "target"),
    [
        ("in.csv", CSV, "out.csv"),
        ("in.csv", CSV, "out.jsonl"),
        ("in.jsonl", JSONL, "out.jsonl"),
        ("in.jsonl", JSONL, "out.csv"),
    ],
)
def test_tag_keeps_every_column_and_adds_its_own(tmp_path: Path, source: str, content: str, target: str) -> None:
    _write(tmp_path / source, content)
    found = run("tag", source, "-o", target, cwd=tmp_path)
    assert (found.code, found.out) == (0, "")
    rows = _rows(tmp_path / target)
    assert [tuple(row.values())[:3] for row in rows] == OWN
    extra = ["note"] if target == "out.jsonl" else []
    assert all(list(row) == ["id", "text", "who", *ADDED, *extra] for row in rows)
    assert ["obligation" in (row["likely"] + row["possible"]) for row in rows] == [True, False, False]
    assert (tmp_path / source).read_text(encoding="utf-8") == content
    beside = {"out.csv.note.txt"} if target == "out.csv" else set()
    assert {path.name for path in tmp_path.iterdir()} == {source, target, *beside}
    assert all(note() in (tmp_path / name).read_text(encoding="utf-8") for name in beside)


def test_tag_counts_on_standard_error_and_carries_the_note(tmp_path: Path) -> None:
    _write(tmp_path / "in.csv", CSV + f'10,"{FOREIGN}",{MARKER}\n')
    found = run("tag", "in.csv", "-o", "out.csv", cwd=tmp_path)
    assert flat(found.err) == f"4 rows; 1 without text; 1 not read (too few known words). {note()}"


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("tag", "-"), f"{PRESSING}\n{PLAIN}\n"),
        (("tag", "-", "-o", "-", "--to", "jsonl"), f"{PRESSING}\r\n{PLAIN}"),
        (("tag", "-", "--from", "csv"), f'text\n"{PRESSING}"\n"{PLAIN}"\n'),
        (("tag", "-", "--from", "jsonl"), json.dumps({"text": PRESSING}) + "\n" + json.dumps({"text": PLAIN})),
        (("tag", "lines.txt"), ""),
    ],
)
def test_tag_writes_json_lines_to_standard_output(tmp_path: Path, arguments: tuple[str, ...], stdin: str) -> None:
    _write(tmp_path / "lines.txt", f"{PRESSING}\n{PLAIN}\n")
    found = run(*arguments, stdin=stdin, cwd=tmp_path)
    assert found.code == 0
    rows = [json.loads(line) for line in found.out.splitlines()]
    assert [row["text"] for row in rows] == [PRESSING, PLAIN]
    assert [row["note"] for row in rows] == [note(), note()]


def test_tag_writes_csv_to_standard_output_when_asked(tmp_path: Path) -> None:
    found = run("tag", "-", "--to", "csv", stdin=PLAIN, cwd=tmp_path)
    assert found.code == 0
    assert [row["text"] for row in csv.DictReader(io.StringIO(found.out))] == [PLAIN]


def test_tag_reads_the_text_from_the_named_column(tmp_path: Path) -> None:
    _write(tmp_path / "in.csv", CSV.replace("text", "body", 1))
    assert run("tag", "in.csv", "-o", "out.csv", "--text", "body", cwd=tmp_path).code == 0
    assert [row["body"] for row in _rows(tmp_path / "out.csv")] == [PRESSING, PLAIN, ""]


@pytest.mark.parametrize(("target", "existing"), [("out.csv", "what stood here before"), ("out.jsonl", None)])
@pytest.mark.parametrize(
    ("source", "content", "says"),
    [
        ("in.csv", f"id,body\n1,{MARKER}\n", "in.csv, line 1: has no column 'text'"),
        ("in.csv", f"id,text\n1,a\n2,b,{MARKER}\n", "in.csv, line 3: has 3 cells, not 2."),
        ("in.csv", f'id,text\n1,a\n2,"b"{MARKER}\n', "in.csv, line 3: is not well-formed CSV"),
        ("in.csv", "", "in.csv, line 1: has no column 'text'; it is empty."),
        ("in.jsonl", f'{{"text": "a"}}\n{{"text": {MARKER}\n', "in.jsonl, line 2: is not one JSON object"),
        ("in.jsonl", f'{{"text": "a"}}\n{{"body": "{MARKER}"}}\n', "in.jsonl, line 2: has no field 'text'"),
        ("in.txt", f"{MARKER} café\n".encode("latin-1"), "in.txt, line 1: is not UTF-8 (byte 0xe9); convert it first."),
    ],
)
def test_tag_names_a_bad_line_and_leaves_nothing_behind(
    tmp_path: Path, source: str, content: str | bytes, says: str, target: str, existing: str | None
) -> None:
    _write(tmp_path / source, content)
    if existing is not None:
        _write(tmp_path / target, existing)
    assert refused("tag", source, "-o", target, "--strict", cwd=tmp_path).startswith(says)
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != source}
    assert left == ({} if existing is None else {target: existing.encode()})


def test_tag_puts_a_bad_row_aside_and_says_so(tmp_path: Path) -> None:
    _write(tmp_path / "in.csv", f"id;text\n1;a\n2;{MARKER};b\n3;c\n")
    found = run("tag", "in.csv", "-o", "out.csv", "--delimiter", ";", cwd=tmp_path)
    assert found.code == 0 and MARKER not in found.err
    assert "2 rows; 0 without text" in found.err
    assert "1 bad rows were put aside: out.csv.bad.jsonl has line numbers and reasons." in found.err
    assert json.loads((tmp_path / "out.csv.bad.jsonl").read_text(encoding="utf-8"))["line"] == 3


def test_tag_begins_when_there_is_nothing_to_resume(tmp_path: Path) -> None:
    _write(tmp_path / "in.csv", CSV)
    assert run("tag", "in.csv", "-o", "a.csv", "--resume", cwd=tmp_path).code == 0
    assert run("tag", "in.csv", "-o", "b.csv", cwd=tmp_path).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_folder_is_for_the_command_cluster(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    said = refused("tag", "parts", "--from", "csv", "-o", "out.csv", cwd=tmp_path)
    assert said == "parts is a folder; name a file, or tag its parts with: coercion-detect cluster\n"


def test_cluster_tags_every_part_of_a_folder(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "parts").mkdir()
    for name in ("a.csv", "b.csv"):
        _write(tmp_path / "parts" / name, CSV)
    command = ("-m", "coercion_detect", "cluster", "parts", "-o", "out", "--workers", "1")
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and note() in flat(done.stderr)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{n}.csv{e}" for n in "ab" for e in ("", ".note.txt")
    }


@pytest.mark.parametrize("target", ["in.csv", "./in.csv", "../{folder}/in.csv"])
def test_tag_never_writes_over_its_input(tmp_path: Path, target: str) -> None:
    source = _write(tmp_path / "in.csv", CSV)
    said = refused("tag", "in.csv", "-o", target.format(folder=tmp_path.name), cwd=tmp_path)
    assert said == "The output would overwrite the input; give it another name.\n"
    assert source.read_text(encoding="utf-8") == CSV


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.csv", "-o", "out.csv"), "none.csv cannot be read"),
        (("in.csv", "-o", "none/out.csv"), "The folder none does not exist; make it first."),
        (("in.csv", "-o", "out.xlsx"), "Cannot tell the format of out.xlsx; name one of csv, jsonl, parquet."),
        (("in.docx", "-o", "out.csv"), "Cannot tell the format of in.docx; name one of csv, jsonl, text, parquet."),
        (("in.csv", "--to", "text"), "Cannot tell the format of -; name one of csv, jsonl, parquet."),
        (("in.csv", "--model", "none"), "none is no model folder"),
    ],
)
def test_tag_says_what_to_do_about_a_file_it_cannot_use(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    _write(tmp_path / "in.csv", CSV)
    assert refused("tag", *arguments, cwd=tmp_path).startswith(says)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_tag_says_what_to_do_about_an_output_that_is_a_folder(tmp_path: Path) -> None:
    _write(tmp_path / "in.csv", CSV)
    (tmp_path / "out.csv").mkdir()
    refused("tag", "in.csv", "-o", "out.csv", cwd=tmp_path)


def _closed_early(tmp_path: Path) -> tuple[int, bytes]:
    """Tag more than a pipe holds, read one line of it, and go."""
    _write(tmp_path / "in.txt", f"{PLAIN}\n" * 3000)
    process = subprocess.Popen(
        [sys.executable, "-m", "coercion_detect", "tag", "in.txt"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert process.stdout is not None and process.stderr is not None
    assert json.loads(process.stdout.readline())["text"] == PLAIN
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    return process.wait(timeout=120), said


@pytest.mark.skipif(os.name == "nt", reason="pipes end in another way there")
def test_a_reader_who_has_gone_is_no_error_message(tmp_path: Path) -> None:
    assert _closed_early(tmp_path)[1] == b""


@pytest.mark.skipif(os.name == "nt", reason="pipes end in another way there")
def test_a_reader_who_has_gone_is_no_failure(tmp_path: Path) -> None:
    assert _closed_early(tmp_path)[0] == 0
