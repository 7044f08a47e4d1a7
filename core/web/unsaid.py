"""What a language does not say yet stays in French, and says that it is French.

A catalogue that is asked to mark puts two signs of no text around each sentence it lacks; when the
page is whole they become `<span lang="fr" dir="ltr">`: a voice reads French as French, and a full
stop stands where French puts it inside a page that reads from right to left. In an attribute, or
where HTML holds plain text only, the signs go and the words stay.
"""

from __future__ import annotations

import gettext
import re

BEGIN, END = "\ufdd0", "\ufdd1"
"""Two of Unicode's noncharacters: no text holds them."""

_TAGS = re.compile(r"(<[^>]*>)")
_PLAIN = re.compile(r"<(/?)(title|textarea|option|script|style)\b", re.IGNORECASE)
_GONE = str.maketrans("", "", BEGIN + END)


class Marking(gettext.NullTranslations):
    """The last resort of a language: the French sentence, marked as such."""

    def gettext(self, message: str) -> str:
        return f"{BEGIN}{message}{END}" if message else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if abs(n) < 2 else msgid2)


def shown(html: str) -> str:
    """The page with its marks as elements; unchanged when it has none."""
    if BEGIN not in html:
        return html
    parts, plain = _TAGS.split(html), False
    for at, part in enumerate(parts):
        if at % 2:
            if found := _PLAIN.match(part):
                plain = not found[1]
            parts[at] = part.translate(_GONE)
        elif plain:
            parts[at] = part.translate(_GONE)
        else:
            parts[at] = part.replace(BEGIN, '<span lang="fr" dir="ltr">').replace(END, "</span>")
    return "".join(parts)
