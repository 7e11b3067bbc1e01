"""Every error the package raises on purpose.

* CoercionDetectError
  + InputError          (also ValueError)   the input is not something we can read
    - DataError                             a line of a data file is wrong; says file, line and what to do
  + ModelError          (also ValueError)   a model folder is damaged, foreign or too new
  + MissingExtraError   (also ImportError)  an optional dependency is not installed

No message repeats a user's text: lengths, positions and types are all it says.
"""

from __future__ import annotations

import importlib
from types import ModuleType


class CoercionDetectError(Exception):
    """Base of every error the package raises on purpose."""


class InputError(CoercionDetectError, ValueError):
    """Say that an input cannot be read, and what to do about it."""


class DataError(InputError):
    """Say that a line of a data file is wrong: ``path``, ``line`` (1-based, ``None`` for the whole file)."""

    def __init__(self, message: str, *, path: str, line: int | None = None) -> None:
        self.path = path
        self.line = line
        where = path if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {message}")


class ModelError(CoercionDetectError, ValueError):
    """Say that a model folder is damaged, foreign or newer than this package."""


class MissingExtraError(CoercionDetectError, ImportError):
    """Say which extra brings a missing dependency, with the line that installs it."""

    def __init__(self, *, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{package} is not installed. Run: pip install 'coercion-detect[{extra}]'")


def require(module: str, *, extra: str) -> ModuleType:
    """Import ``module``, or raise `MissingExtraError` naming the extra that brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(package=module.partition(".")[0], extra=extra) from error
