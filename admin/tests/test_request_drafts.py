"""A demande completed over days: lines, drafts, two tabs, two people."""

from __future__ import annotations

from typing import Any

from admin.request_rows import moved, shown
from admin.tests.request_pages import HOME, hidden
from core.extension.context import Ctx
from core.requests.tests.making import draft
from core.testing import Browser, make_professional


async def opened(ctx: Ctx, browser: Browser) -> tuple[str, dict[str, Any]]:
    """The path of a demande, and what its page sends besides what is typed."""
    async with ctx.unit() as unit:
        ref = await unit.value(
            "SELECT ref FROM housing_request WHERE id = $1", await draft(unit, couple=True)
        )
    path = f"{HOME}/demandes/{ref}"
    page = (await browser.get(path)).text
    names = ("base", "version", "draft_version")
    return path, {name: hidden(page, name) for name in names}


def test_lines_are_added_removed_and_moved() -> None:
    form = {"kind_1": ["chrs"], "why_1": ["Près de l’école"], "kind_2": ["alt"], "summary": ["x"]}
    more = moved(form, "add:recommendations:0")
    assert [line[0] for line in shown(more, "recommendations")] == ["chrs", "alt", ""]
    up = moved(more, "up:recommendations:2")
    assert shown(up, "recommendations")[1] == ["chrs", "", "Près de l’école"]
    assert moved(up, "up:recommendations:1") == {**up, "recommendations_count": ["3"]}
    gone = moved(up, "remove:recommendations:1")
    assert [line[0] for line in shown(gone, "recommendations")] == ["chrs", ""]
    assert gone["summary"] == ["x"] and "kind_3" not in gone
    for hostile in ("", "add", "up:x:1", "remove:recommendations:99", "down:recommendations:-1"):
        assert [r[0] for r in shown(moved(form, hostile), "recommendations")] == ["chrs", "alt"]


async def test_any_number_of_recommendations_in_order_without_a_script(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    kinds = ("chrs", "alt", "residence_sociale", "pension_de_famille", "logement_social")
    typed = {f"kind_{n}": kind for n, kind in enumerate(kinds, start=1)}
    answer = await browser.post(
        f"{path}/lignes", {**own, **typed, "summary": "Dort dehors", "rows": "up:recommendations:5"}
    )
    assert answer.headers["location"].endswith("#preconisations")
    page = (await browser.get(path)).text
    assert "Dort dehors" in page and "Votre brouillon du" in page
    async with ctx.unit() as unit:
        assert await unit.value("SELECT summary FROM housing_request") == ""
    order = [*kinds[:3], kinds[4], kinds[3]]
    for n, kind in enumerate(order, start=1):
        select = page.split(f'name="kind_{n}"')[1].split("</select>")[0]
        assert f'value="{kind}" selected' in select
    saved = {
        **{name: hidden(page, name) for name in ("base", "version", "draft_version")},
        **{f"kind_{n}": kind for n, kind in enumerate(order, start=1)},
    }
    assert (await browser.post(path, saved)).status_code == 303
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT kind FROM recommendation WHERE ends_at IS NULL ORDER BY rank"
        )
        assert [r["kind"] for r in rows] == order
        assert await unit.value("SELECT count(*) FROM draft") == 0


async def test_resources_are_lines_and_their_sum_is_the_answer(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    async with ctx.unit() as unit:
        person = await unit.value("SELECT ref FROM person WHERE given_name = 'Moussa'")
    lines = {
        "res_amount_1": "635,70", "res_kind_1": "5", "res_since_1": "2025-02-01",
        "res_amount_2": "400", "res_kind_2": "1", "res_person_2": person,
    }  # fmt: skip
    contrary = await browser.post(path, {**own, **lines, "resources": "refused"})
    assert contrary.status_code == 422 and "Des montants sont indiqués" in contrary.text
    backwards = await browser.post(path, {**own, **lines, "res_until_1": "2024-01-01"})
    assert backwards.status_code == 422 and "La fin ne peut pas précéder" in backwards.text
    assert (await browser.post(path, {**own, **lines})).status_code == 303
    async with ctx.unit() as unit:
        held = await unit.fetch(
            "SELECT s.amount_cents, s.kind, p.given_name FROM resource s "
            "LEFT JOIN person p ON p.id = s.person_id WHERE s.ends_at IS NULL ORDER BY s.rank"
        )
        assert [tuple(r) for r in held] == [(63_570, 5, None), (40_000, 1, "Moussa")]
        assert await unit.value("SELECT resources_cents FROM request_facts") == 103_570
    page = (await browser.get(path)).text
    assert 'value="635,70"' in page and 'value="2025-02-01"' in page
    own = {name: hidden(page, name) for name in ("base", "version", "draft_version")}
    # Refused now: the lines end, they are not erased.
    await browser.post(path, {**own, "resources": "refused"})
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM resource WHERE ends_at IS NULL") == 0
        assert await unit.value("SELECT count(*) FROM resource") == 2
        assert await unit.value("SELECT resources_cents FROM request_facts") is None


async def test_what_is_emptied_is_not_asked_again_rather_than_no(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    told = {"animals": "yes", "preferences": "Près de sa mère", "support": "refused"}
    await browser.post(path, {**own, **told})
    page = (await browser.get(path)).text
    assert 'value="refused" selected' in page
    own = {name: hidden(page, name) for name in ("base", "version", "draft_version")}
    await browser.post(path, {**own, "animals": ""})
    async with ctx.unit() as unit:
        rows = await unit.fetch(
            "SELECT DISTINCT ON (question) question, state FROM answer "
            "WHERE question = ANY($1) ORDER BY question, id DESC",
            ["animals", "preferences", "support"],
        )
    assert {r["question"]: r["state"] for r in rows} == {
        "animals": 0, "preferences": 0, "support": 0,
    }  # fmt: skip


async def test_a_draft_saves_itself_comes_back_and_is_thrown_away(
    ctx: Ctx, browser: Browser
) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    htmx = {"HX-Request": "true"}
    saved = await browser.post(f"{path}/brouillon", {**own, "summary": "Un début"}, headers=htmx)
    assert "Brouillon enregistré" in saved.text and "<html" not in saved.text
    assert hidden(saved.text, "draft_version") == "1"
    assert "Un début" in (await browser.get(path)).text
    other = ctx.acting(await make_professional(ctx, "social_worker"))
    browser.client.cookies.clear()
    await browser.sign_in(ctx, other.who, "admin")
    theirs = await browser.get(path)
    assert "Un début" not in theirs.text and "complète aussi cette demande" in theirs.text
    browser.client.cookies.clear()
    await browser.sign_in(ctx, ctx.who, "admin")
    await browser.post(f"{path}/brouillon/jeter")
    assert "Un début" not in (await browser.get(path)).text


async def test_a_stale_tab_overwrites_no_newer_draft(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    await browser.post(f"{path}/brouillon", {**own, "summary": "Premier onglet"})
    # Another tab, opened before, knows of no draft.
    quiet = await browser.post(
        f"{path}/brouillon", {**own, "summary": "Second onglet"}, headers={"HX-Request": "true"}
    )
    assert "autre onglet" in quiet.text
    assert "Premier onglet" in (await browser.get(path)).text
    loud = await browser.post(f"{path}/brouillon", {**own, "summary": "Second onglet"})
    assert loud.status_code == 409
    assert "Second onglet" in loud.text and "brouillon plus récent" in loud.text
    again = {**own, "draft_version": hidden(loud.text, "draft_version"), "summary": "Les deux"}
    assert (await browser.post(f"{path}/brouillon", again)).status_code == 303
    assert "Les deux" in (await browser.get(path)).text


async def test_a_draft_over_a_demande_that_moved_on_is_compared(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    await browser.post(f"{path}/brouillon", {**own, "summary": "Mon texte", "kind_1": "alt"})
    other = ctx.acting(await make_professional(ctx, "social_worker"))
    browser.client.cookies.clear()
    await browser.sign_in(ctx, other.who, "admin")
    await browser.post(path, {**own, "summary": "Son texte", "kind_1": "chrs", "animals": "no"})
    browser.client.cookies.clear()
    await browser.sign_in(ctx, ctx.who, "admin")
    page = await browser.get(path)
    assert page.status_code == 200
    assert "Une autre personne a enregistré entre-temps" in page.text
    assert "Mon texte" in page.text and "Son texte" in page.text
    names = ("base", "version", "draft_version")
    kept = {name: hidden(page.text, name) for name in names}
    assert kept["version"] != own["version"]
    assert (
        await browser.post(path, {**kept, "summary": "Mon texte", "animals": "no"})
    ).status_code == 303


async def test_the_fragment_of_a_list_is_its_panel(ctx: Ctx, browser: Browser) -> None:
    await browser.sign_in(ctx, ctx.who, "admin")
    path, own = await opened(ctx, browser)
    part = await browser.post(
        f"{path}/lignes",
        {**own, "kind_1": "alt", "rows": "add:recommendations:0"},
        headers={"HX-Request": "true"},
    )
    assert part.status_code == 200 and "<html" not in part.text
    assert 'id="preconisations"' in part.text and 'name="kind_2"' in part.text
    assert 'id="ressources"' not in part.text
    assert hidden(part.text, "draft_version") == "1"
