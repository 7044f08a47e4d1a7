"""Pure rules of waiting lists: the entry's life cycle, when it may lapse, and the order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.kernel.machine import N_, Machine, Need, State, Transition
from core.requests.rules import SeniorityAct, seniority_on

__all__ = [
    "ENTRY",
    "LapseTry",
    "SeniorityAct",
    "entry_seniority",
    "lapse_facts",
    "ordering_key",
    "restore_facts",
    "tie_break",
]

RESTORE_DAYS = 90
UNLIMITED_CAUSES = frozenset({"hospital", "prison", "violence"})
"""Absences that nobody is held to: an entry lapsed meanwhile may be restored at any time."""
TRIES = 3
CHANNELS = 2
CHANNEL_LABELS = {
    "phone": N_("Téléphone"),
    "sms": N_("SMS"),
    "email": N_("Courriel"),
    "letter": N_("Courrier"),
    "visit": N_("Rencontre"),
    "key_worker": N_("Par le référent"),
    "portal": N_("Espace personnel"),
}

REASON = Need("reason", N_("Indiquez un motif."))
LAPSE_NEEDS = (
    Need("lapse_date_passed", N_("Trop tôt : un mois au moins après la date d’actualisation.")),
    Need("three_tries", N_("Il faut trois essais tracés pour joindre le ménage.")),
    Need("two_channels", N_("Les essais doivent passer par deux canaux différents.")),
    Need("announced", N_("La sortie de liste n’a pas été annoncée au ménage.")),
    Need("key_worker_told", N_("Le référent de parcours n’a pas été prévenu.")),
)

# A table: one act, then who, what is recorded, what each side reads, what it needs.
# fmt: off
ENTRY = Machine(
    "waiting_entry",
    {
        "active": State(N_("Active"), N_("Vous êtes sur la liste."), "ok"),
        "paused": State(N_("En pause"), N_("Votre attente est en pause."), "neutral"),
        "to_refresh": State(N_("À actualiser"), N_("Vos informations sont à confirmer."), "warn"),
        "lapsed": State(N_("Sortie faute de nouvelles"), N_("Nous n’avons plus de nouvelles."),
                        "error"),
        "placed": State(N_("Admise"), N_("Un lieu vous attend."), "ok"),
        "withdrawn": State(N_("Retirée"), N_("Vous n’êtes plus sur cette liste."), "neutral"),
    },
    (
        Transition("pause", ("active",), "paused", "lists.follow", "entry.paused",
                   N_("Inscription mise en pause, ancienneté conservée."),
                   N_("Votre attente est en pause. Vous gardez votre date d’inscription."),
                   (REASON,)),
        Transition("resume", ("paused",), "active", "lists.follow", "entry.resumed",
                   N_("Inscription reprise."), N_("Vous êtes de nouveau sur la liste.")),
        Transition("mark_to_refresh", ("active",), "to_refresh", "lists.follow",
                   "entry.refresh_due", N_("Actualisation à faire."),
                   N_("Vos informations sont à confirmer. Vous gardez votre date d’inscription."),
                   (Need("refresh_overdue", N_("La date d’actualisation n’est pas passée.")),)),
        Transition("refresh", ("active", "to_refresh"), "active", "lists.refresh",
                   "entry.refreshed", N_("Inscription actualisée."),
                   N_("Merci. Vous restez sur la liste.")),
        Transition("lapse", ("to_refresh",), "lapsed", "lists.lapse", "entry.lapsed",
                   N_("Sortie de liste faute de nouvelles, réversible."),
                   N_("Vous n’êtes plus sur la liste. Appelez-nous pour revenir."), LAPSE_NEEDS),
        Transition("restore", ("lapsed",), "active", "lists.restore", "entry.restored",
                   N_("Inscription rétablie, ancienneté conservée."),
                   N_("Vous revenez sur la liste. Vous gardez votre date d’inscription."),
                   (Need("restorable", N_(
                       "Le délai de 90 jours est passé, sans hospitalisation, détention "
                       "ni violences.")),)),
        Transition("place", ("active", "paused", "to_refresh"), "placed", "lists.follow",
                   "entry.placed", N_("Admission prononcée."), N_("Un lieu vous attend."),
                   (Need("admitted", N_("L’admission n’est pas prononcée.")),)),
        Transition("return", ("placed",), "active", "lists.follow", "entry.returned",
                   N_("Retour en liste, ancienneté conservée."),
                   N_("Vous revenez sur la liste. Vous gardez votre date d’inscription."),
                   (REASON,)),
        Transition("withdraw", ("active", "paused", "to_refresh", "lapsed"), "withdrawn",
                   "lists.withdraw", "entry.withdrawn", N_("Inscription retirée."),
                   N_("Vous n’êtes plus sur cette liste."), (REASON,)),
        Transition("reopen", ("withdrawn",), "active", "lists.restore", "entry.reopened",
                   N_("Inscription reprise, ancienneté conservée."),
                   N_("Vous revenez sur la liste. Vous gardez votre date d’inscription."),
                   (REASON,)),
    ),
    "active",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class LapseTry:
    """One traced try to reach a household. `reached` True: it answered, so nothing may lapse."""

    on: date
    channel: str
    reached: bool = False


def lapse_facts(
    *,
    on: date,
    refresh_due: date,
    tries: Collection[LapseTry],
    announced_on: date | None,
    key_worker_told_on: date | None,
    grace_days: int = 30,
) -> dict[str, bool]:
    """The facts that `ENTRY`'s lapse needs, from what was traced up to `on`.

    Only tries since the refresh fell due count, one per day and channel, and none count any
    more once the household was reached. Source: default proposal of domain.md 1.4 (d).
    """
    recent = [t for t in tries if refresh_due <= t.on <= on]
    last_contact = max((t.on for t in recent if t.reached), default=None)
    failed = {
        (t.on, t.channel)
        for t in recent
        if not t.reached and (last_contact is None or t.on > last_contact)
    }
    return {
        "lapse_date_passed": on >= refresh_due + timedelta(days=grace_days),
        "three_tries": len(failed) >= TRIES,
        "two_channels": len({channel for _, channel in failed}) >= CHANNELS,
        "announced": announced_on is not None and announced_on < on,
        "key_worker_told": key_worker_told_on is not None and key_worker_told_on <= on,
    }


def restore_facts(*, on: date, lapsed_on: date, cause: str | None = None) -> dict[str, bool]:
    """Whether a lapsed entry may come back: within 90 days, or always after hospital, prison
    or violence."""
    in_time = lapsed_on <= on <= lapsed_on + timedelta(days=RESTORE_DAYS)
    return {"restorable": in_time or cause in UNLIMITED_CAUSES}


def entry_seniority(first_sent_on: date, acts: Sequence[SeniorityAct]) -> date:
    """An entry's seniority: that of its request, whenever the entry itself was made."""
    return seniority_on(first_sent_on, acts) or first_sent_on


def tie_break(seed: bytes, ref: str) -> bytes:
    """Order among equals for one vacancy: sha256(seed, ref); recomputable, never a row id."""
    return hashlib.sha256(seed + ref.encode("ascii")).digest()


def ordering_key(priority: int, seniority: date, seed: bytes, ref: str) -> tuple[int, date, bytes]:
    """What a list is sorted by: priority class (1 first), then the oldest seniority, then the
    draw of this vacancy."""
    return priority, seniority, tie_break(seed, ref)
