"""People change, two at once; lives change, with the effects shown before."""

from __future__ import annotations

from datetime import date

from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.testing import Browser

BASE = "/admin/essai"


async def household(ctx: Ctx, *more: NewPerson) -> tuple[str, dict[str, str]]:
    async with ctx.unit() as unit:
        people = (NewPerson("Diallo", "Awa", birth=date(1990, 5, 2), sex=2), *more)
        household_id = await create_household(unit, people, starts_on=date(2025, 1, 6))
        ref = await unit.value("SELECT ref FROM household WHERE id = $1", household_id)
        rows = await unit.fetch(
            "SELECT p.given_name, p.ref FROM person p JOIN membership m ON m.person_id = p.id "
            "WHERE m.household_id = $1",
            household_id,
        )
    return ref, {r["given_name"]: r["ref"] for r in rows}


CARD = {"family_name": "Diallo", "given_name": "Awa", "birth": "1990-05-02", "sex": "2"}


async def test_the_second_editor_compares_field_by_field_and_loses_nothing(
    ctx: Ctx, browser: Browser
) -> None:
    ref, people = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/personnes/{people['Awa']}"
    page = (await browser.get(path)).text
    assert 'name="version" value="1"' in page
    first = await browser.post(path, {**CARD, "phone": "06 11 11 11 11", "version": "1"})
    assert first.status_code == 303
    second = await browser.post(
        path, {**CARD, "phone": "06 22 22 22 22", "email": "awa@exemple.test", "version": "1"}
    )
    assert second.status_code == 409
    text = browser.text()
    assert "Téléphone 06 11 11 11 11 06 22 22 22 22" in text
    assert "Courriel vide awa@exemple.test" in text
    assert "Nom Diallo" not in text.split("Comparaison champ par champ")[1].split("Votre saisie")[1]
    assert 'value="06 22 22 22 22"' in second.text and 'name="version" value="2"' in second.text
    again = await browser.post(path, {**CARD, "phone": "06 22 22 22 22", "version": "2"})
    assert again.status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT phone FROM person") == "06 22 22 22 22"


async def test_a_wrong_date_stands_beside_its_field_with_what_was_typed(
    ctx: Ctx, browser: Browser
) -> None:
    ref, people = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/personnes/{people['Awa']}"
    answer = await browser.post(
        path, {**CARD, "birth": "2030-01-01", "phone": "115", "version": "1"}
    )
    assert answer.status_code == 422
    assert "Cette date de naissance est dans l’avenir." in answer.text
    assert 'id="f-birth-error"' in answer.text and 'value="115"' in answer.text


async def test_household_sector_and_address_change_with_a_version(
    ctx: Ctx, browser: Browser
) -> None:
    ref, _ = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/modifier"
    assert (await browser.post(path, {"address": "CCAS", "version": "1"})).status_code == 303
    conflict = await browser.post(path, {"address": "Chez un ami", "version": "1"})
    assert conflict.status_code == 409 and "CCAS" in conflict.text
    assert (await browser.post(path, {"sector_id": "999999", "version": "2"})).status_code == 422


async def test_a_person_joins_and_a_situation_is_noted(ctx: Ctx, browser: Browser) -> None:
    ref, people = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/personnes"
    assert (await browser.post(f"{path}/nouvelle", {"given_name": "Ali"})).status_code == 422
    await browser.post(
        f"{path}/nouvelle", {"family_name": "Diallo", "given_name": "Ali", "role": "other"}
    )
    assert "Groupe d’adultes" in (await browser.follow()).text
    situation = f"{path}/{people['Awa']}/situation"
    assert (await browser.post(situation, {"code": "20"})).status_code == 422
    await browser.post(situation, {"code": "20", "starts_on": "2026-01-02"})
    assert "Rue ou abri de fortune" in (await browser.follow()).text
    other, _ = await household(ctx)
    crossed = await browser.post(
        f"{BASE}/menages/{other}/personnes/{people['Awa']}/situation",
        {"code": "20", "starts_on": "2026-01-03"},
    )
    assert crossed.status_code == 404


async def test_a_birth_shows_its_effects_then_happens_once(ctx: Ctx, browser: Browser) -> None:
    ref, _ = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/evenement"
    assert "Naissance" in (await browser.get(path)).text
    assert "Prénom de l’enfant" in (await browser.get(f"{path}?type=birth")).text
    told = {"kind": "birth", "on": "2026-03-01", "given_name": "Ibra"}
    page = await browser.post(path, told)
    assert page.status_code == 200 and "Un enfant entre dans le ménage." in page.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM life_event") == 0
    key = {"_key": "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a11"}
    for _ in range(2):
        assert (await browser.post(f"{path}/confirmer", {**told, **key})).status_code == 303
    text = (await browser.follow()).text
    assert "Femme seule avec enfant(s)" in text and text.count("Diallo Ibra") == 1


async def test_an_impossible_event_says_why(ctx: Ctx, browser: Browser) -> None:
    ref, people = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/evenement"
    future = await browser.post(path, {"kind": "birth", "on": "2026-12-01", "given_name": "Zoé"})
    assert future.status_code == 409 and "dans l’avenir" in future.text
    nobody = await browser.post(path, {"kind": "death", "on": "2026-03-01"})
    assert nobody.status_code == 422 and "Choisissez une personne." in nobody.text
    alone = {"kind": "separation", "on": "2026-03-01", "person": people["Awa"]}
    assert (await browser.post(f"{path}/confirmer", alone)).status_code == 409


async def test_two_files_become_one_by_reference(ctx: Ctx, browser: Browser) -> None:
    ref, _ = await household(ctx)
    other, _ = await household(ctx)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE person SET given_name = 'Samba' WHERE id = "
                         "(SELECT max(id) FROM person)")  # fmt: skip
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/evenement"
    wrong = await browser.post(
        path, {"kind": "couple_formed", "on": "2026-03-01", "joining": "0000000000"}
    )
    assert wrong.status_code == 422 and "Aucun dossier n’a ce numéro." in wrong.text
    told = {"kind": "couple_formed", "on": "2026-03-01", "joining": other}
    assert "n’en font plus qu’un" in (await browser.post(path, told)).text
    await browser.post(f"{path}/confirmer", told)
    assert "Couple sans enfant" in (await browser.follow()).text
    assert "Dossier fermé" in (await browser.get(f"{BASE}/menages/{other}")).text


async def test_a_measure_says_who_holds_it_until_when_and_who_to_write_to(
    ctx: Ctx, browser: Browser
) -> None:
    ref, people = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/evenement"
    told = {
        "kind": "guardianship", "on": "2026-03-01", "person": people["Awa"],
        "protection": "tutelle", "holder": "Jeanne Perrin", "until": "2025-01-01",
        "holder_organisation": "UDAF du Rhin", "holder_phone": "03 88 00 00 01",
    }  # fmt: skip
    backwards = await browser.post(path, told)
    assert backwards.status_code == 409 and "doit suivre son début" in backwards.text
    assert 'value="Jeanne Perrin"' in backwards.text
    told["until"] = "2031-03-01"
    shown = await browser.post(path, told)
    assert "Écrivez au tuteur" in shown.text
    await browser.post(f"{path}/confirmer", told)
    await browser.follow()
    text = browser.text()
    assert "Jeanne Perrin , UDAF du Rhin" in text and "03 88 00 00 01" in text
    assert "Écrivez au tuteur" in text and "2031" in text and f"noté par {ctx.who.name}" in text
    # A correction ends a row and begins another: nothing is overwritten.
    again = {**told, "on": "2026-03-05", "protection": "curatelle", "holder": "Paul Simon"}
    await browser.post(f"{path}/confirmer", again)
    await browser.follow()
    assert "Paul Simon" in browser.text() and "Jeanne Perrin" not in browser.text()
    async with ctx.unit() as unit:
        rows = await unit.fetch("SELECT holder, ends_on FROM protection ORDER BY id")
    assert [tuple(r) for r in rows] == [
        ("Jeanne Perrin", date(2026, 3, 5)), ("Paul Simon", date(2031, 3, 1)),
    ]  # fmt: skip
