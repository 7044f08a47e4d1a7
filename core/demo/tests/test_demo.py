"""The demonstration: made by the services alone, the same every time, true to its own rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest

from core.accounts.service import hash_of_card, use_code
from core.app import CORE
from core.demo.accounts import DemoAccount, demo_accounts
from core.demo.colleagues import colleague, team_of, who_may_bring
from core.demo.fill import demo, filled
from core.demo.people import make_family
from core.demo.places import BRUXELLES, DEUX_RIVES, LANDS, OFFERS
from core.demo.plans import SUMMARIES, WITH_CHILDREN, draw_plan
from core.demo.told import TOLD, told_in
from core.extension.registry import Registry
from core.kernel.database import ENGINE
from core.kernel.settings import Settings
from core.kernel.unit import Unit
from core.territories.queries import load_places
from core.testing import Databases

TODAY = date(2026, 3, 10)

KEPT = {
    "person": "ref, family_name, given_name, search_key, birth, phone",
    "household": "id, ref, created_at, sector_id",
    "housing_request": "id, ref, household_id, state, seniority_on, refresh_due",
    "vacancy": "id, ref, unit_id, state, free_on, draw_seed",
    "referral": "id, ref, vacancy_id, request_id, state, answer_by, rank",
    "placement": "id, ref, unit_id, household_id, state, starts_on, ends_on",
    "event": "id, kind, occurred_at, actor_id, household_id, payload",
}


async def made(
    databases: Databases, settings: Settings, seed: int, size: int = 10
) -> dict[str, list[object]]:
    """One small territory in a new database: what stands in its tables."""
    _, app_url = await databases.fresh()
    await ENGINE.open(app_url, 2)
    try:
        (land,) = await demo(
            seed, TODAY, settings=settings, registry=Registry.build(CORE), size=size,
            lands=(DEUX_RIVES,),
        )  # fmt: skip
        assert land.stopped == ()
        async with Unit(territory_id=1) as unit:
            return {
                table: [
                    tuple(r) for r in await unit.fetch(f"SELECT {what} FROM {table} ORDER BY id")
                ]
                for table, what in KEPT.items()
            }
    finally:
        await ENGINE.close()


async def test_the_same_seed_and_day_make_the_same_content(
    databases: Databases, settings: Settings
) -> None:
    first = await made(databases, settings, 1)
    assert first == await made(databases, settings, 1)
    other = await made(databases, settings, 2)
    assert first["person"] != other["person"]


async def test_two_years_read_true(databases: Databases, settings: Settings) -> None:
    _, app_url = await databases.fresh()
    await ENGINE.open(app_url, 2)
    try:
        done = await demo(
            3, TODAY, settings=settings, registry=Registry.build(CORE), size=40, lands=(BRUXELLES,)
        )  # fmt: skip
        assert len(done[0].stopped) <= 2, done[0].stopped
        assert await filled() == {"bruxelles": True}
        async with Unit(territory_id=1) as unit:
            states = {
                r["state"] for r in await unit.fetch("SELECT DISTINCT state FROM housing_request")
            }
            assert {"waiting", "closed"} <= states
            assert await unit.value("SELECT count(*) FROM placement WHERE state = 'present'") > 0
            assert await unit.value("SELECT count(*) FROM household") >= 40
            assert await unit.value("SELECT min(occurred_at) FROM event") < datetime(
                2024, 6, 1, tzinfo=UTC
            )
            end = datetime(2026, 3, 10, 5, tzinfo=UTC)
            assert await unit.value("SELECT max(occurred_at) FROM event") < end
            assert not await unit.value("SELECT 1 FROM delivery WHERE state <> 'done'")
            # Each state kept beside an object is what its history says last.
            assert not await unit.value(
                "SELECT r.id FROM housing_request r WHERE r.state <> (SELECT s.state "
                "FROM request_state s WHERE s.request_id = r.id ORDER BY s.id DESC LIMIT 1)"
            )
            assert not await unit.value(
                "SELECT e.id FROM waiting_entry e JOIN housing_request r ON r.id = e.request_id "
                "WHERE e.seniority_on <> r.seniority_on"
            )
            assert not await unit.value(
                "SELECT v.id FROM vacancy v WHERE v.state = 'held' AND NOT EXISTS "
                "(SELECT 1 FROM referral o WHERE o.vacancy_id = v.id AND o.state IN "
                "('proposed', 'accepted', 'unanswered', 'sent_to_structure', 'preadmission', "
                "'admitted'))"
            )
            proposed = await unit.fetch(
                "SELECT p.given_name FROM referral o JOIN membership m "
                "ON m.household_id = o.household_id AND m.role = 'main' "
                "JOIN person p ON p.id = m.person_id WHERE o.state = 'proposed'"
            )
            assert "Grâce" in {r["given_name"] for r in proposed}
            label = "SELECT label FROM housing_kind WHERE code = 'chrs' AND ends_on IS NULL"
            assert await unit.value(label) == "Maison d’accueil"
        ways = await demo_accounts(settings)
        assert {a.role for a in ways} == {
            "coordinator", "social_worker", "administrator", "observer", "prescriber",
            "structure", "resident",
        }  # fmt: skip
        residents = [a for a in ways if a.role == "resident"]
        async with Unit(territory_id=1) as unit:
            never = await unit.value(
                "SELECT count(*) FROM account a WHERE a.kind = 'professional' AND (a.phone = '' "
                "OR NOT EXISTS (SELECT 1 FROM session s WHERE s.account_id = a.id))"
            )
        assert never == 0
        assert {a.name for a in residents} == {"Jan Peeters", "Grâce Mbemba", "Sophie Lambert"}
        again = [a for a in await demo_accounts(settings) if a.role == "resident"]
        assert [a.codes for a in residents] == [a.codes for a in again], "asking kills no code"
        assert all(len(set(a.codes)) == 10 and a.fields["code"] == a.codes[0] for a in again)
        await _spend(settings, again[0], 9)
        near = await _asked_again(settings, again[0])
        assert near.codes == again[0].codes[9:]
        await _spend(settings, near, 1)
        after = await _asked_again(settings, again[0])
        assert len(after.codes) == 10 and not set(after.codes) & set(again[0].codes)
    finally:
        await ENGINE.close()


async def _asked_again(settings: Settings, account: DemoAccount) -> DemoAccount:
    return next(a for a in await demo_accounts(settings) if a.name == account.name)


async def _spend(settings: Settings, account: DemoAccount, codes: int) -> None:
    """Come in with so many of the codes that are shown."""
    async with Unit(territory_id=None) as unit:
        place = (await load_places(unit))[account.territory]
    birth = date(*(int(account.fields[f"birth_date_{p}"]) for p in ("year", "month", "day")))
    for code in account.codes[:codes]:
        card = await hash_of_card(code, place.id, settings.secret_key)
        async with Unit(territory_id=place.id) as unit:
            assert await use_code(unit, card, birth)


def test_the_four_territories_are_what_the_readme_says() -> None:
    assert [land.slug for land in LANDS] == [
        "strasbourg", "seine-saint-denis", "bruxelles", "deux-rives",
    ]  # fmt: skip
    assert sum(offer.units for offer in OFFERS) == 600
    assert "nl" in BRUXELLES.langs and BRUXELLES.zone == "Europe/Brussels"
    assert len(DEUX_RIVES.sectors) == 4
    strasbourg = LANDS[0]
    assert any(len(codes) > 1 for _, _, codes in strasbourg.areas)
    for land in LANDS:
        known = {sector.code for sector in land.sectors}
        assert all(codes and set(codes) <= known for _, _, codes in land.areas)
        assert told_in(land.slug)


@pytest.mark.parametrize("told", TOLD, ids=lambda t: t.key)
def test_every_told_household_has_a_story_and_its_people(told) -> None:  # type: ignore[no-untyped-def]
    family = told.plan.family
    assert told.story and told.plan.summary and told.plan.told and told.plan.signs_in
    assert [p.role for p in family.people].count("main") == 1
    assert all(p.birth for p in family.people)


def test_nobody_works_twice() -> None:
    for land in LANDS:
        names = [name for name, _, _ in team_of(land)] + [colleague(land, n) for n in range(47)]
        assert len(set(names)) == len(names), land.slug
        shorts = [short for _, _, short in team_of(land)]
        assert len(set(shorts)) == len(shorts) and all(short.isascii() for short in shorts)
    teams = [name for land in LANDS for name, _, _ in team_of(land)]
    assert len(set(teams)) == len(teams)


def test_who_brings_a_household_is_one_to_bring_it() -> None:
    kinds = [kind for _, kind in BRUXELLES.prescribers]
    for number in range(300):
        rng = Random(number)
        family = make_family(rng, TODAY, "")
        plan = draw_plan(rng, str(number), family)
        may = {kinds[n] for n in who_may_bring(kinds, family)}
        assert may, family
        assert ("ASE" in may) == (family.reason == 207)
        assert ("SPIP" in may) == (family.reason == 218)
        assert any(plan.summary.startswith(said) for said in SUMMARIES[family.reason])
        children = any(person.role == "child" for person in family.people)
        assert children or WITH_CHILDREN not in plan.summary
