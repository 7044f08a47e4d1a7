"""What core itself contributes, through the same hooks as everybody: permissions, event kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from importlib import import_module
from importlib.util import find_spec

from core.extension.context import Ctx
from core.extension.contributions import Criterion, EventKind, Job, Obstacle, Permission, Ran
from core.extension.hookspecs import hookimpl
from core.extension.permissions import EVERYONE, TEAM
from core.figures.service import count_all, follow_calendar
from core.housing.rules import VACANCY
from core.kernel.errors import NotFound
from core.kernel.events import Event
from core.kernel.unit import Unit
from core.kernel.words import N_, Sentence
from core.matching import letters as _lapse_letters  # noqa: F401 - what goes on paper
from core.matching import service as _lists  # noqa: F401 - the lists follow the demandes
from core.matching.classing import BATCH as ENTRIES
from core.matching.classing import apply_rules
from core.matching.conditions import CRITERIA
from core.matching.explain import explain
from core.matching.rules import ENTRY
from core.notifications.telling import tell_household
from core.placements import letters as _proposal_letters  # noqa: F401 - what goes on paper
from core.placements import life as _proposals  # noqa: F401 - proposals follow life events
from core.placements import refusal_letters as _refusal_letters  # noqa: F401 - what goes on paper
from core.placements.lifecycle import PLACEMENT, REFERRAL
from core.placements.passed import tell_months
from core.placements.reminders import remind_answers
from core.placements.service import expire_overdue, find_stalled
from core.requests import letters as _decision_letters  # noqa: F401 - what goes on paper
from core.requests.lifecycle import MACHINE as REQUEST
from core.requests.refresh import BATCH, mark_overdue
from core.requests.tags import carry_tags
from core.territories.settings import CoreSettings
from core.voice import voice_of

_OWN_FILES = TEAM | {"prescriber"}
"""Those who work on files: the team on all, a prescriber on those of its organisation."""

_STRUCTURES = TEAM | {"structure"}


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


PERMISSIONS = (
    Permission("home.read", N_("Voir l’accueil"), EVERYONE),
    Permission(
        "figures.read",
        N_("Lire les chiffres du territoire"),
        TEAM | {"administrator", "observer"},
    ),
    Permission("figures.own", N_("Lire et commenter ses propres chiffres"), _roles("structure")),
    Permission(
        "figures.publish",
        N_("Proposer les chiffres à la relecture des structures"),
        _roles("coordinator", "administrator"),
    ),
    Permission("households.read", N_("Lire les dossiers"), _OWN_FILES | {"administrator"}),
    Permission("households.write", N_("Compléter les dossiers"), _OWN_FILES),
    Permission("households.hand_over", N_("Confier des dossiers"), TEAM),
    Permission("fields.health", N_("Lire les données de santé"), _OWN_FILES),
    Permission("fields.justice", N_("Lire les données de justice"), _OWN_FILES),
    Permission("fields.child", N_("Lire les données de protection de l’enfance"), _OWN_FILES),
    Permission("fields.violence", N_("Lire les données de violences"), _OWN_FILES),
    Permission("requests.read", N_("Lire les demandes"), _OWN_FILES),
    Permission("requests.write", N_("Remplir une demande"), _OWN_FILES),
    Permission("requests.transmit", N_("Transmettre une demande"), _OWN_FILES),
    Permission("requests.refresh", N_("Actualiser une demande"), _OWN_FILES),
    Permission("requests.cancel", N_("Annuler une demande"), _OWN_FILES),
    Permission("requests.review", N_("Instruire une demande"), TEAM),
    Permission("requests.decide", N_("Décider d’une demande"), TEAM),
    Permission("requests.refer", N_("Orienter une demande"), TEAM),
    Permission("requests.close", N_("Clore une demande"), TEAM),
    Permission("requests.judge_refusal", N_("Juger un refus"), TEAM),
    Permission("lists.read", N_("Lire les listes d’attente"), TEAM),
    Permission("lists.follow", N_("Tenir les listes d’attente"), TEAM),
    Permission("lists.refresh", N_("Actualiser une inscription"), _OWN_FILES),
    Permission("lists.lapse", N_("Constater une caducité"), TEAM),
    Permission("lists.restore", N_("Rétablir une inscription"), TEAM),
    Permission("lists.withdraw", N_("Retirer d’une liste"), _OWN_FILES),
    Permission("seniority.change", N_("Changer une ancienneté"), _roles("coordinator")),
    Permission("rules.read", N_("Lire les règles de classement"), EVERYONE),
    Permission(
        "rules.write",
        N_("Préparer une règle de classement"),
        _roles("coordinator", "administrator"),
    ),
    Permission("rules.sign", N_("Signer une règle de classement"), _roles("coordinator")),
    Permission("housing.read", N_("Voir les structures et les places"), EVERYONE),
    Permission("housing.write", N_("Modifier les structures"), TEAM | {"administrator"}),
    Permission("vacancies.read", N_("Voir les places libres"), _STRUCTURES),
    Permission("vacancies.declare", N_("Déclarer une place libre"), _STRUCTURES),
    Permission("vacancies.hold", N_("Réserver une place"), TEAM),
    Permission("vacancies.fill", N_("Pourvoir une place"), _STRUCTURES),
    Permission("referrals.read", N_("Voir les orientations"), _OWN_FILES | {"structure"}),
    Permission("referrals.decide", N_("Orienter un ménage"), TEAM),
    Permission("referrals.follow", N_("Suivre les orientations"), TEAM),
    Permission("referrals.answer_for_household", N_("Répondre pour un ménage"), _OWN_FILES),
    Permission("referrals.answer_own", N_("Répondre à une proposition"), _roles("resident")),
    Permission("referrals.answer_structure", N_("Répondre pour une structure"), _STRUCTURES),
    Permission("placements.record", N_("Noter une entrée ou une sortie"), _STRUCTURES),
    Permission("placements.confirm", N_("Confirmer une admission en urgence"), TEAM),
    Permission("messages.read", N_("Lire les messages"), _OWN_FILES),
    Permission("messages.answer", N_("Répondre aux messages"), _OWN_FILES),
    Permission("codes.issue", N_("Donner un code d’accès"), _OWN_FILES),
    Permission(
        "mandates.use", N_("Agir pour une personne, avec son accord"), TEAM | {"prescriber"}
    ),
    Permission("external.report", N_("Reporter dans le SI-SIAO"), TEAM),
    Permission(
        "rights.copy",
        N_("Remettre à une personne la copie de ses données"),
        _roles("administrator", "coordinator"),
    ),
    Permission("rights.erase", N_("Effacer les données d’une personne"), _roles("administrator")),
    Permission("imports.run", N_("Importer des fichiers"), TEAM | {"administrator"}),
    Permission(
        "territory.settings", N_("Régler le territoire"), _roles("administrator", "coordinator")
    ),
    Permission("people.manage", N_("Gérer les comptes"), _roles("administrator")),
)

_MACHINES = (REQUEST, ENTRY, VACANCY, REFERRAL, PLACEMENT)

_NOUNS_WITH_EVENTS = (
    "accounts",
    "territories",
    "housing",
    "households",
    "requests",
    "matching",
    "placements",
    "notifications",
    "figures",
    "imports",
    "rights",
)
"""Nouns whose `events.py` names kinds beyond their machine's: EVENT_KINDS."""


async def _refreshes(ctx: Ctx, unit: Unit) -> Ran:
    done = await mark_overdue(unit)
    words = N_("%(reminded)s à rappeler, %(to_refresh)s à actualiser, %(returned)s revenues.")
    return Ran(Sentence(words, done), more=max(done.values(), default=0) >= BATCH)


async def _deadlines(ctx: Ctx, unit: Unit) -> Ran:
    done = await expire_overdue(unit)
    words = N_(
        "%(unanswered)s propositions sans réponse, %(expired)s closes, %(holds)s réservations "
        "terminées, %(works)s places rendues."
    )
    return Ran(Sentence(words, done), more=max(done.values(), default=0) >= BATCH)


async def _stalls(ctx: Ctx, unit: Unit) -> Ran:
    found = await find_stalled(unit)
    words = N_("%(found)s orientations à relancer.")
    return Ran(Sentence(words, {"found": found}), more=found >= BATCH)


async def _figures(ctx: Ctx, unit: Unit) -> Ran:
    rows = await count_all(unit)
    drafted, published = await follow_calendar(unit)
    words = N_("%(rows)s chiffres, %(drafted)s relectures ouvertes, %(published)s publications.")
    return Ran(Sentence(words, {"rows": rows, "drafted": drafted, "published": published}))


async def _rankings(ctx: Ctx, unit: Unit) -> Ran:
    done = await apply_rules(unit)
    words = N_("%(rules)s règles entrées en vigueur, %(moved)s inscriptions reclassées.")
    return Ran(Sentence(words, done), more=done["moved"] >= ENTRIES)


async def _reminders(ctx: Ctx, unit: Unit) -> Ran:
    reminded = await remind_answers(unit)
    words = N_("%(reminded)s propositions rappelées avant la fin de leur délai.")
    return Ran(Sentence(words, {"reminded": reminded}), more=reminded >= BATCH)


async def _months(ctx: Ctx, unit: Unit) -> Ran:
    told = await tell_months(unit)
    return Ran(Sentence(N_("%(told)s résumés du mois annoncés."), {"told": told}), told >= BATCH)


JOBS = (
    Job("core.passed_months", N_("Résumés du mois"), _months, at=time(9), order=35),
    Job("core.rankings", N_("Règles de classement"), _rankings, at=time(0), order=5),
    Job("core.refreshes", N_("Échéances des demandes"), _refreshes, at=time(1), order=10),
    Job("core.deadlines", N_("Échéances des propositions"), _deadlines, at=time(1), order=20),
    Job("core.stalls", N_("Orientations qui n’avancent plus"), _stalls, at=time(6), order=25),
    Job("core.figures", N_("Chiffres"), _figures, at=time(2), seconds=300, order=30),
    Job("core.reminders", N_("Rappels des propositions"), _reminders, at=time(8), order=30),
)
"""What dates move. Each does a batch, and is asked again while one was full."""


@hookimpl
def register_permissions() -> Sequence[Permission]:
    return PERMISSIONS


@hookimpl
def register_event_kinds() -> Sequence[EventKind]:
    return tuple(_event_kinds())


@hookimpl
def register_settings() -> type:
    return CoreSettings


@hookimpl
def register_criteria() -> Sequence[Criterion]:
    return CRITERIA


@hookimpl
def register_jobs() -> Sequence[Job]:
    return JOBS


@hookimpl
async def obstacles(ctx: Ctx, unit: Unit, request_id: int, vacancy_id: int) -> Sequence[Obstacle]:
    """What bars this pair on the shortlist bars it at the moment of referral too."""
    try:
        judged = await explain(ctx, unit, request_id, vacancy_id=vacancy_id)
    except NotFound:
        return ()  # who asks for a pair that is not here is told so by the act itself
    return [Obstacle(v.key, v.staff) for v in judged.bars if v.staff]


@hookimpl
async def on_event(ctx: Ctx, unit: Unit, event: Event) -> None:
    """Those whom an event concerns find its sentence on their portal; what is said of a demande
    goes along to the one that takes it up."""
    await carry_tags(unit, event, ctx.registry.tags)
    await tell_household(unit, event, ctx.registry.event_kinds, voice_of(ctx))


def _event_kinds() -> Iterator[EventKind]:
    """Each transition's event with its sentences, then the nouns' own kinds."""
    seen: set[str] = set()
    for machine in _MACHINES:
        for step in machine.transitions:
            if step.event not in seen:
                seen.add(step.event)
                tone = machine.states[step.target].tone
                yield EventKind(step.event, step.staff, step.resident, tone)
    for noun in _NOUNS_WITH_EVENTS:
        if find_spec(f"core.{noun}.events") is not None:
            yield from import_module(f"core.{noun}.events").EVENT_KINDS
