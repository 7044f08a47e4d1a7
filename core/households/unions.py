"""A couple formed, a couple separated: two households that become one, one that becomes two."""

from __future__ import annotations

from dataclasses import replace

from core.households.changes import (
    HERE,
    JOINING,
    NEW,
    CarryRequest,
    Change,
    CloseHousehold,
    EndMembership,
    EndRequest,
    HouseholdFacts,
    KeepOldestSeniority,
    LifeEvent,
    OfferOwnAccess,
    ReviewRequest,
    ReviewStay,
    SetComposition,
    SetCustody,
    StartMembership,
)
from core.households.people import Role, composition_code, is_minor
from core.households.planning import KEPT, REVIEW, Effects, Impossible, member_of, next_applicant
from core.kernel.words import N_, Sentence


def couple(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    """The other household joins this one; the oldest seniority is kept."""
    other = event.joining
    if other is None or not other.members:
        raise Impossible(N_("Indiquez le ménage qui rejoint celui-ci."))
    here = {m.person_id for m in facts.members}
    if any(m.person_id in here for m in other.members):
        raise Impossible(N_("Une personne fait déjà partie des deux ménages."))
    if any(m.role is Role.PARTNER for m in (*facts.members, *other.members)):
        raise Impossible(N_("Un des ménages compte déjà un couple."))
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


def separation(event: LifeEvent, facts: HouseholdFacts) -> tuple[list[Change], Effects]:
    """Who leaves gets a household and a demande of their own, with the same seniority."""
    leaver = member_of(event, facts)
    ids = {m.person_id: m for m in facts.members}
    going, both = set(event.children), set(event.shared_children)
    if is_minor(leaver, event.on) and leaver.role is Role.CHILD:
        raise Impossible(N_("Un enfant ne se sépare pas : notez son départ."))
    if not all(i in ids and is_minor(ids[i], event.on) for i in going | both):
        raise Impossible(N_("Seuls des enfants du ménage peuvent suivre un adulte."))
    if going & both or leaver.person_id in going | both:
        raise Impossible(N_("Un enfant est indiqué deux fois."))
    staying = [m for m in facts.members if m is not leaver and m.person_id not in going]
    if not any(not is_minor(m, event.on) or m.role is Role.PARTNER for m in staying) and not any(
        m.role is Role.MAIN for m in staying
    ):
        raise Impossible(N_("Il ne resterait aucun adulte dans le ménage."))
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
    heirs, staying = next_applicant(staying, event)
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
