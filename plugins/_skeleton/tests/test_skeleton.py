"""The plugin as its people meet it: noted by a social worker, read by the household."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio
from litestar import Litestar

from core.accounts.service import resident_account
from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.kernel.errors import Refused
from core.kernel.unit import Actor
from core.making import make_demande, make_free_place, make_household
from core.territories.service import keep_value
from core.testing import Browser, make_place, make_professional, turn_on, visitor
from plugins._skeleton.queries import late_steps
from plugins._skeleton.rules import tone
from plugins._skeleton.service import add_step, end_step

TODAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("due_on", "ended_on", "expected"),
    [
        (TODAY - timedelta(days=1), None, "error"),
        (TODAY, None, "warn"),
        (TODAY + timedelta(days=7), None, "warn"),
        (TODAY + timedelta(days=8), None, "info"),
        (TODAY - timedelta(days=1), TODAY, "neutral"),
    ],
)
def test_how_pressing(due_on: date, ended_on: date | None, expected: str) -> None:
    assert tone(due_on, ended_on, TODAY, 7) == expected


@pytest_asyncio.fixture(loop_scope="session")
async def app(ctx: Ctx, app: Litestar) -> Litestar:
    """The application with the plugin switched on in the test's territory."""
    await turn_on(app, ctx.place.slug, "skeleton")
    return app


@pytest_asyncio.fixture(loop_scope="session")
async def household(ctx: Ctx) -> tuple[int, str, int]:
    """(id, reference, person) of a household of one."""
    async with ctx.unit() as unit:
        made = await make_household(unit)
    return made.id, made.ref, made.person_id


@pytest_asyncio.fixture(loop_scope="session")
async def desk(ctx: Ctx, app: Litestar) -> AsyncIterator[Browser]:
    """The coordinator's browser."""
    async with visitor(app) as client:
        browser = Browser(client)
        await browser.sign_in(ctx, ctx.who, "admin")
        yield browser


async def test_noted_on_one_face_and_read_on_the_other(
    ctx: Ctx, app: Litestar, desk: Browser, household: tuple[int, str, int]
) -> None:
    _, ref, person_id = household
    page = await desk.post(
        f"/admin/essai/skeleton/{ref}", {"label": "Visiter le studio", "due_on": "2026-03-20"}
    )
    assert page.status_code == 303
    for path in (f"/skeleton/{ref}", "/skeleton", f"/menages/{ref}"):
        page = await desk.get(f"/admin/essai{path}")
        assert "Visiter le studio" in page.text, path
    async with ctx.unit() as unit:
        account = await resident_account(unit, person_id)
    async with visitor(app) as client:
        mine = Browser(client)
        await mine.sign_in(ctx, Actor(kind="resident", account_id=account), "portal")
        for path in ("/essai/fr/", "/essai/fr/skeleton"):
            assert "Visiter le studio" in (await mine.get(path)).text, path
        assert (await mine.get("/essai/fr/messages")).text.count("Une étape a été notée") <= 1


async def test_a_form_without_words_says_so(desk: Browser, household: tuple[int, str, int]) -> None:
    page = await desk.post(f"/admin/essai/skeleton/{household[1]}", {"due_on": "2026-03-20"})
    assert page.status_code == 422 and "error-summary" in page.text


async def test_a_step_ends_once(ctx: Ctx, household: tuple[int, str, int]) -> None:
    async with ctx.unit() as unit:
        step = await add_step(unit, household[0], label="Appeler la CAF", due_on=TODAY)
        await end_step(unit, household[0], step, "done")
        with pytest.raises(Refused):
            await end_step(unit, household[0], step, "given_up")
        row = await unit.row(
            """SELECT outcome, ended_on FROM plugin_skeleton.step
               WHERE id = $1""",
            step,
        )
    assert row is not None and (row["outcome"], row["ended_on"]) == ("done", TODAY)


async def test_late_steps_are_counted_on_the_home(
    ctx: Ctx, desk: Browser, household: tuple[int, str, int]
) -> None:
    async with ctx.unit() as unit:
        await add_step(unit, household[0], label="Ouvrir un compte", due_on=date(2026, 3, 1))
        assert await late_steps(unit) == 1
    await desk.get("/admin/essai/")
    assert "1 Étapes en retard" in desk.text()


async def test_another_territory_and_another_role_see_nothing(
    ctx: Ctx, app: Litestar, clock: StillClock, household: tuple[int, str, int]
) -> None:
    async with ctx.unit() as unit:
        await add_step(unit, household[0], label="Visiter le studio", due_on=TODAY)
    await make_place(clock, "ailleurs", "Ailleurs")
    await turn_on(app, "ailleurs", "skeleton")
    await turn_on(app, ctx.place.slug, "skeleton")
    watching = await make_professional(ctx, "observer", name="Jeanne Petit")
    async with visitor(app) as client:
        theirs = Browser(client)
        await theirs.sign_in(ctx, watching, "admin")
        assert (await theirs.get("/admin/essai/skeleton")).status_code == 403
        page = await theirs.get("/admin/ailleurs/skeleton")
        assert page.status_code != 200 and "Visiter" not in page.text


async def test_where_it_is_off_its_pages_are_not_there(
    ctx: Ctx, app: Litestar, desk: Browser, household: tuple[int, str, int]
) -> None:
    await turn_on(app, ctx.place.slug)
    assert (await desk.get("/admin/essai/skeleton")).status_code == 404
    assert "Étapes convenues" not in (await desk.get(f"/admin/essai/menages/{household[1]}")).text


async def test_a_late_step_holds_a_referral_back_where_that_is_wished(ctx: Ctx) -> None:
    here = replace(ctx, territory=replace(ctx.place, plugins=frozenset({"skeleton"})))
    async with here.unit() as unit:
        demande, free = await make_demande(unit), await make_free_place(unit)
        await add_step(unit, demande.household.id, label="Visiter", due_on=date(2026, 3, 1))
        assert await unit.obstacles(demande.id, free.id) == []
        await keep_value(unit, "skeleton", "hold", True, starts_on=unit.today)
        (found,) = await unit.obstacles(demande.id, free.id)
    assert found.key == "skeleton.held" and found.text.params == {"count": 1}
