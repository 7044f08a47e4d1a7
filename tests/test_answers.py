"""What answers a form survives going back, reloading and signing in again: of every POST route."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from core.extension.context import Ctx
from core.testing import Browser, make_professional
from tests.access_world import files, people
from tests.test_write_matrix import acts, bound
from tests.write_world import stock

MOST = 5
"""Redirections that a browser may follow from an address of forms to a page."""

SECRETS = (
    "admin /menages/{ref}/carte/{person}",
    "admin /equipe/mot-de-passe",
    "admin /equipe/inviter",
)
"""What they answer holds a code or a password, and is shown once."""


async def _sent(browser: Browser, path: str, values: dict[str, Any]) -> Any:
    """The very answer of the form, not what it leads to."""
    token = browser.client.cookies.get("seuil-form")
    body = {"_csrf_token": token, "_key": str(uuid4()), **values}
    return await browser.client.post(path, data=body)


@pytest.mark.parametrize("face", ("admin", "portal"))
async def test_no_form_is_answered_by_a_page_without_an_address(
    ctx: Ctx, browser: Browser, app: Litestar, ground: Any, face: str
) -> None:
    own = await files(ctx, "Propre")
    await stock(ctx, own)

    async def no_launch(job: Any) -> None:
        """The importer is a process of its own: another test's."""

    app.state.launch_import = no_launch
    who = (await people(ctx, own))["resident"]
    if face == "admin":
        who = await make_professional(ctx, "coordinator", "administrator")
    assert who is not None
    await browser.get("/")
    wrong, kept = [], 0
    for path, at, name, act in acts(app):
        if at != face or "quitter" in path:
            continue
        target = bound(path, act, own, "essai")
        await ground.execute("SAVEPOINT act")
        try:
            if act.before is not None:
                async with replace(ctx, actor=None).unit() as unit:
                    await act.before(unit, own)
            for values in ({}, dict(act.form(own))):
                await ground.execute("SAVEPOINT visit")
                await browser.sign_in(ctx, who, face)
                answer = await _sent(browser, target, values)
                where = answer.headers.get("location", "")
                if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                    wrong.append(f"{name}: answered by a page")
                elif "/reponse/" in where:
                    kept += 1
                    first, again = await browser.get(where), await browser.get(where)
                    if "location" in first.headers:
                        wrong.append(f"{name}: what was kept is not shown")
                    if name in SECRETS and "location" in again.headers:
                        again = first
                    if first.text.split("_key")[0] != again.text.split("_key")[0]:
                        wrong.append(f"{name}: another page when it is reloaded")
                elif answer.status_code != 303 and "text/html" in answer.headers["content-type"]:
                    wrong.append(f"{name}: {answer.status_code} answered by a page")
                await ground.execute("ROLLBACK TO SAVEPOINT visit; RELEASE SAVEPOINT visit")
            await browser.sign_in(ctx, who, face)
            page, steps = await browser.get(target), 0
            while page.status_code == 303 and steps < MOST:
                page, steps = await browser.follow(), steps + 1
            if page.status_code in (303, 405):
                wrong.append(f"{name}: reloaded, {page.status_code}")
        finally:
            await ground.execute("ROLLBACK TO SAVEPOINT act; RELEASE SAVEPOINT act")
    assert wrong == []
    assert kept > 5


async def _refused(ctx: Ctx, browser: Browser) -> tuple[str, Any]:
    """The address of a refused form of somebody, and who they are."""
    who = await make_professional(ctx, "coordinator")
    await browser.get("/")
    await browser.sign_in(ctx, who, "admin")
    sent = {"family_name": "Lantier", "given_name": ""}
    answer = await _sent(browser, "/admin/essai/demandes/nouvelle", sent)
    assert answer.status_code == 303
    return answer.headers["location"], who


async def test_what_was_typed_is_there_after_signing_in_again(ctx: Ctx, browser: Browser) -> None:
    where, who = await _refused(ctx, browser)
    page = await browser.get(where)
    assert page.status_code == 422 and 'value="Lantier"' in page.text
    del browser.client.cookies["seuil-admin"]
    away = await browser.get(where)
    assert away.status_code == 303 and "connexion?suite=" in away.headers["location"]
    assert "reponse" in away.headers["location"]
    await browser.sign_in(ctx, who, "admin")
    assert 'value="Lantier"' in (await browser.get(where)).text


async def test_nobody_else_reads_it(ctx: Ctx, browser: Browser, ground: Any) -> None:
    where, _ = await _refused(ctx, browser)
    browser.client.cookies.clear()
    await browser.sign_in(ctx, await make_professional(ctx, "coordinator"), "admin")
    away = await browser.get(where)
    assert away.status_code == 303 and away.headers["location"].endswith("/demandes/nouvelle")
    row = await ground.fetchrow("SELECT * FROM kept_answer")
    assert b"Lantier" not in bytes(row["sealed"])
    assert row["name"] not in where


async def test_an_hour_later_the_form_itself_is_shown(
    ctx: Ctx, browser: Browser, clock: Any, ground: Any
) -> None:
    where, _ = await _refused(ctx, browser)
    await ground.execute("UPDATE kept_answer SET expires_at = at")
    away = await browser.get(where)
    assert away.headers["location"].endswith("/demandes/nouvelle")
    assert (await browser.follow()).status_code == 200


async def test_a_password_is_shown_once(ctx: Ctx, browser: Browser) -> None:
    colleague = await make_professional(ctx, "social_worker", name="Odile Rey")
    await browser.get("/")
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    given = await _sent(
        browser, "/admin/essai/equipe/mot-de-passe", {"account": str(colleague.account_id)}
    )
    where = given.headers["location"]
    assert "Odile Rey" in (await browser.get(where)).text
    again = await browser.get(where)
    assert again.status_code == 303 and "Odile" not in again.text


async def test_a_visitor_without_a_session_reloads_a_refused_sign_in(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.get("/admin/essai/connexion")
    answer = await _sent(
        browser, "/admin/essai/connexion", {"email": "x@exemple.test", "password": "faux"}
    )
    where = answer.headers["location"]
    assert "/reponse/" in where
    assert "x@exemple.test" in (await browser.get(where)).text
    browser.client.cookies.clear()
    assert "x@exemple.test" not in (await browser.get(where)).text


async def test_a_role_that_ended_closes_the_answer(ctx: Ctx, browser: Browser, ground: Any) -> None:
    where, who = await _refused(ctx, browser)
    await ground.execute(
        "UPDATE role_grant SET role = 'structure' WHERE account_id = $1", who.account_id
    )
    assert (await browser.get(where)).status_code == 303
