"""An import never goes up: each module stands on the floors below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = (
    {"errors", "taxonomy", "help_lines", "inputs", "lookalikes", "identity", "packaged", "parallel"},
    {"text", "windows", "features", "joint"},
    {"model"},
    {"scoring"},
    {"policy", "analysis", "columns"},
    {"evidence", "conversation"},
    {"in_context"},
    {"detector"},
    {"tables", "training", "chats", "timeline"},
    {"evaluation", "chat_page", "cluster"},
    {"cli"},
)
HEIGHT = {name: height for height, names in enumerate(FLOORS) for name in names}
PACKAGE = ROOT / "src" / "coercion_detect"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.stem not in ("__init__", "__main__"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_import_goes_up(path: Path) -> None:
    here = HEIGHT[_room(path)]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coercion_detect."):
            there = (node.module or "").split(".")[1]
            assert HEIGHT[there] <= here, f"{path.name} imports {node.module}"
