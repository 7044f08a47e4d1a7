"""Giving out files that nobody follows, on pages: chosen, previewed, done, taken back."""

from __future__ import annotations

from admin.tests.test_cards_and_portfolios import household
from core.extension.context import Ctx
from core.testing import Browser, counting, make_professional

BASE = "/admin/essai/equipe/portefeuilles/repartir"


async def test_from_the_list_to_the_result_and_back(ctx: Ctx, browser: Browser) -> None:
    other = await make_professional(ctx, "social_worker", name="Nadège Autre")
    refs = [(await household(ctx, f"Nom{n}"))[0] for n in range(3)]
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get("/admin/essai/menages?suivi=sans")
    assert page.text.count('name="refs"') == 3 and "Confier les dossiers cochés" in page.text
    answer = await browser.post(BASE, {"refs": refs[:2]})
    assert answer.headers["location"] == BASE
    text = (await browser.get(BASE)).text
    assert "2 dossiers choisis." in text and "Nadège Autre (0)" in text
    chosen = {"refs": refs[:2], "how": "load", "among": [other.account_id]}
    answer = await browser.post(BASE, chosen)
    assert answer.headers["location"].endswith("?vue=repartition")
    text = (await browser.follow()).text
    assert "Nadège Autre</bdi> : 2 dossiers" in text and "Confier 2 dossiers" in text
    answer = await browser.post(f"{BASE}/valider", chosen)
    done = answer.headers["location"]
    text = (await browser.follow()).text
    assert text.count("Nadège Autre") == 3 and "Annuler cette répartition" in text
    assert (await browser.get("/admin/essai/menages?suivi=sans")).text.count('name="refs"') == 1
    assert (await browser.post(f"{done}/annuler")).status_code == 303
    assert "Annulée" in (await browser.follow()).text
    assert (await browser.get("/admin/essai/menages?suivi=sans")).text.count('name="refs"') == 3
    assert (await browser.post(f"{done}/annuler")).status_code == 409
    assert "Annulée" in (await browser.get(BASE)).text


async def test_what_cannot_be_given_is_said_row_by_row(ctx: Ctx, browser: Browser) -> None:
    await household(ctx)
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(BASE, {"how": "portfolio"})
    text = (await browser.follow()).text
    assert "Aucun portefeuille ne convient" in text and "Confier 1 dossier" not in text
    answer = await browser.post(f"{BASE}/valider", {"how": "portfolio"})
    assert answer.status_code == 409 and "Aucun dossier ne peut être confié ainsi." in answer.text
    assert (await browser.get(f"{BASE}/ABCDEFGHJK")).status_code == 404


async def test_both_counts_of_the_same_files_agree(ctx: Ctx, browser: Browser) -> None:
    """The home, the list and the portfolios say the same number."""
    for n in range(2):
        await household(ctx, f"Nom{n}")
    await browser.sign_in(ctx, ctx.who, "admin")
    home = (await browser.get("/admin/essai/a-faire/sans-referent")).text
    assert home.count("/admin/essai/menages/") == 2 and "Répartir ces dossiers" in home
    assert (
        "2 ménages sont sans référent"
        in (await browser.get("/admin/essai/equipe/portefeuilles")).text
    )


async def test_pages_ask_the_same_number_of_statements(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    seen = []
    for number in (1, 29):
        for n in range(number):
            await household(ctx, f"N{number}-{n}")
        await browser.post(BASE, {"how": "load"})
        with counting() as asked:
            assert (await browser.get(f"{BASE}?vue=repartition")).status_code == 200
        seen.append(len(asked))
    assert seen[0] == seen[1]


async def test_only_the_team_may(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    assert (await browser.get(BASE)).status_code == 403
    assert 'name="refs"' not in (await browser.get("/admin/essai/menages?suivi=sans")).text
