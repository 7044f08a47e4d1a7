"""What a resident may read: their own file, and of their household only what concerns all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from core.accounts.mandates import hold_mandate
from core.extension.context import Ctx
from core.extension.contributions import Part
from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.placements.lifecycle import OPEN_REFERRAL
from core.requests.lifecycle import ENDED
from core.web.parts import Shown, read_beside
from portal.pathway import Facts, Moment

# Where the person stands, in one statement whatever the file holds. $1 person, $2 today, $5 now.
_SELF = """
SELECT me.id, me.given_name, me.family_name, me.usual_name, me.birth, me.sex, me.phone, me.email,
       me.language, me.version, home.id AS household_id,
       request.id AS request_id, request.state AS request_state, request.seniority_on,
       referral.id AS referral_id, referral.ref AS referral_ref, referral.state AS referral_state,
       referral.answer_by,
       stay.state AS stay_state, stay.starts_on AS stay_starts_on,
       stay.request_id AS stay_request_id,
       answers.unread,
       (SELECT count(*) FROM return_code c WHERE c.person_id = me.id AND c.used_at IS NULL
          AND c.voided_at IS NULL AND c.expires_at > $5) AS codes_left, greatest(
         (SELECT max(at) FROM request_state t WHERE t.request_id = request.id),
         (SELECT max(at) FROM referral_state t WHERE t.referral_id = referral.id),
         answers.last) AS updated_at,
       (SELECT coalesce(json_agg(json_build_object(
            'name', a.name, 'role', k.role,
            'phone', coalesce(nullif(a.phone, ''), t.phone, ''),
            'organisation', coalesce(o.name, '')) ORDER BY k.role, k.id), '[]')
        FROM key_worker k JOIN account a ON a.id = k.account_id
        LEFT JOIN organisation o ON o.id = k.organisation_id
        LEFT JOIN territory_organisation t ON t.territory_id = k.territory_id
          AND t.organisation_id = k.organisation_id
        WHERE k.household_id = home.id
          AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2)) AS workers
FROM person me
LEFT JOIN LATERAL (
  SELECT m.household_id AS id FROM membership m
  WHERE m.person_id = me.id AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
  ORDER BY m.role = 'child', m.starts_on DESC, m.id DESC LIMIT 1) home ON true
LEFT JOIN LATERAL (
  SELECT r.id, r.state, r.seniority_on FROM housing_request r WHERE r.household_id = home.id
  ORDER BY r.state = ANY($3::text[]), r.id DESC LIMIT 1) request ON true
LEFT JOIN LATERAL (
  SELECT f.id, f.ref, f.state, f.answer_by FROM referral f
  WHERE f.request_id = request.id AND f.state = ANY($4::text[])
    AND NOT (f.state = 'admitted' AND EXISTS (SELECT 1 FROM placement e
      WHERE e.territory_id = f.territory_id AND e.referral_id = f.id AND e.state <> 'cancelled'))
  ORDER BY f.id DESC LIMIT 1) referral ON true
LEFT JOIN LATERAL (
  SELECT s.state, s.starts_on, s.request_id FROM placement s
  WHERE s.household_id = home.id AND s.state <> 'cancelled'
  ORDER BY s.state = 'exited', s.double, s.id DESC LIMIT 1) stay ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS unread, max(x.answered_at) AS last FROM exchange x
  WHERE x.person_id = me.id AND x.answered_at IS NOT NULL AND x.answer_read_at IS NULL) answers
WHERE me.id = $1 AND me.merged_into IS NULL
"""


@dataclass(frozen=True)
class Worker:
    """Someone who helps: named, with a number to call when there is one."""

    name: str
    role: str
    phone: str
    organisation: str

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.name.split()[:2]).upper()


@dataclass(frozen=True)
class Self:
    """The signed-in resident and where their household stands."""

    row: Any
    workers: tuple[Worker, ...]
    helped: bool = False
    """Read by who acts for the person: the answers to what the person wrote are not theirs."""

    @property
    def person_id(self) -> int:
        return int(self.row["id"])

    @property
    def household_id(self) -> int | None:
        found: int | None = self.row["household_id"]
        return found

    @property
    def unread(self) -> int:
        return 0 if self.helped else int(self.row["unread"])

    @property
    def updated_at(self) -> datetime | None:
        found: datetime | None = self.row["updated_at"]
        return found

    def facts(self, history: tuple[Moment, ...] = ()) -> Facts:
        """What the pathway is built from."""
        row = self.row
        own_stay = row["stay_request_id"] is None or row["stay_request_id"] == row["request_id"]
        return Facts(
            request=row["request_state"],
            referral=row["referral_state"],
            stay=row["stay_state"],
            stay_of_request=own_stay,
            starts_on=row["stay_starts_on"],
            history=history,
        )


async def load_self(unit: Unit) -> Self:
    """The signed-in resident, or the one whom the actor helps while that is allowed.

    NotFound when the person's file was joined to another.
    """
    await hold_mandate(unit)
    return _self(unit, await unit.row(_SELF, *_asked(unit)))


async def load_self_with(ctx: Ctx, unit: Unit, parts: Sequence[Part]) -> tuple[Self, list[Shown]]:
    """The same with the parts of a page about this person, in the same statement."""
    await hold_mandate(unit)
    row, shown = await read_beside(
        ctx, unit, parts, _SELF, *_asked(unit), household="household_id", person="id"
    )
    return _self(unit, row), shown


def _asked(unit: Unit) -> tuple[Any, ...]:
    referrals = [*OPEN_REFERRAL, "admitted"]
    return unit.actor.person_id, unit.today, list(ENDED), referrals, unit.now


def _self(unit: Unit, row: Any) -> Self:
    if row is None:
        raise NotFound()
    workers = msgspec.json.decode(row["workers"], type=list[Worker])
    return Self(row, tuple(workers), unit.actor.kind == "helper")


# The steps of the three objects of one household, the oldest first; `by`: who did it for the
# reader under an authorisation, told to no one else of the household. $1 household, $2 person.
_HISTORY = """
SELECT t.*, (
  SELECT a.name FROM event e JOIN account a ON a.id = e.actor_id
  WHERE e.household_id = $1 AND e.on_behalf_of = $2 AND e.occurred_at = t.at
    AND e.subject_kind = t.machine AND e.subject_id = t.id LIMIT 1) AS by
FROM (
SELECT 'request' AS machine, r.id, s.verb, s.state, s.at FROM request_state s
JOIN housing_request r ON r.territory_id = s.territory_id AND r.id = s.request_id
WHERE r.household_id = $1
UNION ALL
SELECT 'referral', f.id, s.verb, s.state, s.at FROM referral_state s
JOIN referral f ON f.territory_id = s.territory_id AND f.id = s.referral_id
WHERE f.household_id = $1
UNION ALL
SELECT 'placement', p.id, s.verb, s.state, s.at FROM placement_state s
JOIN placement p ON p.territory_id = s.territory_id AND p.id = s.placement_id
WHERE p.household_id = $1
) t ORDER BY at, machine DESC
"""


async def history(unit: Unit, household_id: int, person_id: int) -> tuple[Moment, ...]:
    """Every step of a household as this person reads it, the oldest first."""
    return tuple(
        Moment(r["machine"], r["verb"], r["state"], r["at"], r["by"])
        for r in await unit.fetch(_HISTORY, household_id, person_id)
    )


async def last_decision(unit: Unit, request_id: int) -> Any:
    """The latest decision: its plain text, what is missing, until when, how to contest it."""
    return await unit.row(
        "SELECT outcome, decided_at, plain_text, missing, due_on, remedies FROM decision "
        "WHERE request_id = $1 ORDER BY id DESC LIMIT 1",
        request_id,
    )


# One proposal with the place it is about. $1 its ref, $2 the household.
_PROPOSAL = """
SELECT f.id, f.ref, f.state, f.answer_by, f.paused_at, f.words, f.proposed_at, v.id AS vacancy_id,
       v.state AS vacancy_state, v.free_on, v.kind, k.label AS kind_label, k.plain,
       k.stay_months_max, p.name AS programme, p.house_rules, p.description, p.animals,
       p.phone AS programme_phone, p.address, u.typology, u.cost_cents, u.surface_m2, u.floor,
       u.accessible, u.max_persons, coalesce(ua.name, pa.name) AS area,
       (SELECT s.verb FROM referral_state s WHERE s.territory_id = f.territory_id
        AND s.referral_id = f.id AND s.verb NOT LIKE '%:%'
        ORDER BY s.id DESC LIMIT 1) AS last_verb
FROM referral f
JOIN vacancy v ON v.territory_id = f.territory_id AND v.id = f.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
LEFT JOIN area ua ON ua.territory_id = u.territory_id AND ua.id = u.area_id
LEFT JOIN area pa ON pa.territory_id = p.territory_id AND pa.id = p.area_id
LEFT JOIN LATERAL (
  SELECT label, plain, stay_months_max FROM housing_kind h
  WHERE h.territory_id = v.territory_id AND h.code = v.kind AND h.starts_on <= $3
  ORDER BY h.starts_on DESC LIMIT 1) k ON true
WHERE f.ref = $1 AND f.household_id = $2
"""


async def read_proposal(unit: Unit, ref: str, household_id: int | None) -> Any:
    """A proposal made to this household; NotFound for anyone else's."""
    row = await unit.row(_PROPOSAL, ref, household_id, unit.today)
    if row is None:
        raise NotFound()
    return row


async def refusal_reasons(unit: Unit) -> list[Any]:
    """The reasons a household may give here today, as it reads them, in the order to show."""
    return await unit.fetch(
        "SELECT DISTINCT ON (code) id, code, label, plain, admissible, binds_household, "
        "keeps_seniority, evidence, contestable, needs_words FROM refusal_reason "
        "WHERE author = 'household' AND starts_on <= $1 AND (ends_on IS NULL OR ends_on > $1) "
        "ORDER BY code, starts_on DESC",
        unit.today,
    )


@dataclass(frozen=True)
class OtherMember:
    """Someone of the household as the others see them: a first name and a place in it."""

    given_name: str
    role: str
    birth: date | None


async def other_members(unit: Unit, household_id: int, person_id: int) -> list[OtherMember]:
    """The others of the household, today. Nothing of what they told."""
    rows = await unit.fetch(
        "SELECT p.given_name, m.role, p.birth FROM membership m "
        "JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id "
        "WHERE m.household_id = $1 AND m.person_id <> $2 AND m.starts_on <= $3 "
        "AND (m.ends_on IS NULL OR m.ends_on > $3) ORDER BY m.role = 'child', p.birth, p.id",
        household_id,
        person_id,
        unit.today,
    )
    return [OtherMember(r["given_name"], r["role"], r["birth"]) for r in rows]


async def own_mandates(unit: Unit, person_id: int) -> list[Any]:
    """Every help authorisation a person gave, those in force first: who, for what, until when."""
    return await unit.fetch(
        "SELECT m.id, m.account_id, m.scope, m.starts_on, m.ends_on, m.ends_on - 1 AS last_day, "
        "m.revoked_at, a.name, "
        "(SELECT o.name FROM role_grant g JOIN organisation o ON o.id = g.organisation_id "
        " WHERE g.territory_id = m.territory_id AND g.account_id = m.account_id "
        " AND g.ends_on IS NULL ORDER BY g.id LIMIT 1) AS organisation, "
        "m.revoked_at IS NULL AND (m.ends_on IS NULL OR m.ends_on > $2) AS in_force "
        "FROM mandate m JOIN account a ON a.id = m.account_id "
        "WHERE m.person_id = $1 ORDER BY in_force DESC, m.id DESC",
        person_id,
        unit.today,
    )


async def mandate_acts(unit: Unit, person_id: int) -> dict[int, list[Any]]:
    """What was done for this person under each authorisation, the newest first: kind, at."""
    rows = await unit.fetch(
        "SELECT e.mandate_id, e.kind, e.occurred_at AS at FROM event e "
        "WHERE e.on_behalf_of = $1 AND e.mandate_id IN "
        "(SELECT d.id FROM mandate d WHERE d.person_id = $1) ORDER BY e.id DESC LIMIT 200",
        person_id,
    )
    acts: dict[int, list[Any]] = {}
    for row in rows:
        acts.setdefault(row["mandate_id"], []).append(row)
    return acts


async def possible_helpers(unit: Unit, household_id: int | None) -> list[Any]:
    """Those who follow the household today, and may be let act for one of it."""
    return await unit.fetch(
        "SELECT DISTINCT a.id, a.name, o.name AS organisation FROM key_worker k "
        "JOIN account a ON a.id = k.account_id "
        "LEFT JOIN organisation o ON o.id = k.organisation_id "
        "WHERE k.household_id = $1 AND k.starts_on <= $2 AND (k.ends_on IS NULL OR k.ends_on > $2) "
        "AND a.disabled_at IS NULL ORDER BY a.name, a.id",
        household_id,
        unit.today,
    )
