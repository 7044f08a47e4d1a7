"""A ranking rule in words: for the staff, key by key, and for households in plain sentences."""

from __future__ import annotations

from core.kernel.words import N_, Sentence
from core.matching.ranking import KEYS, FactTest, PriorityClass, Rule

CLASSES_FIRST = N_("Ces situations passent d’abord : %(who)s.")
THEN_OTHERS = N_("Ensuite viennent toutes les autres demandes.")
PLAIN = {
    "size": N_("Passent d’abord ceux pour qui le lieu a la bonne taille."),
    "area": N_("Ceux qui ont demandé cette commune passent avant."),
    "recommendation": N_("L’ordre des lieux conseillés pour vous compte aussi."),
    "seniority": N_("À situation égale, la demande la plus ancienne passe en premier."),
    "waited": N_("À situation égale, on regarde qui attend depuis longtemps sur cette liste."),
}
DRAWN = N_("À égalité, un tirage au sort décide. Vous pouvez le vérifier.")
"""Each sentence stands alone, twelve words at most: read aloud, translated, printed."""


def plain_sentences(rule: Rule) -> tuple[Sentence, ...]:
    """What a household reads of the order, from the first key to the draw.

    The names of the classes are the territory's own words.
    """
    said: list[Sentence] = []
    for key in rule.keys:
        if key != "class":
            said.append(Sentence(PLAIN[key]))
        elif rule.classes:
            named = " ; ".join(one.label for one in rule.classes)
            said += [Sentence(CLASSES_FIRST, {"who": named}), Sentence(THEN_OTHERS)]
    return (*said, Sentence(DRAWN))


def key_names(rule: Rule) -> tuple[str, ...]:
    """The names of its keys, in order; a class key without any class decides nothing."""
    return tuple(KEYS[k] for k in rule.keys if k != "class" or rule.classes)


def tests_said(one: PriorityClass) -> tuple[Sentence, ...]:
    """The tests of a class on facts, in the staff's words."""
    return tuple(test.said for test in one.facts if isinstance(test, FactTest))
