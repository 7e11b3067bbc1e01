"""Where the files lie that come with the package."""

from __future__ import annotations

from pathlib import Path

# importlib.resources would find them in a zip archive as well, for a megabyte of memory before every first answer
PACKAGE = Path(__file__).parent
