"""Both doors: who comes in, who does not, and what every answer carries."""

from __future__ import annotations

import re
from datetime import date

import pytest

from core.accounts.service import issue_code, set_password
from core.extension.context import Ctx
from core.households.tables import Person
from core.kernel.errors import Invalid
from core.testing import Browser
from core.web.headers import ALWAYS


async def professional(ctx: Ctx, password: str = "une phrase de passe") -> str:
    async with ctx.unit() as unit:
        await set_password(unit, ctx.who.account_id or 0, password)
        return str(await unit.value("SELECT email FROM account WHERE id = $1", ctx.who.account_id))


async def resident(ctx: Ctx, birth: date = date(1985, 4, 3)) -> tuple[int, str]:
    async with ctx.unit() as unit:
        person = Person(ref="P123456789", family_name="Diallo", given_name="Awa", birth=birth)
        await person.save()
        code, _ = await issue_code(unit, person.id, ctx.settings.secret_key)
    return person.id, code


def birth_of(day: int = 3, month: int = 4, year: int = 1985) -> dict[str, str]:
    return {
        "birth_date_day": str(day),
        "birth_date_month": str(month),
        "birth_date_year": str(year),
    }


async def test_a_professional_signs_in_and_out(ctx: Ctx, browser: Browser) -> None:
    email = await professional(ctx)
    answer = await browser.get("/admin/essai/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/essai/connexion"
    page = await browser.follow()
    assert 'name="password"' in page.text
    answer = await browser.post(
        "/admin/essai/connexion", {"email": email, "password": "une phrase de passe"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/essai/")
    assert (await browser.follow()).status_code == 200
    await browser.post("/admin/essai/quitter")
    assert (await browser.get("/admin/essai/")).status_code == 303


async def test_a_wrong_password_keeps_the_address_and_says_nothing_more(
    ctx: Ctx, browser: Browser
) -> None:
    email = await professional(ctx)
    wrong = await browser.post("/admin/essai/connexion", {"email": email, "password": "non"})
    nobody = await browser.post(
        "/admin/essai/connexion", {"email": "personne@exemple.test", "password": "non"}
    )
    assert wrong.status_code == nobody.status_code == 422
    sentence = "L’adresse ou le mot de passe ne correspond pas."
    assert sentence in wrong.text and sentence in nobody.text
    assert f'value="{email}"' in wrong.text


async def test_the_sixth_wrong_password_waits(ctx: Ctx, browser: Browser) -> None:
    email = await professional(ctx)
    for _ in range(5):
        await browser.post("/admin/essai/connexion", {"email": email, "password": "non"})
    answer = await browser.post(
        "/admin/essai/connexion", {"email": email, "password": "une phrase de passe"}
    )
    assert answer.status_code == 429


async def test_an_unknown_cookie_is_never_adopted(ctx: Ctx, browser: Browser) -> None:
    browser.client.cookies.set("seuil-admin", "chosen-by-somebody-else", "127.0.0.1")
    assert (await browser.get("/admin/essai/")).status_code == 303
    email = await professional(ctx)
    await browser.post(
        "/admin/essai/connexion", {"email": email, "password": "une phrase de passe"}
    )
    assert browser.client.cookies.get("seuil-admin") != "chosen-by-somebody-else"
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM session") == 1


async def test_a_resident_signs_in_with_the_card_once(ctx: Ctx, browser: Browser) -> None:
    _, code = await resident(ctx)
    typed = code.lower().replace("-", " ")
    answer = await browser.post("/essai/fr/entrer", {"code": typed, **birth_of()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/essai/fr/revenir")
    assert "Votre carte ne marche plus" in (await browser.follow()).text
    browser.client.cookies.clear()
    again = await browser.post("/essai/fr/entrer", {"code": code, **birth_of()})
    assert again.status_code == 422


async def test_a_wrong_birth_date_and_a_wrong_code_get_the_same_answer(
    ctx: Ctx, browser: Browser
) -> None:
    _, code = await resident(ctx)
    wrong_birth = await browser.post("/essai/fr/entrer", {"code": code, **birth_of(day=4)})
    wrong_code = await browser.post("/essai/fr/entrer", {"code": "00000-00000-0", **birth_of()})
    assert wrong_birth.status_code == wrong_code.status_code == 422
    for page in (wrong_birth, wrong_code):
        assert "Il a peut-être déjà servi : chaque code marche une seule fois." in page.text
    assert (await browser.post("/essai/fr/entrer", {"code": code, **birth_of()})).status_code == 303


async def test_what_the_form_alone_shows_is_said_and_counts_for_nothing(
    ctx: Ctx, browser: Browser
) -> None:
    _, code = await resident(ctx)
    slip = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _ in range(6):
        page = await browser.post("/essai/fr/entrer", {"code": slip, **birth_of()})
        assert page.status_code == 422 and "Il y a une erreur dans ce code." in page.text
    nothing = await browser.post("/essai/fr/entrer", {})
    assert "Écrivez votre code." in nothing.text
    assert "Écrivez votre date de naissance." in nothing.text
    for _ in range(6):
        page = await browser.post("/essai/fr/entrer", {"code": code, **birth_of(month=13)})
        assert page.status_code == 422 and "Cette date n’existe pas." in page.text
    assert "déjà servi" not in page.text + nothing.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT fails FROM access_code") == 0
    assert (await browser.post("/essai/fr/entrer", {"code": code, **birth_of()})).status_code == 303


async def test_a_resident_comes_back_with_each_of_ten_codes(ctx: Ctx, browser: Browser) -> None:
    _, card = await resident(ctx)
    await browser.post("/essai/fr/entrer", {"code": card, **birth_of()})
    key = {"_key": "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a12"}
    shown = await browser.post("/essai/fr/revenir", key)
    assert shown.status_code == 200 and shown.headers["cache-control"] == "no-store"
    codes = re.findall(r"<li><bdi[^>]*>(\w{5}-\w{5}-\w)</bdi>", shown.text)
    assert len(set(codes)) == 10
    twice = await browser.post("/essai/fr/revenir", key)
    assert twice.headers["location"] == "/essai/fr/revenir"
    page = await browser.follow()
    assert "ne s’affichent qu’une fois" in page.text and codes[0] not in page.text
    assert "Il vous reste 10 codes" in page.text
    for number, code in enumerate(codes, start=1):
        await browser.post("/essai/fr/quitter")
        assert (await browser.get("/essai/fr/")).status_code == 303
        answer = await browser.post("/essai/fr/entrer", {"code": code, **birth_of()})
        few = 10 - number <= 2
        assert answer.headers["location"] == ("/essai/fr/revenir" if few else "/essai/fr/"), number
        assert (await browser.get("/essai/fr/")).status_code == 200
    assert "Prendre dix codes pour revenir" in (await browser.get("/essai/fr/")).text


async def test_ten_wrong_dates_void_the_card(ctx: Ctx) -> None:
    from core.accounts.service import hash_of_card, use_code

    _, code = await resident(ctx)
    card = await hash_of_card(code, ctx.place.id, ctx.settings.secret_key)
    for _ in range(10):
        async with ctx.unit() as unit:
            assert await use_code(unit, card, date(1999, 1, 1)) is None
    async with ctx.unit() as unit:
        assert await use_code(unit, card, date(1985, 4, 3)) is None
        kinds = [r["kind"] for r in await unit.fetch("SELECT kind FROM event ORDER BY id")]
    assert kinds[-1] == "access.code_voided"


async def test_a_resident_is_nobody_in_the_back_office(ctx: Ctx, browser: Browser) -> None:
    _, code = await resident(ctx)
    await browser.post("/essai/fr/entrer", {"code": code, **birth_of()})
    cookie = browser.client.cookies.get("seuil-portal")
    browser.client.cookies.set("seuil-admin", cookie or "", "127.0.0.1")
    assert (await browser.get("/admin/essai/")).status_code == 303


async def test_a_form_without_its_token_is_refused(ctx: Ctx, browser: Browser) -> None:
    email = await professional(ctx)
    answer = await browser.client.post(
        "/admin/essai/connexion", data={"email": email, "password": "une phrase de passe"}
    )
    assert answer.status_code == 403
    crossing = await browser.post(
        "/admin/essai/connexion", {"email": email}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert crossing.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/healthz",
        "/version",
        "/essai/fr/entrer",
        "/admin/essai/connexion",
        "/nowhere",
        "/nulle-part/fr/",
        "/essai/xx/",
        "/static/0/portal.css",
        "/admin/essai/nulle-part",
    ],
)
async def test_every_answer_carries_the_security_headers(
    ctx: Ctx, browser: Browser, path: str
) -> None:
    answer = await browser.get(path)
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value, name


async def test_a_short_password_is_refused(ctx: Ctx) -> None:
    with pytest.raises(Invalid):
        async with ctx.unit() as unit:
            await set_password(unit, ctx.who.account_id or 0, "court")
