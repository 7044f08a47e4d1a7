"""Life events as acts: what each one changes, said before it is confirmed.

`plan` is pure: a screen shows `Plan.effects`, a service carries out `Plan.changes`, the same
value for both. Several adults never share what one of them told in confidence: a separation
gives each their own file, and copies nothing that belongs to the other person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from core.households.changes import (
    ADDRESSED,
    EVENT_LABELS,
    HERE,
    PROTECTIONS,
    Change,
    CloseHousehold,
    EndMembership,
    EndRequest,
    HouseholdFacts,
    LifeEvent,
    OfferOwnAccess,
    Plan,
    ReviewRequest,
    ReviewStay,
    RevokeAccess,
    SetComposition,
    SetCustody,
    SetProtection,
    StartMembership,
    StopMessages,
)  # fmt: skip
from core.households.people import MAJORITY, Member, Role, age, composition_code, is_minor
from core.households.planning import (
    KEPT,
    Effects,
    Impossible,
    child_of,
    member_of,
    next_applicant,
    recomposed,
)
from core.households.proposals import of_proposals
from core.households.unions import couple, separation
from core.kernel.words import N_, Sentence


def plan(event: LifeEvent, facts: HouseholdFacts) -> Plan:
    """What the event would change in this household, or why it is refused. Changes nothing."""
    if event.kind not in EVENT_LABELS:
        raise ValueError(f"unknown life event {event.kind!r}")
    try:
        if event.on > facts.today:
            raise Impossible(N_("Cet événement est dans l’avenir : notez-le le jour venu."))
        changes, effects = _PLANS[event.kind](event, facts)
        more, said = of_proposals(event, facts, changes)
    except Impossible as no:
        return Plan(refused=Sentence(str(no)))
    return Plan((*changes, *more), (*effects, *said))


def _arrival(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    if event.kind == "birth":
        birth: date | None = event.birth or event.on
        if event.birth not in (None, event.on):
            raise Impossible(N_("La date de naissance et celle de l’événement diffèrent."))
    else:
        if event.birth is None and event.person_id is None:
            raise Impossible(N_("Indiquez quel enfant arrive, ou sa date de naissance."))
        if event.person_id in {m.person_id for m in facts.members}:
            raise Impossible(N_("Cette personne fait déjà partie du ménage."))
        birth = event.birth
    if birth is not None and birth > event.on:
        raise Impossible(N_("La naissance ne peut pas suivre l’arrivée."))
    if birth is not None and age(birth, event.on) >= MAJORITY:
        raise Impossible(N_("Cette personne est majeure."))
    newcomer = Member(event.person_id or 0, Role.CHILD, birth, event.sex)
    changes, effects = recomposed(facts.members, (*facts.members, newcomer), event, facts)
    start = StartMembership(HERE, event.person_id, Role.CHILD, event.on, birth, event.sex)
    return [start, *changes], [Sentence(N_("Un enfant entre dans le ménage.")), *effects]


def _departure(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    child = child_of(event, facts)
    left = [m for m in facts.members if m is not child]
    if not left:
        raise Impossible(N_("Cet enfant est seul dans le ménage."))
    changes, effects = recomposed(facts.members, left, event, facts)
    gone = EndMembership(child.person_id, event.on, "child_leaves")
    return [gone, *changes], [
        Sentence(N_("L’enfant quitte le ménage ; son passage reste dans l’historique.")),
        *effects,
    ]


def _majority(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = member_of(event, facts)
    if person.birth is None:
        raise Impossible(N_("La date de naissance n’est pas connue."))
    if age(person.birth, event.on) < MAJORITY:
        raise Impossible(N_("Cette personne n’a pas encore 18 ans."))
    if person.role in (Role.MAIN, Role.PARTNER) and age(person.birth, event.on) > MAJORITY:
        raise Impossible(N_("Cette personne est déjà un adulte de ce ménage."))
    return [
        OfferOwnAccess(person.person_id, event.on),
        SetComposition(HERE, composition_code(facts.members, event.on)),
    ], [
        Sentence(N_("La personne devient majeure et reste dans le ménage.")),
        Sentence(N_("Elle reçoit son propre accès, que les autres ne voient pas.")),
        Sentence(N_("Elle peut déposer sa propre demande.")),
        KEPT,
    ]


def _custody(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    child = child_of(event, facts)
    if child.shared_custody:
        raise Impossible(N_("La garde de cet enfant est déjà partagée."))
    effects = [Sentence(N_("L’enfant compte dans la taille du logement de chaque parent.")), KEPT]
    return [SetCustody(child.person_id, True, event.on)], effects


def _protection(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = member_of(event, facts)
    if event.protection not in PROTECTIONS:
        raise Impossible(N_("Indiquez la mesure : curatelle, tutelle ou fin de mesure."))
    if is_minor(person, event.on):
        raise Impossible(N_("Une curatelle ou une tutelle concerne ici une personne majeure."))
    until = event.holder.until
    if until is not None and until <= event.on:
        raise Impossible(N_("La fin de la mesure doit suivre son début."))
    said = {
        "curatelle": N_("Le curateur assiste la personne, qui décide et signe avec lui."),
        "tutelle": N_("Le tuteur signe pour la personne, dont l’avis est demandé."),
        "none": N_("La personne agit de nouveau seule."),
    }
    effects = [
        Sentence(said[event.protection]),
        Sentence(N_("La personne garde son accès et ses messages.")),
        KEPT,
    ]
    if event.protection in ADDRESSED:
        effects.insert(1, Sentence(ADDRESSED[event.protection]))
    return [SetProtection(person.person_id, event.protection, event.on, event.holder)], effects


def _death(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = member_of(event, facts)
    left = [m for m in facts.members if m is not person]
    # Messages stop first: a service that fails half-way must never write to the dead.
    changes: list[Change] = [
        StopMessages(person.person_id),
        RevokeAccess(person.person_id),
        EndMembership(person.person_id, event.on, "death"),
    ]
    effects = [
        Sentence(N_("Plus aucun message ne part vers cette personne, dès maintenant.")),
        Sentence(N_("Ses accès et autorisations d’aide prennent fin.")),
    ]
    if facts.housed:
        changes.append(ReviewStay("death"))
    if not left:
        changes += [EndRequest(r.request_id, "death") for r in facts.requests]
        changes.append(CloseHousehold(HERE, event.on, "death"))
        effects.append(Sentence(N_("Le ménage et ses demandes se ferment.")))
        return changes, effects
    heirs, left = next_applicant(left, event)
    changes += heirs
    changes.append(SetComposition(HERE, composition_code(left, event.on)))
    changes += [ReviewRequest(r.request_id) for r in facts.requests]
    effects.append(Sentence(N_("La demande et l’ancienneté restent aux autres membres.")))
    if all(is_minor(m, event.on) for m in left):
        effects.append(Sentence(N_("Il ne reste aucun adulte : prévenez le référent aujourd’hui.")))
    return changes, effects


_PLANS: dict[str, Callable[[LifeEvent, HouseholdFacts], tuple[list[Change], Effects]]] = {
    "birth": _arrival,
    "child_arrives": _arrival,
    "child_leaves": _departure,
    "turns_18": _majority,
    "shared_custody": _custody,
    "couple_formed": couple,
    "separation": separation,
    "guardianship": _protection,
    "death": _death,
}
