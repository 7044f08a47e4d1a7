"""Settings, sectors, kinds, reasons, team and own account, as a person without script uses them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest_asyncio

from core.accounts.service import set_password
from core.accounts.sessions import open_session
from core.extension.context import Ctx
from core.kernel.unit import Actor, Unit
from core.opening import furnish
from core.testing import Browser, counting, make_place, make_professional

TODAY = date(2026, 1, 1)


@pytest_asyncio.fixture(loop_scope="session")
async def administrator(ctx: Ctx, browser: Browser) -> Actor:
    async with ctx.unit() as unit:
        await furnish(unit)
    actor = await make_professional(ctx, "administrator", name="Alix Weber")
    await browser.sign_in(ctx, actor, "admin")
    return actor


def version_in(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


def the_settings(**changed: str) -> dict[str, str]:
    from core.territories.settings import CoreSettings

    values = {
        name: "yes" if value is True else str(value)
        for name, value in vars(CoreSettings()).items()
        if value is not False
    }
    return values | changed


async def test_a_setting_changes_from_a_day_with_its_author(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    page = await browser.get("/admin/essai/reglages")
    assert page.status_code == 200
    assert "Aucun changement" in browser.text()
    today = ctx.clock.today().isoformat()
    sent = the_settings(refresh_months="3", starts_on=today, why="Accord avec la DDETS")
    answer = await browser.post("/admin/essai/reglages", sent)
    assert answer.status_code == 303
    await browser.follow()
    text = browser.text()
    assert "Accord avec la DDETS" in text and "Alix Weber" in text
    same = await browser.post("/admin/essai/reglages", sent)
    assert same.status_code == 303
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM setting") == 1


async def test_two_people_who_set_values_do_not_undo_each_other(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    path, today = "/admin/essai/reglages", ctx.clock.today().isoformat()
    read = version_in((await browser.get(path)).text)
    common = {"starts_on": today, "why": "Accord", "version": read}
    first = await browser.post(path, the_settings(refresh_months="3", **common))
    assert first.status_code == 303
    second = await browser.post(path, the_settings(hold_days="20", **common))
    assert second.status_code == 409 and 'value="20"' in second.text
    compared = browser.text().split("Comparaison champ par champ")[1]
    assert "Actualiser une demande tous les 3 non modifié : repris ci-dessous" in compared
    assert 'id="f-refresh_months" name="refresh_months" type="text" value="3"' in second.text
    known = version_in(second.text)
    chosen = the_settings(refresh_months="3", hold_days="20", **{**common, "version": known})
    assert (await browser.post(path, chosen)).status_code == 303
    async with ctx.unit() as unit:
        rows = await unit.fetch("SELECT name FROM setting ORDER BY id")
    assert [r["name"] for r in rows] == ["refresh_months", "hold_days"]


async def test_a_wrong_setting_stays_on_the_screen_with_its_reason(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    yesterday = (ctx.clock.today() - timedelta(days=1)).isoformat()
    answer = await browser.post(
        "/admin/essai/reglages", the_settings(hold_days="900", starts_on=yesterday)
    )
    assert answer.status_code == 422
    text = browser.text()
    assert "Cette valeur est hors des limites indiquées." in text
    assert "choisissez aujourd’hui" in text and "Dites en quelques mots pourquoi." in text
    assert 'value="900"' in answer.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM setting") == 0


async def test_sectors_are_added_filled_and_ended(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    await browser.get("/admin/essai/reglages/secteurs")
    assert "Aucun secteur" in browser.text()
    for code, name in (("nord", "Nord"), ("ville", "Ville")):
        await browser.post("/admin/essai/reglages/secteurs", {"code": code, "name": name})
    async with ctx.unit() as unit:
        ids = [r["id"] for r in await unit.fetch("SELECT id FROM sector ORDER BY id")]
    answer = await browser.post("/admin/essai/reglages/communes", {"area": "Haguenau"})
    assert answer.status_code == 422 and "Choisissez au moins un secteur." in browser.text()
    await browser.post(
        "/admin/essai/reglages/communes", {"area": "Haguenau", "sectors": [str(i) for i in ids]}
    )
    page = await browser.get("/admin/essai/reglages/secteurs")
    assert page.text.count("Haguenau") == 2
    await browser.post("/admin/essai/reglages/secteurs/fin", {"sector": str(ids[0])})
    await browser.follow()
    assert "Terminé" in browser.text()
    again = await browser.post("/admin/essai/reglages/secteurs", {"code": "nord", "name": "Nord"})
    assert again.status_code == 422


async def test_a_kind_gets_a_new_version_and_keeps_the_former(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    assert (await browser.get("/admin/essai/reglages/types")).status_code == 200
    page = await browser.get("/admin/essai/reglages/types/alt")
    assert page.status_code == 200
    values = {
        "label": "ALT rénové", "stay": "12 mois", "review_months": "12",
        "version": version_in(page.text),
    }  # fmt: skip
    early = await browser.post(
        "/admin/essai/reglages/types/alt", {**values, "starts_on": "1990-01-01"}
    )
    assert early.status_code == 422 and "ALT rénové" in early.text
    done = await browser.post(
        "/admin/essai/reglages/types/alt", {**values, "starts_on": "2027-01-01"}
    )
    assert done.status_code == 303
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT label, starts_on, ends_on, device FROM housing_kind WHERE code = 'alt' "
            "ORDER BY starts_on"
        )
    assert [r["label"] for r in rows] == ["ALT", "ALT rénové"]
    assert rows[0]["ends_on"] == rows[1]["starts_on"] == date(2027, 1, 1)
    assert rows[0]["device"] == rows[1]["device"]
    late = await browser.post(
        "/admin/essai/reglages/types/alt",
        {**values, "label": "ALT autrement", "starts_on": "2027-06-01"},
    )
    assert late.status_code == 409
    compared = browser.text().split("Comparaison champ par champ")[1]
    assert "Nom ALT rénové ALT autrement" in compared and "Séjour 12 mois" not in compared
    assert (await browser.get("/admin/essai/reglages/types/rien")).status_code == 404


async def test_a_reason_that_is_admissible_never_costs_seniority(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    assert (await browser.get("/admin/essai/reglages/motifs")).status_code == 200
    path = "/admin/essai/reglages/motifs/household/other"
    page = await browser.get(path)
    values = {
        "label": "Autre", "plain": "J’ai une autre raison.", "starts_on": "2027-01-01",
        "version": version_in(page.text),
    }  # fmt: skip
    wrong = await browser.post(path, {**values, "admissible": "yes"})
    assert wrong.status_code == 422
    done = await browser.post(path, {**values, "binds_household": "yes"})
    assert done.status_code == 303
    async with ctx.unit() as unit:
        row = await unit.row(
            "SELECT * FROM refusal_reason WHERE author = 'household' AND code = 'other' "
            "AND ends_on IS NULL"
        )
    assert row is not None and not row["keeps_seniority"] and not row["admissible"]
    late = await browser.post(path, {**values, "plain": "Autrement.", "keeps_seniority": "yes"})
    assert late.status_code == 409
    compared = browser.text().split("Comparaison champ par champ")[1]
    assert "Ce que lit le ménage J’ai une autre raison. Autrement." in compared
    assert "L’ancienneté est toujours gardée Non non modifié" in compared


async def test_an_invited_colleague_signs_in_once_with_the_password_shown(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    key = "7f1c0f9e-4a4f-4c7c-9b11-2f6f2a2b6a01"
    sent = {"name": "Nadia Ferrand", "email": "nadia@exemple.test", "role": "social_worker"}
    page = await browser.post("/admin/essai/equipe/inviter", {**sent, "_key": key})
    assert page.status_code == 200
    password = page.text.split('id="one-time-password">')[1].split("<")[0]
    replay = await browser.post("/admin/essai/equipe/inviter", {**sent, "_key": key})
    assert password in replay.text
    async with ctx.unit() as unit:
        assert not await unit.value(
            "SELECT 1 FROM command WHERE result::text LIKE '%' || $1 || '%'", password
        )
    browser.client.cookies.delete("seuil-admin")
    answer = await browser.post(
        "/admin/essai/connexion", {"email": "nadia@exemple.test", "password": password}
    )
    assert answer.headers["location"] == "/admin/essai/mon-compte"
    assert "ne sert qu’une fois" in (await browser.follow()).text
    new = "une longue phrase à moi"
    changed = await browser.post(
        "/admin/essai/mon-compte/mot-de-passe",
        {"current": password, "password": new, "again": new},
    )
    assert changed.headers["location"] == "/admin/essai/connexion"
    answer = await browser.post(
        "/admin/essai/connexion", {"email": "nadia@exemple.test", "password": new}
    )
    assert answer.headers["location"] == "/admin/essai/"


async def test_own_password_mistakes_are_said_beside_their_field(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    async with ctx.unit() as unit:
        await set_password(unit, administrator.account_id or 0, "une phrase de passe")
    await browser.sign_in(ctx, administrator, "admin")
    path = "/admin/essai/mon-compte/mot-de-passe"
    for values, sentence in (
        ({"current": "non"}, "Ce n’est pas votre mot de passe actuel."),
        (
            {"current": "une phrase de passe", "password": "a" * 14, "again": "b" * 14},
            "Les deux mots de passe ne sont pas les mêmes.",
        ),
        (
            {"current": "une phrase de passe", "password": "court", "again": "court"},
            "Le mot de passe doit avoir au moins 12 caractères.",
        ),
    ):
        answer = await browser.post(path, values)
        assert answer.status_code == 422 and sentence in browser.text()


async def test_closing_an_access_ends_its_sessions_but_never_ones_own(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    colleague = await make_professional(ctx, "social_worker", name="Pia Klein")
    async with ctx.unit() as unit:
        await open_session(unit, colleague.account_id or 0, "admin")
    assert "Pia Klein" in (await browser.get("/admin/essai/equipe")).text
    own = await browser.post(
        "/admin/essai/equipe/fermer", {"account": str(administrator.account_id)}
    )
    assert own.status_code == 422 and "votre propre accès" in browser.text()
    done = await browser.post("/admin/essai/equipe/fermer", {"account": str(colleague.account_id)})
    assert done.status_code == 303
    async with ctx.unit() as unit:
        account = await unit.row("SELECT * FROM account WHERE id = $1", colleague.account_id)
        assert account is not None and account["disabled_at"] is not None
        assert not await unit.value(
            "SELECT 1 FROM session WHERE account_id = $1 AND revoked_at IS NULL",
            colleague.account_id,
        )
        grant = await unit.value(
            "SELECT id FROM role_grant WHERE account_id = $1", administrator.account_id
        )
    refused = await browser.post("/admin/essai/equipe/roles/fin", {"grant": str(grant)})
    assert refused.status_code == 422
    assert "votre propre rôle d’administration" in browser.text()


async def test_nobody_takes_over_an_account_of_another_territory(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    other = await make_place(ctx.clock, "ailleurs", "Ailleurs")  # type: ignore[arg-type]
    shared = await make_professional(ctx, "social_worker", name="Lou Partout")
    only_there = await make_professional(ctx, "observer", name="Jamais Ici")
    async with Unit(territory_id=other.id, clock=ctx.clock) as unit:
        for actor in (shared, only_there):
            await unit.fetch(
                "INSERT INTO role_grant (account_id, role, starts_on) VALUES ($1, 'observer', $2)",
                actor.account_id,
                unit.today,
            )
    async with ctx.unit() as unit:
        await unit.fetch("DELETE FROM role_grant WHERE account_id = $1", only_there.account_id)
    assert "Jamais Ici" not in (await browser.get("/admin/essai/equipe")).text
    for path in ("mot-de-passe", "fermer"):
        sent = {"account": str(only_there.account_id)}
        assert (await browser.post(f"/admin/essai/equipe/{path}", sent)).status_code == 404
    refused = await browser.post(
        "/admin/essai/equipe/mot-de-passe", {"account": str(shared.account_id)}
    )
    assert refused.status_code == 422 and "autre territoire" in browser.text()
    closed = await browser.post("/admin/essai/equipe/fermer", {"account": str(shared.account_id)})
    assert closed.status_code == 303
    async with ctx.unit() as unit:
        assert not await unit.value(
            "SELECT disabled_at FROM account WHERE id = $1", shared.account_id
        )


async def test_the_team_page_asks_as_much_for_thirty_as_for_one(
    ctx: Ctx, browser: Browser, administrator: Actor
) -> None:
    await browser.get("/admin/essai/equipe")
    with counting() as one:
        await browser.get("/admin/essai/equipe")
    for n in range(30):
        await make_professional(ctx, "social_worker", name=f"Personne {n}")
    with counting() as thirty:
        await browser.get("/admin/essai/equipe")
    assert len(thirty) == len(one)


async def test_only_those_who_may_see_these_pages(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, await make_professional(ctx, "social_worker"), "admin")
    for path in ("reglages", "reglages/secteurs", "reglages/types", "equipe", "equipe/inviter"):
        assert (await browser.get(f"/admin/essai/{path}")).status_code == 403, path
    assert (await browser.get("/admin/essai/mon-compte")).status_code == 200
