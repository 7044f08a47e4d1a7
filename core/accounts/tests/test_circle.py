"""A circle: who may receive what, until when, by whose word; over at once, and never a child's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.accounts.circle import add_to_circle, circle_ever, circle_of, leave_circle
from core.extension.context import Ctx
from core.households.changes import LifeEvent
from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.kernel.errors import Denied, Invalid, NotFound, Refused
from core.kernel.unit import Actor
from core.requests.service import live_event
from core.testing import Browser

GIVEN: dict[str, Any] = {
    "name": "Ibrahima Diallo", "tie": "family", "scope": ["card"], "phone": "0601020304",
    "given_how": "À l’oral",
}  # fmt: skip


async def household(ctx: Ctx) -> tuple[int, list[int], str]:
    async with ctx.unit() as unit:
        people = [
            NewPerson("Diallo", "Awa", birth=date(1985, 4, 3)),
            NewPerson("Diallo", "Moussa", birth=date(1983, 1, 2), role="partner"),
            NewPerson("Diallo", "Lina", birth=date(2015, 1, 2), role="child"),
        ]
        household_id = await create_household(unit, people)
        rows = await unit.fetch("SELECT person_id FROM membership ORDER BY id")
        ref = await unit.value("SELECT ref FROM household WHERE id = $1", household_id)
    return household_id, [r["person_id"] for r in rows], ref


async def test_it_lasts_until_its_day_and_says_for_what(ctx: Ctx, clock: StillClock) -> None:
    _, (awa, moussa, _), _ = await household(ctx)
    async with ctx.unit() as unit:
        until = unit.today + timedelta(days=30)
        await add_to_circle(unit, awa, ends_on=until, **GIVEN)
        assert [c["name"] for c in await circle_of(unit, awa, "card")] == ["Ibrahima Diallo"]
        assert await circle_of(unit, awa, "notices") == [], "asked for on its own"
        assert await circle_of(unit, moussa) == [], "of one person, not of the household"
    clock.advance(timedelta(days=30))
    async with ctx.unit() as unit:
        assert await circle_of(unit, awa) == []
        (kept,) = await circle_ever(unit, [awa, moussa])
        assert kept["last_day"] == until - timedelta(days=1) and not kept["now"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": ""}, "phone"),
        ({"scope": []}, "scope"),
        ({"scope": ["everything"]}, "scope"),
        ({"tie": "boss"}, "tie"),
        ({"given_how": ""}, "given_how"),
        ({"days": 367}, "ends_on"),
        ({"days": 0}, "ends_on"),
    ],
)
async def test_what_is_missing_is_said_beside_it(
    ctx: Ctx, change: dict[str, Any], field: str
) -> None:
    _, (awa, *_), _ = await household(ctx)
    given = {**GIVEN, **change}
    days = given.pop("days", 30)
    with pytest.raises(Invalid) as wrong:
        async with ctx.unit() as unit:
            await add_to_circle(unit, awa, ends_on=unit.today + timedelta(days=days), **given)
    assert list(wrong.value.errors) == [field]


async def test_who_says_it(ctx: Ctx) -> None:
    """A resident for themselves alone; never who helps them, never a child, five at most."""
    _, (awa, moussa, lina), _ = await household(ctx)
    resident = Actor(kind="resident", person_id=awa, grants=frozenset({("resident", None)}))
    helper = Actor(kind="helper", account_id=ctx.who.account_id, person_id=awa)
    for actor, person_id in ((resident, moussa), (helper, awa)):
        with pytest.raises(Denied):
            async with ctx.acting(actor).unit() as unit:
                await add_to_circle(
                    unit, person_id, ends_on=unit.today + timedelta(days=9), **GIVEN
                )
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await add_to_circle(unit, lina, ends_on=unit.today + timedelta(days=9), **GIVEN)
    for _ in range(5):
        async with ctx.acting(resident).unit() as unit:
            await add_to_circle(unit, awa, ends_on=unit.today + timedelta(days=9), **GIVEN)
    with pytest.raises(Refused):
        async with ctx.unit() as unit:
            await add_to_circle(unit, awa, ends_on=unit.today + timedelta(days=9), **GIVEN)


async def test_it_ends_at_once_and_stays_in_the_past(ctx: Ctx) -> None:
    household_id, (awa, moussa, _), _ = await household(ctx)
    async with ctx.unit() as unit:
        for person_id in (awa, moussa):
            await add_to_circle(unit, person_id, ends_on=unit.today + timedelta(days=9), **GIVEN)
        one = (await circle_of(unit, awa))[0]["ref"]
        with pytest.raises(NotFound):
            await leave_circle(unit, one, moussa)
        await leave_circle(unit, one, awa)
        assert await circle_of(unit, awa) == []
        with pytest.raises(NotFound):
            await leave_circle(unit, one, awa)
    async with ctx.unit() as unit:
        await live_event(unit, household_id, LifeEvent("death", unit.today, moussa))
        assert await circle_of(unit, moussa) == [], "nothing leaves for the dead"
        assert len(await circle_ever(unit, [awa, moussa])) == 2


async def test_a_worker_notes_it_prints_it_and_ends_it(ctx: Ctx, browser: Browser) -> None:
    _, (awa, *_), ref = await household(ctx)
    async with ctx.unit() as unit:
        person = await unit.value("SELECT ref FROM person WHERE id = $1", awa)
        until = unit.today + timedelta(days=30)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"/admin/essai/menages/{ref}"
    form = {
        "circle_person": person, "circle_name": "Ibrahima Diallo", "circle_tie": "family",
        "circle_scope": "card", "circle_ends_on": until, "circle_given_how": "À l’oral",
    }  # fmt: skip
    wrong = await browser.post(f"{path}/proches", form)
    assert wrong.status_code == 422 and "Indiquez un téléphone" in wrong.text
    assert 'value="Ibrahima Diallo"' in wrong.text, "what was typed is kept"
    done = await browser.post(f"{path}/proches", {**form, "circle_phone": "06 01 02 03 04"})
    assert done.status_code == 303
    await browser.follow()
    assert "Ibrahima Diallo" in browser.text() and "Recevoir la lettre" in browser.text()
    async with ctx.unit() as unit:
        one = (await circle_of(unit, awa))[0]["ref"]
    letter = await browser.get(f"{path}/proches/{one}")
    assert "Bonjour Ibrahima Diallo" in browser.text()
    assert "Vous ne lisez pas son dossier" in letter.text and "copie de ses avis" not in letter.text
    assert (await browser.get(f"{path}/proches/0000000000")).status_code == 404
    card = await browser.post(f"{path}/carte/{person}")
    assert "permet aussi de remettre cette lettre" in card.text and "Ibrahima" in card.text
    assert (await browser.post(f"{path}/proches/fin", {"circle_ref": one})).status_code == 303
    page = await browser.get(path)
    assert "arrêtée le" in browser.text() and f"/proches/{one}" not in page.text
    assert (await browser.get(f"{path}/proches/{one}")).status_code == 404
    card = await browser.post(f"{path}/carte/{person}")
    assert "Ibrahima" not in card.text


async def test_a_resident_says_it_in_their_own_space(ctx: Ctx, browser: Browser) -> None:
    from core.accounts.service import resident_account

    _, (awa, moussa, _), _ = await household(ctx)
    async with ctx.unit() as unit:
        hers, his = [await resident_account(unit, person) for person in (awa, moussa)]
    path = "/essai/fr/autorisations/proches"
    await browser.sign_in(ctx, Actor(kind="resident", account_id=hers), "portal")
    assert "Vos lettres sont pour vous seulement." in (await browser.get(path)).text
    form = {"name": "Ibrahima", "tie": "neighbour", "scope": ["card", "notices"], "time": "30"}
    wrong = await browser.post(path, {**form, "phone": "abc"})
    assert wrong.status_code == 422 and 'value="Ibrahima"' in wrong.text
    assert (await browser.post(path, {**form, "phone": "0601020304"})).status_code == 303
    await browser.follow()
    assert "Ibrahima" in browser.text() and "Une copie de mes avis" in browser.text()
    async with ctx.unit() as unit:
        one = (await circle_of(unit, awa, "notices"))[0]["ref"]
    await browser.sign_in(ctx, Actor(kind="resident", account_id=his), "portal")
    assert "Ibrahima" not in (await browser.get(path)).text, "each adult's own"
    assert (await browser.post(f"{path}/fin", {"close": one})).status_code == 404
    await browser.sign_in(ctx, Actor(kind="resident", account_id=hers), "portal")
    assert (await browser.post(f"{path}/fin", {"close": one})).status_code == 303
    await browser.follow()
    assert "Terminée" in browser.text()
