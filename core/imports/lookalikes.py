"""The same person asking elsewhere under another spelling: flagged, never merged.

Two people are compared when they share a birth date, or when their names are equal and their
birth dates are one slip apart. Kept per person: one tuple, found by birth date and by name, whose
texts are shared with all who bear the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

ALIKE = 85
"""Likeness (of 100) of the names, birth dates being equal, from which somebody should look."""
_SLIP = 90
_EACH = 3
_NAMESAKES = 60
_SCANNED = 400  # a default birth date (01/01/1990) is shared by too many to compare them all

Seen = tuple[str, str, str, int, str]  # family key, given key, birth `ddmmyyyy`, line, demande


class Lookalikes:
    """Remembers the people of a file and tells whom a new one resembles."""

    def __init__(self) -> None:
        self._by_birth: dict[int, list[Seen]] = {}
        # most names are borne once: no list for them
        self._by_name: dict[int, Seen | list[Seen]] = {}
        self._words: dict[str, str] = {}

    def add(
        self, family: str, given: str, birth: date | None, line: int, demande: str
    ) -> list[tuple[int, int]]:
        """Remember a person; return `(line, score)` of earlier people of other demandes."""
        if birth is None or not family or not given:
            return []
        found: list[tuple[int, int]] = []
        day = birth.toordinal()
        born = self._by_birth.setdefault(day, [])
        for other_family, other_given, _, other_line, other_demande in born[-_SCANNED:]:
            if other_demande == demande:
                continue
            # a slip on both initials at once is nobody's spelling; most pairs stop here
            if (
                other_family[0] != family[0]
                and other_given[0] != given[0]
                and other_given[0] != family[0]
            ):
                continue
            score = likeness(family, given, other_family, other_given)
            if score >= ALIKE:
                found.append((other_line, score))
        digits = born[0][2] if born else f"{birth.day:02}{birth.month:02}{birth.year}"
        family = self._words.setdefault(family, family)
        given = self._words.setdefault(given, given)
        seen = (family, given, digits, line, demande)
        born.append(seen)
        for _, _, other_digits, other_line, other_demande in self._namesakes(seen):
            if other_digits != digits and other_demande != demande:
                if _one_slip(digits, other_digits):
                    found.append((other_line, _SLIP))
        return sorted(found, key=lambda one: -one[1])[:_EACH]

    def _namesakes(self, seen: Seen) -> Sequence[Seen]:
        """The latest people of the same names before this one, who is remembered too."""
        name = hash(seen[:2])
        others = self._by_name.setdefault(name, seen)
        if others is seen:
            return ()
        if isinstance(others, tuple):
            self._by_name[name] = [others, seen]
            return (others,)
        latest = others[-_NAMESAKES:]
        others.append(seen)
        return latest


def likeness(family: str, given: str, other_family: str, other_given: str) -> int:
    """0 to 100. Both names must be near: twins share a family name and a birth date.

    Names written in each other's column count a little less than in their own.
    """
    if family == other_family and given == other_given:
        return 100
    first = fuzz.ratio(family, other_family)
    if first >= 70:
        second = fuzz.ratio(given, other_given)
        if second >= 70:
            return round((first + second) / 2)
    swapped = min(fuzz.ratio(family, other_given), fuzz.ratio(given, other_family))
    return round(swapped * 0.95)


def _one_slip(digits: str, other: str) -> bool:
    """One digit mistyped, two swapped, or day and month exchanged (both are `ddmmyyyy`)."""
    if digits[:2] + digits[2:4] == other[2:4] + other[:2] and digits[4:] == other[4:]:
        return True
    return OSA.distance(digits, other, score_cutoff=1) <= 1
