"""Ranking rules as a coordinator without script works on them: written, compared, signed."""

from __future__ import annotations

from datetime import timedelta

import pytest_asyncio

from core.extension.context import Ctx
from core.kernel.unit import Actor
from core.matching.rulehistory import rule_in_force
from core.opening import furnish
from core.requests.tests.making import listed
from core.testing import Browser, counting, make_professional

HERE = "/admin/essai/reglages/regles/chrs"
FORM = {
    "place_class": "1",
    "dated": "seniority",
    "default": "5",
    "class_0_number": "1",
    "class_0_label": "les couples",
    "class_0_persons_from": "2",
    "text": "Les couples d’abord.",
    "why": "Essai",
    "then": "compare",
}


@pytest_asyncio.fixture(loop_scope="session")
async def coordinator(ctx: Ctx, browser: Browser) -> Actor:
    async with ctx.unit() as unit:
        await furnish(unit)
        older = await listed(unit, family="Seule")
        await listed(unit, family="Deux", couple=True)
        # Of the same day the draw would decide: the couple passes her only by the new rule.
        await unit.fetch(
            "UPDATE waiting_entry SET seniority_on = seniority_on - 30 WHERE request_id = $1", older
        )
    actor = await make_professional(ctx, "coordinator", name="Alix Weber")
    await browser.sign_in(ctx, actor, "admin")
    return actor


def version_in(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


async def drafted(browser: Browser, **changed: str) -> None:
    await browser.post(f"{HERE}/brouillon/ouvrir", {})
    page = await browser.get(f"{HERE}/brouillon")
    sent = FORM | {"version": version_in(page.text)} | changed
    answer = await browser.post(f"{HERE}/brouillon", sent)
    assert answer.status_code == 303, browser.text()


async def test_a_rule_is_written_compared_and_signed_for_today(
    ctx: Ctx, browser: Browser, coordinator: Actor
) -> None:
    await drafted(browser)
    page = await browser.follow()
    text = browser.text()
    assert "les couples" in text and "Graine du tirage" in text
    moved = text[text.index("Ceux qui bougent le plus") :]
    assert moved.index("Deux Awa") < moved.index("Seule Awa") and "+1" in moved and "−1" in moved
    today = ctx.clock.today().isoformat()
    sent = {"starts_on": today, "version": version_in(page.text)}
    assert (await browser.post(f"{HERE}/signer", sent)).status_code == 303
    await browser.follow()
    assert "Version 2" in browser.text() and "Alix Weber" in browser.text()
    async with ctx.unit() as unit:
        assert (await rule_in_force(unit, "chrs")).version == 2
    await browser.get("/admin/essai/listes/chrs")
    text = browser.text()
    assert text.index("Deux Awa") < text.index("Seule Awa")
    assert "Classe de priorité → Ancienneté de la demande" in text
    gone = await browser.get(f"{HERE}/brouillon")
    assert gone.status_code == 303


async def test_a_bad_rule_keeps_what_was_typed_and_says_why(
    browser: Browser, coordinator: Actor
) -> None:
    await browser.post(f"{HERE}/brouillon/ouvrir", {})
    page = await browser.get(f"{HERE}/brouillon")
    sent = FORM | {"version": version_in(page.text), "class_0_label": "Prêts à habiter"}
    answer = await browser.post(f"{HERE}/brouillon", sent)
    assert answer.status_code == 422
    assert "passage préalable" in browser.text() and 'value="Prêts à habiter"' in answer.text
    odd = sent | {"class_0_label": "x", "class_0_persons_from": "plein", "place_class": "9"}
    assert (await browser.post(f"{HERE}/brouillon", odd)).status_code == 422


async def test_two_who_write_at_once_compare(browser: Browser, coordinator: Actor) -> None:
    await browser.post(f"{HERE}/brouillon/ouvrir", {})
    read = version_in((await browser.get(f"{HERE}/brouillon")).text)
    await drafted(browser, text="Le premier texte.")
    sent = FORM | {"version": read, "text": "Le second texte.", "then": "stay"}
    answer = await browser.post(f"{HERE}/brouillon", sent)
    assert answer.status_code == 409
    text = browser.text()
    assert "Le premier texte." in text and "Le second texte." in text
    again = sent | {"version": version_in(answer.text)}
    assert (await browser.post(f"{HERE}/brouillon", again)).status_code == 303
    signing = {"starts_on": "2026-03-12", "version": read}
    assert (await browser.post(f"{HERE}/signer", signing)).status_code == 303
    await browser.follow()
    assert "a changé depuis votre lecture" in browser.text()


async def test_an_administrator_writes_and_does_not_sign(
    ctx: Ctx, browser: Browser, coordinator: Actor
) -> None:
    await drafted(browser)
    await browser.sign_in(ctx, await make_professional(ctx, "administrator"), "admin")
    page = await browser.get(f"{HERE}/comparer?a=brouillon")
    assert "Deux Awa" not in browser.text() and "/signer" not in page.text
    sent = {"starts_on": ctx.clock.today().isoformat(), "version": "2"}
    assert (await browser.post(f"{HERE}/signer", sent)).status_code == 403
    await browser.sign_in(ctx, await make_professional(ctx, "observer"), "admin")
    assert (await browser.get(HERE)).status_code == 200
    assert (await browser.post(f"{HERE}/brouillon/ouvrir", {})).status_code == 403


async def test_what_cannot_be_replayed_is_said_beside_its_field(
    ctx: Ctx, browser: Browser, coordinator: Actor
) -> None:
    today = ctx.clock.today()
    sent = {
        "rule": "brouillon",
        "starts_on": (today - timedelta(days=30)).isoformat(),
        "ends_on": today.isoformat(),
    }
    assert (await browser.post(f"{HERE}/simulations", sent)).status_code == 422
    await drafted(browser)
    assert (await browser.post(f"{HERE}/simulations", sent)).status_code == 422
    assert "Aucune place de cette liste" in browser.text()
    assert (await browser.get(f"{HERE}/simulations/0000000000")).status_code == 404


async def test_pages_cost_the_same_however_long_the_list(
    ctx: Ctx, browser: Browser, coordinator: Actor
) -> None:
    await drafted(browser)
    spent = []
    for number in (0, 29):
        async with ctx.unit() as unit:
            for n in range(number):
                await listed(unit, family=f"Nom{n}", couple=n % 2 == 0)
        counted = []
        for page in (HERE, f"{HERE}/comparer?a=brouillon", "/admin/essai/reglages/regles"):
            with counting() as statements:
                assert (await browser.get(page)).status_code == 200
            counted.append(len(statements))
        spent.append(counted)
    assert spent[0] == spent[1]
