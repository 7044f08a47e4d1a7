"""Mon attente: honest figures, never a rank alone, in the territory's own way."""

from __future__ import annotations

import re

import pytest

from core.extension.context import Ctx
from core.figures.service import count_all
from core.figures.tests.making import referred, waited
from core.housing.service import seed_kinds
from core.placements.tests.making import structure
from core.territories.service import change_setting
from core.testing import Browser, counting
from portal.tests.story import couple_waiting, enter


async def admissions(ctx: Ctx, number: int) -> None:
    """That many were admitted to a CHRS, after 3 to 9 months."""
    async with ctx.unit() as unit:
        _, programme = await structure(unit)
        for n in range(number):
            await referred(unit, programme, "admit", 90 + 15 * n)


async def shown(ctx: Ctx, value: str) -> None:
    async with ctx.unit() as unit:
        await change_setting(unit, "wait_shown", value, starts_on=unit.today)


async def read(ctx: Ctx, browser: Browser, lang: str = "fr") -> str:
    page = await browser.get(f"/essai/{lang}/attente")
    assert page.status_code == 200
    return browser.text()


async def test_with_little_known_it_says_so(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await admissions(ctx, 10)
    await enter(browser, ctx, told.awa, "awa")
    text = await read(ctx, browser)
    assert "Pas assez de données pour le dire." in text and "demande sur quatre" not in text
    assert "Moins de 11 demandes attendent." in text
    assert "Places libérées en 12 mois : 10. Pour 2 personnes : 0." in text


async def test_the_usual_wait_with_its_method_and_places(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await admissions(ctx, 11)
    async with ctx.unit() as unit:
        for _ in range(11):
            await waited(unit, 60)
    await enter(browser, ctx, told.awa, "awa")
    text = await read(ctx, browser)
    # 11 admissions after 90 to 240 days, 12 who came lately: a quarter by 120 days, worked by hand.
    assert "Entre 4 et 7 mois." in text, text
    assert "Une demande sur quatre attend moins de 4 mois." in text
    assert "12 demandes attendent, 13 personnes en tout." in text
    assert "Comment c’est calculé" in text and "Ceux qui attendent encore comptent aussi." in text
    assert "pas une promesse" in text and '<svg class="ranges"' in browser.last.text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("rank", "Votre rang aujourd’hui : 12."),
        ("band", "Votre rang aujourd’hui : entre 11 et 20."),
        ("none", ""),
    ],
)
async def test_the_territory_chooses_rank_band_or_none(
    ctx: Ctx, browser: Browser, choice: str, said: str
) -> None:
    async with ctx.unit() as unit:
        await seed_kinds(unit)
        for _ in range(11):
            await waited(unit, 200)
    told = await couple_waiting(ctx)
    await shown(ctx, choice)
    await enter(browser, ctx, told.awa, "awa")
    text = await read(ctx, browser)
    assert re.findall(r"Votre rang aujourd’hui : [^.]*\.", text) == ([said] if said else [])
    assert "L’attente habituelle" in text and "Places libérées en 12 mois" in text


async def test_nobody_on_a_list_is_told_where_to_look(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        await unit.fetch("UPDATE waiting_entry SET state = 'withdrawn'")
    await enter(browser, ctx, told.awa, "awa")
    assert "Vous n’êtes pas sur une liste d’attente." in await read(ctx, browser)


async def test_it_reads_as_much_for_thirty_households(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    async with ctx.unit() as unit:
        await count_all(unit)
    await enter(browser, ctx, told.awa, "awa")
    with counting() as first:
        await read(ctx, browser)
    async with ctx.unit() as unit:
        for _ in range(30):
            await waited(unit, 10)
        await count_all(unit)
    with counting() as many:
        text = await read(ctx, browser)
    assert "31 demandes attendent" in text
    assert len(first) == len(many) <= 9


async def test_in_english(ctx: Ctx, browser: Browser) -> None:
    told = await couple_waiting(ctx)
    await enter(browser, ctx, told.awa, "awa", lang="en")
    text = await read(ctx, browser, "en")
    assert "Nobody knows the date of a place." in text
    assert re.findall(r"\b(?:vous|votre|les|des|est|pour|nous)\b", text, re.I) == []
