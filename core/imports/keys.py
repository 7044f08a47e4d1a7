"""Spelling-proof keys: how two ways of writing the same words become equal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case, no accents, words separated by one space: `"  D'ÉTÉ-Œuvre"` → `"d ete oeuvre"`.

    Letters of any script are kept, so a name written in Arabic or Cyrillic has a key too.
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(char for char in text if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


def clean(text: str) -> str:
    """The text as written, minus what nobody typed: outer and doubled blanks, odd spaces."""
    return " ".join(text.split())
