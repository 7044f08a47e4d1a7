"""Proposing to somebody further down: what the page asks, and what changed while it was read."""

from __future__ import annotations

import html
import re

from core.extension.context import Ctx
from core.matching.shortlist import Candidate, shortlist
from core.matching.tests.making import told
from core.placements.tests.making import place, structure
from core.requests.tests.making import listed
from core.testing import Browser

HOME = "/admin/essai"


async def prepared(ctx: Ctx, browser: Browser, number: int = 3) -> tuple[str, list[Candidate]]:
    """A free place whose shortlist holds `number` households; its proposal page's address."""
    async with ctx.unit() as unit:
        requests = [await listed(unit, family=f"Nom{n}") for n in range(number)]
        for request_id in requests:
            await told(unit, request_id, areas_wanted=[], resources_cents=60_000, animals=False)
        _, programme_id = await structure(unit)
        vacancy_id = await place(unit, programme_id)
        ref = await unit.value("SELECT ref FROM vacancy WHERE id = $1", vacancy_id)
        found = await shortlist(ctx, unit, vacancy_id)
    await browser.sign_in(ctx, ctx.who, "admin")
    return f"{HOME}/places/{ref}/proposer", list(found.candidates)


def hidden(page: str, name: str) -> str:
    (value,) = re.findall(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(value)


async def test_a_fact_to_check_is_its_own_group_with_its_reason_chosen(
    ctx: Ctx, browser: Browser
) -> None:
    path, found = await prepared(ctx, browser)
    async with ctx.unit() as unit:
        await told(unit, found[0].request_id, persons=None)
    page = (await browser.get(f"{path}?demande={found[2].ref}")).text
    assert '<option value="to_check" selected>' in page and "Nombre de personnes" in page
    values = {"demande": found[2].ref, "answer_by": "2026-03-19", "above": hidden(page, "above"),
              "why_group_to_check": "to_check", "why_all": "household_wish",
              f"why_{found[1].ref}": "other_way"}  # fmt: skip
    assert (await browser.post(path, values)).status_code == 303
    async with ctx.unit() as unit:
        kept = await unit.fetch("SELECT request_id, reason FROM passed_over ORDER BY rank")
        assert [tuple(k) for k in kept] == [
            (found[0].request_id, "to_check"), (found[1].request_id, "other_way"),
        ]  # fmt: skip


async def test_who_came_above_while_it_was_read_asks_for_a_reason_of_their_own(
    ctx: Ctx, browser: Browser
) -> None:
    path, found = await prepared(ctx, browser)
    values = {"demande": found[2].ref, "answer_by": "2026-03-19", "above": found[0].ref,
              "why_all": "household_wish"}  # fmt: skip
    refused = await browser.post(path, values)
    assert refused.status_code == 422 and "1 arrivé depuis votre lecture" in refused.text
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM referral") == 0
    values["above"] = hidden(refused.text, "above")
    assert (await browser.post(path, values)).status_code == 303


async def test_a_household_that_changed_is_said_with_its_differences(
    ctx: Ctx, browser: Browser
) -> None:
    path, found = await prepared(ctx, browser, 1)
    page = (await browser.get(f"{path}?demande={found[0].ref}")).text
    values = {"demande": found[0].ref, "answer_by": "2026-03-19", "facts": hidden(page, "facts")}
    async with ctx.unit() as unit:
        await told(unit, found[0].request_id, resources_cents=90_000)
    told_so = await browser.post(path, values)
    assert told_so.status_code == 409
    text = html.unescape(told_so.text)
    assert "Ce qui a changé depuis votre lecture" in text and "Ressources mensuelles" in text
    values["facts"] = hidden(told_so.text, "facts")
    assert (await browser.post(path, values)).status_code == 303


async def test_a_mistaken_or_hostile_form_proposes_nothing(ctx: Ctx, browser: Browser) -> None:
    path, found = await prepared(ctx, browser)
    above = f"{found[0].ref} {found[1].ref}"
    base = {"demande": found[2].ref, "answer_by": "2026-03-19", "above": above}
    for more in ({}, {"why_all": "no_such"}, {"why_all": "urgency"}, {"facts": "[", "above": "x"}):
        assert (await browser.post(path, {**base, **more})).status_code == 422, more
    async with ctx.unit() as unit:
        assert await unit.value("SELECT count(*) FROM referral") == 0
