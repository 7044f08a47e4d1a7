"""Who sees what on the home: a prescriber its own households, nobody another territory's."""

from __future__ import annotations

from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.housing.service import register_organisation
from core.kernel.clock import StillClock
from core.kernel.unit import Actor, Unit
from core.opening import furnish
from core.requests.service import open_request
from core.testing import Browser, counting, make_place, make_professional


async def waiting_household(ctx: Ctx, actor: Actor, name: str) -> None:
    """A household of that family name whose refresh is overdue."""
    async with ctx.acting(actor).unit() as unit:
        household_id = await create_household(unit, [NewPerson(name, "Ana")])
        request_id = await open_request(unit, household_id)
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE housing_request SET state = 'waiting', refresh_due = $2 WHERE id = $1",
            request_id,
            unit.today,
        )


async def test_each_prescriber_sees_only_its_own_households(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        await furnish(unit)
        here = await register_organisation(unit, name="CCAS d’Ici", kind="CCAS ou CIAS")
        there = await register_organisation(unit, name="CCAS de Là", kind="CCAS ou CIAS")
    mine = await make_professional(ctx, "prescriber", organisation_id=here)
    theirs = await make_professional(ctx, "prescriber", organisation_id=there)
    await waiting_household(ctx, mine, "Ducoin")
    await waiting_household(ctx, theirs, "Lointain")
    elsewhere = await make_place(clock, "ailleurs", "Ailleurs")
    async with Unit(territory_id=elsewhere.id, clock=clock) as unit:
        household_id = await create_household(unit, [NewPerson("Horszone", "Ana")])
        await open_request(unit, household_id)
        await unit.fetch(
            "UPDATE housing_request SET state = 'waiting', refresh_due = $1", unit.today
        )
    for actor, seen, hidden in (
        (mine, ("Ducoin",), ("Lointain", "Horszone")),
        (theirs, ("Lointain",), ("Ducoin", "Horszone")),
        (ctx.who, ("Ducoin", "Lointain"), ("Horszone",)),
    ):
        await browser.sign_in(ctx, actor, "admin")
        for path in ("", "a-faire/a-actualiser", "feuille-du-jour"):
            text = (await browser.get(f"/admin/essai/{path}")).text
            assert all(name in text for name in seen), (path, seen)
            assert not any(name in text for name in hidden), (path, hidden)


async def test_the_home_asks_as_much_for_thirty_as_for_one(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await waiting_household(ctx, ctx.who, "Premier")
    await browser.get("/admin/essai/")
    with counting() as one:
        await browser.get("/admin/essai/")
    for number in range(29):
        await waiting_household(ctx, ctx.who, f"Suivant{number}")
    with counting() as thirty:
        page = await browser.get("/admin/essai/")
    assert len(thirty) == len(one)
    assert "Voir les 30 lignes" in page.text
    listed = await browser.get("/admin/essai/a-faire/a-actualiser")
    assert listed.text.count("/admin/essai/demandes/") >= 30
