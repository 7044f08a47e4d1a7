"""The key under which a name is sorted and searched: spelling without accents, case or signs."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({
    "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ħ": "h", "ŋ": "n", "ĸ": "k", "ŧ": "t", "ə": "e",
})  # fmt: skip
_SIGNS = {n: " " for n in range(128) if not chr(n).isalnum()}


def search_key(text: str) -> str:
    """Unaccented lower-case spelling: letters and digits of any script, single spaces.

    Apostrophes, hyphens, points and every kind of space count as one space, so that
    "Jean-Paul d’Été" and "JEAN PAUL D'ETE" meet. Idempotent.
    """
    if text.isascii():
        # most of what is written: nothing to decompose, one pass in C
        return " ".join(text.lower().translate(_SIGNS).split())
    lowered = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    spelled = unicodedata.normalize("NFKD", lowered)
    kept = (ch if ch.isalnum() else " " for ch in spelled if not unicodedata.category(ch) == "Mn")
    return " ".join("".join(kept).split())
