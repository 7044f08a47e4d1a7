"""A life event carried out: each typed change of its plan, on the households' side.

What concerns requests and stays (CarryRequest, EndRequest, ReviewRequest…) is left to the layer
that knows them: `Lived.changes` holds the whole plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import msgspec

from core.households import changes as c
from core.households.changes import EVENT_LABELS, HERE, JOINING, NEW, HouseholdFacts, LifeEvent
from core.households.ending import close_household, protect, revoke
from core.households.external import to_report
from core.households.life_events import plan
from core.households.memberships import end_membership, start_again
from core.households.people import Member, Role, Sex
from core.households.persons import NewPerson, create_person
from core.households.stops import stop_messages
from core.kernel.errors import Invalid, Refused
from core.kernel.refs import new_ref
from core.kernel.unit import Unit
from core.kernel.words import N_


@dataclass
class Lived:
    """What became of an event. `households`: ids by the plan's names (here, new, joining).

    `people`: ids of the persons created, in the order of the plan.
    """

    life_event_id: int
    households: dict[str, int]
    changes: tuple[c.Change, ...]
    people: list[int] = field(default_factory=list)


_MEMBERS = """
SELECT m.person_id, m.role, p.birth, p.sex, m.shared_custody
FROM membership m JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE m.household_id = $1 AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on > $2)
ORDER BY m.id
"""

_REQUESTS = """
SELECT id, seniority_on FROM housing_request
WHERE household_id = $1 AND state NOT IN ('closed', 'cancelled', 'refused') ORDER BY id
"""

_HOUSED = """
SELECT EXISTS (SELECT 1 FROM placement WHERE household_id = $1 AND state = 'present')
"""

_PROPOSALS = """
SELECT r.id, p.name || ' – ' || u.label AS place FROM referral r
JOIN vacancy v ON v.territory_id = r.territory_id AND v.id = r.vacancy_id
JOIN housing_unit u ON u.territory_id = v.territory_id AND u.id = v.unit_id
JOIN programme p ON p.territory_id = u.territory_id AND p.id = u.programme_id
WHERE r.household_id = $1 AND (
  r.state IN ('proposed', 'accepted', 'unanswered', 'sent_to_structure', 'preadmission')
  OR r.state = 'admitted' AND NOT EXISTS (SELECT 1 FROM placement s
    WHERE s.territory_id = r.territory_id AND s.referral_id = r.id AND s.state <> 'cancelled'))
ORDER BY r.id
"""


async def facts_of(unit: Unit, household_id: int) -> HouseholdFacts:
    """What a plan needs to know of a household, today."""
    members = tuple(
        Member(
            r["person_id"],
            Role(r["role"]),
            r["birth"],
            Sex(r["sex"]) if r["sex"] else None,
            r["shared_custody"],
        )
        for r in await unit.fetch(_MEMBERS, household_id, unit.today)
    )
    requests = tuple(
        c.OpenRequest(r["id"], r["seniority_on"]) for r in await unit.fetch(_REQUESTS, household_id)
    )
    housed = bool(await unit.value(_HOUSED, household_id))
    proposals = tuple(
        c.Proposal(r["id"], r["place"]) for r in await unit.fetch(_PROPOSALS, household_id)
    )
    return HouseholdFacts(members, unit.today, requests, housed, proposals)


async def live(
    unit: Unit, household_id: int, event: LifeEvent, *, names: tuple[str, str] | None = None
) -> int:
    """Carry a life event out and return the id of its `life_event` row. See `carry_out`."""
    return (await carry_out(unit, household_id, event, names=names)).life_event_id


async def carry_out(
    unit: Unit, household_id: int, event: LifeEvent, *, names: tuple[str, str] | None = None
) -> Lived:
    """Carry a life event out on people, memberships, access and messages. Raises Refused.

    `names`: family and given name of a child who is not recorded yet; without a family name
    the main person's, without a given name none.
    """
    unit.require("households.write")
    await unit.fetch("SELECT 1 FROM household WHERE id = $1 FOR UPDATE", household_id)
    planned = plan(event, await facts_of(unit, household_id))
    if planned.refused is not None:
        raise Refused(planned.refused.msgid, **planned.refused.params)
    lived = Lived(0, {HERE: household_id}, planned.changes)
    if event.joining is not None:
        lived.households[JOINING] = await _joining(unit, household_id, event.joining)
    if any(getattr(change, "household", HERE) == NEW for change in planned.changes):
        lived.households[NEW] = await _open_new(unit, household_id)
    for change in planned.changes:
        await _apply(unit, lived, change, names)
    lived.life_event_id = await _keep(unit, lived, event, [str(e) for e in planned.effects])
    if NEW in lived.households:
        await _key_workers_too(unit, household_id, lived.households[NEW], event.on)
    return lived


async def _apply(unit: Unit, lived: Lived, change: c.Change, names: tuple[str, str] | None) -> None:
    here = lived.households[HERE]
    match change:
        case c.StartMembership():
            await _start(unit, lived, change, names)
        case c.EndMembership(person_id, on, reason, which):
            await end_membership(unit, lived.households[which], person_id, on, reason)
            unit.record(
                "household.member_left",
                household_id=lived.households[which],
                person_id=person_id,
                reason=reason,
            )
        case c.SetRole(person_id, role, on):
            await start_again(unit, here, person_id, on, role=role.value)
        case c.SetCustody(person_id, shared, on):
            await start_again(unit, here, person_id, on, shared=shared)
        case c.SetProtection():
            await protect(unit, here, change)
        case c.OfferOwnAccess(person_id, _):
            where = lived.households.get(NEW, here)
            unit.record("household.access_to_offer", household_id=where, person_id=person_id)
        case c.StopMessages(person_id):
            await stop_messages(unit, person_id, "death")
            unit.record("person.messages_stopped", household_id=here, person_id=person_id)
        case c.RevokeAccess(person_id):
            await revoke(unit, person_id)
        case c.ReviewStay(reason):
            unit.record("household.stay_to_review", household_id=here, reason=reason)
        case c.CloseHousehold(which, on, _):
            await close_household(unit, lived.households[which], on)


async def _start(
    unit: Unit, lived: Lived, change: c.StartMembership, names: tuple[str, str] | None
) -> None:
    household_id, person_id = lived.households[change.household], change.person_id
    if person_id is None:
        family = (names and names[0]) or await unit.value(_MAIN_NAME, lived.households[HERE])
        person_id = await create_person(
            unit,
            NewPerson(
                family or "",
                names[1] if names else "",
                birth=change.birth,
                sex=int(change.sex) if change.sex else None,
                role=change.role.value,
            ),
        )
        lived.people.append(person_id)
    await unit.fetch(
        "INSERT INTO membership (household_id, person_id, role, shared_custody, starts_on, "
        "end_reason) VALUES ($1, $2, $3, $4, $5, '')",
        household_id,
        person_id,
        change.role.value,
        change.shared_custody,
        change.on,
    )
    unit.record("household.member_joined", household_id=household_id, person_id=person_id)


_MAIN_NAME = """
SELECT p.family_name FROM membership m
JOIN person p ON p.territory_id = m.territory_id AND p.id = m.person_id
WHERE m.household_id = $1 ORDER BY (m.role = 'main') DESC, m.id LIMIT 1
"""


async def _joining(unit: Unit, household_id: int, joining: HouseholdFacts) -> int:
    """The household that joins: the one all of these people are in today."""
    people = [m.person_id for m in joining.members]
    found = await unit.value(
        "SELECT household_id FROM membership WHERE person_id = ANY($1) AND household_id <> $2 "
        "AND starts_on <= $3 AND (ends_on IS NULL OR ends_on > $3) "
        "GROUP BY household_id HAVING count(DISTINCT person_id) = $4 ORDER BY 1 LIMIT 1",
        people,
        household_id,
        unit.today,
        len(people),
    )
    if found is None:
        raise Invalid({"joining": N_("Indiquez le ménage qui rejoint celui-ci.")})
    await unit.fetch("SELECT 1 FROM household WHERE id = $1 FOR UPDATE", found)
    return int(found)


async def _open_new(unit: Unit, household_id: int) -> int:
    """The household of who leaves. No phone, no address, no note follows: they belong to others."""
    new_id = await unit.value(
        "INSERT INTO household (ref, created_at, created_by, sector_id, phone, email, address, "
        "language, version) SELECT $2, $3, $4, sector_id, '', '', '', language, 1 "
        "FROM household WHERE id = $1 RETURNING id",
        household_id,
        new_ref(),
        unit.now,
        unit.actor.account_id,
    )
    unit.record("household.separated", household_id=new_id)
    return int(new_id)


async def _key_workers_too(unit: Unit, before: int, after: int, on: date) -> None:
    """The new household has a key worker from its first day: the one who knows its story."""
    await unit.fetch(
        "INSERT INTO key_worker (household_id, account_id, organisation_id, role, starts_on, "
        "end_reason) SELECT $2, account_id, organisation_id, role, $3, '' FROM key_worker "
        "WHERE household_id = $1 AND starts_on <= $4 AND (ends_on IS NULL OR ends_on > $4)",
        before,
        after,
        on,
        unit.today,
    )
    unit.record("key_worker.assigned", household_id=after)


async def _keep(unit: Unit, lived: Lived, event: LifeEvent, effects: list[str]) -> int:
    here = lived.households[HERE]
    other = lived.households.get(NEW) or lived.households.get(JOINING)
    person_id = event.person_id or (lived.people[0] if lived.people else None)
    life_event_id = await unit.value(
        "INSERT INTO life_event (household_id, kind, on_date, person_id, other_household_id, "
        "effects, by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        here,
        event.kind,
        event.on,
        person_id,
        other,
        msgspec.json.encode(effects).decode(),
        unit.actor.account_id,
        unit.now,
    )
    if event.kind == "death":
        await unit.fetch("UPDATE person SET died_on = $2 WHERE id = $1", person_id, event.on)
    unit.record(
        "household.life_event",
        household_id=here,
        person_id=person_id,
        subject=("life_event", life_event_id),
        on=event.on,
    )
    text = f"{EVENT_LABELS[event.kind]} le {event.on:%d/%m/%Y}"
    if person_id is not None:
        name = await unit.value(
            "SELECT family_name || ' ' || given_name FROM person WHERE id = $1", person_id
        )
        text = f"{text} – {name}"
    await to_report(unit, here, "life_event", text)
    return int(life_event_id)
