"""Compile the fast scorer while a wheel is built, and do without it where there is no compiler.

``COERCION_DETECT_COMPILED=require`` makes a failed compilation an error, ``skip`` builds the pure Python wheel.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SOURCE = "src/coercion_detect/scoring/_compiled.c"


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add the compiled scorer to the wheel, or beside its source for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the files of the wheel are gathered."""
        wanted = os.environ.get("COERCION_DETECT_COMPILED", "try")
        if wanted == "skip":
            return
        try:
            built = _compile(Path(tempfile.mkdtemp()))
        except Exception as error:  # whatever a missing or broken compiler raises
            if wanted == "require":
                raise
            self.app.display_warning(f"The compiled scorer was not built ({error}); the readable one will serve.")
            return
        if version == "editable":
            (ROOT / SOURCE).with_name(built.name).write_bytes(built.read_bytes())
        else:
            build_data["force_include"][str(built)] = f"coercion_detect/scoring/{built.name}"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def _compile(folder: Path) -> Path:
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    flags = ["/O2"] if os.name == "nt" else ["-O3", "-ffp-contract=off"]  # the same numbers on every machine
    extension = Extension("_compiled", [str(ROOT / SOURCE)], extra_compile_args=flags)
    command = build_ext(Distribution({"name": "coercion-detect", "ext_modules": [extension]}))
    command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "temp")
    command.ensure_finalized()
    command.run()
    return Path(command.get_outputs()[0])
