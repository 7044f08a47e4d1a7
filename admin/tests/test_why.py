"""Why and why not on the desk, and the shortlist's page: what is read, by whom, and what is not."""

from __future__ import annotations

from admin.tests.test_proposing import HOME, prepared
from core.extension.context import Ctx
from core.matching.mentions import reference_on
from core.matching.tests.making import told
from core.placements.passing import same_for_all
from core.placements.service import propose
from core.testing import NOW, Browser, counting, make_professional


async def test_beside_a_place_a_list_and_all_and_what_if_writes_nothing(
    ctx: Ctx, browser: Browser
) -> None:
    path, found = await prepared(ctx, browser, 1)
    one, place = found[0], path.split("/")[-2]
    async with ctx.unit() as unit:
        await told(unit, one.request_id, persons=9)
    here = f"{HOME}/demandes/{one.ref}/pourquoi"
    await browser.get(here)
    assert "Rien n’est suggéré." in browser.text()
    await browser.get(f"{here}?place={place}")
    assert "Personnes dans le ménage : 9." in browser.text()
    assert "ne convient pas" in browser.text()
    for address in (f"{here}?liste=chrs", f"{here}?place=RIEN", f"{here}?liste=rien"):
        assert (await browser.get(address)).status_code == 200
    await browser.post(here, {"place": place, "persons": "2"})
    text = browser.text()
    assert "rien n’est écrit" in text and "sans l’essai : 0" in text and "conviennent : 1" in text
    assert (await browser.post(here, {"persons": "beaucoup"})).status_code == 422
    async with ctx.unit() as unit:
        assert await unit.value("SELECT persons FROM request_facts") == 9


async def test_the_key_worker_reads_each_passing_with_its_words(ctx: Ctx, browser: Browser) -> None:
    _, found = await prepared(ctx, browser, 2)
    async with ctx.unit() as unit:
        vacancy_id = await unit.value("SELECT id FROM vacancy")
        await propose(
            unit, vacancy_id, found[1].request_id, why=same_for_all("other", "Visite à refaire")
        )
    await browser.get(f"{HOME}/demandes/{found[0].ref}/pourquoi")
    assert "Visite à refaire" in browser.text() and "Lu par le ménage" in browser.text()
    await browser.get(f"{HOME}/demandes/{found[1].ref}/pourquoi")
    assert "Sur quoi chaque proposition" in browser.text()


async def test_a_structure_reads_no_list_and_an_observer_only_looks(
    ctx: Ctx, browser: Browser
) -> None:
    path, found = await prepared(ctx, browser, 2)
    place = path.removesuffix("/proposer")
    organisation = None
    async with ctx.unit() as unit:
        organisation = await unit.value("SELECT organisation_id FROM programme")
    actor = await make_professional(ctx, "structure", organisation_id=organisation)
    await browser.sign_in(ctx, actor, "admin")
    seen = await browser.get(place)
    page = seen.text
    assert seen.status_code == 200 and "Nom0" not in page and "Ménages sur la liste" not in page
    for address in (f"{place}/comparer", path, f"{HOME}/demandes/{found[0].ref}/pourquoi"):
        assert (await browser.get(address)).status_code in (403, 404)
    await browser.sign_in(ctx, await make_professional(ctx, "observer"), "admin")
    assert (await browser.get(f"{place}/comparer")).status_code in (403, 404)


async def test_the_list_pages_filters_and_compares(ctx: Ctx, browser: Browser) -> None:
    path, found = await prepared(ctx, browser, 3)
    place = path.removesuffix("/proposer")
    await browser.get(f"{place}?debut=2")
    assert "Page précédente" in browser.text() and found[2].family_name in browser.text()
    for address in ("?debut=-1", "?debut=99999999", "?composition=x", "?secteur=1&certain=oui"):
        assert (await browser.get(f"{place}{address}")).status_code == 200
    await browser.get(f"{place}?secteur=1")
    assert "Aucun ménage ne répond à ces filtres." in browser.text()
    pair = "&".join(f"d={one.ref}" for one in found[:2])
    await browser.get(f"{place}/comparer?{pair}")
    assert "Nombre de personnes" in browser.text() and found[1].family_name in browser.text()
    await browser.get(f"{place}/comparer?d={found[0].ref}")
    assert "Cochez au moins 2 ménages" in browser.text()
    assert (await browser.get(f"{place}/comparer?d=RIEN")).status_code == 404


async def test_the_pages_cost_the_same_for_one_and_for_thirty(ctx: Ctx, browser: Browser) -> None:
    spent = []
    for number in (1, 30):
        path, found = await prepared(ctx, browser, number)
        each = []
        await browser.get(HOME)  # the first page after a sign-in notes it
        for address in (
            path.removesuffix("/proposer"),
            f"{path}?demande={found[-1].ref}",
            f"{HOME}/demandes/{found[0].ref}/pourquoi?liste=chrs",
        ):
            with counting() as seen:
                assert (await browser.get(address)).status_code == 200
            each.append(len(seen))
        spent.append(each)
    assert spent[0] == spent[1]


def test_each_country_has_its_own_mention_or_none() -> None:
    found = reference_on("FR", NOW.date())
    assert found is not None and "R311-3-1-2" in found.reference
    assert reference_on("FR", found.starts_on.replace(year=2016)) is None
    assert reference_on("BE", NOW.date()) is None
