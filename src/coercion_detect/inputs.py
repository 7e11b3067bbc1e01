"""What may come in: one text, or many; everything else is refused in our own words, which never repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coercion_detect.errors import InputError

MAX_CHARACTERS = 1_000_000
BATCH = 256


def check_text(text: object) -> None:
    """Raise `InputError` for what cannot be analyzed."""
    if not isinstance(text, str):
        raise InputError(f"A text must be a string, not {type(text).__name__}. Decode or convert it first.")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"The text has {len(text):,} characters; the most for one text is {MAX_CHARACTERS:,}. "
            "Hand in its messages or paragraphs one by one."
        )
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            position = error.start
        else:
            return
        raise InputError(  # outside the except block: the encoding error quotes the text
            f"The text is no valid Unicode: a lone surrogate at position {position}. "
            "Read it again with the right encoding, or with errors='replace'."
        )


def batches(texts: Iterable[str], *, size: int = BATCH) -> Iterator[list[str]]:
    """Yield checked texts in lists of at most ``size``."""
    if isinstance(texts, str | bytes):
        raise InputError("Hand in a list of texts, not one text; for one text use analyze().")
    try:
        iterator = iter(texts)
    except TypeError:
        raise InputError(f"Hand in a list of texts, not {type(texts).__name__}.") from None
    batch: list[str] = []
    for text in iterator:
        check_text(text)
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
