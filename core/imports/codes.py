"""Codes or labels, mixed in one column, matched to the ids of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import fuzz, process

from core.imports.keys import fold
from core.imports.problems import Problem

Code = int | str
_LEADING = re.compile(r"\s*\(?(\d{1,4})(?:\.0+)?\)?\s*(?:$|[\-–—:.)]\s*\D)")
_SHORT = {
    # how the trade shortens its words, and how labels write them
    "pec": "prise en charge", "hebgt": "hebergement", "heb": "hebergement", "hebt": "hebergement",
    "hbgt": "hebergement", "log": "logement", "res": "residence", "soc": "sociale",
    "pdf": "pension de famille", "rs": "residence sociale", "ra": "residence accueil",
    "enf": "enfant", "enfts": "enfant", "enfants": "enfant", "s": "", "mesure": "",
    "fam": "famille", "expuls": "expulsion", "prive": "prive", "cd": "conseil departemental",
    "ls": "logement social", "vif": "violences familiales", "av": "avec", "ac": "avec",
    "ss": "sans", "s enf": "sans enfant", "inst": "institution", "f": "femme", "h": "homme",
    "des": "", "de": "", "du": "", "la": "", "le": "", "les": "", "l": "", "d": "", "par": "",
    "en": "", "une": "", "un": "", "et": "", "ou": "", "a": "", "au": "", "chez": "",
    "femmes": "femme", "hommes": "homme", "seule": "seul", "isolee": "seul", "isole": "seul",
    "violence": "violences", "familiale": "familiales", "conjugale": "conjugales",
    "ressource": "ressources", "transmis": "transmise", "annule": "annulee",
}  # fmt: skip
_NEAR = 86
"""Likeness (of 100) from which a label is taken for another, to be checked by somebody."""
_APART = 5
"""How far behind the second-best must be: between two near labels nobody is guessed."""


class CodeMatcher:
    """Finds the id of a cell in one list: `"100"`, `"100 - Couple"`, its label, its spelling.

    `labels` is `{id: label}`; `aliases` adds other wordings, `{wording: id}`.
    """

    def __init__(
        self, labels: Mapping[Code, str], aliases: Mapping[str, Code] | None = None
    ) -> None:
        self.labels = dict(labels)
        self._ids = {str(code).casefold(): code for code in labels}
        self._exact: dict[str, Code] = {}
        self._loose: dict[str, Code | None] = {}
        for wording, code in [
            *((label, code) for code, label in labels.items()),
            *(aliases or {}).items(),
        ]:
            self._exact.setdefault(fold(wording), code)
            loose = _loosen(wording)
            # a shortened wording that means two things means nothing
            known = self._loose.setdefault(loose, code)
            if known != code:
                self._loose[loose] = None
        self._choices = [wording for wording, code in self._loose.items() if code is not None]

    def match(self, text: str) -> tuple[Code | None, Problem | None]:
        """The id, and `code_guessed` when a resemblance decided; None and `code_unknown` else."""
        text = text.strip()
        if not text:
            return None, None
        if (code := self._ids.get(text.casefold())) is not None:
            return code, None
        words = fold(text[:200])
        if (code := self._exact.get(words)) is not None:
            return code, None
        if match := _LEADING.match(text):
            # "100 - Couple avec enfant": the code leads, its label only echoes it
            if (code := self._ids.get(match[1])) is not None:
                return code, None
            return None, Problem("code_unknown")
        loose = _loosen(text[:200])
        if not loose:
            return None, Problem("code_unknown")
        if (code := self._loose.get(loose)) is not None:
            return code, None
        return self._nearest(loose)

    def _nearest(self, loose: str) -> tuple[Code | None, Problem | None]:
        found = process.extract(
            loose, self._choices, scorer=fuzz.ratio, limit=4, score_cutoff=_NEAR - _APART
        )
        if found and found[0][1] >= _NEAR:
            code = self._loose[found[0][0]]
            rivals = [score for wording, score, _ in found[1:] if self._loose[wording] != code]
            if code is not None and (not rivals or found[0][1] - max(rivals) >= _APART):
                return code, Problem("code_guessed", {"label": self.labels.get(code, str(code))})
        return None, Problem("code_unknown")


def _loosen(text: str) -> str:
    """The words that carry meaning, with the trade's abbreviations written out."""
    words = " ".join(_SHORT.get(word, word) for word in fold(text).split()).split()
    return " ".join(word for word in words if _SHORT.get(word, word))
