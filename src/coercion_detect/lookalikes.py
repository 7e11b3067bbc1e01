"""Tables of characters that stand in for letters, as data: look-alikes, leet, starred words."""

from __future__ import annotations

from functools import cache

from coercion_detect.packaged import PACKAGE


def _pairs(strange: str, plain: str) -> dict[str, str]:
    return dict(zip(strange, plain, strict=True))


# Characters that Unicode's own compatibility forms do not fold to the Latin letter they resemble.
# Keys are lower case: case is folded first, so the capital Cyrillic letter VE arrives here small.
LOOKALIKES: dict[str, str] = {
    **_pairs("авекмнорстухіјѕһԁԛԝѵӏг", "abekmhopctyxijshdqwvlr"),  # Cyrillic
    **_pairs("αβεηικνορτυχω", "abenikvoptuxw"),  # Greek
    **_pairs("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),  # small capitals
    **_pairs("øłđħŧıɑɡ", "oldhtiag"),
    **{chr(0x1F150 + i): chr(97 + i) for i in range(26)},  # negative circled
    **{chr(0x1F170 + i): chr(97 + i) for i in range(26)},  # negative squared
    **_pairs("‘’‛ʼ´“”„‟–—−‐‑", "'''''\"\"\"\"-----"),  # noqa: RUF001 the marks themselves
    "æ": "ae",
    "œ": "oe",
}

LEET = (str.maketrans("013457@$", "oieastas"), str.maketrans("013457@$", "oleastas"))  # "1" is an i or an l

# Read before the common words where a starred word could be either.
_OFTEN_MASKED = (
    "sex sexy sexual fuck fucked fucking nude nudes naked dick cock pussy tits boobs bitch slut whore shit rape "
    "raped raping drunk drugs kiss kissed porn horny suck touch threat threaten blackmail virgin frigid tease gay "
    "bisexual lesbian trans queer bastard asshole damn kill killed weed pills drink strip video bed body hell"
).split()


@cache
def common_words() -> dict[str, None]:
    """Return the words that hidden spellings are read as, most frequent first."""
    path = PACKAGE / "common_words.txt"
    return dict.fromkeys(path.read_text(encoding="utf-8").split())


@cache
def masked_words(size: int) -> tuple[str, ...]:
    """Return the words of one length that a starred word may stand for, the likeliest first."""
    return tuple(word for word in (*_OFTEN_MASKED, *common_words()) if len(word) == size)
