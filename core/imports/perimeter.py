"""Whether a file says that it is another territory's: its titles name where it comes from. Pure.

Exports begin with lines such as "Périmètre : SIAO 67". A team that sends one department's file into
another's territory would open thousands of files there: the wizard asks before it goes on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from core.imports.keys import fold

_CODE = re.compile(
    r"\b(?:siao|departement|dept|dpt|perimetre|territoire)\b\D{0,15}?\b(\d{2,3}|2[ab])\b"
)


def department_of(postcode: str) -> str:
    """The department of a French postcode: two figures, three overseas. '' for none."""
    digits = postcode.strip()
    if not digits.isdigit() or len(digits) < 4:
        return ""
    return digits[:3] if digits.startswith(("97", "98")) else digits[:2]


def elsewhere(
    titles: Sequence[str], *, name: str, departments: Collection[str], others: Sequence[str]
) -> str | None:
    """The title that names another place than this territory, as it is written; None otherwise.

    `departments`: those of its communes (empty: not known, numbers say nothing then); `others`:
    the names of the other territories.
    """
    here = fold(name)
    for title in titles:
        said = fold(title)
        codes = set(_CODE.findall(said))
        if codes and departments and not codes & set(departments):
            return title
        if here not in said and any(fold(other) in said for other in others):
            return title
    return None
