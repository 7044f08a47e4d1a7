"""A copy said: as a document to keep (JSON) and as a page to read and print. Pure.

Both are in the file's own language, French in the words of the place; what people wrote stays as
they wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from core.kernel.words import N_
from core.rights.copies import Copy
from core.rights.sections import Word

Say = Callable[[str], str]
When = Callable[[date], str]

_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?")


def spoken(value: Any, say: Say, when: When) -> Any:
    """The same value with its codes, labels and dates said; what nobody gave is left out."""
    if isinstance(value, Mapping):
        said = {say(key): spoken(one, say, when) for key, one in value.items()}
        return {key: one for key, one in said.items() if one not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [spoken(one, say, when) for one in value]
    if isinstance(value, bool):
        return say(N_("Oui") if value else N_("Non"))
    if isinstance(value, Word):
        return say(value)
    if isinstance(value, date):
        return when(value)
    if isinstance(value, str) and _ISO.fullmatch(value):
        return when(_dated(value))
    return value


def _dated(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def parts_of(copy: Copy, say: Say, when: When) -> list[tuple[str, Any]]:
    """(title, what is held) of each section, those of extensions last."""
    own = [(say(title), spoken(rows, say, when)) for title, rows in copy.sections]
    return own + [(say(title), spoken(held, say, when)) for title, held in copy.plugins.items()]


def document(copy: Copy, place: str, say: Say) -> dict[str, Any]:
    """The copy as a file: dates as ISO 8601, labels in words."""
    left = [say(title) for title in (*copy.left_out, *copy.unread)]
    return {
        say(N_("Copie des données de")): copy.name,
        say(N_("Territoire")): place,
        say(N_("Faite le")): copy.made_at.isoformat(),
        say(N_("Contenu")): dict(parts_of(copy, say, lambda day: day.isoformat())),
        **({say(N_("N’est pas dans cette copie")): left} if left else {}),
    }
