"""Reads of demandes: the one behind an address, the queues with their counts, the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.households.scope import visible
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.kernel.words import N_
from core.requests.lifecycle import STATES
from core.requests.tags import running_tag, running_tags

QUEUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "a-traiter": (N_("À traiter"), ("sent", "in_review", "special_cases")),
    "a-completer": (N_("À compléter"), ("incomplete",)),
    "ajournees": (N_("Ajournées"), ("adjourned",)),
    "en-commission": (N_("En commission"), ("in_commission",)),
    "validees": (N_("Validées"), ("validated",)),
    "a-actualiser": (N_("À actualiser"), ("to_refresh",)),
    "en-attente": (N_("En liste d’attente"), ("waiting",)),
    "orientees": (N_("Orientées"), ("referred", "admitted")),
    "refusees": (N_("Refusées"), ("refused",)),
    "suspendues": (N_("Suspendues"), ("suspended",)),
    "brouillons": (N_("Brouillons"), ("draft",)),
    "closes": (N_("Closes ou annulées"), ("closed", "cancelled")),
}
"""The queues of the back-office by their name in addresses: label, states."""

FAR = date(9999, 12, 31)
"""Where a demande without a date stands in a queue: after every dated one."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a queue is narrowed to. `worker`: a key worker's account. `tag`: a tag's key."""

    queue: str = "a-traiter"
    sector_id: int | None = None
    worker: int | None = None
    composition: int | None = None
    tag: str | None = None


async def request_id_of(unit: Unit, ref: str) -> int:
    """The demande of that reference, if the Unit's actor may see it; else NotFound."""
    found = await unit.row(_ID_OF, ref.upper(), unit.scope("requests.read").over_files, unit.today)
    if found is None:
        raise NotFound()
    await unit.let_in("requests.read", found["household_id"])
    return int(found["id"])


_ID_OF = (
    "SELECT r.id, r.household_id FROM housing_request r WHERE r.ref = $1 AND "  # noqa: S608
    + visible("r.household_id", "$2", "$3")
)


_COUNTS = f"""
SELECT r.state, count(*) AS households, coalesce(sum(f.persons), 0)::int AS persons
FROM housing_request r LEFT JOIN request_facts f ON f.request_id = r.id
WHERE {visible("r.household_id", "$1", "$2")} GROUP BY r.state
"""  # noqa: S608


async def queue_counts(unit: Unit) -> dict[str, tuple[int, int]]:
    """(households, people) in each queue, for what the actor may see. One statement."""
    rows = await unit.fetch(_COUNTS, unit.scope("requests.read").over_files, unit.today)
    by_state = {r["state"]: (r["households"], r["persons"]) for r in rows}
    none = (0, 0)
    return {
        name: (
            sum(by_state.get(s, none)[0] for s in states),
            sum(by_state.get(s, none)[1] for s in states),
        )
        for name, (_, states) in QUEUES.items()
    }


_QUEUE = f"""
SELECT r.id, r.ref, r.state, r.reason_code, r.first_sent_on, r.last_sent_on, r.seniority_on,
  r.refresh_due, r.created_at, f.composition, f.persons, f.kinds, h.ref AS household_ref,
  s.name AS sector, o.name AS organisation, m.family_name, m.given_name,
  k.name AS worker, d.due_on, c.at AS since, {running_tags("r.id", "f", "$2")} AS tags,
  coalesce(CASE WHEN r.state IN ('adjourned', 'incomplete') THEN d.due_on
    WHEN r.state IN ('to_refresh', 'waiting', 'validated') THEN r.refresh_due
    ELSE coalesce(r.last_sent_on, r.created_at::date) END, $4::date) AS sort_on
FROM housing_request r
JOIN household h ON h.id = r.household_id
LEFT JOIN request_facts f ON f.request_id = r.id
LEFT JOIN sector s ON s.id = h.sector_id
LEFT JOIN organisation o ON o.id = r.organisation_id
LEFT JOIN LATERAL (
  SELECT p.family_name, p.given_name FROM membership l JOIN person p ON p.id = l.person_id
  WHERE l.household_id = r.household_id AND l.role = 'main'
  ORDER BY (l.ends_on IS NULL OR l.ends_on > $2) DESC, l.id DESC LIMIT 1) m ON true
LEFT JOIN LATERAL (
  SELECT a.name, a.id FROM key_worker w JOIN account a ON a.id = w.account_id
  WHERE w.household_id = r.household_id AND w.starts_on <= $2
    AND (w.ends_on IS NULL OR w.ends_on > $2) ORDER BY w.role = 'siao' DESC LIMIT 1) k ON true
LEFT JOIN LATERAL (
  SELECT e.due_on FROM decision e WHERE e.request_id = r.id
    AND e.outcome IN ('adjourn', 'ask_missing') ORDER BY e.id DESC LIMIT 1) d ON true
LEFT JOIN LATERAL (
  SELECT t.at FROM request_state t WHERE t.request_id = r.id ORDER BY t.id DESC LIMIT 1) c ON true
WHERE r.state = ANY($3) AND {visible("r.household_id", "$1", "$2")}
  AND ($5::bigint IS NULL OR h.sector_id = $5)
  AND ($6::bigint IS NULL OR EXISTS (SELECT 1 FROM key_worker w
    WHERE w.household_id = r.household_id AND w.account_id = $6
      AND (w.ends_on IS NULL OR w.ends_on > $2)))
  AND ($7::smallint IS NULL OR f.composition = $7)
  AND ($8::text IS NULL OR {running_tag("r.id", "$8", "$2")})
"""  # noqa: S608

_PAGE = f"""
SELECT * FROM ({_QUEUE}) AS q
WHERE $9::date IS NULL OR (q.sort_on, q.id) > ($9::date, $10::bigint)
ORDER BY q.sort_on, q.id LIMIT $11
"""  # noqa: S608


async def queue(
    unit: Unit,
    narrowed: RequestFilter,
    *,
    after: tuple[date, int] | None = None,
    limit: int = 50,
) -> list[Any]:
    """Demandes of a queue, what is due first on top; one row more when there is another page.

    `after` is the (sort_on, id) of the last row shown. One statement whatever the number.
    """
    day, last = after or (None, None)
    return await unit.fetch(
        _PAGE,
        unit.scope("requests.read").over_files,
        unit.today,
        list(QUEUES[narrowed.queue][1]),
        FAR,
        narrowed.sector_id,
        narrowed.worker,
        narrowed.composition,
        narrowed.tag,
        day,
        last,
        limit + 1,
    )


async def queue_key(unit: Unit, narrowed: RequestFilter, ref: str) -> tuple[date, int] | None:
    """Where a page ended, from the reference of its last row; None for the first page."""
    if not ref:
        return None
    row = await unit.row(
        f"SELECT q.sort_on, q.id FROM ({_QUEUE}) AS q WHERE q.ref = $9",  # noqa: S608
        unit.scope("requests.read").over_files,
        unit.today,
        list(STATES),
        FAR,
        narrowed.sector_id,
        narrowed.worker,
        narrowed.composition,
        narrowed.tag,
        ref.upper(),
    )
    return (row["sort_on"], row["id"]) if row else None


_HISTORY = """
SELECT t.verb, t.state, t.at, t.reason, a.name AS author
FROM request_state t LEFT JOIN account a ON a.id = t.by
WHERE t.request_id = $1 ORDER BY t.id DESC
"""

_DECISIONS = """
SELECT d.id, d.outcome, d.decided_at, d.reason, d.plain_text, d.missing, d.due_on, d.remedies,
  a.name AS author
FROM decision d LEFT JOIN account a ON a.id = d.decided_by
WHERE d.request_id = $1 ORDER BY d.id DESC
"""

_ACTS = """
SELECT s.before, s.after, s.reason, s.sentence, s.at, a.name AS author
FROM seniority_act s LEFT JOIN account a ON a.id = s.by
WHERE s.request_id = $1 ORDER BY s.id DESC
"""


@dataclass(frozen=True, slots=True)
class History:
    """What became of a demande, the newest first: steps, decisions, seniority acts."""

    steps: list[Any]
    decisions: list[dict[str, Any]]
    acts: list[Any]


async def history(unit: Unit, request_id: int) -> History:
    """Each step with its author, each decision with its items and remedies. Three statements."""
    steps = await unit.fetch(_HISTORY, request_id)
    decisions = [
        {
            **dict(row),
            "missing": msgspec.json.decode(row["missing"]),
            "remedies": [
                {**r, "until": date.fromisoformat(r["until"]) if r["until"] else None}
                for r in msgspec.json.decode(row["remedies"])
            ],
        }
        for row in await unit.fetch(_DECISIONS, request_id)
    ]
    return History(steps, decisions, await unit.fetch(_ACTS, request_id))


def state_label(state: str) -> tuple[str, str]:
    """(msgid, tone) of a state, as staff read it."""
    found = STATES[state]
    return found.label, found.tone


async def areas(unit: Unit) -> list[Any]:
    """The communes and quarters one may ask for."""
    return await unit.fetch("SELECT id, name, postcode FROM area ORDER BY search_key, id")


async def organisations(unit: Unit) -> list[Any]:
    """The organisations at work here, by name: who may prescribe."""
    return await unit.fetch(
        "SELECT o.id, o.name FROM territory_organisation t "
        "JOIN organisation o ON o.id = t.organisation_id "
        "WHERE t.ends_on IS NULL OR t.ends_on > $1 ORDER BY o.search_key, o.id",
        unit.today,
    )


async def open_vacancies(unit: Unit, kinds: list[str]) -> list[Any]:
    """Free places of these kinds, the one that is free first on top: for a direct referral."""
    return await unit.fetch(
        "SELECT v.id, v.ref, v.kind, v.free_on, u.label, u.typology, u.min_persons, "
        "u.max_persons, p.name AS programme, a.name AS area FROM vacancy v "
        "JOIN housing_unit u ON u.id = v.unit_id JOIN programme p ON p.id = u.programme_id "
        "LEFT JOIN area a ON a.id = coalesce(u.area_id, p.area_id) "
        "WHERE v.state = 'declared' AND v.kind = ANY($1) ORDER BY v.free_on, v.id LIMIT 100",
        kinds,
    )


async def last_author(unit: Unit, request_id: int) -> Any:
    """Who changed a demande last (account id, name), and when; None when nobody did."""
    return await unit.row(
        "SELECT a.id, a.name, e.occurred_at AS at FROM event e "
        "LEFT JOIN account a ON a.id = e.actor_id "
        "WHERE e.subject_kind = 'request' AND e.subject_id = $1 "
        "AND e.kind IN ('request.changed', 'request.recommended') ORDER BY e.id DESC LIMIT 1",
        request_id,
    )
