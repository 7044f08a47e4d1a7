"""The reads: where a person stands towards an erasure, who may open a copy, what was done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.kernel.errors import NotFound
from core.kernel.unit import Unit
from core.placements.lifecycle import OPEN_REFERRAL
from core.requests.lifecycle import ENDED
from core.rights.erasing import Circle
from core.rights.rules import Standing

OPEN_FOR = timedelta(hours=24)
"""A copy is read by who noted it, for a day: afterwards it is asked for again."""

# $1 the persons, $2 the households that go with them, $3 today, $4 and $5 states.
_STANDING = """
WITH homes AS (
  SELECT household_id AS id FROM membership
  WHERE person_id = ANY($1) AND starts_on <= $3 AND (ends_on IS NULL OR ends_on > $3)
  UNION SELECT unnest($2::bigint[])),
asked AS (SELECT r.id, r.state FROM housing_request r JOIN homes ON homes.id = r.household_id)
SELECT
  EXISTS (SELECT 1 FROM asked WHERE state <> ALL($4::text[])) AS request,
  EXISTS (SELECT 1 FROM referral f JOIN homes ON homes.id = f.household_id
          WHERE f.state = ANY($5::text[])) AS referral,
  EXISTS (SELECT 1 FROM placement s JOIN homes ON homes.id = s.household_id
          WHERE s.state IN ('planned', 'present')) AS stay,
  (SELECT count(*) FROM exchange x
   WHERE x.person_id = ANY($1) AND x.answered_at IS NULL) AS unanswered,
  (SELECT max(d.decided_at) FROM decision d JOIN asked ON asked.id = d.request_id
   WHERE d.outcome = 'refuse')::date AS refused_on,
  greatest(
    (SELECT max(p.created_at) FROM person p WHERE p.id = ANY($1)),
    (SELECT max(greatest(x.written_at, x.answered_at)) FROM exchange x
     WHERE x.person_id = ANY($1)),
    (SELECT max(s.at) FROM request_state s JOIN asked ON asked.id = s.request_id),
    (SELECT max(s.at) FROM referral_state s JOIN referral f ON f.id = s.referral_id
     JOIN homes ON homes.id = f.household_id),
    (SELECT max(s.at) FROM placement_state s JOIN placement p ON p.id = s.placement_id
     JOIN homes ON homes.id = p.household_id),
    (SELECT max(s.seen_at) FROM session s JOIN resident_account a ON a.account_id = s.account_id
     WHERE a.person_id = ANY($1)))::date AS last_contact
"""


async def standing_of(unit: Unit, circle: Circle, person_id: int) -> Standing:
    """What the rule of erasure looks at, in two statements."""
    row = await unit.row(
        _STANDING,
        list(circle.persons),
        list(circle.sole),
        unit.today,
        list(ENDED),
        list(OPEN_REFERRAL),
    )
    assert row is not None
    erased = await unit.value("SELECT erased_on IS NOT NULL FROM person WHERE id = $1", person_id)
    return Standing(today=unit.today, erased=bool(erased), **dict(row))


async def require_own_copy(unit: Unit, person_id: int, act: int) -> None:
    """Raise NotFound unless the actor noted that copy, of that person, within the day."""
    mine = await unit.value(
        "SELECT 1 FROM rights_act WHERE id = $1 AND person_id = $2 AND kind = 'copy' "
        "AND by = $3 AND at > $4",
        act,
        person_id,
        unit.actor.account_id,
        unit.now - OPEN_FOR,
    )
    if mine is None:
        raise NotFound()


async def acts_of(unit: Unit, person_id: int) -> list[Any]:
    """The copies and erasures of a person, the latest first: kind, basis, reason, at, author."""
    return await unit.fetch(
        "SELECT r.id, r.kind, r.basis, r.reason, r.at, a.name AS author FROM rights_act r "
        "LEFT JOIN account a ON a.id = r.by WHERE r.person_id = $1 ORDER BY r.id DESC LIMIT 50",
        person_id,
    )


async def person_of(unit: Unit, household_id: int, ref: str) -> Any:
    """A person who is or was in this household, by their reference; else NotFound."""
    row = await unit.row(
        "SELECT DISTINCT p.id, p.ref, p.given_name, p.family_name, p.erased_on FROM person p "
        "JOIN membership m ON m.territory_id = p.territory_id AND m.person_id = p.id "
        "WHERE p.ref = $1 AND m.household_id = $2 AND p.merged_into IS NULL",
        ref,
        household_id,
    )
    if row is None:
        raise NotFound()
    return row
