"""Code cards shown once; portfolios; a leave that leaves nobody without a key worker."""

from __future__ import annotations

import re
from datetime import date

from core.accounts.service import hash_of_card, use_code
from core.extension.context import Ctx
from core.households.service import NewPerson, assign_key_worker, create_household
from core.testing import Browser, counting, make_professional

BASE = "/admin/essai"


async def household(ctx: Ctx, given: str = "Awa", **more: object) -> tuple[str, str]:
    async with ctx.unit() as unit:
        person = NewPerson("Diallo", given, birth=date(1990, 5, 2), sex=2, **more)  # type: ignore[arg-type]
        household_id = await create_household(unit, [person], starts_on=date(2025, 1, 6))
        row = await unit.row(
            "SELECT h.ref, p.ref AS person FROM household h "
            "JOIN membership m ON m.household_id = h.id JOIN person p ON p.id = m.person_id "
            "WHERE h.id = $1",
            household_id,
        )
        assert row is not None
        return row["ref"], row["person"]


async def test_a_card_is_shown_once_and_opens_the_door(ctx: Ctx, browser: Browser) -> None:
    ref, person = await household(ctx, language="ar")
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/carte/{person}"
    assert "Faire la carte" in (await browser.get(path)).text
    key = {"_key": "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a12"}
    letter = await browser.post(path, key)
    assert letter.status_code == 200 and letter.headers["cache-control"] == "no-store"
    assert "<svg" in letter.text and "/essai/ar/entrer" in letter.text
    assert 'lang="ar" dir="rtl"' in letter.text and "Votre carte d’accès" in letter.text
    assert "بطاقة" in letter.text
    code = letter.text.split('class="big"><bdi dir="ltr">')[1].split("<")[0]
    async with ctx.unit() as unit:
        card = await hash_of_card(code, ctx.place.id, ctx.settings.secret_key)
        assert await use_code(unit, card, date(1990, 5, 2))
        stored = await unit.value("SELECT string_agg(result::text, '') FROM command")
        assert code not in (stored or "")
        assert await unit.value("SELECT household_id FROM event WHERE kind = 'access.code_issued'")
    again = await browser.post(path, key)
    assert "ne s’affiche qu’une fois" in again.text and "<svg viewBox" in again.text
    assert code not in again.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM access_code") == 1


async def test_a_sheet_of_codes_is_printed_for_whoever_came_once(
    ctx: Ctx, browser: Browser
) -> None:
    ref, person = await household(ctx, language="ar")
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/carte/{person}"
    assert "dix codes</button>" not in (await browser.get(path)).text
    refused = await browser.post(path, {"sheet": "yes"})
    assert refused.status_code == 409 and "donnez-lui d’abord la carte" in refused.text
    letter = await browser.post(path)
    code = letter.text.split('class="big"><bdi dir="ltr">')[1].split("<")[0]
    card = await hash_of_card(code, ctx.place.id, ctx.settings.secret_key)
    async with ctx.unit() as unit:
        assert await use_code(unit, card, date(1990, 5, 2))
    assert "dix codes</button>" in (await browser.get(path)).text
    key = {"_key": "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a13", "sheet": "yes"}
    sheet = await browser.post(path, key)
    assert sheet.status_code == 200 and sheet.headers["cache-control"] == "no-store"
    codes = re.findall(r'<bdi class="nowrap">(\w{5}-\w{5}-\w)</bdi>', sheet.text)
    assert len(codes) == 10 and 'lang="ar" dir="rtl"' in sheet.text
    found = await hash_of_card(codes[3], ctx.place.id, ctx.settings.secret_key)
    async with ctx.unit() as unit:
        assert await use_code(unit, found, date(1990, 5, 2))
    again = await browser.post(path, key)
    assert "Ses codes ne s’affichent qu’une fois" in again.text and codes[0] not in again.text
    assert "encore 9 codes pour revenir" in again.text


async def test_no_card_for_somebody_of_another_household(ctx: Ctx, browser: Browser) -> None:
    ref, _ = await household(ctx)
    _, stranger = await household(ctx, "Boris")
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/menages/{ref}/carte/{stranger}"
    assert (await browser.get(path)).status_code == 404
    assert (await browser.post(path)).status_code == 404


async def test_a_portfolio_is_opened_and_taken_back(ctx: Ctx, browser: Browser) -> None:
    worker = await make_professional(ctx, "social_worker", name="Lou Weber")
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/equipe/portefeuilles"
    assert (await browser.post(path, {"worker": str(worker.account_id)})).status_code == 422
    opened = {"worker": str(worker.account_id), "public": "young"}
    assert (await browser.post(path, opened)).status_code == 303
    page = (await browser.follow()).text
    assert "Jeunes de moins de 25 ans</span>" in page
    number = page.split('name="end" value="')[1].split('"')[0]
    await browser.post(path, {"end": number})
    assert "Jeunes de moins de 25 ans</span>" not in (await browser.follow()).text
    observer = await make_professional(ctx, "observer")
    await browser.sign_in(ctx, observer, "admin")
    assert (await browser.get(path)).status_code == 403


async def test_a_departure_is_chosen_previewed_and_done_once(ctx: Ctx, browser: Browser) -> None:
    gone, a, b = [
        await make_professional(ctx, "social_worker", name=n) for n in ("Part", "Anne", "Bilal")
    ]
    async with ctx.unit() as unit:
        sector = await unit.value(
            "INSERT INTO sector (code, name) VALUES ('n', 'Nord') RETURNING id"
        )
        refs = []
        for n in range(4):
            household_id = await create_household(
                unit, [NewPerson("X", str(n))], sector_id=sector if n < 3 else None
            )
            await assign_key_worker(unit, household_id, gone.account_id or 0)
            refs.append(await unit.value("SELECT ref FROM household WHERE id = $1", household_id))
    await browser.sign_in(ctx, ctx.who, "admin")
    path = f"{BASE}/equipe/portefeuilles/confier"
    page = await browser.get(f"{BASE}/equipe/portefeuilles")
    first = await browser.get(f"{path}?qui={gone.account_id}")
    assert f"confier?qui={gone.account_id}" in page.text
    assert first.status_code == 200 and "Nord (3)" in browser.text()
    told = {
        "worker": str(gone.account_id),
        "kind": "departure",
        f"sector_{sector}": str(a.account_id),
    }
    assert (await browser.post(path, told)).status_code == 303
    await browser.follow()
    assert "Anne : 3 dossiers" in browser.text()
    shown = browser.trail[-1]
    again = await browser.get(shown)
    assert again.status_code == 200 and "Anne : 3 dossiers" in browser.text(), "back lands here"
    assert "Anne" not in shown and refs[0] not in shown
    assert "1 dossier n’a pas encore de nouveau référent" in browser.text()
    assert (await browser.post(f"{path}/valider", told)).status_code == 409
    told |= {"everyone": str(b.account_id), f"file_{refs[0]}": str(b.account_id)}
    await browser.post(path, told)
    await browser.follow()
    assert "Anne : 2 dossiers" in browser.text() and "Bilal : 2 dossiers" in browser.text()
    key = {"_key": "8d3f7a52-0b1f-4d57-9a31-2f4f5d0f7a13"}
    for _ in range(2):
        assert (await browser.post(f"{path}/valider", {**told, **key})).status_code == 303
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT a.name, count(*) AS n FROM key_worker k JOIN account a ON a.id = k.account_id "
            "WHERE k.ends_on IS NULL GROUP BY 1 ORDER BY 1"
        )
        assert [tuple(r) for r in rows] == [("Anne", 2), ("Bilal", 2)]
        assert await unit.value("SELECT count(*) FROM absence") == 1
        told_to = await unit.value("SELECT count(*) FROM event WHERE kind = 'key_worker.changed'")
    assert told_to == 4
    await browser.get(shown)
    assert "Anne :" not in browser.text(), "all is done with"


async def test_portfolios_ask_as_much_for_one_worker_as_for_thirty(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.get(f"{BASE}/menages")
    counts = []
    for total in (1, 30):
        for n in range(total):
            await make_professional(ctx, "social_worker", name=f"W{n}")
        with counting() as asked:
            assert (await browser.get(f"{BASE}/equipe/portefeuilles")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
