"""Demandes in the back-office: begun, completed by two people, transmitted, decided, listed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from admin.tests.request_pages import HOME, PERSON, TODAY, hidden, ref_of, state_of
from core.extension.context import Ctx
from core.requests.tests.making import draft, listed, organisation, sent
from core.testing import Browser, counting, make_place, make_professional


async def test_from_five_fields_to_a_transmitted_demande(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        org = await organisation(unit)
    page = await browser.get(f"{HOME}/demandes/nouvelle")
    assert page.status_code == 200
    answer = await browser.post(f"{HOME}/demandes/nouvelle", PERSON)
    assert answer.status_code == 303, browser.text()
    page = await browser.follow()
    assert "Il manque" in page.text and "Brouillon" in page.text
    path = answer.headers["location"]
    async with ctx.unit() as unit:
        await unit.fetch(
            "INSERT INTO key_worker (household_id, account_id, role, starts_on, end_reason) "
            "SELECT id, $1, 'siao', $2, '' FROM household",
            ctx.who.account_id,
            TODAY,
        )
        await unit.fetch("UPDATE person SET sex = 2")
    form = {
        "version": hidden(page.text, "version"),
        "base": hidden(page.text, "base"),
        "reason_code": "203",
        "situation": "20",
        "resources": "refused",
        "kind_1": "pension_de_famille",
        "support_1": "2",
        "animals": "unknown",
        "organisation_id": str(org),
    }
    answer = await browser.post(path, {**form, "then": "transmettre"})
    page = await browser.follow()
    assert "Il manque des réponses" in page.text and "informé" in page.text
    saved = {**form, "version": hidden(page.text, "version"), "base": hidden(page.text, "base")}
    answer = await browser.post(path, {**saved, "then": "transmettre", "informed_on": "2026-03-12"})
    assert answer.status_code == 303, browser.text()
    assert await state_of(ctx, path.rsplit("/", 1)[1]) == "sent"
    page = await browser.follow()
    assert "Ne souhaite pas répondre" in page.text


async def test_a_missing_name_keeps_everything_else(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.post(f"{HOME}/demandes/nouvelle", {**PERSON, "family_name": ""})
    assert page.status_code == 422
    assert 'value="Awa"' in page.text and 'value="0601020304"' in page.text
    assert "Indiquez un nom." in page.text


async def test_somebody_alike_is_shown_before_a_second_file(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(f"{HOME}/demandes/nouvelle", PERSON)
    page = await browser.post(f"{HOME}/demandes/nouvelle", {**PERSON, "given_name": "Awah"})
    assert page.status_code == 422
    assert "ressemble" in page.text and "Voir sa demande" in page.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == 1
    answer = await browser.post(
        f"{HOME}/demandes/nouvelle", {**PERSON, "given_name": "Awah", "separate": "yes"}
    )
    assert answer.status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM household") == 2


async def test_a_draft_saves_itself_and_is_its_authors_alone(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    answer = await browser.post(
        f"{HOME}/demandes/brouillon", PERSON, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200 and "Brouillon enregistré" in answer.text
    assert "<html" not in answer.text
    page = await browser.get(f"{HOME}/demandes/nouvelle?brouillon=D1")
    assert 'value="Diallo"' in page.text and 'value="1985"' in page.text
    other = await make_professional(ctx, "social_worker")
    browser.client.cookies.clear()
    await browser.sign_in(ctx, other, "admin")
    page = await browser.get(f"{HOME}/demandes/nouvelle?brouillon=D1")
    assert "Diallo" not in page.text


async def test_two_people_edit_one_demande_and_both_keep_their_words(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        request_id = await draft(unit)
    ref = await ref_of(ctx, request_id)
    page = await browser.get(f"{HOME}/demandes/{ref}")
    base, version = hidden(page.text, "base"), hidden(page.text, "version")
    common = {
        "base": base, "version": version, "reason_code": "203", "situation": "20",
        "resources": "yes", "res_amount_1": "600", "kind_1": "chrs", "support_1": "2",
    }  # fmt: skip
    import msgspec

    common["organisation_id"] = msgspec.json.decode(base)["organisation_id"][0]
    first = await browser.post(
        f"{HOME}/demandes/{ref}", {**common, "summary": "Dort dans sa voiture.", "animals": "yes"}
    )
    assert first.status_code == 303, browser.text()
    second = await browser.post(
        f"{HOME}/demandes/{ref}", {**common, "summary": "Vit sous une tente.", "reason_code": "215"}
    )
    assert second.status_code == 409
    # The same person saved both, in two tabs.
    assert "Vous avez enregistré ailleurs entre-temps" in second.text
    assert "Une autre personne" not in second.text
    assert "Dort dans sa voiture." in second.text and "Vit sous une tente." in second.text
    again = {
        **common,
        "base": hidden(second.text, "base"),
        "version": hidden(second.text, "version"),
        "summary": "Vit sous une tente.",
        "reason_code": "215",
        "animals": "yes",
    }
    assert 'value="yes" checked' in second.text  # their new answer is in my form
    third = await browser.post(f"{HOME}/demandes/{ref}", again)
    assert third.status_code == 303
    async with ctx.unit() as unit:
        row = await unit.row("SELECT * FROM housing_request WHERE ref = $1", ref)
        assert row is not None
        assert (row["summary"], row["reason_code"]) == ("Vit sous une tente.", 215)


async def test_a_double_click_saves_once(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    key = str(uuid.uuid4())
    first = await browser.post(f"{HOME}/demandes/nouvelle", {**PERSON, "_key": key})
    second = await browser.post(f"{HOME}/demandes/nouvelle", {**PERSON, "_key": key})
    assert first.headers["location"] == second.headers["location"]
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM housing_request") == 1


async def test_a_prescriber_sees_only_the_files_of_its_organisation(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        mine, other = await organisation(unit), await organisation(unit, "Une autre")
        own = await sent(unit, family="Visible", organisation_id=mine)
        hers = await sent(unit, family="Cachee", organisation_id=other)
    prescriber = await make_professional(ctx, "prescriber", organisation_id=mine)
    await browser.sign_in(ctx, prescriber, "admin")
    page = await browser.get(f"{HOME}/demandes")
    assert "Visible" in page.text and "Cachee" not in page.text
    assert "1 ménage," in browser.text()
    assert (await browser.get(f"{HOME}/demandes/{await ref_of(ctx, own)}")).status_code == 200
    hidden_ref = await ref_of(ctx, hers)
    assert (await browser.get(f"{HOME}/demandes/{hidden_ref}")).status_code == 404
    assert (await browser.post(f"{HOME}/demandes/{hidden_ref}", {})).status_code == 404
    act = f"{HOME}/demandes/{hidden_ref}/actes/annuler"
    assert (await browser.get(act)).status_code == 404
    assert (await browser.post(act, {"reason": "x"})).status_code == 404
    assert (await browser.get(f"{HOME}/demandes/{hidden_ref}/decision")).status_code == 403
    assert (await browser.get(f"{HOME}/listes/chrs")).status_code == 403
    page = await browser.post(
        f"{HOME}/demandes/nouvelle", {**PERSON, "family_name": "Cachee", "given_name": "Awa"}
    )
    assert page.status_code == 303, "somebody else's file is never shown"


async def test_another_territory_shows_nothing(ctx: Ctx, browser: Browser, clock: Any) -> None:
    async with ctx.unit() as unit:
        ref_id = await sent(unit)
    ref = await ref_of(ctx, ref_id)
    other = replace(ctx, territory=await make_place(clock, "ailleurs", "Ailleurs"))
    await browser.sign_in(other, await make_professional(other, "coordinator"), "admin")
    page = await browser.get("/admin/ailleurs/demandes")
    assert page.status_code == 200 and "Diallo" not in page.text
    assert (await browser.get(f"/admin/ailleurs/demandes/{ref}")).status_code == 404
    assert (await browser.get(f"/admin/ailleurs/listes/chrs/{ref}")).status_code == 404


async def test_pages_cost_the_same_for_one_and_thirty_rows(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(HOME + "/listes")  # the territory itself is then in memory
    spent: dict[str, list[int]] = {}
    for number in (1, 29):
        async with ctx.unit() as unit:
            for n in range(number):
                await listed(unit, family=f"Nom{number}-{n}")
        for path in ("/demandes?file=en-attente", "/listes", "/listes/chrs"):
            with counting() as seen:
                page = await browser.get(HOME + path)
            assert page.status_code == 200
            spent.setdefault(path, []).append(len(seen))
    assert all(few == many for few, many in spent.values()), spent


async def test_the_queue_goes_on_to_its_next_page(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        for n in range(52):
            await draft(unit, family=f"Page{n:02}", complete=False)
    page = await browser.get(f"{HOME}/demandes?file=brouillons")
    assert page.text.count('scope="row"') == 50
    start = page.text.index('rel="next" href="') + len('rel="next" href="')
    following = page.text[start : page.text.index('"', start)].replace("&amp;", "&")
    rest = await browser.get(following)
    assert rest.text.count('scope="row"') == 2
    part = await browser.get(f"{HOME}/demandes?file=brouillons", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<section id="results"')
