"""Reads of referrals: their queues, and one whole life."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from core.households.scope import opens, visible
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.placements.reasons import class_of

Row = Any

QUEUES: Mapping[str, tuple[str, ...]] = {
    "proposed": ("proposed",),
    "unanswered": ("unanswered",),
    "to_send": ("accepted",),
    "at_structure": ("sent_to_structure", "preadmission"),
    "admitted": ("admitted",),
    "ended": (
        "declined", "refused_by_structure", "refused_by_household", "unreachable", "no_show",
        "withdrawn", "expired",
    ),
}  # fmt: skip
"""The work queues of referrals and the states each gathers; `late` cuts across them."""

NAME_OF = """(SELECT p.family_name || ' ' || p.given_name FROM membership m
  JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
  WHERE m.territory_id = r.territory_id AND m.household_id = r.household_id AND m.ends_on IS NULL
  ORDER BY m.role <> 'main', m.id LIMIT 1)"""

_REACH = f"""({visible("r.household_id", "$1", "$3")}
  OR (g.organisation_id = ANY($2::bigint[]) AND r.state IN ('sent_to_structure', 'preadmission',
      'admitted', 'refused_by_structure', 'no_show')))"""
"""Who sees a referral: the team all; a prescriber its households'; a structure those sent to it.

$1 are the scope's files and $2 its places: somebody who is both sees each by its own right."""

_LIST = f"""
SELECT r.id, r.ref, r.state, r.proposed_at, r.answer_by, r.household_id, hh.ref AS household_ref,
       {NAME_OF} AS name, v.ref AS vacancy_ref, u.label, g.name AS programme,
       coalesce(k.label, v.kind) AS kind_label
FROM referral r
JOIN household hh ON hh.territory_id = r.territory_id AND hh.id = r.household_id
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
LEFT JOIN housing_kind k ON k.territory_id = v.territory_id AND k.code = v.kind
  AND k.starts_on <= $3 AND (k.ends_on IS NULL OR k.ends_on > $3)
WHERE {_REACH} AND r.state = ANY($4) AND ($5::timestamptz IS NULL OR r.answer_by < $5)
  AND ($7::bool OR NOT EXISTS (SELECT 1 FROM placement s WHERE s.territory_id = r.territory_id
       AND s.referral_id = r.id AND s.state <> 'cancelled'))
  AND ($6::text IS NULL OR (r.proposed_at, r.id) <
       (SELECT x.proposed_at, x.id FROM referral x WHERE x.ref = $6))
ORDER BY r.proposed_at DESC, r.id DESC
LIMIT $8
"""  # noqa: S608


async def referrals(
    unit: Unit,
    queue: str,
    *,
    after: str | None = None,
    limit: int = 50,
) -> list[Row]:
    """The referrals of a work queue, the latest first. `late`: open, with a deadline gone by."""
    scope = unit.scope("referrals.read")
    late = queue == "late"
    states = (
        [s for name in ("proposed", "unanswered", "to_send", "at_structure") for s in QUEUES[name]]
        if late
        else list(QUEUES[queue])
    )
    return await unit.fetch(
        _LIST,
        scope.over_files,
        scope.over_places,
        unit.today,
        states,
        unit.now if late else None,
        after,
        queue == "ended",
        limit,
    )


_COUNTS = f"""
SELECT count(*) FILTER (WHERE r.state = 'proposed') AS proposed,
       count(*) FILTER (WHERE r.state = 'unanswered') AS unanswered,
       count(*) FILTER (WHERE r.state = 'accepted') AS to_send,
       count(*) FILTER (WHERE r.state IN ('sent_to_structure', 'preadmission')) AS at_structure,
       count(*) FILTER (WHERE r.state = 'admitted' AND NOT EXISTS (
         SELECT 1 FROM placement s WHERE s.territory_id = r.territory_id
           AND s.referral_id = r.id AND s.state <> 'cancelled')) AS admitted,
       count(*) FILTER (WHERE r.answer_by < $4 AND r.state IN ('proposed', 'unanswered',
         'accepted', 'sent_to_structure', 'preadmission')) AS late
FROM referral r
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
WHERE r.state IN ('proposed', 'unanswered', 'accepted', 'sent_to_structure', 'preadmission',
                  'admitted') AND {_REACH}
"""  # noqa: S608


async def referral_counts(unit: Unit) -> dict[str, int]:
    """How many referrals each queue holds, for this actor."""
    scope = unit.scope("referrals.read")
    row = await unit.row(_COUNTS, scope.over_files, scope.over_places, unit.today, unit.now)
    return dict(row) if row else {}


_ONE = f"""
SELECT r.*, hh.ref AS household_ref, q.ref AS request_ref, q.state AS request_state,
       q.seniority_on, {NAME_OF} AS name, v.ref AS vacancy_ref, v.kind AS programme_kind,
       v.state AS vacancy_state, v.free_on, u.label, u.typology, u.max_persons, u.cost_cents,
       u.id AS unit_id, g.ref AS programme_ref, g.name AS programme, g.organisation_id,
       g.address, g.phone AS programme_phone, o.name AS organisation,
       coalesce(k.label, v.kind) AS kind_label, k.lease_kind AS usual_lease,
       author.name AS proposed_by_name, hh.phone AS household_phone,
       s.ref AS stay_ref, s.starts_on AS moved_in_on
FROM referral r
JOIN household hh ON hh.territory_id = r.territory_id AND hh.id = r.household_id
JOIN housing_request q ON q.territory_id = r.territory_id AND q.id = r.request_id
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id
JOIN organisation o ON o.id = g.organisation_id
LEFT JOIN housing_kind k ON k.territory_id = v.territory_id AND k.code = v.kind
  AND k.starts_on <= $3 AND (k.ends_on IS NULL OR k.ends_on > $3)
LEFT JOIN account author ON author.id = r.proposed_by
LEFT JOIN LATERAL (SELECT * FROM placement s WHERE s.territory_id = r.territory_id
  AND s.referral_id = r.id AND s.state <> 'cancelled' LIMIT 1) s ON true
WHERE r.ref = $4 AND {_REACH}
"""  # noqa: S608


async def referral(unit: Unit, ref: str) -> Row:
    """One referral whole, for those who may see it; NotFound for everybody else."""
    scope = unit.scope("referrals.read")
    row = await unit.row(_ONE, scope.over_files, scope.over_places, unit.today, ref)
    if row is None:
        raise NotFound()
    await unit.let_in("referrals.read", row["household_id"])
    return row


async def knows_household(unit: Unit, row: Row) -> bool:
    """Whether a referral is read by the household's side, and not only by the place's.

    A structure reads who is sent to it; what was said before, and of the demande, is not for it.
    """
    return await opens(unit, row["household_id"], "referrals.read")


async def referral_history(
    unit: Unit, referral_id: int, classes: Collection[str], *, whole: bool = True
) -> list[Row]:
    """Every step with its author's side, its reason and who noted it; the latest first.

    `whole=False`: from the day it was sent to the structure on. What was said of a class that is
    not among `classes` is `hidden`, unless the reader noted it, or reads their own side's refusal.
    """
    rows = await unit.fetch(
        "SELECT s.verb, s.state, s.at, s.author, s.words, s.evidence, s.by, a.name AS by_name, "
        "w.author AS reason_author, w.label AS reason, "
        "w.code AS reason_code, w.plain AS reason_plain "
        "FROM referral_state s LEFT JOIN account a ON a.id = s.by "
        "LEFT JOIN refusal_reason w ON w.territory_id = s.territory_id AND w.id = s.reason_id "
        "WHERE s.referral_id = $1 AND ($2 OR s.id >= (SELECT max(t.id) FROM referral_state t "
        "WHERE t.referral_id = $1 AND t.verb = 'send')) ORDER BY s.id DESC",
        referral_id,
        whole,
    )
    return [_by_class(unit, dict(row), classes, whole) for row in rows]


def _by_class(unit: Unit, row: dict[str, Any], classes: Collection[str], whole: bool) -> Row:
    own = row["by"] == unit.actor.account_id or (row["author"] == "structure" and not whole)
    held = class_of(row["reason_author"] or "", row["reason_code"])
    if own or held == "social" or held in classes:
        return {**row, "hidden": False}
    return {
        **row,
        "hidden": True,
        "reason": None,
        "reason_plain": None,
        "words": "",
        "evidence": "",
    }


async def reasons_on(unit: Unit, author: str, on: date) -> list[Row]:
    """The reasons an author may choose from on a day, in their order."""
    return await unit.fetch(
        "SELECT * FROM (SELECT DISTINCT ON (code) * FROM refusal_reason WHERE author = $1 "
        "AND starts_on <= $2 AND (ends_on IS NULL OR ends_on > $2) "
        "ORDER BY code, starts_on DESC) AS now ORDER BY id",
        author,
        on,
    )


async def passed_over(unit: Unit, referral_id: int) -> list[Row]:
    """Who stood above the household that was proposed, and why not them this time."""
    return await unit.fetch(
        "SELECT o.rank, o.reason, o.words, q.ref AS request_ref FROM passed_over o "
        "JOIN housing_request q ON q.territory_id = o.territory_id AND q.id = o.request_id "
        "WHERE o.referral_id = $1 ORDER BY o.rank, o.id",
        referral_id,
    )


async def people_of(unit: Unit, household_id: int) -> list[Row]:
    """Who would come: names, births and links; what a structure needs to answer, no more."""
    return await unit.fetch(
        "SELECT p.family_name, p.given_name, p.birth, p.sex, p.phone, m.role FROM membership m "
        "JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id "
        "WHERE m.household_id = $1 AND m.starts_on <= $2 "
        "AND (m.ends_on IS NULL OR m.ends_on > $2) "
        "ORDER BY m.role <> 'main', m.role = 'child', p.birth, m.id",
        household_id,
        unit.today,
    )


async def referrals_of_household(unit: Unit, household_id: int) -> list[Row]:
    """A household's referrals with their place, the latest first."""
    return await unit.fetch(
        "SELECT r.ref, r.state, r.request_id, r.proposed_at, g.name AS programme, u.label "
        "FROM referral r JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id "
        "JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id "
        "JOIN programme g ON g.territory_id = u.territory_id AND g.id = u.programme_id "
        "WHERE r.household_id = $1 ORDER BY r.id DESC",
        household_id,
    )


_CANDIDATE = f"""
SELECT q.id, q.ref, q.state, q.seniority_on, q.household_id, hh.ref AS household_ref,
       {NAME_OF.replace("r.", "q.")} AS name
FROM housing_request q
JOIN household hh ON hh.territory_id = q.territory_id AND hh.id = q.household_id
WHERE q.ref = $1
"""  # noqa: S608


async def candidate(unit: Unit, request_ref: str) -> Row:
    """The demande that one wants to propose a place to."""
    row = await unit.row(_CANDIDATE, request_ref)
    if row is None:
        raise NotFound()
    return row
