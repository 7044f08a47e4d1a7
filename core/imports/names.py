"""Names of people: kept as written, with a key; a whole name taken apart; cells like formulas."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.imports.keys import clean, fold
from core.imports.problems import Problem

NAME_LIMIT = 120


def is_formula(text: str) -> bool:
    """Would a spreadsheet run this text? (OWASP: `= + - @`, tab, carriage return)"""
    return text[:1] in "=+-@\t\r" if text else False


class Name(NamedTuple):
    """A name as written (outer and doubled blanks apart) and its spelling-proof key."""

    written: str
    key: str


def parse_name(text: str) -> tuple[Name | None, Problem | None]:
    """A name keeps its capitals, hyphens and apostrophes; only odd blanks go."""
    written = clean(text)
    if not written or fold(written) in NOBODY:
        return None, None
    if len(written) > NAME_LIMIT:
        return None, Problem("name_too_long")
    key = fold(written)
    if not any(char.isalpha() for char in key):
        return None, Problem("name_not_text")
    return Name(written, key), Problem("formula") if is_formula(text) else None


NOBODY = {"", "nc", "nr", "inconnu", "non renseigne", "xxx", "null", "none"}
_TITLES = {"m", "mr", "mme", "mlle", "melle", "monsieur", "madame", "mademoiselle"}


def split_name(text: str) -> tuple[Name | None, Name | None, Name | None, Problem | None]:
    """`NOM Prénom` of one cell into (family, given, usual, problem).

    A comma or capitals tell where the family name ends; else the first word is taken for it,
    and somebody checks. `DUPONT (née MARTIN) Anna`: MARTIN at birth, DUPONT in use.
    """
    written = clean(text)
    if len(written) > 2 * NAME_LIMIT:
        return None, None, None, Problem("name_too_long")
    born = None
    if match := re.search(r"\(?\bn[ée]e?\s+([^\s),]+)\)?", written, re.IGNORECASE):
        born = match[1]
        written = clean(written[: match.start()] + " " + written[match.end() :])
    guessed = False
    if "," in written:
        family, _, given = written.partition(",")
    else:
        words = written.split()
        while len(words) > 2 and fold(words[0]) in _TITLES:
            words.pop(0)
        capital = [len(word) > 1 and word == word.upper() != word.lower() for word in words]
        if any(capital) and not all(capital):
            family = " ".join(w for w, c in zip(words, capital, strict=True) if c)
            given = " ".join(w for w, c in zip(words, capital, strict=True) if not c)
        else:
            family, given = (words[0] if words else ""), " ".join(words[1:])
            guessed = True
    in_use, problem = parse_name(family)
    first, other = parse_name(given)
    problem = problem or other
    if guessed and in_use and first:
        problem = problem or Problem("name_split_guessed")
    if born and (at_birth := parse_name(born)[0]):
        return at_birth, first, in_use, problem
    return in_use, first, None, problem
