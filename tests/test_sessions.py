"""Sessions end: when idle, at the latest, at a new password, and with what opened them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.accounts.service import end_role, grant_role, resident_account, set_password
from core.accounts.sessions import (
    IDLE,
    LONGEST,
    OWN_DEVICE,
    find_session,
    open_session,
    touch_session,
)
from core.accounts.team import close_access
from core.extension.context import Ctx
from core.households.service import NewPerson, create_household
from core.kernel.clock import StillClock
from core.testing import Browser, make_professional


async def resident(ctx: Ctx) -> int:
    """The account of a person who has a file."""
    async with ctx.unit() as unit:
        home = await create_household(unit, [NewPerson("Diallo", "Awa")])
        person = await unit.value("SELECT person_id FROM membership WHERE household_id = $1", home)
        return await resident_account(unit, person)


async def comes_in(ctx: Ctx, cookie: str, face: str) -> bool:
    """As at the door: whoever is known is noted as seen, when that was not done just before."""
    async with ctx.unit() as unit:
        known = await find_session(unit, cookie, face)
        if known is not None and not known.quiet:
            await touch_session(unit, cookie)
        return known is not None


@pytest.mark.parametrize("who", ["admin", "portal", "own device"])
async def test_idle_and_longest(ctx: Ctx, clock: StillClock, who: str) -> None:
    """A page in time keeps a session open; nothing keeps it past its longest."""
    own = who == "own device"
    face = "portal" if own else who
    idle, longest = OWN_DEVICE if own else (IDLE[face], LONGEST[face])
    account = ctx.who.account_id or 0 if face == "admin" else await resident(ctx)
    async with ctx.unit() as unit:
        kept, _ = await open_session(unit, account, face, own_device=own)
        left, _ = await open_session(unit, account, face, own_device=own)
    began = clock.now()
    clock.set(began + idle)
    assert await comes_in(ctx, kept, face)
    clock.set(began + idle + timedelta(seconds=1))
    assert not await comes_in(ctx, left, face), "idle too long"
    while clock.now() + idle < began + longest:
        clock.set(clock.now() + idle - timedelta(seconds=1))
        assert await comes_in(ctx, kept, face)
    clock.set(began + longest - timedelta(seconds=1))
    assert await comes_in(ctx, kept, face)
    clock.set(began + longest)
    assert not await comes_in(ctx, kept, face), "open past its longest"


async def test_a_new_password_ends_the_sessions_of_every_other_device(
    ctx: Ctx, browser: Browser
) -> None:
    who = await make_professional(ctx, "coordinator")
    async with ctx.unit() as unit:
        await set_password(unit, who.account_id or 0, "le premier mot de passe")
        elsewhere, _ = await open_session(unit, who.account_id or 0, "admin")
    await browser.sign_in(ctx, who, "admin")
    mine = browser.client.cookies.get("seuil-admin") or ""
    new = "un autre mot de passe"
    sent = await browser.post(
        "/admin/essai/mon-compte/mot-de-passe",
        {"current": "le premier mot de passe", "password": new, "again": new},
    )
    assert sent.status_code == 303
    for cookie in (mine, elsewhere):
        assert not await comes_in(ctx, cookie, "admin")


async def test_one_role_of_two_ends_at_the_next_request(ctx: Ctx, browser: Browser) -> None:
    who = await make_professional(ctx, "coordinator", "observer")
    await browser.sign_in(ctx, who, "admin")
    assert (await browser.get("/admin/essai/menages")).status_code == 200
    async with ctx.unit() as unit:
        grant = await unit.value(
            "SELECT id FROM role_grant WHERE account_id = $1 AND role = 'coordinator'",
            who.account_id,
        )
        await end_role(unit, grant)
    assert (await browser.get("/admin/essai/menages")).status_code == 403
    assert (await browser.get("/admin/essai/structures")).status_code == 200
    async with ctx.unit() as unit:
        await grant_role(unit, who.account_id or 0, "coordinator")
    assert (await browser.get("/admin/essai/menages")).status_code == 200


async def test_a_closed_access_ends_at_the_next_request(ctx: Ctx, browser: Browser) -> None:
    who = await make_professional(ctx, "coordinator")
    await browser.sign_in(ctx, who, "admin")
    assert (await browser.get("/admin/essai/")).status_code == 200
    async with ctx.unit() as unit:
        await close_access(unit, who.account_id or 0, elsewhere=False)
    assert (await browser.get("/admin/essai/")).status_code == 303
    assert (await browser.post("/admin/essai/demandes/brouillon")).status_code == 303


async def test_a_session_of_one_face_opens_nothing_of_the_other(ctx: Ctx) -> None:
    account = await resident(ctx)
    async with ctx.unit() as unit:
        cookie, _ = await open_session(unit, account, "portal")
    assert await comes_in(ctx, cookie, "portal")
    assert not await comes_in(ctx, cookie, "admin")
    assert not await comes_in(ctx, "jamais vu", "portal"), "an unknown cookie is never adopted"
