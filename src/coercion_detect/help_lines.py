"""Help lines by country, read from ``content/help_lines.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from coercion_detect.packaged import PACKAGE

INTERNATIONAL = "INT"
_OTHER_NAMES = {
    **dict.fromkeys(("uk", "england", "scotland", "wales", "northern ireland", "britain", "great britain"), "gb"),
    **dict.fromkeys(("usa", "america", "united states of america"), "us"),
    **dict.fromkeys(("eire", "republic of ireland"), "ie"),
}


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One service. ``serves`` says whom or what it is for; empty fields are not known to us."""

    country: str
    country_name: str
    name: str
    serves: tuple[str, ...]
    phone: str
    text: str
    url: str
    hours: str
    languages: str
    date_checked: str
    source: str

    def to_dict(self) -> dict[str, object]:
        """Return the line as plain data."""
        return {name: getattr(self, name) for name in self.__slots__} | {"serves": list(self.serves)}


@cache
def all_help_lines() -> tuple[HelpLine, ...]:
    """Return every help line, in file order."""
    path = PACKAGE / "content" / "help_lines.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return tuple(HelpLine(**row | {"serves": tuple(row["serves"].split(";"))}) for row in rows)


def countries() -> dict[str, str]:
    """Return the known countries, code to name, without the international directories."""
    return {line.country: line.country_name for line in all_help_lines() if line.country != INTERNATIONAL}


def help_lines(country: str | None = None) -> tuple[HelpLine, ...]:
    """Return the lines of a country, by code or name, and the international directories after them.

    Without a country, return every line. For a country that is not on file, return the directories alone.
    """
    if country is None:
        return all_help_lines()
    wanted = country.strip().casefold()
    wanted = _OTHER_NAMES.get(wanted, wanted)
    found = [line for line in all_help_lines() if wanted in (line.country.casefold(), line.country_name.casefold())]
    around = [line for line in all_help_lines() if line.country == INTERNATIONAL and line not in found]
    return (*found, *around)


def advice() -> str:
    """Return the sentences that stand above every list: check a number first, and what to do in danger."""
    return (PACKAGE / "content" / "help_lines.md").read_text(encoding="utf-8").strip()
