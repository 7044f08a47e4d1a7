"""What somebody who tried the site saw go wrong: demandes, queues, search, reports, events."""

from __future__ import annotations

from datetime import date, timedelta

from admin.tests.request_pages import HOME, TODAY, hidden, ref_of
from core.extension.context import Ctx
from core.households.external import to_report
from core.households.queries import find_people, phone_key
from core.households.service import NewPerson, assign_key_worker, create_household
from core.placements.tests.making import place, structure
from core.requests.tests.making import draft, listed, sent
from core.testing import Browser, make_professional


async def test_the_day_of_information_is_kept_by_a_plain_saving(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref = await ref_of(ctx, await draft(unit))
    page = await browser.get(f"{HOME}/demandes/{ref}")
    form = {n: hidden(page.text, n) for n in ("version", "base")}
    sent_form = {**form, "informed_on": "2026-03-01", "reason_code": "203"}
    assert (await browser.post(f"{HOME}/demandes/{ref}", sent_form)).status_code == 303
    page = await browser.follow()
    assert 'value="2026-03-01"' in page.text
    assert "quand le ménage a été informé" not in page.text
    late = {**{n: hidden(page.text, n) for n in ("version", "base")}, "informed_on": "2027-05-01"}
    page = await browser.post(f"{HOME}/demandes/{ref}", late)
    assert page.status_code == 422 and "Cette date est dans l’avenir." in page.text


async def test_one_summary_never_asks_for_what_the_other_holds(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref = await ref_of(ctx, await draft(unit, complete=False))
    page = await browser.get(f"{HOME}/demandes/{ref}")
    assert 'href="#f-reason_code"' in page.text
    form = {n: hidden(page.text, n) for n in ("version", "base")}
    wrong = {**form, "reason_code": "203", "informed_on": "2027-01-01", "then": "transmettre"}
    page = await browser.post(f"{HOME}/demandes/{ref}", wrong)
    assert page.status_code == 422
    assert 'href="#f-reason_code"' not in page.text
    assert page.text.count('href="#f-informed_on"') == 1
    assert 'href="#f-resources"' in page.text


async def test_a_comparison_shows_what_differs_and_names_what_is_taken(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref = await ref_of(ctx, await draft(unit))
    page = await browser.get(f"{HOME}/demandes/{ref}")
    form = {n: hidden(page.text, n) for n in ("version", "base")}
    await browser.post(f"{HOME}/demandes/{ref}", {**form, "reason_code": "203", "animals": "no"})
    page = await browser.post(f"{HOME}/demandes/{ref}", {**form, "summary": "Dort en voiture"})
    assert page.status_code == 409
    table = page.text.split("<caption")[1].split("</table>")[0]
    assert "Dort en voiture" in table and "Situation en quelques phrases" in table
    assert "A un animal" not in table
    assert "A un animal" in page.text.split("déjà repris dans votre formulaire")[1][:600]


async def test_a_demande_that_was_sent_is_read_before_it_is_changed(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        ref = await ref_of(ctx, await sent(unit))
    page = (await browser.get(f"{HOME}/demandes/{ref}")).text
    assert page.index('id="lecture"') < page.index('id="modifier"') < page.index("request-form")
    assert '<details class="panel" id="modifier">' in page


async def test_the_preview_names_the_lists_and_writes_nothing(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        await structure(unit)
        await listed(unit)
        ref = await ref_of(ctx, await sent(unit))
    page = await browser.post(f"{HOME}/demandes/{ref}/decision", {"outcome": "validate_and_list"})
    assert page.status_code == 200 and "rang 2 sur 2" in browser.text()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT state FROM housing_request WHERE ref = $1", ref) == "sent"
        assert await unit.value("SELECT count(*) FROM waiting_entry") == 1


async def test_a_telephone_finds_its_person_however_it_is_written(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        await create_household(unit, [NewPerson("Abebe", "Daniel", phone="+33 6 39 98 01 08")])
        await create_household(unit, [NewPerson("Autre", "Zoé", phone="0639980109")])
        for typed in ("0639980108", "06 39 98 01 08", "+33639980108", "06.39.98.01.08"):
            found = await find_people(unit, typed)
            assert [p["family_name"] for p in found] == ["Abebe"], typed
    assert phone_key("639") == "" and phone_key("abc 0639980108") == ""


async def test_the_very_words_come_first_and_pages_go_on(ctx: Ctx) -> None:
    async with ctx.unit() as unit:
        for family in ("Ben Youssef", "Renaud", "Ren", "Van den Berg"):
            await create_household(unit, [NewPerson(family, "Kévin")])
        found = [p["family_name"] for p in await find_people(unit, "kevin ren")]
        assert found == ["Ren", "Renaud", "Ben Youssef", "Van den Berg"]
        first = await find_people(unit, "kevin ren", limit=2)
        rest = await find_people(unit, "kevin ren", after=first[1]["ref"], limit=2)
        assert [p["family_name"] for p in rest] == ["Ben Youssef", "Van den Berg"]


async def test_a_worker_begins_with_their_own_files(ctx: Ctx, browser: Browser) -> None:
    worker = await make_professional(ctx, "social_worker")
    async with ctx.unit() as unit:
        mine, _ = await sent(unit, family="Lamienne"), await sent(unit, family="Lautre")
        home = await unit.value("SELECT household_id FROM housing_request WHERE id = $1", mine)
        await assign_key_worker(unit, home, worker.account_id or 0)
    await browser.sign_in(ctx, worker, "admin")
    page = await browser.get(f"{HOME}/a-faire/a-instruire")
    assert "Lamienne" in page.text and "Lautre" not in page.text
    page = await browser.get(f"{HOME}/a-faire/a-instruire?suivi=tous")
    assert "Lamienne" in page.text and "Lautre" in page.text
    assert "Mes dossiers" in (await browser.get(f"{HOME}/")).text
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get(f"{HOME}/")
    assert 'suivi=tous" aria-current="page"' in page.text and "Lautre" in page.text


async def test_a_report_says_whose_it_is_and_a_slip_is_taken_back(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        home = await create_household(unit, [NewPerson("Abebe", "Daniel")], external_no="SI-77")
        await to_report(unit, home, "request", "Demande – motif : rue")
        row_id = await unit.value("SELECT id FROM external_change WHERE household_id = $1", home)
    page = await browser.get(f"{HOME}/a-reporter")
    assert "Abebe Daniel – n° SI-77 – Demande – motif : rue" in page.text
    await browser.post(f"{HOME}/a-reporter", {"then": "tous", "shown": str(row_id)})
    assert "motif : rue" not in (await browser.get(f"{HOME}/a-reporter")).text
    assert "motif : rue" in (await browser.get(f"{HOME}/a-reporter?vue=saisis")).text
    await browser.post(f"{HOME}/a-reporter/reprendre", {"done": str(row_id)})
    assert "motif : rue" in (await browser.get(f"{HOME}/a-reporter")).text
    async with ctx.unit() as unit:
        await unit.fetch(
            "UPDATE external_change SET done_at = $1 WHERE id = $2",
            unit.now - timedelta(days=8), row_id,
        )  # fmt: skip
    await browser.post(f"{HOME}/a-reporter/reprendre", {"done": str(row_id)})
    assert "motif : rue" not in (await browser.get(f"{HOME}/a-reporter")).text


async def test_only_events_that_can_happen_are_offered(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    grown = NewPerson("Benali", "Lila", birth=date(2007, 1, 1), role="child")
    async with ctx.unit() as unit:
        alone = await create_household(unit, [NewPerson("Diallo", "Awa", birth=date(1985, 1, 1))])
        family = await create_household(
            unit, [NewPerson("Benali", "Nadia", birth=date(1984, 1, 1)), grown]
        )
        refs = [
            await unit.value("SELECT ref FROM household WHERE id = $1", i) for i in (alone, family)
        ]
    page = (await browser.get(f"{HOME}/menages/{refs[0]}/evenement")).text
    assert "Naissance" in page and "Séparation" not in page and "Majorité" not in page
    page = (await browser.get(f"{HOME}/menages/{refs[1]}/evenement?type=turns_18")).text
    choices = page.split("Personne concernée")[1].split("</fieldset>")[0]
    assert "Lila" in choices and "Nadia" not in choices
    page = await browser.post(
        f"{HOME}/menages/{refs[0]}/evenement", {"kind": "birth", "on": TODAY.isoformat()}
    )
    assert page.status_code == 422 and "Indiquez le prénom de l’enfant." in page.text


async def test_an_emergency_finds_the_file_by_a_name(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        unit_id = await place(unit, programme_id, free=False)
        where = await unit.value("SELECT ref FROM housing_unit WHERE id = $1", unit_id)
        for given in ("Daniel", "Denise"):
            await create_household(unit, [NewPerson("Abebe", given)])
        ref = await unit.value(
            "SELECT h.ref FROM household h JOIN membership m ON m.household_id = h.id "
            "JOIN person p ON p.id = m.person_id WHERE p.given_name = 'Denise'"
        )
    form = {
        "place": where, "household": "abebe", "on": TODAY.isoformat(), "why": "Nuit de gel",
        "told_on": TODAY.isoformat(),
    }  # fmt: skip
    page = await browser.post(f"{HOME}/sejours/urgence", form)
    assert page.status_code == 422 and "Abebe Daniel" in page.text and "Abebe Denise" in page.text
    page = await browser.post(f"{HOME}/sejours/urgence", {**form, "household": ref})
    assert page.status_code == 303, browser.text()
    page = await browser.post(f"{HOME}/sejours/urgence", {**form, "household": "inconnu"})
    assert "Aucun dossier ne correspond." in page.text


async def test_places_that_are_kept_are_not_said_to_be_free(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit, name="La Rive")
        vacancy = await place(unit, programme_id)
        await unit.fetch("UPDATE vacancy SET state = 'frozen' WHERE id = $1", vacancy)
    page = await browser.get(f"{HOME}/places")
    assert "La Rive" not in page.text and "1 place est réservée ou gelée." in page.text
    assert "La Rive" in (await browser.get(f"{HOME}/places?etat=frozen")).text


async def test_the_team_is_searched_by_name_and_role(ctx: Ctx, browser: Browser) -> None:
    await make_professional(ctx, "social_worker", name="Odile Rey")
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    page = await browser.search(f"{HOME}/equipe", "odi")
    assert "Odile Rey" in page.text and "1 personnes sur" not in page.text
    assert page.text.count('<th scope="row">') == 1
    page = await browser.get(f"{HOME}/equipe?role=observer")
    assert "Personne ne correspond." in page.text
