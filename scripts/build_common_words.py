"""Write ``src/coercion_detect/common_words.txt``: the words that hidden spellings are read as, most frequent first.

They are counted in the data set. Training and scoring fold texts with this list, so train anew after a change.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from coercion_detect.training.dataset import load_examples

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src" / "coercion_detect" / "common_words.txt"
MOST = 4000
FEWEST_VOICES = 6  # a word of many voices is a word of the language, not of one writer


def main() -> None:
    """Count and write."""
    voices: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for example in load_examples(ROOT / "data" / "examples.csv").examples:
        for word in re.findall(r"(?<![\w*'’])[a-z]{3,}(?![\w*'’])", example.text.casefold()):
            counts[word] += 1
            voices.setdefault(word, set()).add(example.voice)
    kept = [word for word, _ in counts.most_common() if len(voices[word]) >= FEWEST_VOICES][:MOST]
    TARGET.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(kept):,} words in {TARGET}")


if __name__ == "__main__":
    main()
