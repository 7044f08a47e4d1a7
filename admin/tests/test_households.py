"""Households in the back-office: found, opened, completed, without script."""

from __future__ import annotations

import re
from datetime import date

from core.extension.context import Ctx
from core.households.service import NewPerson, assign_key_worker, create_household, write_note
from core.testing import Browser, counting, make_professional

BASE = "/admin/essai"


async def household(ctx: Ctx, given: str = "Awa", **more: str) -> str:
    async with ctx.unit() as unit:
        person = NewPerson("Diallo", given, birth=date(1990, 5, 2), sex=2, **more)
        household_id = await create_household(unit, [person], starts_on=date(2025, 1, 6))
        return str(await unit.value("SELECT ref FROM household WHERE id = $1", household_id))


async def test_a_file_is_found_and_opened_without_its_name_in_the_title(
    ctx: Ctx, browser: Browser
) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    assert "Diallo Awa" in (await browser.search(f"{BASE}/menages", "dialo")).text
    assert "Aucun ménage ne correspond." in (await browser.search(f"{BASE}/menages", "zzz")).text
    assert f"/menages/{ref}" in (await browser.search(f"{BASE}/recherche", "awa")).text
    await browser.search(f"{BASE}/recherche", "menag")
    assert "Aller à Ménages" in browser.text()
    page = await browser.get(f"{BASE}/menages/{ref}")
    assert page.status_code == 200
    title = page.text.split("<title>")[1].split("</title>")[0]
    assert "Diallo" not in title and "Awa" not in title
    assert "Femme seule" in page.text and "Ce ménage n’a pas de référent" in page.text
    for tab in ("notes", "historique", "reponses"):
        assert (await browser.get(f"{BASE}/menages/{ref}/{tab}")).status_code == 200


async def test_an_empty_list_leads_to_the_first_demande(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    assert "Aucun ménage pour le moment." in (await browser.get(f"{BASE}/menages")).text


async def test_the_fragment_is_the_part_of_the_page(ctx: Ctx, browser: Browser) -> None:
    await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    whole = (await browser.search(f"{BASE}/menages", "awa")).text
    part = (await browser.search(f"{BASE}/menages", "awa", headers={"HX-Request": "true"})).text
    assert part.strip().startswith('<div id="results">')
    key = re.compile(r'name="_key" value="[^"]*"')
    assert key.sub("", part.strip()) in key.sub("", whole)


async def test_a_long_list_has_a_second_page_without_a_name_in_its_address(
    ctx: Ctx, browser: Browser
) -> None:
    for n in range(53):
        await household(ctx, f"P{n:02}")
    await browser.sign_in(ctx, ctx.who, "admin")
    page = (await browser.get(f"{BASE}/menages")).text
    href = page.split('rel="next" href="')[1].split('"')[0]
    assert "diallo" not in href.lower()
    second = (await browser.get(href.replace("&amp;", "&"))).text
    assert [f"P{n}" in second for n in (49, 50, 51, 52)] == [False, True, True, True]


async def test_a_note_is_kept_once_and_a_blank_one_is_refused(ctx: Ctx, browser: Browser) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/notes"
    refused = await browser.post(path, {"note_text": " ", "note_class": "health"})
    assert refused.status_code == 422
    assert "Écrivez la note avant de l’enregistrer." in refused.text
    assert '<option value="health" selected>' in refused.text
    key = "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a10"
    for _ in range(2):
        answer = await browser.post(
            path, {"note_text": "Suivi au CMP", "note_class": "health", "_key": key}
        )
        assert answer.status_code == 303
    assert (await browser.follow()).text.count("Suivi au CMP") == 1


async def test_who_may_not_read_a_class_reads_that_there_is_something(
    ctx: Ctx, browser: Browser
) -> None:
    ref = await household(ctx)
    async with ctx.unit() as unit:
        household_id = await unit.value("SELECT id FROM household WHERE ref = $1", ref)
        await write_note(unit, household_id, "bracelet électronique", field_class="justice")
    administrator = await make_professional(ctx, "administrator")
    await browser.sign_in(ctx, administrator, "admin")
    page = (await browser.get(f"{BASE}/menages/{ref}/notes")).text
    assert "bracelet" not in page and "une autre donnée, que vous ne pouvez pas lire" in page
    assert "Ajouter une note" not in page
    assert (await browser.post(f"{BASE}/menages/{ref}/notes", {})).status_code == 403


async def test_answers_are_four_and_not_asked_is_none_of_them(ctx: Ctx, browser: Browser) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/reponses"
    wrong = await browser.post(path, {"q_resources_cents_value": "beaucoup", "q_animals": "no"})
    assert wrong.status_code == 422 and 'value="beaucoup"' in wrong.text
    await browser.post(
        path,
        {"q_resources_cents_value": "635,70", "q_animals": "no", "q_debts": "refused"},
    )
    page = (await browser.follow()).text
    assert "635,70" in page and "Ne souhaite pas répondre" in page
    assert "Question non posée" in page
    async with ctx.unit() as unit:
        rows = await unit.fetch("SELECT question, state, value::text FROM answer ORDER BY question")
    assert [tuple(r) for r in rows] == [
        ("animals", 2, None),
        ("debts", 3, None),
        ("resources_cents", 1, "63570"),
    ]


async def test_a_question_is_answered_in_place_by_the_key_worker(
    ctx: Ctx, browser: Browser
) -> None:
    ref = await household(ctx)
    worker = await make_professional(ctx, "social_worker", name="Lou Weber")
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/questions"
    asked = {"question_field": "animals", "question_text": "Un chien ou un chat ?"}
    await browser.get(f"{BASE}/menages/{ref}")
    assert "nommez d’abord un autre référent" in browser.text()
    assert "Envoyer la question" not in browser.text()
    alone = await browser.post(path, asked)
    assert alone.status_code == 409
    assert "pas d’autre référent" in alone.text and "Un chien ou un chat ?" in alone.text
    await browser.post(
        f"{BASE}/menages/{ref}/referent",
        {"worker_role": "siao", "worker_account": str(worker.account_id)},
    )
    named = await browser.follow()
    assert "Lou Weber" in named.text and "Envoyer la question" in named.text
    assert (await browser.post(path, asked)).status_code == 303
    await browser.sign_in(ctx, worker, "admin")
    page = (await browser.get(f"{BASE}/menages/{ref}")).text
    assert "question pour vous" in page
    number = page.split('name="reply_question" value="')[1].split('"')[0]
    reply = {"reply_question": number, f"reply_{number}": "Un chat."}
    assert (await browser.post(f"{path}/reponse", reply)).status_code == 303
    text = browser.text() if await browser.follow() else ""
    assert "Un chat." in text and "Lou Weber" in text
    again = await browser.post(f"{path}/reponse", reply)
    assert again.status_code == 409
    other = await household(ctx, "Boris")
    crossed = await browser.post(f"{BASE}/menages/{other}/questions/reponse", reply)
    assert crossed.status_code == 404


async def test_the_115_gets_the_file_once_and_its_outcome_is_traced(
    ctx: Ctx, browser: Browser
) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/115"
    need = {"shelter_way": "to", "shelter_need": "Deux nuits avec un enfant"}
    assert (await browser.post(path, need)).status_code == 303
    assert (await browser.post(path, need)).status_code == 409
    page = (await browser.get(f"{BASE}/menages/{ref}")).text
    number = page.split('name="settle_id" value="')[1].split('"')[0]
    settled = {"settle_id": number, "settle_outcome": "no_place", "settle_words": "rappeler à 18 h"}
    assert (await browser.post(f"{path}/suite", settled)).status_code == 303
    assert "Pas de place" in (await browser.follow()).text
    assert "Dossier transmis au 115" in (await browser.get(f"{BASE}/menages/{ref}/historique")).text


async def test_an_authorisation_is_dated_and_can_be_stopped(ctx: Ctx, browser: Browser) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        person = await unit.value("SELECT ref FROM person")
    path = f"{BASE}/menages/{ref}/autorisations"
    asked = {
        "mandate_person": person,
        "mandate_account": str(ctx.who.account_id),
        "mandate_scope": "answer",
        "mandate_given_how": "à l’oral",
        "mandate_ends_on": "2030-01-01",
    }
    assert (await browser.post(path, asked)).status_code == 422
    answer = await browser.post(path, {**asked, "mandate_ends_on": "2026-09-01"})
    assert answer.status_code == 303
    page = (await browser.follow()).text
    number = page.split('name="mandate_id" value="')[1].split('"')[0]
    assert (await browser.post(f"{path}/fin", {"mandate_id": number})).status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT revoked_at IS NOT NULL FROM mandate")


async def test_a_prescriber_gets_no_file_of_another_organisation(
    ctx: Ctx, browser: Browser
) -> None:
    ref = await household(ctx)
    async with ctx.unit() as unit:
        organisation_id = await unit.value(
            "INSERT INTO organisation (kind, name, created_at) VALUES ('ASSO', 'X', now()) "
            "RETURNING id"
        )
    outside = await make_professional(ctx, "prescriber", organisation_id=organisation_id)
    await browser.sign_in(ctx, outside, "admin")
    assert "Diallo" not in (await browser.get(f"{BASE}/menages")).text
    assert "Awa" not in (await browser.search(f"{BASE}/recherche", "diallo")).text
    for path in ("", "/notes", "/historique", "/reponses"):
        assert (await browser.get(f"{BASE}/menages/{ref}{path}")).status_code == 404
    for path in ("notes", "questions", "referent", "115", "autorisations", "reponses"):
        answer = await browser.post(f"{BASE}/menages/{ref}/{path}", {"note_text": "x"})
        assert answer.status_code == 404, path


async def test_a_file_asks_as_much_for_one_row_as_for_thirty(ctx: Ctx, browser: Browser) -> None:
    ref = await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(f"{BASE}/menages")  # The territories are in memory from here on.
    counts = []
    for total in (1, 30):
        async with ctx.unit() as unit:
            household_id = await unit.value("SELECT id FROM household WHERE ref = $1", ref)
            for n in range(total):
                await write_note(unit, household_id, f"note {n}")
                worker = await make_professional(ctx, "social_worker", name=f"W{n}")
                await assign_key_worker(unit, household_id, worker.account_id or 0)
        for path in ("", "/notes", "/historique"):
            with counting() as asked:
                assert (await browser.get(f"{BASE}/menages/{ref}{path}")).status_code == 200
            counts.append(len(asked))
    assert counts[:3] == counts[3:]
