"""Passed over, as the household reads it: months and reasons, no day, no place, nobody else."""

from __future__ import annotations

from datetime import timedelta

from core.extension.context import Ctx
from core.kernel.clock import StillClock
from core.matching.shortlist import shortlist
from core.matching.tests.making import told
from core.placements.passed import tell_months
from core.placements.passing import PASSING_REASONS, passing_reason, same_for_all
from core.placements.service import propose
from core.placements.tests.making import place, structure
from core.requests.tests.making import listed
from core.testing import Browser, counting
from portal.tests.story import couple_waiting, enter

HERE = "/essai/fr/attente/autres"


async def passed(ctx: Ctx, request_id: int, reason: str, times: int = 1) -> None:
    """`times` places go to somebody else, whom the list has further down."""
    for n in range(times):
        async with ctx.unit() as unit:
            _, programme_id = await structure(unit, name=f"Maison secrète {reason} {n}")
            other = await listed(unit, family=f"Voisine{reason}{n}")
            for table, column in (("waiting_entry", "request_id"), ("housing_request", "id")):
                await unit.fetch(
                    f"UPDATE {table} SET seniority_on = $2 WHERE {column} = $1",
                    request_id,
                    unit.today - timedelta(days=90),
                )
            await propose(
                unit, await place(unit, programme_id), other,
                why=same_for_all(reason, "Madame Canari était en danger"),
            )  # fmt: skip


async def test_every_reason_is_read_without_day_place_or_anybody(
    ctx: Ctx, browser: Browser
) -> None:
    story = await couple_waiting(ctx)
    for reason in PASSING_REASONS:
        await passed(ctx, story.request, reason.code)
    await enter(browser, ctx, story.awa, "awa")
    page = (await browser.get(HERE)).text
    text = browser.text()
    assert "mars 2026" in text and "Ce mois n’est pas fini." in text
    for reason in PASSING_REASONS:
        assert reason.plain in text, reason.code
    for canary in ("Canari", "Voisine", "secrète", "12 mars", "12/03", "2026-03-12"):
        assert canary not in page, canary


async def test_what_was_missing_is_named_and_corrected_from_there(
    ctx: Ctx, browser: Browser
) -> None:
    story = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        await told(unit, story.request, persons=None)
    await passed(ctx, story.request, "to_check", 2)
    await enter(browser, ctx, story.awa, "awa")
    await browser.get(HERE)
    text = browser.text()
    assert "Nous devons savoir combien vous êtes." in text and "2 fois" in text
    for wrong in ({}, {"fact": "99", "text": "x"}, {"fact": "0"}):
        assert (await browser.post(HERE, wrong)).status_code == 422
    assert (await browser.post(HERE, {"fact": "1", "text": "Nous sommes deux."})).status_code == 303
    async with ctx.unit() as unit:
        row = await unit.row("SELECT kind, text FROM exchange ORDER BY id DESC LIMIT 1")
    assert row is not None and row["kind"] == "correction"
    assert row["text"].startswith("« Nous devons") and row["text"].endswith("Nous sommes deux.")


async def test_one_may_choose_not_to_read_it_and_the_other_adult_still_does(
    ctx: Ctx, browser: Browser, clock: StillClock
) -> None:
    story = await couple_waiting(ctx)
    await passed(ctx, story.request, "size")
    await enter(browser, ctx, story.awa, "awa")
    await browser.post(f"{HERE}/lire", {"wanted": "no"})
    await browser.get(HERE)
    assert passing_reason("size").plain not in browser.text()
    assert "Vous avez choisi de ne pas lire ce résumé." in browser.text()
    clock.advance(timedelta(days=20))
    async with ctx.unit() as unit:
        assert await tell_months(unit) == 1
    async with ctx.unit() as unit:
        assert await tell_months(unit) == 0
        told_to = await unit.fetch(
            "SELECT person_id FROM event WHERE kind = 'referral.passed_summary'"
        )
        assert [r[0] for r in told_to] == [story.moussa]
    await enter(browser, ctx, story.awa, "awa")
    await browser.post(f"{HERE}/lire", {"wanted": "yes"})
    await browser.get(HERE)
    assert passing_reason("size").plain in browser.text()
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM passing_choice") == 2


async def test_it_costs_the_same_for_one_and_for_many(ctx: Ctx, browser: Browser) -> None:
    story = await couple_waiting(ctx)
    await enter(browser, ctx, story.awa, "awa")
    spent = []
    for times in (1, 6):
        await passed(ctx, story.request, "size" if times == 1 else "area", times)
        with counting() as seen:
            await browser.get(HERE)
        spent.append(len(seen))
    assert spent[0] == spent[1]


async def test_only_those_before_on_the_list_are_told(ctx: Ctx, browser: Browser) -> None:
    story = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        first = (await shortlist(ctx, unit, vacancy_id)).candidates[0]
        await propose(unit, vacancy_id, first.request_id)
    await enter(browser, ctx, story.awa, "awa")
    await browser.get(HERE)
    assert "Rien à lire ici." in browser.text()
