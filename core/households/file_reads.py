"""Everything one household's file shows, read in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from core.accounts.circle import circle_ever
from core.households.known import TAKEN_BACK
from core.households.stops import stopped
from core.kernel.errors import NotFound
from core.kernel.unit import Unit

_MEMBERS = f"""
SELECT p.id AS person_id, p.ref, p.family_name, p.given_name, p.usual_name, p.birth, p.sex,
       p.phone, p.email, p.language, p.external_no, p.died_on, p.version, m.role,
       m.shared_custody, m.starts_on, m.ends_on, s.code AS situation,
       s.starts_on AS situation_since, t.kind AS protection, t.holder, t.holder_phone,
       t.organisation AS holder_organisation, t.starts_on AS protected_since,
       t.ends_on AS protected_until, t.author AS protected_by,
       EXISTS (SELECT 1 FROM access_code c WHERE c.person_id = p.id AND c.used_at IS NULL
               AND c.voided_at IS NULL AND c.expires_at > $3) AS card,
       EXISTS (SELECT 1 FROM resident_account r WHERE r.person_id = p.id) AS signed_in,
       {stopped("p")} AS no_messages
FROM membership m
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
LEFT JOIN LATERAL (
  SELECT code, starts_on FROM situation WHERE person_id = p.id AND starts_on <= $2
    AND (ends_on IS NULL OR ends_on > $2) ORDER BY starts_on DESC, id DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
  SELECT r.kind, r.holder, r.holder_phone, r.organisation, r.starts_on, r.ends_on,
    a.name AS author
  FROM protection r LEFT JOIN account a ON a.id = r.by WHERE r.person_id = p.id
    AND r.starts_on <= $2 AND (r.ends_on IS NULL OR r.ends_on > $2) ORDER BY r.id DESC LIMIT 1
) t ON true
WHERE m.household_id = $1 AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
ORDER BY array_position(ARRAY['main', 'partner', 'other', 'child'], m.role), p.birth, m.id
"""  # noqa: S608 made of constants


async def members_on(unit: Unit, household_id: int, on: date) -> list[Any]:
    """Who is in the household on a day, the main person first, with where each one lives."""
    return await unit.fetch(_MEMBERS, household_id, on, unit.now)


@dataclass(frozen=True)
class File:
    """A household's file. Rows as they are; classified values already left out in SQL."""

    household: Any
    members: list[Any]
    left: list[Any]
    situations: list[Any]
    key_workers: list[Any]
    mandates: list[Any]
    circle: list[Any]
    questions: list[Any]
    handovers: list[Any]
    requests: list[Any]
    placements: list[Any]


_HOUSEHOLD = """
SELECT h.*, s.name AS sector, o.ref AS other_ref FROM household h
LEFT JOIN sector s ON s.territory_id = h.territory_id AND s.id = h.sector_id
LEFT JOIN household o ON o.territory_id = h.territory_id AND o.id = h.merged_into
WHERE h.id = $1
"""
_LEFT = """
SELECT p.ref, p.family_name, p.given_name, m.role, m.starts_on, m.ends_on, m.end_reason
FROM membership m JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE m.household_id = $1 AND m.ends_on <= $2 AND m.ends_on > m.starts_on
  AND NOT EXISTS (SELECT 1 FROM membership n WHERE n.household_id = m.household_id
                  AND n.person_id = m.person_id AND (n.ends_on IS NULL OR n.ends_on > $2))
ORDER BY m.ends_on DESC, m.id DESC
"""
_SITUATIONS = """
SELECT s.person_id, s.code, s.starts_on, s.ends_on, s.source, s.at, a.name AS author
FROM situation s LEFT JOIN account a ON a.id = s.by
WHERE s.person_id IN (SELECT person_id FROM membership WHERE household_id = $1
                      AND (ends_on IS NULL OR ends_on > $2))
  AND (s.ends_on IS NULL OR s.ends_on > s.starts_on)
ORDER BY s.person_id, s.starts_on DESC, s.id DESC LIMIT 200
"""
_KEY_WORKERS = """
SELECT k.role, k.starts_on, k.ends_on, k.end_reason, k.account_id, a.name, a.phone, a.email,
       o.name AS organisation, k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2) AS now
FROM key_worker k JOIN account a ON a.id = k.account_id
LEFT JOIN organisation o ON o.id = k.organisation_id
WHERE k.household_id = $1 AND (k.ends_on IS NULL OR k.ends_on > k.starts_on)
ORDER BY k.role DESC, k.starts_on DESC, k.id DESC
"""
_MANDATES = """
SELECT d.id, d.account_id, d.scope, d.starts_on, d.ends_on, d.given_how, d.revoked_at,
       a.name AS worker, p.family_name, p.given_name,
       d.revoked_at IS NULL AND (d.ends_on IS NULL OR d.ends_on > $2) AS now
FROM mandate d JOIN account a ON a.id = d.account_id
JOIN person p ON p.territory_id = d.territory_id AND p.id = d.person_id
WHERE d.person_id IN (SELECT person_id FROM membership WHERE household_id = $1
                      AND (ends_on IS NULL OR ends_on > $2))
ORDER BY d.id DESC LIMIT 50
"""
_QUESTIONS = """
SELECT q.id, q.question, q.text, q.asked_at, q.answer, q.answered_at, q.to_account_id,
       x.name AS asked_by, t.name AS to_name, y.name AS answered_by
FROM field_question q LEFT JOIN account x ON x.id = q.asked_by
LEFT JOIN account t ON t.id = q.to_account_id LEFT JOIN account y ON y.id = q.answered_by
WHERE q.household_id = $1 ORDER BY (q.answered_at IS NULL) DESC, q.id DESC LIMIT 30
"""
_HANDOVERS = """
SELECT s.id, s.direction, s.need, s.asked_at, s.outcome, s.outcome_text, s.settled_at,
       x.name AS asked_by, y.name AS settled_by
FROM shelter_handover s LEFT JOIN account x ON x.id = s.asked_by
LEFT JOIN account y ON y.id = s.settled_by
WHERE s.household_id = $1 ORDER BY s.id DESC LIMIT 30
"""
_REQUESTS = """
SELECT r.ref, r.state, r.seniority_on, r.first_sent_on, r.last_sent_on, r.refresh_due,
       r.external_no, o.name AS organisation,
       (SELECT json_agg(coalesce(k.label, c.kind) ORDER BY c.rank) FROM recommendation c
        LEFT JOIN LATERAL (SELECT label FROM housing_kind k WHERE k.code = c.kind
                           ORDER BY starts_on DESC LIMIT 1) k ON true
        WHERE c.request_id = r.id AND c.ends_at IS NULL) AS recommended
FROM housing_request r LEFT JOIN organisation o ON o.id = r.organisation_id
WHERE r.household_id = $1 ORDER BY r.id DESC LIMIT 20
"""
_PLACEMENTS = """
SELECT t.ref, t.state, t.kind, t.lease_kind, t.starts_on, t.ends_on, t.due_on, t.exit_code,
       t.double, u.label AS unit, g.name AS programme
FROM placement t JOIN housing_unit u ON u.territory_id = t.territory_id AND u.id = t.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
WHERE t.household_id = $1 ORDER BY t.starts_on DESC, t.id DESC LIMIT 30
"""


async def file_of(unit: Unit, household_id: int) -> File:
    """The file of a household that the caller has been allowed to open (`household_id_of`)."""
    household = await unit.row(_HOUSEHOLD, household_id)
    if household is None:
        raise NotFound()
    today = unit.today
    members = await members_on(unit, household_id, today)
    return File(
        household=household,
        members=members,
        circle=await circle_ever(unit, [m["person_id"] for m in members]),
        left=await unit.fetch(_LEFT, household_id, today),
        situations=await unit.fetch(_SITUATIONS, household_id, today),
        key_workers=await unit.fetch(_KEY_WORKERS, household_id, today),
        mandates=await unit.fetch(_MANDATES, household_id, today),
        questions=await unit.fetch(_QUESTIONS, household_id),
        handovers=await unit.fetch(_HANDOVERS, household_id),
        requests=[
            {**dict(r), "recommended": msgspec.json.decode(r["recommended"] or "[]")}
            for r in await unit.fetch(_REQUESTS, household_id)
        ],
        placements=await unit.fetch(_PLACEMENTS, household_id),
    )


_NOTES = """
SELECT n.id, n.field_class, CASE WHEN n.field_class = ANY($2) THEN n.text END AS text, n.at,
       a.name AS author, p.family_name, p.given_name
FROM note n LEFT JOIN account a ON a.id = n.by
LEFT JOIN person p ON p.territory_id = n.territory_id AND p.id = n.person_id
WHERE n.household_id = $1 AND ($3::bigint IS NULL OR n.id < $3) ORDER BY n.id DESC LIMIT $4
"""
_ANSWERS = """
SELECT DISTINCT ON (question, person_id) question, person_id, field_class,
       CASE WHEN field_class = ANY($2) THEN state END AS state,
       CASE WHEN field_class = ANY($2) THEN value END AS value,
       CASE WHEN field_class = ANY($2) THEN x.at END AS at,
       CASE WHEN field_class = ANY($2) THEN a.name END AS author,
       CASE WHEN field_class = ANY($2) THEN x.source END AS source
FROM answer x LEFT JOIN account a ON a.id = x.by
WHERE x.household_id = $1 ORDER BY question, person_id, x.id DESC
"""


async def notes_of(
    unit: Unit,
    household_id: int,
    classes: Collection[str],
    *,
    after: int | None = None,
    limit: int = 30,
) -> list[Any]:
    """Notes, the newest first; the text of a class that is not in `classes` never leaves here."""
    return await unit.fetch(_NOTES, household_id, sorted(classes), after, limit + 1)


async def answers_of(
    unit: Unit, household_id: int, classes: Collection[str]
) -> dict[tuple[str, int | None], Any]:
    """The latest answer to each question, by (question, person); guarded ones without a value."""
    rows = await unit.fetch(_ANSWERS, household_id, sorted(classes))
    return {
        (r["question"], r["person_id"]): {
            **dict(r),
            "value": msgspec.json.decode(r["value"]) if r["value"] else None,
        }
        for r in rows
        if r["state"] != TAKEN_BACK
    }
