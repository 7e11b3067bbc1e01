from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from urllib.parse import urlparse

import pytest

from coercion_detect.help_lines import INTERNATIONAL, HelpLine, advice, all_help_lines, countries, help_lines
from tests.conftest import ROOT

FILE = ROOT / "src" / "coercion_detect" / "content" / "help_lines.csv"
SERVES = {"sexual-violence", "domestic-abuse", "image-abuse", "crisis", "lgbtq", "women", "men", "adults"}
LINES = [pytest.param(line, id=f"{line.country}-{line.name}") for line in all_help_lines()]


def test_every_row_of_the_file_is_a_line_in_its_order() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {len(header)}
    assert [(line.country, line.name) for line in all_help_lines()] == [(row[0], row[2]) for row in rows]
    assert list(all_help_lines()[0].to_dict()) == header


@pytest.mark.parametrize("line", LINES)
def test_a_line_can_be_reached(line: HelpLine) -> None:
    assert line.phone or line.text or line.url
    assert all(sum(c.isdigit() for c in number) >= 3 for number in (line.phone, line.text) if number)
    assert not line.url or (urlparse(line.url).scheme in ("http", "https") and "." in urlparse(line.url).netloc)


@pytest.mark.parametrize("line", LINES)
def test_a_line_says_whom_it_serves_where_it_comes_from_and_when_that_was_checked(line: HelpLine) -> None:
    assert line.serves and set(line.serves) <= SERVES
    assert all(urlparse(source).scheme in ("http", "https") for source in line.source.split(";"))
    assert date.fromisoformat(line.date_checked).year >= 2024


@pytest.mark.parametrize("line", LINES)
def test_no_cell_has_stray_spaces(line: HelpLine) -> None:
    cells = [value for value in line.to_dict().values() if isinstance(value, str)]
    assert [cell for cell in (*cells, *line.serves) if cell != " ".join(cell.split())] == []


def test_no_line_stands_twice() -> None:
    counts = Counter((line.country, line.name) for line in all_help_lines())
    assert [line for line, n in counts.items() if n > 1] == []


def test_a_code_has_one_name_and_a_name_one_code() -> None:
    pairs = {(line.country, line.country_name) for line in all_help_lines()}
    assert len({code for code, _ in pairs}) == len({name for _, name in pairs}) == len(pairs)
    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries())


def test_the_lines_of_a_country_stand_together() -> None:
    codes = [line.country for line in all_help_lines()]
    changes = [code for i, code in enumerate(codes) if i == 0 or codes[i - 1] != code]
    assert changes == [*countries(), INTERNATIONAL]


@pytest.mark.parametrize("code", countries())
def test_a_country_has_lines_of_its_own_and_one_for_sexual_violence(code: str) -> None:
    own = [line for line in help_lines(code) if line.country == code]
    assert any("sexual-violence" in line.serves for line in own)


@pytest.mark.parametrize("code", countries())
def test_international_directories_stand_after_a_countrys_own_lines(code: str) -> None:
    found = [line.country for line in help_lines(code)]
    own = found.count(code)
    assert own and found == [code] * own + [INTERNATIONAL] * (len(found) - own)
    assert INTERNATIONAL in found


@pytest.mark.parametrize(("code", "name"), countries().items())
def test_a_country_is_found_by_code_and_by_name_in_any_case(code: str, name: str) -> None:
    wanted = help_lines(code)
    for spelled in (code.lower(), name, name.upper(), f"  {name.lower()} "):
        assert help_lines(spelled) == wanted


@pytest.mark.parametrize(("spoken", "code"), [("UK", "GB"), ("uk", "GB"), ("USA", "US"), ("usa", "US")])
def test_a_country_is_found_by_the_name_that_people_use(spoken: str, code: str) -> None:
    assert help_lines(spoken) == help_lines(code)


def test_the_directories_can_be_asked_for_alone() -> None:
    assert {line.country for line in help_lines(INTERNATIONAL)} == {INTERNATIONAL}
    assert INTERNATIONAL not in countries()


def test_without_a_country_every_line_is_given() -> None:
    assert help_lines() == all_help_lines()


@pytest.mark.parametrize("unknown", ["", " ", "ZZ", "Atlantis", "united", "germany"])
def test_for_an_unknown_country_the_directories_are_given(unknown: str) -> None:
    found = help_lines(unknown)
    assert found and {line.country for line in found} == {INTERNATIONAL}


@pytest.mark.parametrize("name", ["uk", "England", "Scotland", "GB"])
def test_a_country_is_found_by_its_other_names(name: str) -> None:
    assert help_lines(name) == help_lines("United Kingdom")


@pytest.mark.parametrize("line", LINES)
def test_a_line_goes_through_json_whole(line: HelpLine) -> None:
    back = json.loads(json.dumps(line.to_dict()))
    assert HelpLine(**back | {"serves": tuple(back["serves"])}) == line


def test_the_advice_says_to_check_a_number_and_what_to_do_in_danger() -> None:
    assert "check a number" in advice()
    assert "immediate danger" in advice() and "emergency number" in advice()
