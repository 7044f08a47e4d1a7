"""Pure rules of housing: the vacancy's life cycle, its days, unit checks, change of kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.kernel.machine import N_, Machine, Need, State, Transition, Verdict
from core.kernel.words import Sentence

REASON = Need("reason", N_("Indiquez un motif."))
NOT_SOON = N_("Ce lieu n’est pas libre pour le moment.")

# A table: one act, then who, what is recorded, what each side reads, what it needs.
# fmt: off
VACANCY = Machine(
    "vacancy",
    {
        "declared": State(N_("Déclarée"), N_("Ce lieu est libre."), "ok"),
        "held": State(N_("Réservée"), N_("Ce lieu est réservé."), "info"),
        "filled": State(N_("Pourvue"), N_("Ce lieu est occupé."), "neutral"),
        "given_back": State(N_("Rendue"), NOT_SOON, "neutral"),
        "frozen": State(N_("Gelée"), NOT_SOON, "warn"),
    },
    (
        Transition("hold", ("declared",), "held", "vacancies.hold", "vacancy.held",
                   N_("Place réservée pour un ménage."), N_("Ce lieu est réservé pour vous."),
                   (Need("household", N_("Indiquez pour quel ménage la place est réservée.")),
                    Need("held_until", N_("Indiquez jusqu’à quand la place est réservée.")))),
        Transition("extend", ("held",), "held", "vacancies.hold", "vacancy.hold_extended",
                   N_("Réservation prolongée."), None,
                   (REASON, Need("held_until", N_("Indiquez la nouvelle date.")))),
        Transition("release", ("held",), "declared", "vacancies.hold", "vacancy.released",
                   N_("Réservation levée, place de nouveau disponible."), None, (REASON,)),
        Transition("expire_hold", ("held",), "declared", "vacancies.hold",
                   "vacancy.hold_expired", N_("Réservation expirée."), None,
                   (Need("hold_over", N_("La réservation court encore.")),)),
        Transition("fill", ("held",), "filled", "vacancies.fill", "vacancy.filled",
                   N_("Place pourvue."), None,
                   (Need("admitted", N_("L’admission n’est pas prononcée.")),)),
        Transition("fill_directly", ("declared",), "filled", "vacancies.fill",
                   "vacancy.filled_directly",
                   N_("Place pourvue en urgence, SIAO informé."), None,
                   (Need("emergency", N_("Seule l’urgence permet d’admettre sans le SIAO.")),
                    Need("siao_told", N_("Le SIAO doit être informé de cette admission.")))),
        Transition("give_back", ("declared",), "given_back", "vacancies.declare",
                   "vacancy.given_back", N_("Place rendue à la structure."), None, (REASON,)),
        Transition("freeze", ("declared",), "frozen", "vacancies.declare", "vacancy.frozen",
                   N_("Place gelée."), None, (REASON,)),
        Transition("unfreeze", ("frozen",), "declared", "vacancies.declare",
                   "vacancy.unfrozen", N_("Place de nouveau disponible."), None),
        Transition("reopen", ("filled",), "declared", "vacancies.declare", "vacancy.reopened",
                   N_("Entrée non réalisée, place de nouveau disponible."), None,
                   (REASON, Need("unit_free", N_("La place est occupée.")))),
        Transition("declare_again", ("given_back",), "declared", "vacancies.declare",
                   "vacancy.declared_again", N_("Place déclarée à nouveau."), None,
                   (Need("unit_free", N_("La place est occupée.")),)),
    ),
    "declared",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to, and without, `end`; None when it has not ended."""

    start: date
    end: date | None = None


def hold_over(held_until: date, on: date) -> bool:
    """Whether a reservation has expired; its last day still holds."""
    return on > held_until


def vacancy_days(free: Period, on: date, frozen: Iterable[Period] = ()) -> int:
    """Days a unit stood empty and usable up to `on`: from the day it was free, up to and without
    the day it was taken, without the days when works froze it."""
    works = tuple(frozen)
    end = min(free.end or on, on)
    days = (free.start + timedelta(days=n) for n in range(max(0, (end - free.start).days)))
    return sum(
        not any(p.start <= day and (p.end is None or day < p.end) for p in works) for day in days
    )


TYPOLOGIES = (
    "single_room",
    "room_2",
    "room_3",
    "room_4",
    "room_5_plus",
    "dormitory",
    "studio",
    "t1",
    "t1bis",
    "t2",
    "t3",
    "t4",
    "t5",
    "t6",
    "t7",
    "t8",
    "t9",
    "modular",
)
"""Categories of place of SI-SIAO; `modular`: a dwelling whose rooms are placed one by one."""

MAIN_ROOMS = {"studio": 1, "t1": 1, "t1bis": 1, **{f"t{n}": n for n in range(2, 10)}}
"""Main rooms of a dwelling by its typology: a T2 has two, the kitchen is none. Rooms of a
collective place and modular dwellings have no such number."""


@dataclass(frozen=True, slots=True)
class UnitShape:
    """What a unit can take. Persons are people, a baby counts as one."""

    typology: str
    min_persons: int
    max_persons: int
    modular: bool = False
    accessible: bool | None = None


def unit_problems(unit: UnitShape, leaves: Sequence[UnitShape] = ()) -> tuple[Sentence, ...]:
    """What is wrong with a unit as described; empty when all is well.

    A modular unit is divided into leaves, and only leaves receive people; its own size is the
    most that all its leaves take together.
    """
    problems = []
    if unit.typology not in TYPOLOGIES:
        problems.append(Sentence(N_("Cette typologie n’existe pas.")))
    if unit.min_persons < 1:
        problems.append(Sentence(N_("Une place reçoit au moins une personne.")))
    if unit.max_persons < unit.min_persons:
        problems.append(Sentence(N_("Le maximum de personnes est inférieur au minimum.")))
    if unit.typology == "single_room" and unit.max_persons > 1:
        problems.append(Sentence(N_("Une chambre individuelle reçoit une seule personne.")))
    if leaves and not unit.modular:
        problems.append(Sentence(N_("Seul un logement modulable se divise.")))
    if unit.modular and any(leaf.modular for leaf in leaves):
        problems.append(Sentence(N_("Une partie d’un logement modulable ne se divise pas.")))
    if leaves and sum(leaf.max_persons for leaf in leaves) > unit.max_persons:
        problems.append(Sentence(N_("Les parties dépassent la capacité du logement.")))
    return tuple(problems)


def unit_takes(
    unit: UnitShape, persons: int, *, needs_access: bool | None = None, has_leaves: bool = False
) -> Verdict:
    """Whether a household of this many people fits. A unit that was divided takes nobody itself."""
    if has_leaves:
        return Verdict(False, Sentence(N_("Ce logement est divisé : choisissez une partie.")))
    if persons < unit.min_persons:
        return Verdict(
            False,
            Sentence(
                N_("La place est prévue pour %(n)s personnes au moins."), {"n": unit.min_persons}
            ),
        )
    if persons > unit.max_persons:
        return Verdict(
            False,
            Sentence(
                N_("La place est prévue pour %(n)s personnes au plus."), {"n": unit.max_persons}
            ),
        )
    if needs_access and unit.accessible is False:
        return Verdict(False, Sentence(N_("La place n’est pas accessible en fauteuil.")))
    if needs_access and unit.accessible is None:
        return Verdict(False, Sentence(N_("L’accessibilité de la place n’est pas connue.")))
    return Verdict(True)


@dataclass(frozen=True, slots=True)
class Occupant:
    """A placement present on the day a programme changes kind."""

    placement_id: int
    lease_kind: str
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProtectedStay:
    """A stay that goes on under its old terms; None: as long as its own rules say."""

    placement_id: int
    kind: str
    lease_kind: str
    until: date | None


@dataclass(frozen=True, slots=True)
class KindChange:
    """The plan of a change of kind: old period closed, new one opened, occupants protected."""

    close_on: date | None
    open_on: date | None
    kind: str | None
    protected: tuple[ProtectedStay, ...]
    effects: tuple[Sentence, ...]
    refused: Sentence | None = None


def plan_kind_change(
    current: str,
    target: str,
    on: date,
    *,
    current_since: date,
    occupants: Sequence[Occupant] = (),
    known_kinds: Iterable[str] = (),
) -> KindChange:
    """A programme becomes another kind on a date; nobody present loses their terms.

    The former kind is never overwritten: its period ends, another starts. Each occupant keeps
    the old kind's terms until their own stay ends; only stays starting from `on` follow the new.
    """
    refused = None
    if target == current:
        refused = Sentence(N_("Le programme est déjà de ce type."))
    elif target not in set(known_kinds):
        refused = Sentence(N_("Ce type de programme n’existe pas."))
    elif on <= current_since:
        refused = Sentence(N_("Le changement doit suivre le début du type actuel."))
    if refused is not None:
        return KindChange(None, None, None, (), (), refused)
    stays = tuple(
        ProtectedStay(o.placement_id, current, o.lease_kind, o.ends_on)
        for o in occupants
        if o.ends_on is None or o.ends_on > on
    )
    effects = [
        Sentence(N_("Le type actuel se termine et reste dans l’historique.")),
        Sentence(N_("Les entrées à partir de cette date suivent les règles du nouveau type.")),
    ]
    if stays:
        effects.append(
            Sentence(
                N_("Ménages présents qui gardent leurs conditions : %(n)s."), {"n": len(stays)}
            )
        )
    return KindChange(on, on, target, stays, tuple(effects))
