"""Life events as acts: what each one changes, said before it is confirmed.

`plan` is pure: a screen shows `Plan.effects`, a service carries out `Plan.changes`, the same
value for both. Several adults never share what one of them told in confidence: a separation
gives each their own file, and copies nothing that belongs to the other person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from core.households.changes import (
    EVENT_LABELS,
    HERE,
    JOINING,
    NEW,
    PROTECTIONS,
    CarryRequest,
    Change,
    CloseHousehold,
    EndMembership,
    EndRequest,
    HouseholdFacts,
    KeepOldestSeniority,
    LifeEvent,
    OfferOwnAccess,
    Plan,
    ReviewRequest,
    ReviewStay,
    RevokeAccess,
    SetComposition,
    SetCustody,
    SetProtection,
    SetRole,
    StartMembership,
    StopMessages,
)  # fmt: skip
from core.households.people import MAJORITY, Member, Role, age, composition_code, is_minor
from core.kernel.words import N_, Sentence

Effects = list[Sentence]
KEPT = Sentence(N_("L’ancienneté ne change pas."))
REVIEW = Sentence(N_("La préconisation est à revoir avec le ménage."))


class _Impossible(Exception):
    """Why an event cannot be recorded; carried to `Plan.refused`."""


def plan(event: LifeEvent, facts: HouseholdFacts) -> Plan:
    """What the event would change in this household, or why it is refused. Changes nothing."""
    if event.kind not in EVENT_LABELS:
        raise ValueError(f"unknown life event {event.kind!r}")
    try:
        if event.on > facts.today:
            raise _Impossible(N_("Cet événement est dans l’avenir : notez-le le jour venu."))
        changes, effects = _PLANS[event.kind](event, facts)
    except _Impossible as no:
        return Plan(refused=Sentence(str(no)))
    return Plan(tuple(changes), tuple(effects))


def _person(event: LifeEvent, facts: HouseholdFacts) -> Member:
    for member in facts.members:
        if member.person_id == event.person_id:
            return member
    raise _Impossible(N_("Cette personne ne fait pas partie du ménage."))


def _child(event: LifeEvent, facts: HouseholdFacts) -> Member:
    child = _person(event, facts)
    if not is_minor(child, event.on):
        raise _Impossible(N_("Cette personne est majeure."))
    return child


def _recomposed(
    before: Iterable[Member], after: Iterable[Member], event: LifeEvent, facts: HouseholdFacts
) -> tuple[list[Change], Effects]:
    """The new composition, and the requests and stay that must be looked at again."""
    changes: list[Change] = [SetComposition(HERE, composition_code(after, event.on))]
    effects = [KEPT]
    if len(list(before)) != len(list(after)):
        changes += [ReviewRequest(r.request_id) for r in facts.requests]
        if facts.requests:
            effects.append(REVIEW)
        if facts.housed:
            changes.append(ReviewStay(event.kind))
            effects.append(Sentence(N_("Le logement actuel est à vérifier pour cette taille.")))
    return changes, effects


def _arrival(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    if event.kind == "birth":
        birth: date | None = event.birth or event.on
        if event.birth not in (None, event.on):
            raise _Impossible(N_("La date de naissance et celle de l’événement diffèrent."))
    else:
        if event.birth is None and event.person_id is None:
            raise _Impossible(N_("Indiquez quel enfant arrive, ou sa date de naissance."))
        if event.person_id in {m.person_id for m in facts.members}:
            raise _Impossible(N_("Cette personne fait déjà partie du ménage."))
        birth = event.birth
    if birth is not None and birth > event.on:
        raise _Impossible(N_("La naissance ne peut pas suivre l’arrivée."))
    if birth is not None and age(birth, event.on) >= MAJORITY:
        raise _Impossible(N_("Cette personne est majeure."))
    newcomer = Member(event.person_id or 0, Role.CHILD, birth, event.sex)
    changes, effects = _recomposed(facts.members, (*facts.members, newcomer), event, facts)
    start = StartMembership(HERE, event.person_id, Role.CHILD, event.on, birth, event.sex)
    return [start, *changes], [Sentence(N_("Un enfant entre dans le ménage.")), *effects]


def _departure(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    child = _child(event, facts)
    left = [m for m in facts.members if m is not child]
    if not left:
        raise _Impossible(N_("Cet enfant est seul dans le ménage."))
    changes, effects = _recomposed(facts.members, left, event, facts)
    gone = EndMembership(child.person_id, event.on, "child_leaves")
    return [gone, *changes], [
        Sentence(N_("L’enfant quitte le ménage ; son passage reste dans l’historique.")),
        *effects,
    ]


def _majority(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = _person(event, facts)
    if person.birth is None:
        raise _Impossible(N_("La date de naissance n’est pas connue."))
    if age(person.birth, event.on) < MAJORITY:
        raise _Impossible(N_("Cette personne n’a pas encore 18 ans."))
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
    child = _child(event, facts)
    if child.shared_custody:
        raise _Impossible(N_("La garde de cet enfant est déjà partagée."))
    effects = [Sentence(N_("L’enfant compte dans la taille du logement de chaque parent.")), KEPT]
    return [SetCustody(child.person_id, True, event.on)], effects


def _couple(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    other = event.joining
    if other is None or not other.members:
        raise _Impossible(N_("Indiquez le ménage qui rejoint celui-ci."))
    here = {m.person_id for m in facts.members}
    if any(m.person_id in here for m in other.members):
        raise _Impossible(N_("Une personne fait déjà partie des deux ménages."))
    if any(m.role is Role.PARTNER for m in (*facts.members, *other.members)):
        raise _Impossible(N_("Un des ménages compte déjà un couple."))
    joining = [replace(m, role=Role.PARTNER) if m.role is Role.MAIN else m for m in other.members]
    together = (*facts.members, *joining)
    changes: list[Change] = [
        EndMembership(m.person_id, event.on, "couple_formed", JOINING) for m in joining
    ]
    changes += [
        StartMembership(HERE, m.person_id, m.role, event.on, m.birth, m.sex, m.shared_custody)
        for m in joining
    ]
    changes += [
        CloseHousehold(JOINING, event.on, "joined"),
        SetComposition(HERE, composition_code(together, event.on)),
    ]
    effects = [
        Sentence(N_("Les deux ménages n’en font plus qu’un.")),
        Sentence(N_("Chaque adulte garde son propre accès.")),
    ]
    dates = [r.seniority_on for r in (*facts.requests, *other.requests) if r.seniority_on]
    if facts.housed or other.housed:
        changes.append(ReviewStay("couple_formed"))
        effects.append(Sentence(N_("Le logement actuel est à vérifier pour cette taille.")))
    if facts.requests:
        changes += [ReviewRequest(r.request_id) for r in facts.requests]
        changes += [
            KeepOldestSeniority(r.request_id, min(dates))
            for r in facts.requests
            if dates and r.seniority_on != min(dates)
        ]
        changes += [EndRequest(r.request_id, "joined") for r in other.requests]
        effects += [Sentence(N_("L’ancienneté la plus longue est gardée.")), REVIEW]
    elif other.requests:
        changes += [CarryRequest(r.request_id, HERE, r.seniority_on) for r in other.requests]
        effects.append(KEPT)
    return changes, effects


def _separation(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    leaver = _person(event, facts)
    ids = {m.person_id: m for m in facts.members}
    going, both = set(event.children), set(event.shared_children)
    if is_minor(leaver, event.on) and leaver.role is Role.CHILD:
        raise _Impossible(N_("Un enfant ne se sépare pas : notez son départ."))
    if not all(i in ids and is_minor(ids[i], event.on) for i in going | both):
        raise _Impossible(N_("Seuls des enfants du ménage peuvent suivre un adulte."))
    if going & both or leaver.person_id in going | both:
        raise _Impossible(N_("Un enfant est indiqué deux fois."))
    staying = [m for m in facts.members if m is not leaver and m.person_id not in going]
    if not any(not is_minor(m, event.on) or m.role is Role.PARTNER for m in staying) and not any(
        m.role is Role.MAIN for m in staying
    ):
        raise _Impossible(N_("Il ne resterait aucun adulte dans le ménage."))
    new = [replace(leaver, role=Role.MAIN)]
    new += [
        replace(ids[i], shared_custody=i in both or ids[i].shared_custody)
        for i in sorted(going | both)
    ]
    changes: list[Change] = [EndMembership(leaver.person_id, event.on, "separation")]
    changes += [EndMembership(i, event.on, "separation") for i in sorted(going)]
    changes += [SetCustody(i, True, event.on) for i in sorted(both)]
    changes += [
        StartMembership(NEW, m.person_id, m.role, event.on, m.birth, m.sex, m.shared_custody)
        for m in new
    ]
    heirs, staying = _next_applicant(staying, event)
    changes += heirs
    changes += [CarryRequest(r.request_id, NEW, r.seniority_on) for r in facts.requests]
    changes += [ReviewRequest(r.request_id) for r in facts.requests]
    changes += [
        SetComposition(HERE, composition_code(staying, event.on)),
        SetComposition(NEW, composition_code(new, event.on)),
        OfferOwnAccess(leaver.person_id, event.on),
    ]
    effects = [
        Sentence(N_("Un nouveau ménage est créé pour la personne qui part.")),
        Sentence(N_("Chaque adulte garde l’ancienneté d’origine.")),
        Sentence(N_("Aucun des deux ne voit ce que l’autre a confié.")),
    ]
    if facts.housed:
        changes.append(ReviewStay("separation"))
        effects.append(Sentence(N_("Le logement actuel reste à ceux qui y vivent, à vérifier.")))
    return changes, effects


def _protection(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = _person(event, facts)
    if event.protection not in PROTECTIONS:
        raise _Impossible(N_("Indiquez la mesure : curatelle, tutelle ou fin de mesure."))
    if is_minor(person, event.on):
        raise _Impossible(N_("Une curatelle ou une tutelle concerne ici une personne majeure."))
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
    return [SetProtection(person.person_id, event.protection, event.on)], effects


def _death(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    person = _person(event, facts)
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
    heirs, left = _next_applicant(left, event)
    changes += heirs
    changes.append(SetComposition(HERE, composition_code(left, event.on)))
    changes += [ReviewRequest(r.request_id) for r in facts.requests]
    effects.append(Sentence(N_("La demande et l’ancienneté restent aux autres membres.")))
    if all(is_minor(m, event.on) for m in left):
        effects.append(Sentence(N_("Il ne reste aucun adulte : prévenez le référent aujourd’hui.")))
    return changes, effects


def _next_applicant(left: list[Member], event: LifeEvent) -> tuple[list[Change], list[Member]]:
    """Who carries the request on: the partner, else the eldest adult; no change if there is one."""
    if any(m.role is Role.MAIN for m in left):
        return [], left
    grown = [m for m in left if not is_minor(m, event.on) or m.role is Role.PARTNER]
    if not grown:
        return [], left
    heir = min(grown, key=lambda m: (m.role is not Role.PARTNER, m.birth or event.on, m.person_id))
    changes: list[Change] = [SetRole(heir.person_id, Role.MAIN, event.on)]
    return changes, [replace(m, role=Role.MAIN) if m is heir else m for m in left]


_PLANS: dict[str, Callable[[LifeEvent, HouseholdFacts], tuple[list[Change], Effects]]] = {
    "birth": _arrival,
    "child_arrives": _arrival,
    "child_leaves": _departure,
    "turns_18": _majority,
    "shared_custody": _custody,
    "couple_formed": _couple,
    "separation": _separation,
    "guardianship": _protection,
    "death": _death,
}
