from __future__ import annotations

from pathlib import Path

import pytest

from coercion_detect import DataError, Detector
from coercion_detect.evaluation.checks import COLUMNS, Case, load_cases, run_checks
from coercion_detect.evaluation.intervals import wilson
from coercion_detect.evaluation.report_card import as_markdown, as_plain
from coercion_detect.taxonomy import note

CASES = (
    Case("a", "rumors_explicit", "I’ll tell everyone we did it anyways", ("rumors",), "1"),
    Case("b", "weather", "Emma says it rained all day in Galway.", (), "2"),
    Case("c", "weather", "He left his umbrella on the bus.", (), "3"),
)


def test_a_tagged_case_and_a_clear_case_pass(detector: Detector) -> None:
    results = run_checks(CASES, detector=detector)
    by_name = {f.function: f for f in results.functions}
    assert (by_name["rumors_explicit"].passed, by_name["rumors_explicit"].n) == (1, 1)
    assert (by_name["weather"].passed, by_name["weather"].n) == (2, 2)
    assert by_name["swap_names"].n == 1 and by_name["padding_80"].n == 1


def test_a_wrong_expectation_fails_and_is_named(detector: Detector) -> None:
    wrong = Case("w", "rumors_explicit", "It rained all day in Galway.", ("rumors",), "4")
    results = run_checks((*CASES, wrong), detector=detector)
    assert next(f for f in results.functions if f.function == "rumors_explicit").failed == ("w",)


def test_the_report_card_carries_note_and_counts(detector: Detector) -> None:
    results = run_checks(CASES, detector=detector)
    card = as_markdown(results, model="m 1")
    assert note() in card and "rumors_explicit" in card and "100.0%" in card
    plain = as_plain(results, model="m 1")
    assert plain["note"] == note() and len(plain["functions"]) == len(results.functions)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,text\n", "columns must be"),
        (",".join(COLUMNS) + "\na,f,you owe me,debt,1\n", "unknown tactic"),
        (",".join(COLUMNS) + "\na,f,,,1\n", "must not be empty"),
        (",".join(COLUMNS) + "\na,f,x,,1\na,f,y,,1\n", "stands there twice"),
    ],
)
def test_wrong_cases_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "checks.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_cases(path)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 7), (0, 0)])
def test_an_interval_holds_its_share(hits: int, n: int) -> None:
    low, high = wilson(hits, n)
    assert 0 <= low <= (hits / n if n else 0.5) <= high <= 1
