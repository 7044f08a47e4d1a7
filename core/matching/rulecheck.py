"""A rule read from its stored keys: what is unknown, badly made, or may never be asked, in words.

No key may ask that somebody stayed in shelter first, or is "ready" for a home: rule of the house,
from the principle of Logement d'abord (issue 4); what the law asks for a kind of place is a
condition of that kind, never an order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from core.kernel.errors import Refused
from core.kernel.words import N_, Sentence
from core.matching.ranking import (
    DATE_KEYS,
    DEFAULT_CLASS,
    FACT_TESTS,
    KEYS,
    LAST_CLASS,
    FactTest,
    PriorityClass,
    Rule,
)

SHORT = {"priority": "class"}
"""How the first rules named a key; "draw", said there too, ends every rule anyway."""

BOUNDS: Mapping[str, tuple[int, int]] = {
    "accessible_needed": (0, 0),
    "support_from": (1, 4),
    "persons_from": (2, 20),
    "youngest_under": (1, 21),
    "eldest_under": (16, 31),
}
"""The lowest and highest value of each test of the facts."""

CLASSES_MOST = 8
LABEL_MOST = 120

_FORBIDDEN = re.compile(
    r"shelter|prior_?stay|first_?stay|readi|ready|autonom|abstinen|sobri|compliance|merit"
    r"|hebergement_prealable|passage_prealable|pret_a|parcours_en_escalier",
    re.I,
)
READINESS_WORDS = re.compile(
    r"pr[êe]te?s?\s+(à|au|pour)|autonom|m[ée]rit|abstinen|sobri[ée]t|passé[es]*\s+par"
    r"|déjà\s+(été\s+)?héberg|séjour\s+préalable|passage\s+préalable|hébergement\s+préalable"
    r"|passage\s+(en|par)\s+\w|avoir\s+(été\s+hébergé|séjourné)|sevr|aptes?\s+(à|au)"
    r"|capacité\s+(à|d.)\s*(habiter|occuper|vivre)",
    re.I,
)
"""Words that speak of being ready, of deserving, or of a stay to be made first."""

NEVER = N_(
    "« %(name)s » ne peut pas servir : une règle ne demande jamais un passage préalable par "
    "l’hébergement, ni d’être « prêt » pour un logement."
)
UNKNOWN_KEY = N_("« %(name)s » n’est pas un critère de classement connu.")
TWICE = N_("Le critère « %(name)s » figure deux fois.")
NO_DATE = N_("Une règle se termine par une date : l’ancienneté, ou le temps passé sur la liste.")
TWO_DATES = N_("Une règle n’a qu’une date : l’ancienneté ou le temps passé sur la liste.")
DATE_LAST = N_("La date vient en dernier : après elle, un critère ne départage plus personne.")
NO_LIST = N_("Cette règle n’est pas une liste de critères.")
BAD_CLASS = N_("Une classe porte un numéro de 1 à %(last)s.")
CLASS_TWICE = N_("La classe %(number)s figure deux fois.")
BAD_DEFAULT = N_("La classe %(number)s est celle de tous les autres : donnez un autre numéro.")
NO_LABEL = N_("Dites en quelques mots qui est dans la classe %(number)s.")
NOBODY = N_("La classe %(number)s ne désigne personne : choisissez une mention ou un fait.")
UNKNOWN_TAG = N_("La mention « %(name)s » n’existe pas ici.")
UNKNOWN_FACT = N_("Le fait « %(name)s » n’est pas de ceux qu’une classe peut lire.")
BAD_VALUE = N_("« %(name)s » demande un nombre de %(low)s à %(high)s.")
TOO_MANY = N_("Une règle a au plus %(most)s classes.")


class BadRule(Refused):
    """A rule that cannot be applied: every reason, the first as its message."""

    def __init__(self, reasons: Collection[Sentence]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(self.reasons[0].msgid, **self.reasons[0].params)


def read_rule(keys: Any, tags: Collection[str] | None = None) -> Rule:
    """The rule that stored keys say: `[{"key": "class", "classes": […]}, …, {"key": "seniority"}]`.

    A key alone may stand as its name. `tags`: those registered here; None where a rule that was
    signed is read, for a plugin may have gone since. Raises BadRule.
    """
    wrong: list[Sentence] = []
    if not isinstance(keys, (list, tuple)):
        raise BadRule([Sentence(NO_LIST)])
    names: list[str] = []
    classes: tuple[PriorityClass, ...] = ()
    default = DEFAULT_CLASS
    for one in keys:
        said = one if isinstance(one, Mapping) else {"key": one}
        name = said.get("key")
        name = SHORT.get(name, name) if isinstance(name, str) else str(name)
        if name == "draw":
            continue
        if name not in KEYS:
            wrong.append(Sentence(NEVER if forbidden(name) else UNKNOWN_KEY, {"name": name}))
            continue
        if name in names:
            wrong.append(Sentence(TWICE, {"name": KEYS[name]}))
        names.append(name)
        if name == "class":
            classes, default = _classes(said, tags, wrong)
    wrong += _dates(names)
    if wrong:
        raise BadRule(wrong)
    return Rule(tuple(names), classes, default)


def write_rule(rule: Rule) -> list[dict[str, Any]]:
    """The stored form of a rule; `read_rule` gives it back."""
    return [
        {"key": key} if key != "class" else {
            "key": key,
            "default": rule.default_class,
            "classes": [
                {
                    "class": one.number,
                    "label": one.label,
                    "tags": list(one.tags),
                    "facts": [{"fact": t.name, "value": t.value} for t in one.facts],
                }
                for one in rule.classes
            ],
        }
        for key in rule.keys
    ]  # fmt: skip


def forbidden(name: str) -> bool:
    """Whether a key, a tag or a class's words ask for a stay in shelter or for being "ready"."""
    return bool(_FORBIDDEN.search(name) or READINESS_WORDS.search(name))


def _dates(names: list[str]) -> list[Sentence]:
    dated = [name for name in names if name in DATE_KEYS]
    if not dated:
        return [Sentence(NO_DATE)]
    if len(dated) > 1:
        return [Sentence(TWO_DATES)]
    return [] if names[-1] == dated[0] else [Sentence(DATE_LAST)]


def _classes(
    said: Mapping[str, Any], tags: Collection[str] | None, wrong: list[Sentence]
) -> tuple[tuple[PriorityClass, ...], int]:
    default = said.get("default", DEFAULT_CLASS)
    if not _number(default):
        wrong.append(Sentence(BAD_CLASS, {"last": LAST_CLASS}))
        default = DEFAULT_CLASS
    found: dict[int, PriorityClass] = {}
    stored = said.get("classes", [])
    if not isinstance(stored, (list, tuple)) or not all(isinstance(c, Mapping) for c in stored):
        wrong.append(Sentence(NO_LIST))
        stored = []
    if len(stored) > CLASSES_MOST:
        wrong.append(Sentence(TOO_MANY, {"most": CLASSES_MOST}))
    for one in stored:
        number = one.get("class")
        if not _number(number):
            wrong.append(Sentence(BAD_CLASS, {"last": LAST_CLASS}))
            continue
        if number == default:
            wrong.append(Sentence(BAD_DEFAULT, {"number": number}))
        if number in found:
            wrong.append(Sentence(CLASS_TWICE, {"number": number}))
        found[number] = _class(number, one, tags, wrong)
    return tuple(found[n] for n in sorted(found)), default


def _class(
    number: int, one: Mapping[str, Any], tags: Collection[str] | None, wrong: list[Sentence]
) -> PriorityClass:
    label = str(one.get("label") or "").strip()[:LABEL_MOST]
    if not label:
        wrong.append(Sentence(NO_LABEL, {"number": number}))
    elif forbidden(label):
        wrong.append(Sentence(NEVER, {"name": label}))
    named = tuple(str(t) for t in one.get("tags") or ())
    for key in named:
        if forbidden(key):
            wrong.append(Sentence(NEVER, {"name": key}))
        elif tags is not None and key not in tags:
            wrong.append(Sentence(UNKNOWN_TAG, {"name": key}))
    facts = tuple(t for t in (_fact(f, wrong) for f in one.get("facts") or ()) if t)
    if not named and not facts:
        wrong.append(Sentence(NOBODY, {"number": number}))
    return PriorityClass(number, label, named, facts)


def _fact(stored: Any, wrong: list[Sentence]) -> FactTest | None:
    name = str(stored.get("fact") if isinstance(stored, Mapping) else stored)
    if name not in FACT_TESTS:
        wrong.append(Sentence(NEVER if forbidden(name) else UNKNOWN_FACT, {"name": name}))
        return None
    low, high = BOUNDS[name]
    value = stored.get("value", 0) if isinstance(stored, Mapping) else 0
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        said = {"name": name, "low": low, "high": high}
        wrong.append(Sentence(BAD_VALUE, said))
        return None
    return FactTest(name, value)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LAST_CLASS
