"""Programmes as their people meet them, without a script; what must not leak; what a page costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from core.accounts.service import resident_account
from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.unit import Actor
from core.requests.tests.making import organisation
from core.territories.service import add_area
from core.territories.tuning import keep_value
from core.testing import Browser, counting, make_place, make_professional, turn_on
from core.worker import visit as hand_over
from plugins.programmes.members import enter
from plugins.programmes.service import add_milestone, add_partner, set_goal
from plugins.programmes.tests.making import CARD, at_work, household, member, programme

HOME = "/admin/essai/programmes"
WORDS = {**{k: v or "" for k, v in CARD.items()}, "starts_on": "2026-01-05"}


async def told(ctx: Ctx) -> None:
    """The worker passes."""
    await hand_over(replace(ctx, actor=None))


async def test_the_whole_way_of_a_programme(ctx: Ctx, app: Litestar, desk: Browser) -> None:
    """Opened, aimed, a household enters, is told in plain words, and leaves."""
    async with ctx.unit() as unit:
        partner_id = await organisation(unit, "Agence de santé")
        household_id, ref, person_id = await household(unit)
        account = await resident_account(unit, person_id)
    await desk.post(f"{HOME}/nouveau", WORDS)
    page = await desk.follow()
    here = str(page.url).split("127.0.0.1:8000")[1]
    code = here.rpartition("/")[2]
    assert page.status_code == 200 and "AMI grands précaires" in page.text
    for path, values in {
        "partenaires": {"organisation": str(partner_id), "role": "funder"},
        "objectifs": {"measure": "entered_households", "target": "4", "goal_due_on": "2026-12-31"},
        "jalons": {"label": "Convention", "due_on": "2026-03-01", "holder": ctx.who.account_id},
    }.items():
        answer = await desk.post(f"{here}/{path}", values)
        assert answer.status_code == 303, path
    entered = {"programme": code, "on": "2026-03-10", "referent": "", "words": "D’accord."}
    assert (await desk.post(f"{HOME}/menage/{ref}", entered)).status_code == 303
    assert "D’accord." in (await desk.follow()).text
    inside = str(desk.last.url).rpartition("/")[2]  # type: ignore[union-attr]
    again = await desk.post(f"{HOME}/menage/{ref}", entered)
    assert "Ce ménage est déjà dans ce programme" in again.text
    assert again.status_code in (409, 422)
    await desk.get(here)
    said = desk.text()
    assert "Agence de santé" in said and "Financeur" in said and "En retard" in said
    assert 'aria-label="1 sur 4"' in desk.last.text  # type: ignore[union-attr]
    assert '<rect width="25"' in desk.last.text  # type: ignore[union-attr]
    await desk.get("/admin/essai/")
    assert "1 Ménages dans un programme" in desk.text() and "1 jalon en retard" in desk.text()
    assert "AMI grands précaires" in (await desk.get(f"/admin/essai/menages/{ref}")).text

    async with at_work(ctx, app, Actor(kind="resident", account_id=account), "portal") as mine:
        for path in ("/essai/fr/", "/essai/fr/programmes", "/essai/fr/parcours"):
            page = await mine.get(path)
            assert page.status_code == 200 and "précaire" not in page.text.lower(), path
        await mine.get("/essai/fr/")
        said = mine.text()
        assert "Une équipe vous rencontre" in said and "L’équipe mobile" in said
        assert "03 88 00 00 41" in said
        await told(ctx)
        page = await mine.get("/essai/en/messages")
        assert "more support is being set up for you" in page.text.lower()
        assert "précaire" not in page.text.lower()
        left = {"on": "2026-03-12", "reason": "housed", "words": "Un T2.", "version": "1"}
        assert (await desk.post(f"{HOME}/membre/{inside}/sortie", left)).status_code == 303
        assert "Logement trouvé" in (await desk.follow()).text
        await mine.get("/essai/fr/")
        assert "Une équipe vous rencontre" not in mine.text()
        assert "Ce qui s’est terminé" in (await mine.get("/essai/fr/programmes")).text
    async with ctx.unit() as unit:
        kinds = [
            r["kind"]
            for r in await unit.fetch(
                "SELECT kind FROM event WHERE household_id = $1 AND kind LIKE 'programmes.%' "
                "ORDER BY id",
                household_id,
            )
        ]
    assert kinds == ["programmes.entered", "programmes.left"]


async def test_a_form_with_mistakes_keeps_what_was_typed(ctx: Ctx, desk: Browser) -> None:
    page = await desk.post(f"{HOME}/nouveau", {**WORDS, "brings": "", "kind": "?"})
    assert page.status_code == 422 and "error-summary" in page.text
    assert "AMI grands précaires" in page.text
    async with ctx.unit() as unit:
        programme_id, ref = await programme(unit)
        inside = await member(unit, programme_id)
    for path, values in {
        f"{ref}/objectifs": {"measure": "?", "target": "3", "goal_due_on": "2026-12-31"},
        f"{ref}/jalons": {"label": "", "due_on": "2026-03-01"},
        f"{ref}/partenaires": {"organisation": "x", "role": "funder"},
        f"membre/{inside}/note": {"note": ""},
        f"membre/{inside}/sortie": {"on": "2031-01-01", "reason": "moved"},
    }.items():
        page = await desk.post(f"{HOME}/{path}", values)
        assert page.status_code == 422 and "error-summary" in page.text, path


async def test_somebody_elses_change_is_not_overwritten(ctx: Ctx, desk: Browser) -> None:
    async with ctx.unit() as unit:
        _, ref = await programme(unit)
    first = {**WORDS, "about": "Première", "version": "1"}
    assert (await desk.post(f"{HOME}/{ref}/modifier", first)).status_code == 303
    second = {**WORDS, "about": "Seconde", "version": "1"}
    assert (await desk.post(f"{HOME}/{ref}/modifier", second)).status_code == 409
    assert "Première" in (await desk.get(f"{HOME}/{ref}")).text


async def test_the_list_is_narrowed(ctx: Ctx, desk: Browser) -> None:
    """By programme, state, referent, sector and late milestones; an unknown name shows nothing."""
    async with ctx.unit() as unit:
        one, ref = await programme(unit)
        two, _ = await programme(unit, name="Projet local", kind="local")
        await member(unit, one, "Aubert")
        await member(unit, two, "Bellamy")
        await add_milestone(
            unit, two, label="Bilan", due_on=unit.today - timedelta(1), holder_id=None
        )
        await unit.fetch(
            "UPDATE plugin_programmes.member SET referent_id = $1 WHERE programme_id = $2",
            ctx.who.account_id,
            one,
        )
    seen = {}
    for asked in (
        "", f"programme={ref}", "programme=0000000000", "etat=unfollowed", "etat=left",
        f"referent={ctx.who.account_id}", "secteur=999", "retard=oui",
    ):  # fmt: skip
        text = (await desk.get(f"{HOME}/membres?{asked}")).text
        seen[asked.partition("=")[0] + asked[-2:]] = [n for n in ("Aubert", "Bellamy") if n in text]
        file = (await desk.get(f"{HOME}/membres.csv?{asked}")).text
        assert [n for n in ("Aubert", "Bellamy") if n in file] == seen[
            asked.partition("=")[0] + asked[-2:]
        ]
    assert list(seen.values()) == [
        ["Aubert", "Bellamy"], ["Aubert"], [], ["Bellamy"], [], ["Aubert"], [], ["Bellamy"],
    ]  # fmt: skip


async def test_the_export_is_a_file_that_no_spreadsheet_runs(ctx: Ctx, desk: Browser) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        await member(unit, programme_id, "=HYPERLINK(1)")
    answer = await desk.get(f"{HOME}/membres.csv")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert lines[0].startswith("\ufeffProgramme;Ménage") and len(lines) == 2
    assert ";'=HYPERLINK(1);" in lines[1]


async def test_an_organisation_sees_its_own_households_only(ctx: Ctx, app: Litestar) -> None:
    async with ctx.unit() as unit:
        ours, theirs = await organisation(unit), await organisation(unit, "Autre CCAS")
        programme_id, ref = await programme(unit)
        inside = {
            "ours": await member(unit, programme_id, "Lanotre", organisation_id=ours),
            "theirs": await member(unit, programme_id, "Laleur", organisation_id=theirs),
        }
        household_ref = await unit.value(
            "SELECT h.ref FROM household h JOIN plugin_programmes.member m "
            "ON m.household_id = h.id WHERE m.ref = $1",
            inside["theirs"],
        )
    actor = await make_professional(ctx, "prescriber", organisation_id=ours)
    async with at_work(ctx, app, actor) as browser:
        text = (await browser.get(f"{HOME}/membres")).text
        assert "Lanotre" in text and "Laleur" not in text
        assert (await browser.get(f"{HOME}/membre/{inside['ours']}")).status_code == 200
        assert (await browser.get(f"{HOME}/membre/{inside['theirs']}")).status_code == 404
        assert (await browser.get(f"{HOME}/menage/{household_ref}")).status_code == 404
        path = f"{HOME}/membre/{inside['theirs']}/note"
        assert (await browser.post(path, {"note": "Intrus"})).status_code == 404
        assert (await browser.get(f"{HOME}/membres.csv")).status_code == 403
        assert (await browser.post(f"{HOME}/menage/{household_ref}", {})).status_code == 403
        assert (await browser.get(f"{HOME}/{ref}")).status_code == 200
    watching = await make_professional(ctx, "observer")
    async with at_work(ctx, app, watching) as browser:
        text = (await browser.get(f"{HOME}/membres")).text
        assert "Lanotre" not in text and "Laleur" not in text
        assert (await browser.get(f"{HOME}/membre/{inside['ours']}")).status_code == 404


async def test_another_territory_sees_nothing_of_it(
    ctx: Ctx, app: Litestar, clock: StillClock
) -> None:
    async with ctx.unit() as unit:
        programme_id, ref = await programme(unit, name="Secret d’ici")
        inside = await member(unit, programme_id, "Canari")
        await add_area(unit, name="Ici", postcode="67000", sector_ids=[])
    there = await make_place(clock, "ailleurs", "Ailleurs")
    await turn_on(app, "ailleurs", "programmes")
    other = replace(ctx, territory=there)
    actor = await make_professional(other, "coordinator", name="Alix")
    async with at_work(other, app, actor) as browser:
        for path in ("", "/membres", "/membres.csv"):
            page = await browser.get(f"/admin/ailleurs/programmes{path}")
            assert page.status_code == 200, path
            assert "Canari" not in page.text and "Secret" not in page.text
        for path in (f"/{ref}", f"/membre/{inside}", f"/{ref}/modifier"):
            assert (await browser.get(f"/admin/ailleurs/programmes{path}")).status_code == 404
        answer = await browser.post(
            f"/admin/ailleurs/programmes/membre/{inside}/note", {"note": "Intrus"}
        )
        assert answer.status_code == 404
        assert (await browser.get(f"{HOME}/{ref}")).status_code != 200


async def _seven(unit: Any, count: int) -> None:
    for number in range(count):
        programme_id, _ = await programme(unit, name=f"Programme {number}")
        await member(unit, programme_id, f"Nom{number}")
        await set_goal(
            unit, programme_id, measure="entered_households", target=2, due_on=unit.today
        )
        await add_partner(unit, programme_id, await organisation(unit, f"Org {number}"), "funder")


@pytest.mark.parametrize("path", ["", "/membres", "/membres.csv"])
async def test_a_list_costs_the_same_for_one_and_for_thirty(
    ctx: Ctx, desk: Browser, path: str
) -> None:
    counts = []
    for more in (1, 29):
        async with ctx.unit() as unit:
            if more == 29:
                await unit.fetch("UPDATE plugin_programmes.programme SET name = 'Zéro'")
            await _seven(unit, more)
        await desk.get(HOME + path)
        with counting() as statements:
            page = await desk.get(HOME + path)
        assert page.status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_one_programme_costs_the_same_for_one_and_for_thirty(ctx: Ctx, desk: Browser) -> None:
    async with ctx.unit() as unit:
        programme_id, ref = await programme(unit)
    counts = []
    for more in (1, 29):
        async with ctx.unit() as unit:
            for number in range(more):
                await member(unit, programme_id, f"Nom{number}")
                await add_milestone(
                    unit, programme_id, label=f"Jalon {number}", due_on=unit.today, holder_id=None
                )
        with counting() as statements:
            page = await desk.get(f"{HOME}/{ref}")
        assert page.status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_territory_may_not_show_it_to_residents(ctx: Ctx, app: Litestar) -> None:
    async with ctx.unit() as unit:
        programme_id, _ = await programme(unit)
        household_id, _, person_id = await household(unit)
        await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        account = await resident_account(unit, person_id)
    async with at_work(ctx, app, Actor(kind="resident", account_id=account), "portal") as mine:
        assert "Une équipe vous rencontre" in (await mine.get("/essai/fr/")).text
        async with ctx.unit() as unit:
            await keep_value(unit, "programmes", "resident_card", False, starts_on=unit.today)
        assert "Une équipe vous rencontre" not in (await mine.get("/essai/fr/")).text
        assert (await mine.get("/essai/fr/programmes")).status_code == 404


async def test_switched_off_its_pages_go_and_its_history_stays(
    ctx: Ctx, app: Litestar, desk: Browser
) -> None:
    async with ctx.unit() as unit:
        programme_id, ref = await programme(unit)
        household_id, household_ref, person_id = await household(unit)
        inside = await enter(unit, programme_id, household_id, on=unit.today, referent_id=None)
        account = await resident_account(unit, person_id)
    await turn_on(app, ctx.place.slug)
    for path in ("", f"/{ref}", "/membres", "/membres.csv", f"/membre/{inside}"):
        assert (await desk.get(HOME + path)).status_code == 404, path
    page = await desk.get(f"/admin/essai/menages/{household_ref}")
    assert page.status_code == 200 and "programmes/membre" not in page.text
    page = await desk.get(f"/admin/essai/menages/{household_ref}/historique")
    assert page.status_code == 200
    assert "Entrée dans le programme « AMI grands précaires »" in page.text
    assert (await desk.get("/admin/essai/")).status_code == 200
    async with at_work(ctx, app, Actor(kind="resident", account_id=account), "portal") as mine:
        page = await mine.get("/essai/fr/")
        assert page.status_code == 200 and "Une équipe vous rencontre" not in page.text
        assert (await mine.get("/essai/fr/programmes")).status_code == 404
        await told(ctx)
        page = await mine.get("/essai/fr/messages")
        assert "Un accompagnement en plus" in page.text and "précaire" not in page.text
