"""Tag a text with likely tactics of sexual coercion; every result says that it is not a verdict."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coercion_detect.analysis import Analysis, Evidence, Tag
    from coercion_detect.columns import Columns
    from coercion_detect.conversation import ConversationAnalysis, Event, Message, SenderCounts
    from coercion_detect.detector import Detector
    from coercion_detect.errors import (
        CoercionDetectError,
        DataError,
        InputError,
        MissingExtraError,
        ModelError,
    )
    from coercion_detect.scoring.choice import backend
    from coercion_detect.tables.frames import tag_frame, tag_table
    from coercion_detect.taxonomy import Tactic

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "CoercionDetectError",
    "Columns",
    "ConversationAnalysis",
    "DataError",
    "Detector",
    "Event",
    "Evidence",
    "InputError",
    "Message",
    "MissingExtraError",
    "ModelError",
    "SenderCounts",
    "Tactic",
    "Tag",
    "backend",
    "tag_frame",
    "tag_table",
]

_HOME = {
    "Analysis": "analysis",
    "CoercionDetectError": "errors",
    "Columns": "columns",
    "ConversationAnalysis": "conversation",
    "DataError": "errors",
    "Detector": "detector",
    "Event": "conversation",
    "Evidence": "analysis",
    "InputError": "errors",
    "Message": "conversation",
    "MissingExtraError": "errors",
    "ModelError": "errors",
    "SenderCounts": "conversation",
    "Tactic": "taxonomy",
    "Tag": "analysis",
    "backend": "scoring.choice",
    "tag_frame": "tables.frames",
    "tag_table": "tables.frames",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that importing the package stays instant."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
