"""A new territory is told where to begin; figures count people and never point at one."""

from __future__ import annotations

from core.extension.context import Ctx
from core.housing.service import add_unit, open_programme, register_organisation
from core.opening import furnish
from core.requests.tests.making import listed
from core.testing import Browser, counting, make_professional

HOME = "/admin/essai/"


async def test_a_new_territory_is_told_where_to_begin(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    page = await browser.get(HOME)
    text = browser.text()
    assert "Par où commencer" in text and "Ouvrir les structures et leurs places" in text
    assert 'href="/admin/essai/structures/organisations"' in page.text
    assert 'href="/admin/essai/demandes/nouvelle"' not in page.text  # not theirs to do
    assert "Ménages en attente" not in text  # nothing to count yet


async def test_what_is_done_is_said_and_the_steps_go_once_all_are(
    ctx: Ctx, browser: Browser
) -> None:
    async with ctx.unit() as unit:
        await furnish(unit)
        organisation = await register_organisation(unit, name="Abri", kind="Association")
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(HOME)
    assert "Par où commencer" in browser.text()
    async with ctx.unit() as unit:
        programme = await open_programme(unit, organisation, name="Le Gué", kind="chrs")
        await add_unit(unit, programme, label="1")
        await listed(unit)
    with counting() as statements:
        await browser.get(HOME)
    assert "Par où commencer" not in browser.text()  # sectors are optional
    assert len([s for s in statements if "moved_in" in s]) == 1


async def test_an_observer_reads_no_number_from_which_somebody_is_recognised(
    ctx: Ctx, browser: Browser
) -> None:
    observer = await make_professional(ctx, "observer")
    async with ctx.unit() as unit:
        for number in range(10):
            await listed(unit, family=f"Nom{number}")
    await browser.sign_in(ctx, observer, "admin")
    assert "moins de 11 Ménages en attente" in (await browser.get(HOME) and browser.text())
    await browser.sign_in(ctx, ctx.who, "admin")
    assert "10 Ménages en attente" in (await browser.get(HOME) and browser.text())
    async with ctx.unit() as unit:
        await listed(unit, family="Onzième")
    await browser.sign_in(ctx, observer, "admin")
    assert "11 Ménages en attente" in (await browser.get(HOME) and browser.text())


async def test_a_structure_reads_no_figure_of_the_territory(ctx: Ctx, browser: Browser) -> None:
    async with ctx.unit() as unit:
        await furnish(unit)
        organisation = await register_organisation(unit, name="Abri", kind="Association")
        await listed(unit)
    actor = await make_professional(ctx, "structure", organisation_id=organisation)
    await browser.sign_in(ctx, actor, "admin")
    await browser.get(HOME)
    assert "Le territoire aujourd’hui" not in browser.text()


async def test_another_role_is_given_on_a_page_that_keeps_what_was_chosen(
    ctx: Ctx, browser: Browser
) -> None:
    colleague = await make_professional(ctx, "observer", name="Pia Klein")
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    await browser.get("/admin/essai/equipe/roles")
    assert "Pia Klein" in browser.text()
    sent = {"account": str(colleague.account_id), "role": "structure"}
    wrong = await browser.post("/admin/essai/equipe/roles", sent)
    assert wrong.status_code == 422
    assert f'<option value="{colleague.account_id}" selected' in wrong.text
    done = await browser.post("/admin/essai/equipe/roles", {**sent, "role": "social_worker"})
    assert done.headers["location"] == "/admin/essai/equipe"
    stranger = await browser.post("/admin/essai/equipe/roles", {**sent, "account": "999999"})
    assert stranger.status_code == 422
