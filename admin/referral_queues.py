"""Queues of what does not move by itself: referrals that stall or ran out, visits, lapses."""
# ruff: noqa: S608 made of constants

from __future__ import annotations

from admin.queue_parts import (
    OF_REFERRAL,
    OWN_PROGRAMME,
    PLACES,
    REFERRAL_PATH,
    REQUESTS,
    SEEN,
    TO_PROGRAMME,
    Queue,
)
from core.kernel.words import N_

_HOLDS = (
    "(w.kind = 'expired' OR w.since = (SELECT max(t.at) FROM referral_state t "
    "WHERE t.referral_id = o.id))"
)
"""An alert of a stall holds until the referral takes another step."""


def _alerts(side: str, kind: str, seen: str) -> str:
    return (
        f"SELECT w.id, h.id AS household_id, {REFERRAL_PATH} AS path, w.since::date AS due, "
        f"g.name AS note {OF_REFERRAL} JOIN referral_alert w ON w.referral_id = o.id "
        f"{TO_PROGRAMME} WHERE w.side = '{side}' AND w.kind = '{kind}' AND w.read_at IS NULL "
        f"AND {_HOLDS} AND ({seen})"
    )


_THEIRS = f"$1::bigint[] IS NOT NULL AND {OWN_PROGRAMME}"

REFERRAL_QUEUES = (
    Queue(
        "orientations-arretees", N_("Orientations qui n’avancent plus"), PLACES,
        "referrals.follow", _alerts("siao", "stalled", SEEN), "warn",
    ),
    Queue(
        "a-repondre-vite", N_("Orientations qui attendent votre réponse"), PLACES,
        "referrals.answer_structure", _alerts("structure", "stalled", _THEIRS), "warn",
        over="places", quiet=True,
    ),
    Queue(
        "orientations-expirees", N_("Orientations terminées par leur délai"), PLACES,
        "referrals.follow", _alerts("siao", "expired", SEEN), "warn", quiet=True,
    ),
    Queue(
        "sans-reponse-de-la-structure", N_("Orientations retirées faute de réponse"), PLACES,
        "referrals.answer_structure", _alerts("structure", "expired", _THEIRS), "warn",
        over="places", quiet=True,
    ),
    Queue(
        "visites", N_("Visites à fixer ou à clore"), PLACES, "referrals.answer_for_household",
        f"SELECT w.id, h.id AS household_id, {REFERRAL_PATH} AS path, "
        f"coalesce(w.visit_at, w.asked_at)::date AS due, g.name AS note {OF_REFERRAL} "
        f"JOIN referral_visit w ON w.referral_id = o.id {TO_PROGRAMME} "
        f"WHERE (w.state = 'asked' OR (w.state = 'planned' AND w.visit_at::date < $2)) "
        f"AND ({SEEN})", "accent", quiet=True,
    ),
)  # fmt: skip

_TRIES = (
    "(SELECT count(*) FROM (SELECT DISTINCT t.at::date, t.channel FROM lapse_try t "
    "WHERE t.entry_id = e.id AND t.at::date >= r.refresh_due "
    "AND t.outcome NOT IN ('announced', 'told', 'reached')) AS tried)"
)

LAPSING = Queue(
    "sorties-de-liste", N_("Sans nouvelles : essayer de joindre"), REQUESTS, "lists.follow",
    "SELECT e.id, h.id AS household_id, '/listes/' || e.kind || '/' || r.ref AS path, "
    f"r.refresh_due AS due, {_TRIES}::text || ' / 3' AS note "
    "FROM waiting_entry e JOIN housing_request r ON r.id = e.request_id "
    "JOIN household h ON h.id = r.household_id "
    f"WHERE e.state = 'to_refresh' AND r.refresh_due <= $2 AND ({SEEN})", "warn", quiet=True,
)  # fmt: skip
"""Entries that fell due: each shows how many tries of the three are traced. None lapses alone."""
