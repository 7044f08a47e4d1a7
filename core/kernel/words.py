"""Sentences that rules hand to screens: a French msgid and what fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LANGUAGES = {
    "fr": "Français",
    "en": "English",
    "nl": "Nederlands",
    "ar": "العربية",
}
"""The languages that pages speak, by their own names: a territory chooses among these."""

COMPLETE = ("en", "nl")
"""Languages in which nothing may be missing; the others say the way in and the first page."""

UNREVIEWED = frozenset({"ar", "nl"})
"""Languages that no native speaker has read yet: pages and catalogues say so."""


def N_(msgid: str) -> str:
    """Mark a French sentence for translation without translating it now."""
    return msgid


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, not yet in anyone's language.

    Rules are pure and know no language: they return the msgid and its parameters, the
    screen renders them in the reader's language.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def render(self, translate: Callable[[str], str] = N_) -> str:
        """The sentence in the language of `translate`; French without one."""
        text = translate(self.msgid)
        return text % self.params if self.params else text

    def __str__(self) -> str:
        return self.render()
